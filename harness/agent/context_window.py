"""From a session and its turns to the messages of a request. Pure: the same transcript gives the
same bytes, so a resumed session finds its own replies in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from harness.core.types import Message, Part, Session, Text, Thinking, ToolResult, Turn

_CHARS_PER_TOKEN = 4
_KEPT_TURNS = 3
_SMALL = 400
_LEAST = 4_000
_SILENT = "(no words)"


def tokens(text: str) -> int:
    """A cheap estimate, good enough to decide when to drop old outputs."""
    return len(text) // _CHARS_PER_TOKEN + 1


def shrunk(size: int, limit: int, asked: int) -> int:
    """The next room for a conversation of `size` tokens by our estimate that a server counted as
    `asked` and has `limit` for; 0: it did not say. Never so little that nothing can be said."""
    if limit and asked > limit:
        found = min(size * 3 // 4, size * limit // asked * 9 // 10)
    else:
        found = min(size // 2, limit or size)
    return max(found, _LEAST)


def messages(session: Session, turns: Sequence[Turn], budget: int) -> tuple[Message, ...]:
    """The whole conversation: opening, then reply and answer by turn. Tool outputs older than
    the last batch border are replaced by a note (see `dropped_before`)."""
    border = dropped_before(session, turns, budget)
    first, rest = session.opening, list(turns)
    if rest and rest[0].number == 0:  # said before the first reply
        first = f"{first}\n\n{rest.pop(0).said}"
    found = [Message(role="user", parts=(Text(text=first),))]
    for turn in rest:
        found.append(fill_if_empty(turn.reply))
        found.append(answer(turn, dropped=turn.number < border))
    if not found[-1].parts:
        found.pop()  # nothing was said after a reply without calls: only while it is looked at
    return tuple(found)


def fill_if_empty(reply: Message) -> Message:
    """A reply as it is sent back: never empty, which providers refuse."""
    if any(not isinstance(p, Text) or p.text.strip() for p in reply.parts):
        return reply
    return reply.model_copy(update={"parts": (Text(text=_SILENT),)})


def answer(turn: Turn, *, dropped: bool = False) -> Message:
    """Results in the order of the calls, then what harness says."""
    by_call = {result.call_id: result for result in turn.results}
    parts: list[Part] = []
    for call in turn.reply.calls:
        result = by_call.get(call.id)
        if result is not None:
            parts.append(_shrink(result) if dropped else result)
    if turn.said:
        parts.append(Text(text=turn.said))
    return Message(role="user", parts=tuple(parts))


def _shrink(result: ToolResult) -> ToolResult:
    if len(result.text) <= _SMALL:
        return result
    note = f"[{len(result.text)} characters left out to save room; run it again if you need it]"
    return result.model_copy(update={"text": note})


def dropped_before(session: Session, turns: Sequence[Turn], budget: int) -> int:
    """Outputs of turns with a smaller number are left out. The border moves rarely: only when the
    conversation as it would be sent passes `budget` tokens, and then far enough to halve it if
    that can be, but never into the last turns. Each move costs the cached prefix once."""
    border = 0
    base = tokens(session.system) + tokens(session.opening)
    whole = [_size(turn, dropped=False) for turn in turns]
    small = [_size(turn, dropped=True) for turn in turns]
    kept = 0  # index of the first turn sent whole
    total = base
    for at in range(len(turns)):
        total += whole[at]
        if total <= budget:
            continue
        while kept <= at - _KEPT_TURNS and total > budget // 2:
            total += small[kept] - whole[kept]
            kept += 1
        border = turns[kept].number
    return border


def _size(turn: Turn, *, dropped: bool) -> int:
    size = tokens(turn.said)
    for part in turn.reply.parts:
        said = part.text if isinstance(part, Text | Thinking) else str(part)
        size += tokens(said)
    for result in turn.results:
        size += tokens(_shrink(result).text if dropped else result.text)
    return size


def continue_or_restart(
    *,
    idle_s: float,
    session_tokens: int,
    cache_ttl_s: float,
    context_tokens: int,
    same_model: bool,
    same_prompts: bool,
) -> Literal["continue", "restart"]:
    """Whether an activation goes on with its session or starts a fresh one from the issue, plan,
    diff and evidence. A cold cache makes a long history cost its full price again, a fresh
    session about a tenth of the context; a warm one costs a tenth of its length."""
    if not (same_model and same_prompts):
        return "restart"
    if session_tokens > context_tokens * 0.8:
        return "restart"
    cold = idle_s > cache_ttl_s
    if cold and session_tokens > context_tokens * 0.3:
        return "restart"
    return "continue"

"""Is an agent going in circles, or nowhere? Pure: turns in, a finding out. First a nudge, later a
stop."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Literal

from harness.core.base import Value
from harness.core.types import Message, ToolCall, ToolResult, Turn

Kind = Literal[
    "repeats",
    "ping_pong",
    "no_verdict",
    "empty",
    "cut",
    "refused",
    "same_error",
    "fails",
    "idle",
    "busy",
]
NUDGE_REPEATS, STOP_REPEATS = 4, 7
NUDGE_CYCLES, STOP_CYCLES = 3, 5
NUDGE_FAILS, STOP_FAILS = 5, 9
NUDGE_BUSY, STOP_BUSY = 20, 28
"""Generous: known calls that answer anew each time may be a wait for something slow."""
IDLE = 8
"""Turns in which nothing new came; the nudge is given at half of them."""
SEEN = 16
"""Turns for which a result counts as seen: what is older may have been dropped from the
conversation, and is rightly read again."""
_KEEPING = ("todo", "note")
"""Tools that tell an agent nothing it did not know."""
_LONG = 200
"""From so many characters on the same answer is the same, whatever call it was that gave it."""
_EDGE = 2_000
_NOISE = re.compile(
    r"\b\d++(?:[.,]\d++)?+\s?+(?:ns|us|µs|ms|s|sec|secs|seconds?|min|minutes?)\b"
    r"|\b\d{1,2}:\d\d(?::\d\d)?+(?:[.,]\d++)?+|\b\d{4}-\d\d-\d\d\b|\b0x[0-9a-fA-F]++"
    r"|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b(?:pid|port|seed)\b[ =:]*+\d++|\b\d{7,}+|/tmp/\S++",
    re.IGNORECASE,
)
"""What differs from run to run although nothing did: times, addresses, names of a moment."""
_ASIDE = re.compile(r"(?:^|\s)#[^\n\'\"]*$", re.MULTILINE)
STOP_SILENT = 3
STOP_REFUSED = 1
_ERROR_CHARS = 300


class Stuck(Value):
    """What circle, how often, and whether it is time to stop rather than to nudge."""

    kind: Kind
    times: int
    what: str
    stop: bool


def examine(turns: Sequence[Turn], idle: int = IDLE) -> Stuck | None:
    """The circle that the newest turn of a stretch of conversation closes, if any. A nudge is due
    exactly when a count reaches its mark, so each is given once. `idle`: turns without progress
    after which it is time to stop."""
    if not turns:
        return None
    return _circle(turns) or _idle(turns, max(idle, 2)) or _busy(turns)


def _circle(turns: Sequence[Turn]) -> Stuck | None:
    found = _silent(turns) or _repeats(turns) or _ping_pong(turns) or _same_error(turns)
    return found or _fails(turns)


def _silent(turns: Sequence[Turn]) -> Stuck | None:
    times = 0
    for turn in reversed(turns):
        if turn.reply.calls:
            break
        times += 1
    if not times:
        return None
    reply = turns[-1].reply
    kind: Kind = "no_verdict" if reply.text.strip() else "empty"
    if reply.stop == "max_tokens":
        kind = "cut"
    if reply.stop == "refusal":
        return Stuck(kind="refused", times=times, what="", stop=times > STOP_REFUSED)
    return Stuck(kind=kind, times=times, what=reply.text[:80], stop=times > STOP_SILENT)


def _calls_key(reply: Message) -> str:
    calls = [[c.name, c.arguments, c.broken] for c in reply.calls]
    return json.dumps(calls, sort_keys=True)


def _step(turn: Turn) -> tuple[str, str]:
    """A turn as (calls, results), without ids."""
    by_call = {r.call_id: r.text for r in turn.results}
    return _calls_key(turn.reply), "\0".join(by_call.get(c.id, "") for c in turn.reply.calls)


def _describe_calls(turn: Turn) -> str:
    return ", ".join(
        f"{c.name} {json.dumps(c.arguments, ensure_ascii=False)}" for c in turn.reply.calls
    )[:120]


def _repeats(turns: Sequence[Turn]) -> Stuck | None:
    newest = _step(turns[-1])
    times = 0
    for turn in reversed(turns):
        if _step(turn) != newest:
            break
        times += 1
    return _due("repeats", times, _describe_calls(turns[-1]), NUDGE_REPEATS, STOP_REPEATS)


def _ping_pong(turns: Sequence[Turn]) -> Stuck | None:
    if len(turns) < 2 or _step(turns[-1]) == _step(turns[-2]):
        return None
    pair = [_step(turns[-1]), _step(turns[-2])]
    length = 0
    for at, turn in enumerate(reversed(turns)):
        if _step(turn) != pair[at % 2]:
            break
        length += 1
    what = f"{_describe_calls(turns[-2])} / {_describe_calls(turns[-1])}"[:160]
    if length % 2:  # counted once a cycle
        return None
    return _due("ping_pong", length // 2, what, NUDGE_CYCLES, STOP_CYCLES)


def _same_error(turns: Sequence[Turn]) -> Stuck | None:
    errors = [_error(turn) for turn in turns]
    newest = errors[-1]
    if not newest:
        return None
    times = 0
    for error in reversed(errors):
        if error != newest:
            break
        times += 1
    return _due("same_error", times, newest, NUDGE_REPEATS, STOP_REPEATS)


def _error(turn: Turn) -> str:
    """The one thing that a turn's calls came to, when all of them failed."""
    if not turn.results or not all(r.is_error for r in turn.results):
        return ""
    return turn.results[-1].text[:_ERROR_CHARS]


def _fails(turns: Sequence[Turn]) -> Stuck | None:
    """The same calls over and over, and all of them fail, each time in other words."""
    newest = _calls_key(turns[-1].reply)
    times = 0
    for turn in reversed(turns):
        if (
            _calls_key(turn.reply) != newest
            or not turn.results
            or not all(map(_has_failed, turn.results))
        ):
            break
        times += 1
    return _due("fails", times, _describe_calls(turns[-1]), NUDGE_FAILS, STOP_FAILS)


def _has_failed(result: ToolResult) -> bool:
    return result.is_error or (result.text.startswith("exit ") and result.text[5:6] != "0")


def _idle(turns: Sequence[Turn], most: int) -> Stuck | None:
    """Turns at the end that brought no evidence of progress: no tree that was not there before, no
    result that was not seen lately. Looks at a bounded number of turns."""
    times = 0
    near = turns[-(most + SEEN + 1) :]
    news = [_learned(turn) for turn in near]
    for at in range(len(near) - 1, -1, -1):
        before = range(max(0, at - SEEN), at)
        moved = at > 0 and near[at].tree_before not in {near[n].tree_before for n in before}
        if moved or times == most or not near[at].reply.calls:
            break
        if news[at] - set[str]().union(*(news[n] for n in before)):
            break
        times += 1
    stuck = _due("idle", times, _describe_calls(turns[-1]), most // 2, most)
    if stuck is None or stuck.stop:
        return stuck
    # one warning is enough: a circle of a known form had its own
    warned = any(_circle(turns[: len(turns) - back]) for back in range(1, times))
    return None if warned else stuck


def _learned(turn: Turn) -> frozenset[str]:
    """What a turn's calls told, each as a key that is the same for the same news."""
    answers = {result.call_id: result for result in turn.results}
    pairs = [(call, answers.get(call.id)) for call in turn.reply.calls]
    return frozenset(
        _news(call, answer)
        for call, answer in pairs
        if answer is not None and call.name not in _KEEPING
    )


def _news(call: ToolCall, answer: ToolResult) -> str:
    """A tool's refusal tells the same, whatever was asked for."""
    if answer.is_error:
        return f"error {call.name}"
    text = answer.text
    if len(text) > 2 * _EDGE:
        text = f"{text[:_EDGE]}\0{text.count(chr(10))}\0{text[-_EDGE:]}"
    text = _NOISE.sub("#", text)
    if len(text) >= _LONG:
        return text
    command = call.arguments.get("command")
    asked = json.dumps([call.name, call.arguments], sort_keys=True)
    if isinstance(command, str):
        asked = " ".join(_ASIDE.sub("", command[:_EDGE]).split()) + command[_EDGE:]
    return f"{asked}\0{text}"


def _busy(turns: Sequence[Turn]) -> Stuck | None:
    """Turns at the end in which only calls were made that had been made before, whatever they
    answered, while the tree stayed as it was."""
    known: set[str] = set()
    times = 0
    for at, turn in enumerate(turns):
        calls = {_calls_key(Message(role="assistant", parts=(call,))) for call in turn.reply.calls}
        moved = at > 0 and turn.tree_before != turns[at - 1].tree_before
        times = 0 if moved or not calls <= known else times + 1
        known |= calls
    return _due("busy", times, _describe_calls(turns[-1]), NUDGE_BUSY, STOP_BUSY)


def _due(kind: Kind, times: int, what: str, nudge: int, stop: int) -> Stuck | None:
    if times == nudge or times >= stop:
        return Stuck(kind=kind, times=times, what=what, stop=times >= stop)
    return None

"""Hooks in Claude Code's format: what they are told, and what their answers mean.

Exit 0: standard output, JSON or plain. Exit 2: refused, standard error says why. Any other exit,
a timeout, a program that is not there: the operator hears of it and work goes on, but for
PreToolUse of a hook outside, whose failure refuses the call: a broken policy is not an open one.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence

from pydantic import ValidationError

from harness.core.base import Json, Value
from harness.guard.claude_format import Event, Hook, parse_json
from harness.guard.permission_rules import Decision

MOST_CHARS = 10_000
_STRICTEST: tuple[Decision, ...] = ("deny", "ask", "allow")


class HookRun(Value):
    """How a hook's command ended. `code` None: it did not run, or not to its end in time."""

    code: int | None
    out: str = ""
    err: str = ""


Runner = Callable[[Hook, str], Awaitable[HookRun]]
"""Runs a hook's command with this text as its standard input, where the hook belongs."""


class HookAnswer(Value):
    """What all hooks of one event say together."""

    decision: Decision | None = None
    """Of a tool call; None: nothing was said, the rules decide."""
    reason: str = ""
    """For the agent: why it was refused, or what a later hook blames."""
    updated: dict[str, Json] | None = None
    """Other arguments for the call, in Claude Code's form."""
    context: str = ""
    """Text to put before the agent."""
    stop: str | None = None
    """Why the session should end here; None: it goes on."""
    troubles: tuple[str, ...] = ()
    """For the operator: hooks that failed."""

    @property
    def is_refused(self) -> bool:
        return self.decision == "deny"


async def fire(
    hooks: Sequence[Hook],
    event: Event,
    about: str,
    facts: Mapping[str, Json],
    run: Runner,
) -> HookAnswer:
    """Every hook that hears this event, at once; the same command only once. `about` is the tool,
    the kind of start, or of compaction. The strictest answer counts."""
    heard = {h.command: h for h in hooks if h.event == event and h.hears(about)}
    if not heard:
        return HookAnswer()
    given = json.dumps({**facts, "hook_event_name": event})
    ended = await asyncio.gather(*(run(hook, given) for hook in heard.values()))
    answers = [_answer(hook, ran) for hook, ran in zip(heard.values(), ended, strict=True)]
    return join_answers(answers)


def _answer(hook: Hook, ran: HookRun) -> HookAnswer:
    if ran.code == 2:
        return HookAnswer(decision="deny", reason=_shorten(ran.err) or hook.command)
    if ran.code != 0:
        return _failure_answer(
            hook, "no answer" if ran.code is None else f"exit {ran.code}", ran.err
        )
    text = ran.out.strip()
    data = _object(text)
    if data is None:
        speaks = hook.event in ("SessionStart", "UserPromptSubmit")
        return HookAnswer(context=_shorten(text) if speaks else "")
    try:
        answer = _parse_answer(hook.event, data)
    except ValidationError:  # arguments that are nested beyond all use
        return _failure_answer(hook, "an answer that cannot be read")
    # a project's hook lies where an agent may write: it refuses and asks, it allows nothing
    if hook.where == "inside" and answer.decision == "allow":
        return answer.model_copy(update={"decision": None})
    return answer


def _failure_answer(hook: Hook, how: str, err: str = "") -> HookAnswer:
    said = f"{hook.command}: {how}"
    trouble = f"{said}: {_shorten(err)}".rstrip(": ")
    if hook.event == "PreToolUse" and hook.where == "outside":
        return HookAnswer(decision="deny", reason=said, troubles=(trouble,))
    return HookAnswer(troubles=(trouble,))


def _parse_answer(event: Event, data: Mapping[str, Json]) -> HookAnswer:
    own = data.get("hookSpecificOutput")
    own = own if isinstance(own, dict) else {}
    decision: Decision | None = None
    said = own.get("permissionDecision")
    if event == "PreToolUse" and said in ("allow", "ask", "deny"):
        decision = said  # type: ignore[assignment]
    if data.get("decision") == "block":
        decision = "deny"
    elif data.get("decision") == "approve" and event == "PreToolUse":
        decision = decision or "allow"
    reason = own.get("permissionDecisionReason") or data.get("reason") or ""
    updated = own.get("updatedInput")
    stop = None
    if data.get("continue") is False:
        stop = _shorten(str(data.get("stopReason") or reason or "a hook ended the session"))
    return HookAnswer(
        decision=decision,
        reason=_shorten(str(reason)),
        updated=dict(updated) if isinstance(updated, dict) and event == "PreToolUse" else None,
        context=_shorten(str(own.get("additionalContext") or "")),
        stop=stop,
    )


def join_answers(answers: Sequence[HookAnswer]) -> HookAnswer:
    """What they say together: the strictest decides."""
    said = [a for a in answers if a.decision is not None]
    strictest = min((a.decision for a in said if a.decision), key=_STRICTEST.index, default=None)
    return HookAnswer(
        decision=strictest,
        reason="\n".join(a.reason for a in answers if a.reason and a.decision == strictest),
        updated=next((a.updated for a in reversed(answers) if a.updated is not None), None),
        context="\n".join(a.context for a in answers if a.context),
        stop=next((a.stop for a in answers if a.stop is not None), None),
        troubles=tuple(trouble for a in answers for trouble in a.troubles),
    )


def _object(text: str) -> dict[str, Json] | None:
    if not text.startswith("{"):
        return None
    data = parse_json(text)
    return data if isinstance(data, dict) else None


def _shorten(text: str) -> str:
    text = text.strip()
    return text if len(text) <= MOST_CHARS else text[:MOST_CHARS] + " [cut]"

"""Hooks in Claude Code's format: what they are told, and what their answers mean.

An object on standard output counts whatever the exit code; exit 2 refuses besides, where the event
can be refused, and standard error says why. Any other exit without such an object, a timeout, a
program that is not there: the operator hears of it and work goes on, but for `onFailure: block`
and for PreToolUse of a hook outside: a broken policy is not an open one.
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
SPEAKS: frozenset[Event] = frozenset({"SessionStart", "UserPromptSubmit"})
"""Events whose hooks put plain text before the agent."""
DONE: frozenset[Event] = frozenset({"SessionStart", "PostToolUse", "PostToolUseFailure"})
"""Events of what has happened already."""
_FIELDS = frozenset(
    {"continue", "stopReason", "decision", "reason", "systemMessage", "hookSpecificOutput"}
)
_DECISIONS: Mapping[str, Decision] = {
    "allow": "allow",
    "ask": "ask",
    "deny": "deny",
    "defer": "ask",
}
"""Of PreToolUse. What is deferred waits for a person here."""
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
    if ran.code is None:
        return _failure_answer(hook, "no answer", ran.err)
    text = ran.out.strip()
    data = _object(text)
    readable = data is not None or not (text.startswith("{") and text.endswith("}"))
    try:
        answer = _parse_answer(hook.event, data or {})
    except ValidationError:  # arguments that are nested beyond all use
        readable, answer = False, HookAnswer()
    if ran.code == 2:
        return _refuse(hook, ran, answer)
    if not readable:
        return _failure_answer(hook, "an answer that cannot be read")
    if ran.code != 0 and not (data and _FIELDS & data.keys()):
        return _failure_answer(hook, f"exit {ran.code}", ran.err)
    if data is None:
        return HookAnswer(context=_shorten(text) if hook.event in SPEAKS else "")
    # a project's hook lies where an agent may write: it refuses and asks, it allows nothing
    if hook.where == "inside" and answer.decision == "allow":
        return answer.model_copy(update={"decision": None})
    return answer


def _refuse(hook: Hook, ran: HookRun, answer: HookAnswer) -> HookAnswer:
    """Exit 2, whatever else was said."""
    why = _shorten(ran.err) or hook.command
    if hook.event == "SessionStart":
        return answer.model_copy(update={"troubles": (*answer.troubles, f"{hook.command}: {why}")})
    reason = answer.reason if answer.is_refused and answer.reason else why
    return answer.model_copy(update={"decision": "deny", "reason": reason, "updated": None})


def _failure_answer(hook: Hook, how: str, err: str = "") -> HookAnswer:
    said = f"{hook.command}: {how}"
    trouble = f"{said}: {_shorten(err)}".rstrip(": ")
    outside = hook.event == "PreToolUse" and hook.where == "outside"
    if outside or (hook.blocks_on_failure and hook.event not in DONE):
        return HookAnswer(decision="deny", reason=said, troubles=(trouble,))
    return HookAnswer(troubles=(trouble,))


def _parse_answer(event: Event, data: Mapping[str, Json]) -> HookAnswer:
    own = data.get("hookSpecificOutput")
    own = own if isinstance(own, dict) else {}
    reason = own.get("permissionDecisionReason") or data.get("reason") or ""
    updated = own.get("updatedInput")
    stop = None
    if data.get("continue") is False and event != "PreCompact":
        stop = _shorten(str(data.get("stopReason") or reason or "a hook ended the session"))
    told = data.get("systemMessage")
    return HookAnswer(
        decision=_decision(event, data, own),
        reason=_shorten(str(reason)),
        updated=dict(updated) if isinstance(updated, dict) and event == "PreToolUse" else None,
        context=_shorten(str(own.get("additionalContext") or "")),
        stop=stop,
        troubles=(_shorten(str(told)),) if told else (),
    )


def _decision(event: Event, data: Mapping[str, Json], own: Mapping[str, Json]) -> Decision | None:
    """At the top: `block`; of PreToolUse its own field, and `approve` of before."""
    if event == "SessionStart":
        return None
    if data.get("decision") == "block":
        return "deny"
    if event != "PreToolUse":
        return None
    said = _DECISIONS.get(str(own.get("permissionDecision")))
    return said or ("allow" if data.get("decision") == "approve" else None)


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

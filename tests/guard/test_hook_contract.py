"""One table a question, held to the documentation of Claude Code's hooks: what each exit code and
each field of an answer means for each event."""

from __future__ import annotations

import json
from typing import Any

import pytest

from harness.core.base import Json
from harness.guard.claude_format import EVENTS, Hook, read_settings
from harness.guard.hooks import HookAnswer, HookRun, fire

CONTEXT = {"hookSpecificOutput": {"additionalContext": "the ticket is 7"}}
BLOCK = {"decision": "block", "reason": "not so"}
END = {"continue": False, "stopReason": "enough"}


def decides(decision: str) -> dict[str, Json]:
    said: dict[str, Json] = {"permissionDecision": decision, "permissionDecisionReason": "why"}
    return {"hookSpecificOutput": said}


def read_hook(event: str, where: Any = "outside", **fields: Json) -> Hook:
    entry: Json = {"type": "command", "command": "x", **fields}
    text = json.dumps({"hooks": {event: [{"hooks": [entry]}]}})
    (hook,) = read_settings(text, where=where).hooks
    return hook


async def answer(
    event: Any, out: object = "", code: int | None = 0, err: str = "", **more: Any
) -> HookAnswer:
    async def run(hook: Hook, given: str) -> HookRun:
        said = out if isinstance(out, str) else json.dumps(out)
        return HookRun(code=code, out=said, err=err)

    return await fire([read_hook(event, **more)], event, "Bash", {}, run)


MAY_REFUSE = {
    "PreToolUse": True,
    "PostToolUse": True,  # blame beside the result: the tool has run
    "PostToolUseFailure": True,
    "Stop": True,
    "SubagentStop": True,
    "SessionStart": False,
    "UserPromptSubmit": True,
    "PreCompact": True,
}


def test_the_table_has_every_event() -> None:
    assert set(MAY_REFUSE) == set(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
async def test_exit_2_refuses_where_the_event_can_be_refused(event: str) -> None:
    found = await answer(event, code=2, err="no\n")
    assert found.is_refused is MAY_REFUSE[event]
    assert (found.reason if MAY_REFUSE[event] else "".join(found.troubles)).endswith("no")
    # an object beside it counts, and allows nothing
    found = await answer(event, decides("allow"), code=2, err="no")
    assert found.is_refused is MAY_REFUSE[event]
    found = await answer(event, BLOCK, code=2, err="no")
    assert found.reason == "not so"
    found = await answer(event, CONTEXT, code=2)
    assert found.context == "the ticket is 7"


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("code", [1, 3, 127, None])
async def test_another_exit_is_told_and_work_goes_on(event: str, code: int | None) -> None:
    found = await answer(event, "words", code=code, err="oops")
    assert found.is_refused is (event == "PreToolUse")  # ours: a broken policy is not an open one
    assert found.troubles
    assert not found.context
    assert not (await answer(event, "words", code=code, where="inside")).is_refused
    held = await answer(event, code=code, where="inside", onFailure="block")
    done = event in ("SessionStart", "PostToolUse", "PostToolUseFailure")
    assert held.is_refused is not done


@pytest.mark.parametrize("event", EVENTS)
async def test_an_object_counts_whatever_the_exit(event: str) -> None:
    for code in (0, 1, 7):
        assert (await answer(event, CONTEXT, code=code)).context == "the ticket is 7"
        assert (await answer(event, BLOCK, code=code)).is_refused is MAY_REFUSE[event]
        stop = (await answer(event, END, code=code)).stop
        assert stop == (None if event == "PreCompact" else "enough")
        told = await answer(event, {"systemMessage": "look"}, code=code)
        assert told.troubles == ("look",)


@pytest.mark.parametrize("event", EVENTS)
async def test_text_that_is_no_object(event: str) -> None:
    speaks = event in ("SessionStart", "UserPromptSubmit")
    for text in ("plain words", "[1, 2]", '"quoted"', "{ begins like one"):
        found = await answer(event, text)
        assert (found.context, found.troubles) == (text if speaks else "", ())
    broken = await answer(event, "{no json}")
    assert (broken.context, bool(broken.troubles)) == ("", True)


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        (decides("allow"), "allow"),
        (decides("deny"), "deny"),
        (decides("ask"), "ask"),
        (decides("defer"), "ask"),  # it waits for a person here
        ({"decision": "approve"}, "allow"),
        ({"decision": "block"}, "deny"),
        ({**decides("allow"), "decision": "block"}, "deny"),
        (decides("maybe"), None),
        ({}, None),
    ],
)
async def test_decisions_are_of_calls_alone(said: object, wanted: str | None) -> None:
    assert (await answer("PreToolUse", said)).decision == wanted
    inside = await answer("PreToolUse", said, where="inside")
    assert inside.decision == (None if wanted == "allow" else wanted)
    blocks = isinstance(said, dict) and said.get("decision") == "block"
    for event in ("PostToolUse", "Stop", "UserPromptSubmit"):
        assert (await answer(event, said)).decision == ("deny" if blocks else None)


async def test_another_input_is_of_calls_before_they_run() -> None:
    said = {"hookSpecificOutput": {"updatedInput": {"command": "ls"}}}
    for event in EVENTS:
        wanted = {"command": "ls"} if event == "PreToolUse" else None
        assert (await answer(event, said)).updated == wanted
    assert (await answer("PreToolUse", said, code=2)).updated is None


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({}, {"timeout_s": 600.0, "only": None, "blocks_on_failure": False}),
        ({"timeout": 5}, {"timeout_s": 5.0}),
        ({"timeout": 9_000}, {"timeout_s": 600.0}),
        ({"if": "Bash(git *)"}, {"only": "Bash(git *)"}),
        ({"if": "("}, {"only": None}),
        ({"onFailure": "block"}, {"blocks_on_failure": True}),
        ({"args": ["a b", "$HOME"]}, {"command": "x 'a b' '$HOME'"}),
        (
            {"args": ["${CLAUDE_PROJECT_DIR}/c"]},
            {"command": "x ''\"${CLAUDE_PROJECT_DIR}\"'/c'"},
        ),
    ],
)
def test_fields_of_a_hook(fields: dict[str, Json], wanted: dict[str, object]) -> None:
    hook = read_hook("PreToolUse", **fields)
    for name, value in wanted.items():
        found = getattr(hook, name)
        assert (str(found) if name == "only" and found else found) == value
    assert read_hook("UserPromptSubmit").timeout_s == 30.0


def test_what_a_hook_does_not_get_is_told() -> None:
    entries: Json = [
        {"type": "command", "command": "a", "if": "("},
        {"type": "command", "command": "b", "async": True},
        {"type": "command", "command": "c", "shell": "powershell"},
        {"type": "http", "url": "http://localhost"},
        {"type": "agent", "prompt": "?"},
    ]
    text = json.dumps({"hooks": {"Stop": [{"hooks": entries}], "FileChanged": []}})
    found = read_settings(text, where="outside")
    assert [hook.command for hook in found.hooks] == ["a", "b"]
    keys = [key for key, _ in found.wrong]
    assert keys == ["hooks.Stop.if", "hooks.Stop.async", *["hooks.Stop"] * 3]
    assert found.unheard == ("FileChanged",)

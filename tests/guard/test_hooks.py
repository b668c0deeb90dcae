"""Claude Code's settings and hooks: real files read unchanged, every answer understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.base import Json
from harness.guard.claude_format import Hook, ParsedSettings, read_settings
from harness.guard.claude_tools import calls_of, input_of, join_inputs, ours_of
from harness.guard.hooks import HookAnswer, HookRun, fire
from harness.guard.permission_rules import Use

ROOT = Path(__file__).parents[2]
ALLOW = {"hookSpecificOutput": {"permissionDecision": "allow"}}
DENY = {"hookSpecificOutput": {"permissionDecision": "deny", "permissionDecisionReason": "no"}}


def read(data: Any, **more: Any) -> ParsedSettings:
    return read_settings(json.dumps(data), where="outside", **more)


def hooks(event: str, *commands: str, matcher: str = "", where: str = "outside") -> list[Hook]:
    entries = [{"type": "command", "command": command} for command in commands]
    data = {"hooks": {event: [{"matcher": matcher, "hooks": entries}]}}
    return list(read_settings(json.dumps(data), where=where).hooks)  # type: ignore[arg-type]


async def fired(
    found: list[Hook], ended: dict[str, HookRun], event: Any = "PreToolUse", **facts: Json
) -> Any:
    heard: list[str] = []

    async def run(hook: Hook, given: str) -> HookRun:
        heard.append(given)
        return ended[hook.command]

    answer = await fire(found, event, "Bash", facts, run)
    return answer, heard


async def one(ran: HookRun, event: Any = "PreToolUse", where: str = "outside") -> HookAnswer:
    answer, _ = await fired(hooks(event, "x", where=where), {"x": ran}, event)
    assert isinstance(answer, HookAnswer)
    return answer


def test_this_projects_own_file() -> None:
    text = (ROOT / ".claude" / "settings.json").read_text()
    found = read_settings(text, where="inside", home="/home/ada", root="/p")
    assert found.wrong == ()
    assert [h.event for h in found.hooks] == ["PostToolUse"]
    judge = found.rules.judge
    assert judge(Use(tool="Bash", command="git push --force x")).decision == "deny"
    assert judge(Use(tool="Bash", command="git push x")).decision == "ask"
    assert judge(Use(tool="Read", path=".env")).decision == "deny"
    assert judge(Use(tool="Read", path="/home/ada/.ssh/id")).decision == "deny"


def test_what_is_wrong_is_told_and_the_rest_counts() -> None:
    found = read(
        {
            "model": "opus",
            "permissions": {"deny": ["Bash(rm *)"], "allow": "Bash", "additionalDirectories": []},
            "hooks": {
                "PreToolUse": [
                    {"hooks": [{"type": "command", "command": "a", "timeout": 5}]},
                    {"hooks": [{"type": "command"}, {"type": "prompt", "prompt": "?"}]},
                    "no",
                ],
                "Notification": [{"hooks": [{"type": "command", "command": "b"}]}],
            },
        }
    )
    assert [(h.command, h.timeout_s) for h in found.hooks] == [("a", 5.0)]
    assert [key for key, _ in found.wrong] == ["permissions.allow", *["hooks.PreToolUse"] * 3]
    assert found.rules.judge(Use(tool="Bash", command="rm x")).decision == "deny"


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '"x"', "[" * 100_000])
def test_a_policy_that_cannot_be_read_is_not_an_empty_one(text: str) -> None:
    found = read_settings(text, where="outside")
    assert found.wrong
    assert found.rules.judge(Use(tool="Bash", command="ls")).decision == "deny"


def test_modes() -> None:
    for mode, decision in (("default", "allow"), ("dontAsk", "deny"), ("plan", "deny")):
        rules = read({"permissions": {"defaultMode": mode}}).rules
        assert rules.judge(Use(tool="Edit", path="a")).decision == decision
    assert read({"disableAllHooks": True, "hooks": {"Stop": [{"hooks": []}]}}).hooks == ()


@pytest.mark.parametrize(
    ("matcher", "about", "heard"),
    [("", "Bash", True), ("*", "Bash", True), ("Edit|Write", "Write", True),
     ("Edit|Write", "MultiWrite", False), ("Edit|Write", "NotebookEdit", False),
     ("^Note", "NotebookEdit", True), ("Edit$", "MultiEdit", True), ("Edit, Write", "Write", True),
     ("mcp__a", "mcp__a__b", False), ("mcp__a.*", "mcp__a__b", True),
     ("mcp__.*", "mcp__a__b", True), ("bash", "Bash", False),
     ("(", "Bash", True), ("(?i:edit)|x+y*", "EDIT", True), ("(a|b)?c", "bc", True),
     (r"(\w+)+-", "Bash", True), (r"(a|\w)*-", "Bash", True), ("a{99999999999}", "Bash", True),
     (r"\w*\w*\w*\w*\w*-", "Bash", True), ("x" * 501, "Bash", True), ("[[a]&&b]", "Bash", False),
     ("mcp__.*__.*|Edit.*|Write.*|Note.*|Multi.*", "Bash", False)],
)  # fmt: skip
def test_matchers_end_in_time_and_lose_no_refusal(matcher: str, about: str, heard: bool) -> None:
    assert Hook(event="PreToolUse", matcher=matcher, command="x").hears(about) is heard


def test_a_matcher_that_cannot_be_used_is_told() -> None:
    found = read(
        {
            "hooks": {
                "Stop": [{"matcher": r"(\w+)+-", "hooks": [{"type": "command", "command": "a"}]}]
            }
        }
    )
    assert [h.command for h in found.hooks] == ["a"]
    assert found.wrong == (("hooks.Stop.matcher", r"(\w+)+-"),)


async def test_half_a_pair_is_no_crash_later() -> None:
    """A project's hook may say anything; what it says is stored, sent and shown."""
    said = {"decision": "block", "reason": "no\ud800", "continue": False}
    answer = await one(HookRun(code=0, out=json.dumps(said)), where="inside")
    assert (answer.reason, answer.decision) == ("no?", "deny")
    answer.model_dump_json().encode()
    found = read({"hooks": {"Stop": [{"hooks": [{"command": "echo \ud83d\ude00 \udc00"}]}]}})
    assert [h.command for h in found.hooks] == ["echo \U0001f600 ?"]


async def test_numbers_and_nesting_without_end_are_no_crash() -> None:
    entry = '{"command": "a", "timeout": ' + "9" * 400 + "}"
    found = read_settings('{"hooks": {"Stop": [{"hooks": [' + entry + "]}]}}", where="outside")
    assert [h.timeout_s for h in found.hooks] == [600.0]
    deep = '{"hookSpecificOutput": {"updatedInput": {"a": ' + "[" * 400 + "]" * 400 + "}}}"
    assert (await one(HookRun(code=0, out=deep))).decision == "deny"
    assert (await one(HookRun(code=0, out=deep), where="inside")).troubles


@pytest.mark.parametrize(
    ("ran", "wanted"),
    [
        (HookRun(code=0), HookAnswer()),
        (HookRun(code=0, out="words"), HookAnswer()),
        (HookRun(code=2, err="not that\n"), HookAnswer(decision="deny", reason="not that")),
        (HookRun(code=0, out=json.dumps(DENY)), HookAnswer(decision="deny", reason="no")),
        (HookRun(code=0, out='{"decision": "approve"}'), HookAnswer(decision="allow")),
        (
            HookRun(code=0, out='{"decision": "block", "reason": "r"}'),
            HookAnswer(decision="deny", reason="r"),
        ),
        (
            HookRun(code=0, out='{"continue": false, "stopReason": "enough"}'),
            HookAnswer(stop="enough"),
        ),
        (HookRun(code=0, out='{"hookSpecificOutput": []}'), HookAnswer()),
        (
            HookRun(code=0, out='{"hookSpecificOutput": {"permissionDecision": "maybe"}}'),
            HookAnswer(),
        ),
        (
            HookRun(code=0, out='{"hookSpecificOutput": {"updatedInput": {"command": "ls"}}}'),
            HookAnswer(updated={"command": "ls"}),
        ),
    ],
)
async def test_answers_before_a_tool(ran: HookRun, wanted: HookAnswer) -> None:
    assert await one(ran) == wanted


async def test_a_broken_hook_outside_refuses_one_inside_is_told() -> None:
    for ran in (HookRun(code=1, err="oops"), HookRun(code=None), HookRun(code=127)):
        outside, inside = await one(ran), await one(ran, where="inside")
        assert outside.is_refused
        assert outside.troubles
        assert not inside.is_refused
        assert inside.troubles
        assert not (await one(ran, "PostToolUse")).is_refused


async def test_a_projects_hook_allows_nothing() -> None:
    for said in ('{"decision": "approve"}', json.dumps(ALLOW)):
        assert (await one(HookRun(code=0, out=said))).decision == "allow"
        assert (await one(HookRun(code=0, out=said), where="inside")).decision is None
    assert (await one(HookRun(code=0, out=json.dumps(DENY)), where="inside")).is_refused


async def test_the_strictest_counts_and_a_command_runs_once() -> None:
    found = hooks("PreToolUse", "a", "b", "a", matcher="Bash")
    allow = HookRun(code=0, out='{"hookSpecificOutput": {"permissionDecision": "allow"}}')
    answer, heard = await fired(
        found, {"a": allow, "b": HookRun(code=2, err="why")}, tool_name="Bash", tool_input={}
    )
    assert (answer.decision, answer.reason) == ("deny", "why")
    assert len(heard) == 2
    assert json.loads(heard[0]) == {
        "tool_name": "Bash", "tool_input": {}, "hook_event_name": "PreToolUse"
    }  # fmt: skip
    answer, heard = await fired(hooks("PreToolUse", "a", matcher="Edit"), {})
    assert (answer, heard) == (HookAnswer(), [])


async def test_text_of_a_start_is_context_and_long_text_is_cut() -> None:
    answer = await one(HookRun(code=0, out="x" * 50_000), "SessionStart")
    assert answer.context.endswith("[cut]")
    assert len(answer.context) < 11_000


@pytest.mark.parametrize(
    ("tool", "ours", "theirs"),
    [
        ("bash", {"command": "ls", "timeout_s": 2.0}, {"command": "ls", "timeout": 2000.0}),
        ("read", {"path": "a", "offset": 1}, {"file_path": "/work/a", "offset": 1}),
        ("write", {"path": "a", "content": "x"}, {"file_path": "/work/a", "content": "x"}),
        (
            "edit",
            {"path": "a", "edits": [{"old": "x", "new": "y"}]},
            {"file_path": "/work/a", "old_string": "x", "new_string": "y"},
        ),
        (
            "edit",
            {
                "path": "a",
                "edits": [{"old": "x", "new": "y"}, {"old": "z", "new": "", "all": True}],
            },
            {
                "file_path": "/work/a",
                "edits": [
                    {"old_string": "x", "new_string": "y"},
                    {"old_string": "z", "new_string": "", "replace_all": True},
                ],
            },
        ),
        ("search", {"pattern": "x"}, {"pattern": "x", "path": "/work"}),
        ("mcp__a__b", {"any": 1}, {"any": 1}),
    ],
)
def test_arguments_there_and_back(tool: str, ours: Any, theirs: Any) -> None:
    assert input_of(tool, ours, "/work") == theirs
    assert ours_of(tool, theirs, "/work") == ours


TWO: dict[str, Json] = {
    "path": "a",
    "edits": [{"old": "x", "new": "y"}, {"old": "z", "new": "", "all": True}],
}


@pytest.mark.parametrize(
    ("tool", "ours", "names"),
    [
        ("edit", TWO, ("Edit", "Edit", "MultiEdit")),
        ("edit", {"path": "a", "edits": [{"old": "x", "new": "y"}]}, ("Edit",)),
        ("edit", {"path": "a", "edits": [1, 2]}, ("Edit",)),
        ("bash", {"command": "ls"}, ("Bash",)),
        ("read", {"path": "a"}, ("Read",)),
        ("write", {"path": "a", "content": ""}, ("Write",)),
        ("search", {"pattern": "x"}, ("Grep",)),
        ("search", {"glob": "*.py"}, ("Glob", "Grep")),
        ("search", {"pattern": "", "glob": "*.py"}, ("Glob", "Grep")),
        ("todo", {}, ("TodoWrite",)),
        ("task", {}, ("Agent", "Task")),
        ("web_fetch", {}, ("WebFetch",)),
        ("web_search", {}, ("WebSearch",)),
        ("reference", {"query": "x"}, ("WebSearch",)),
        ("reference", {"query": "x", "source": " "}, ("WebSearch",)),
        ("reference", {"query": "x", "source": "https://a.test"}, ("WebFetch",)),
        ("skill", {}, ("Skill",)),
        ("verdict", {}, ("verdict",)),
        ("mcp__a__b", {}, ("mcp__a__b",)),
    ],
)
def test_every_tool_has_the_names_that_settings_say(
    tool: str, ours: Any, names: tuple[str, ...]
) -> None:
    found = calls_of(tool, ours, "/work")
    assert tuple(called.name for called in found for _ in called.inputs) == names


def test_several_replacements_are_as_many_edits_and_one_again() -> None:
    single, multiple = calls_of("edit", TWO, "/work")
    first, second = single.inputs
    assert first == {"file_path": "/work/a", "old_string": "x", "new_string": "y"}
    assert second == {**first, "old_string": "z", "new_string": "", "replace_all": True}
    assert ours_of("edit", multiple.inputs[0], "/work") == TWO
    assert join_inputs([None, None], single.inputs) is None
    changed = join_inputs([None, {**second, "new_string": "w"}], single.inputs)
    assert changed is not None
    assert ours_of("edit", changed, "/work")["edits"] == [
        {"old": "x", "new": "y"},
        {"old": "z", "new": "w", "all": True},
    ]
    with pytest.raises(ValueError, match="the file of one replacement"):
        join_inputs([{**first, "file_path": "/work/b"}, None], single.inputs)


def test_what_the_files_env_says_reaches_its_hooks() -> None:
    entry = {"hooks": [{"type": "command", "command": "x"}]}
    said = {"A": "1", "B_2": 2, "no good": "x", "C": ["y"], "D": "a\0b"}
    found = read({"env": said, "hooks": {"Stop": [entry]}})
    assert found.hooks[0].env == (("A", "1"), ("B_2", "2"))
    assert [key for key, _ in found.wrong] == ["env", "env", "env"]


KEYS = [
    "permissions",
    "deny",
    "allow",
    "hooks",
    "PreToolUse",
    "command",
    "type",
    "timeout",
    "matcher",
    "decision",
    "continue",
    "hookSpecificOutput",
    "updatedInput",
    "edits",
]
JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(JSON, st.text(max_size=40))
async def test_no_json_breaks_it(data: Any, text: str) -> None:
    read(data)
    await one(HookRun(code=0, out=json.dumps(data)))
    await one(HookRun(code=0, out="{" + text))
    if isinstance(data, dict):
        for tool in ("bash", "edit", "search", "x"):
            input_of(tool, data, "/work")
            ours_of(tool, data, "/work")

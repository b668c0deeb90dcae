"""What a hook reads of each event and tool, field by field, as Claude Code's reference has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from harness.agent.gate import HookEvent
from harness.app.gating import Gating
from harness.core.base import Json
from harness.core.types import Session, ToolCall, ToolResult
from harness.ports.store import Store
from harness.ports.workspace import Workspace
from tests.app.test_gating import NOW, PROMPTS, Paper, no_box

COMMON = {"session_id", "transcript_path", "cwd", "hook_event_name", "permission_mode"}
AT: dict[HookEvent, dict[str, Json]] = {
    "SessionStart": {"source": "startup", "model": "m"},
    "UserPromptSubmit": {"prompt": "Mend it."},
    "Stop": {"stop_hook_active": False, "last_assistant_message": "Done."},
    "SubagentStop": {"stop_hook_active": True, "last_assistant_message": ""},
    "PreCompact": {"trigger": "auto", "custom_instructions": None},
}
CALLS: list[tuple[str, dict[str, Json], str, set[str]]] = [
    ("bash", {"command": "ls", "timeout_s": 2.0}, "Bash", {"command", "timeout"}),
    ("read", {"path": "a", "offset": 2, "limit": 9}, "Read", {"file_path", "offset", "limit"}),
    ("write", {"path": "a", "content": "x"}, "Write", {"file_path", "content"}),
    (
        "edit",
        {"path": "a", "edits": [{"old": "x", "new": "y", "all": True}]},
        "Edit",
        {"file_path", "old_string", "new_string", "replace_all"},
    ),
    ("search", {"pattern": "x", "glob": "*.py"}, "Grep", {"pattern", "path", "glob"}),
    ("search", {"pattern": "", "glob": "*.py"}, "Glob", {"pattern", "path"}),
    ("mcp__a__b", {"any": 1}, "mcp__a__b", {"any"}),
]


class Listening:
    """A gate whose operator's hook writes down what it reads, one line each."""

    def __init__(self, folder: Path, event: str, kind: Any = "worker", **fields: Json) -> None:
        self.file = folder / "heard"
        entry: Json = {"type": "command", "command": f"cat >> {self.file}", **fields}
        settings = folder / "settings.json"
        settings.write_text(json.dumps({"hooks": {event: [{"hooks": [entry]}]}}))
        paper = Paper(None, {}, {})
        store, workspace = cast(Store, paper), cast(Workspace, paper)
        self.gate = Gating(store, workspace, (settings,), folder, PROMPTS)
        self.session = Session(
            id="p/1/1-worker", run="p/1/1", kind=kind, model="m", system="", opening="",
            tools=(), prompt_version="", base_tree="", created_at=NOW,
        )  # fmt: skip

    @property
    def heard(self) -> dict[str, Json]:
        told: dict[str, Json] = json.loads(self.file.read_text())
        return told


@pytest.mark.parametrize("moment", AT)
async def test_each_moment_has_its_fields(tmp_path: Path, moment: HookEvent) -> None:
    listening = Listening(tmp_path, moment)
    await listening.gate.at(listening.session, moment, "", AT[moment], no_box)
    heard = listening.heard
    assert set(heard) == COMMON | set(AT[moment])
    assert (heard["hook_event_name"], heard["permission_mode"]) == (moment, "default")
    assert {key: heard[key] for key in AT[moment]} == AT[moment]


async def test_inside_a_sub_agent_it_is_said_which(tmp_path: Path) -> None:
    listening = Listening(tmp_path, "SubagentStop", kind="subagent")
    await listening.gate.at(listening.session, "SubagentStop", "", {}, no_box)
    assert listening.heard["agent_id"] == "p/1/1-worker"
    assert listening.heard["agent_type"]


@pytest.mark.parametrize(("tool", "ours", "name", "fields"), CALLS)
async def test_each_tool_has_its_name_and_fields(
    tmp_path: Path, tool: str, ours: dict[str, Json], name: str, fields: set[str]
) -> None:
    listening = Listening(tmp_path, "PreToolUse")
    call = ToolCall(id="c1", name=tool, arguments=ours)
    await listening.gate.before(listening.session, call, no_box)
    heard = listening.heard
    assert set(heard) == COMMON | {"tool_name", "tool_input", "tool_use_id"}
    assert (heard["tool_name"], heard["tool_use_id"]) == (name, "c1")
    given = heard["tool_input"]
    assert isinstance(given, dict)
    assert set(given) == fields
    assert str(given.get("file_path", "/")).startswith("/")


@pytest.mark.parametrize(
    ("event", "fails", "field"),
    [("PostToolUse", False, "tool_response"), ("PostToolUseFailure", True, "error")],
)
async def test_a_call_that_went_well_and_one_that_did_not(
    tmp_path: Path, event: str, fails: bool, field: str
) -> None:
    listening = Listening(tmp_path, event)
    call = ToolCall(id="c1", name="write", arguments={"path": "a", "content": "x"})
    for is_error in (fails, not fails):
        result = ToolResult(call_id="c1", text="said", is_error=is_error)
        await listening.gate.after(listening.session, call, result, no_box)
    heard = listening.heard  # once: one line
    assert heard["hook_event_name"] == event
    assert {"tool_name", "tool_input", "tool_use_id", field} <= set(heard)
    if not fails:
        response = heard[field]
        assert isinstance(response, dict)
        assert {"filePath", "success"} <= set(response)


@pytest.mark.parametrize(
    ("rule", "tool", "arguments", "heard"),
    [
        ("Bash(git *)", "bash", {"command": "FOO=bar git push"}, True),
        ("Bash(git *)", "bash", {"command": "npm test && git push"}, True),
        ("Bash(rm *)", "bash", {"command": "echo $(rm -rf x)"}, True),
        ("Bash(rm *)", "bash", {"command": "ls"}, False),
        ("Edit(*.ts)", "write", {"path": "src/a.ts", "content": ""}, True),
        ("Edit(*.ts)", "write", {"path": "src/a.py", "content": ""}, False),
        ("(", "bash", {"command": "ls"}, True),
    ],
)
async def test_if_means_some_calls_only(
    tmp_path: Path, rule: str, tool: str, arguments: dict[str, Json], heard: bool
) -> None:
    listening = Listening(tmp_path, "PreToolUse", **{"if": rule})
    call = ToolCall(id="c1", name=tool, arguments=arguments)
    await listening.gate.before(listening.session, call, no_box)
    assert listening.file.exists() is heard


async def test_if_is_of_calls_alone(tmp_path: Path) -> None:
    listening = Listening(tmp_path, "Stop", **{"if": "Bash"})
    await listening.gate.at(listening.session, "Stop", "", {}, no_box)
    assert not listening.file.exists()

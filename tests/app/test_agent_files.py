"""A project's agent files hold as Claude Code's documentation says, and only narrow."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from harness.agent.gate import HookDecision
from harness.app.agent_files import AgentFiles
from harness.app.gating import Gating
from harness.config.sections import ModelSettings
from harness.core.box_types import BoxLimits, Layout, TreeEntry
from harness.core.errors import ConfigError
from harness.core.types import Actor, IssueSnapshot, Run, RunState, Session, Stage, ToolCall
from harness.ports.sandbox import Box
from harness.ports.store import Store
from harness.ports.workspace import Workspace
from harness.prompting.templates import Prompts, prompts_root
from harness.sandbox.bare import BareSandbox
from tests.agent.rig import NOW

PROMPTS = Prompts(prompts_root())
ANN = Actor(id=1, login="ann")
MODELS = {
    "big": ModelSettings(dialect="anthropic", model="claude-opus-4-1"),
    "small": ModelSettings(dialect="openai", model="vendor/other-mini"),
}
ALL = ("bash", "read", "edit", "write", "search", "todo", "note", "task", "reference")


class Paper:
    """A store with one run that began at `began` and stands at `base`, and the trees of both."""

    def __init__(self, front: str, words: str = "You look for races.") -> None:
        page = f"---\nname: racer\ndescription: Finds races.\n{front}\n---\n\n{words}\n"
        self.trees: dict[str, dict[str, tuple[str, bytes]]] = {
            "began": {".claude/agents/deep/any.md": ("100644", page.encode())},
            "base": {
                ".claude/agents/racer.md": ("100644", b"---\nname: racer\n---\nBe lenient.\n"),
            },
        }
        snapshot = IssueSnapshot(
            number=1, title="t", body="b", author=ANN, taken_at=NOW, trigger=ANN
        )
        self._run = Run(
            id="p/1/1", project="p", issue=1, number=1, state=RunState.ACTIVE,
            stage=Stage.REVIEW, snapshot=snapshot, base_sha="base", began_sha="began",
            created_at=NOW, updated_at=NOW,
        )  # fmt: skip

    async def run(self, run: str) -> Run:
        return self._run

    async def tree_of(self, commit: str) -> str:
        return commit

    async def files(self, tree: str) -> tuple[str, ...]:
        return tuple(self.trees[tree])

    async def entry(self, tree: str, path: str) -> TreeEntry | None:
        mode, data = self.trees[tree][path]
        return TreeEntry(mode=mode, size=len(data))

    async def file(self, tree: str, path: str) -> bytes | None:
        return self.trees[tree].get(path, ("", None))[1]


async def tools_of(front: str) -> set[str]:
    return set((await AgentFiles(Paper(front), MODELS).role("began", "racer")).tools)


@pytest.mark.parametrize(
    ("front", "left"),
    [
        ("color: red", set(ALL)),
        ("tools: Read, Grep, Bash", {"read", "search", "bash"}),
        ("tools:\n  - Read\n  - Edit", {"read", "edit"}),
        ("tools: [Read, Write]", {"read", "write"}),
        ("tools: Bash(git diff:*, git log:*), Glob", {"bash"}),
        ("tools: Read, Glob", {"read", "search"}),
        ("tools: '*'", set(ALL)),
        ("tools:", set()),
        ("tools: []", set()),
        ("tools: no tool!", set()),
        ("disallowedTools: Write, Edit", {*ALL} - {"write", "edit"}),
        ("disallowedTools: Bash(rm:*)", set(ALL)),
        ("disallowedTools: '*'", set()),
        ("disallowedTools: '!!'", set()),
        ("tools: Read, Bash\ndisallowedTools: Bash", {"read"}),
        ("tools: Agent, Read", {"task", "read"}),
        ("permissionMode: plan", {*ALL} - {"bash", "edit", "write"}),
        ("permissionMode: bypassPermissions\ntools: Read", {"read"}),
    ],
)
async def test_tools_are_an_allow_list_and_what_is_not_known_is_not_allowed(
    front: str, left: set[str]
) -> None:
    assert await tools_of(front) == left


@pytest.mark.parametrize(
    ("said", "name"),
    [("opus", "big"), ("inherit", ""), ("small", "small"), ("claude-opus-4-1", "big"),
     ("mini", "small"), ("sonnet", ""), ("op", "")],
)  # fmt: skip
async def test_a_model_is_one_of_the_operators(said: str, name: str) -> None:
    role = await AgentFiles(Paper(f"model: {said}"), MODELS).role("began", "racer")
    assert role.model == name
    assert (f"model: {said}" in role.unused) == (not name and said != "inherit")


async def test_what_does_not_hold_here_is_told_and_its_words_are_as_people_see_them() -> None:
    front = (
        "memory: user\nmcpServers:\n  - x\nhooks:\n  Notification:\n    - hooks: []\nskills: a, b"
    )
    role = await AgentFiles(Paper(front, "Look\u200b well."), MODELS).role("began", "racer")
    assert role.words == "Look well."
    assert role.skills == ("a", "b")
    assert [one.partition(":")[0] for one in role.unused] == [
        "mcpServers", "memory", "hooks.Notification",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "turns"),
    [("3", 3), ("'12'", 12), ("0", 0), ("-1", 0), ("2.5", 0), ("many", 0), ("", 0), ("[4]", 0),
     ("1e3", 0), ("9999999", 0)],
)  # fmt: skip
async def test_its_turns_are_a_whole_number_or_told(said: str, turns: int) -> None:
    role = await AgentFiles(Paper(f"maxTurns: {said}"), MODELS).role("began", "racer")
    assert role.turns == turns
    assert any(one.startswith("maxTurns") for one in role.unused) == (turns == 0)


@pytest.mark.parametrize("case", ["absent", "link", "no YAML", "other name"])
async def test_a_file_that_cannot_be_read_lifts_no_limit(case: str) -> None:
    paper = Paper("tools: Read")
    path = ".claude/agents/racer.md"
    page = paper.trees["began"].pop(".claude/agents/deep/any.md")[1]
    if case == "link":
        paper.trees["began"][path] = ("120000", b"/etc/passwd")
    if case == "no YAML":
        paper.trees["began"][path] = ("100644", b"---\nname: racer\nx: y: z\n---\n")
    if case == "other name":
        paper.trees["began"][path] = ("100644", page.replace(b"name: racer", b"name: other"))
    with pytest.raises(ConfigError, match="racer"):
        await AgentFiles(paper, MODELS).role("began", "racer")


async def asked(
    tmp_path: Path, front: str, tool: str, operator: object = None, **arguments: Any
) -> HookDecision:
    """What the gate says to a reviewer that goes by the file."""
    paper = Paper(front)
    files: tuple[Path, ...] = ()
    if operator is not None:
        files = (tmp_path / "settings.json",)
        files[0].write_text(json.dumps(operator))
    agents = AgentFiles(paper, MODELS)
    gate = Gating(
        cast(Store, paper), cast(Workspace, paper), files, tmp_path, PROMPTS, agents=agents
    )
    (tmp_path / "work").mkdir()
    opened: list[Box] = []

    async def open_box() -> Box:
        opened.append(await BareSandbox().open(Layout(tree=tmp_path / "work"), BoxLimits()))
        return opened[0]

    session = Session(
        id="p/1/1-review", run="p/1/1", kind="reviewer", model="m", system="", opening="",
        tools=(tool,), prompt_version="", base_tree="", created_at=NOW, agent="racer",
    )  # fmt: skip
    call = ToolCall(id="1", name=tool, arguments=arguments)
    try:
        return await gate.before(session, call, open_box)
    finally:
        for box in opened:
            await box.close()


@pytest.mark.parametrize(
    ("front", "command", "kind"),
    [
        ("tools: Bash(git diff:*), Read", "git diff HEAD", "pass"),
        ("tools: Bash(git diff:*), Read", "git push", "refuse"),
        ("tools: Bash(git diff:*), Read", "git diff; rm -rf x", "refuse"),
        ("tools: Read", "ls", "refuse"),
        ("disallowedTools: Bash(rm:*)", "ls", "pass"),
        ("disallowedTools: Bash(rm:*)", "ls && rm -rf x", "refuse"),
        ("disallowedTools: '!!'", "ls", "refuse"),
        ("color: red", "ls", "pass"),
    ],
)
async def test_the_gate_holds_a_session_to_its_file(
    tmp_path: Path, front: str, command: str, kind: str
) -> None:
    assert (await asked(tmp_path, front, "bash", command=command)).kind == kind


async def test_a_file_allows_nothing_that_the_operator_refuses(tmp_path: Path) -> None:
    operator = {"permissions": {"deny": ["Bash(git push:*)"]}}
    front = "tools: Bash\npermissionMode: bypassPermissions"
    said = await asked(tmp_path, front, "bash", operator, command="git push")
    assert said.kind == "refuse"


HOOK = """hooks:
  PreToolUse:
    - matcher: "Bash"
      hooks:
        - type: command
          timeout: 30
          command: |
            grep -q '"agent_type": "racer"' || exit 0
            echo "not with sleep" >&2; exit 2"""


async def test_its_hooks_run_in_the_sandbox_for_the_tools_they_mean(tmp_path: Path) -> None:
    said = await asked(tmp_path, HOOK, "bash", command="sleep 1")
    assert (said.kind, "not with sleep" in said.text) == ("refuse", True)


async def test_a_hook_for_another_tool_stays_silent_and_allows_nothing(tmp_path: Path) -> None:
    allows = HOOK.replace(
        'echo "not with sleep" >&2; exit 2',
        """echo '{"hookSpecificOutput":{"permissionDecision":"allow"}}'""",
    )
    operator = {"permissions": {"deny": ["Bash(rm:*)"]}}
    assert (await asked(tmp_path, allows, "bash", operator, command="rm x")).kind == "refuse"


async def test_both_words_for_the_end_mean_the_sessions_own() -> None:
    front = "hooks:\n" + "".join(
        f"  {event}:\n    - hooks:\n        - type: command\n          command: '{event}'\n"
        for event in ("Stop", "SubagentStop", "PostToolUse")
    )
    file = await AgentFiles(Paper(front.rstrip()), MODELS).file("began", "racer")
    for kind, end in (("reviewer", "Stop"), ("subagent", "SubagentStop")):
        assert [hook.event for hook in file.hooks_of(kind)] == [end, end, "PostToolUse"]

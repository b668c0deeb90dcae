"""What `doctor` tells of a project's agent files: only what is wrong, each with its file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pytest

from harness.app.agent_probes import MOST_TOLD, agent_probes
from harness.config.agent_settings import AgentFileSettings
from harness.config.sections import ModelSettings
from harness.config.settings import Settings
from harness.core.box_types import TreeEntry
from harness.core.types import LocalizedText
from harness.core.view_types import Probe
from harness.ports.workspace import Workspace

FINE = "---\nname: {name}\ndescription: d\n{more}---\n\nLook.\n"
LINK = "120000"
TOP = ".claude/agents/"


class Paper:
    """Part of the Workspace port."""

    def __init__(self, files: Mapping[str, str], modes: Mapping[str, str]) -> None:
        self.held = {f"{TOP}{name}": text.encode() for name, text in files.items()}
        self.held |= {"README.md": b"", ".claude/agents.md": b"no"}
        self.modes = modes

    async def tip(self, branch: str) -> str:
        return "c"

    async def tree_of(self, commit: str) -> str:
        return commit

    async def files(self, tree: str) -> tuple[str, ...]:
        return tuple(self.held)

    async def entry(self, tree: str, path: str) -> TreeEntry | None:
        mode = self.modes.get(path.removeprefix(TOP), "100644")
        return TreeEntry(mode=mode, size=len(self.held[path]))

    async def file(self, tree: str, path: str) -> bytes | None:
        return self.held[path]


async def probed(
    files: Mapping[str, str], modes: Mapping[str, str] | None = None, reviewer: str = ""
) -> list[Probe]:
    settings = Settings(
        models={"big": ModelSettings(dialect="anthropic", model="claude-opus-4-1")},
        agents=AgentFileSettings(reviewer=reviewer),
    )
    workspace = cast(Workspace, Paper(files, modes or {}))
    return await agent_probes(workspace, settings, LocalizedText(key="pipeline.probe_agents"))


def fine(name: str, more: str = "") -> str:
    return FINE.format(name=name, more=more)


ROWS: Mapping[str, tuple[dict[str, str], list[str]]] = {
    "nothing": ({}, []),
    "fine": ({"a.md": fine("a", "tools: Read\nmodel: opus\nmaxTurns: 9\n")}, []),
    "another kind of file": ({"a.txt": "x", "a.json": "{}"}, []),
    "no front matter": ({"a.md": "Look.\n"}, ["unread"]),
    "no YAML": ({"a.md": "---\nname: [\n---\n"}, ["unread"]),
    "no end": ({"a.md": "---\nname: a\n"}, ["unread"]),
    "no name": ({"a.md": "---\ndescription: d\n---\n"}, ["unread"]),
    "a list for a name": ({"a.md": "---\nname: [a]\n---\n"}, ["unread"]),
    "too large": ({"a.md": fine("a") + "x" * (64 << 10)}, ["unread"]),
    "unknown keys": ({"a.md": fine("a", "mcpServers: [x]\nmemory: user\n")}, ["unused"] * 2),
    "a model of nobody": ({"a.md": fine("a", "model: haiku\n")}, ["unused"]),
    "a rule that is none": ({"a.md": fine("a", "tools: no tool!\n")}, ["unused"]),
    "two of a name": ({"a.md": fine("a"), "deep/b.md": fine("a")}, ["twice"]),
    "one of many": ({"a.md": fine("a"), "b.md": "x", "c.md": fine("c")}, ["unread"]),
}


@pytest.mark.parametrize("name", ROWS)
async def test_each_is_told_and_needs_nothing(name: str) -> None:
    files, told = ROWS[name]
    found = await probed(files)
    keys = [one.fix.key for one in found if one.fix is not None]
    assert keys == [f"pipeline.probe_agent_{one}" for one in told]
    assert not any(one.ok or one.needed for one in found)
    assert all(str(one.fix.facts["file"]).startswith(TOP) for one in found if one.fix is not None)


async def test_a_link_is_not_read() -> None:
    (found,) = await probed({"a.md": "/etc/passwd"}, {"a.md": LINK})
    assert found.fix is not None
    assert found.fix.key == "pipeline.probe_agent_unread"


@pytest.mark.parametrize(
    ("text", "key"),
    [(fine("strict"), None), ("torn", "config.agent_file"), (fine("b"), "config.no_agent_file")],
)
async def test_one_that_the_settings_name_is_needed(text: str, key: str | None) -> None:
    found = await probed({"strict.md": text}, reviewer="strict")
    needed = [one.fix.key for one in found if one.needed and one.fix is not None]
    assert needed == ([] if key is None else [key])


async def test_a_bounded_number_is_told() -> None:
    assert len(await probed({f"{n}.md": "x" for n in range(90)})) == MOST_TOLD

"""Hooks are told paths that are there where they run."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, cast

import pytest

from harness.app.hook_running import HookPlaces, HookRunner
from harness.core.base import Json
from harness.core.box_types import BoxLimits
from harness.core.types import Session
from harness.guard.claude_format import read_settings
from harness.ports.sandbox import Box
from harness.testing.folder_box import FolderBox
from tests.agent.rig import NOW

GIVEN: dict[str, Json] = {
    "session_id": "s",
    "tool_name": "Edit",
    "tool_input": {"file_path": "/work/src/a.py", "old_string": "/work/x"},
    "tool_response": {"filePath": "/work/src/a.py", "success": True},
}


class Places(HookPlaces):
    """A project and a conversation beside the home."""

    def __init__(self, root: Path) -> None:
        super().__init__(root / "home")
        self.home.mkdir()
        (root / "project" / "src").mkdir(parents=True)
        (root / "project" / "src" / "a.py").write_text("a = 1\n")
        (root / "t.jsonl").write_text("header\n" + "line\n" * 40_000)
        self._root = root

    async def project(self, session: Session) -> Path:
        return self._root / "project"

    async def transcript(self, session: Session) -> Path:
        return self._root / "t.jsonl"


def prepare(root: Path) -> tuple[Places, FolderBox]:
    work, private = root / "tree", root / "private"
    (work / "src").mkdir(parents=True)
    (work / "src" / "a.py").write_text("a = 2\n")
    private.mkdir()
    return Places(root), FolderBox(work, BoxLimits(), private)


async def run_hook(tmp_path: Path, where: Any, command: str) -> tuple[int | None, str]:
    places, box = await asyncio.to_thread(prepare, tmp_path)

    async def open_box() -> Box:
        return cast(Box, box)

    entry = {"type": "command", "command": command}
    text = json.dumps({"env": {"MINE": "1"}, "hooks": {"Stop": [{"hooks": [entry]}]}})
    (hook,) = read_settings(text, where=where).hooks
    session = Session(
        id="p/1/1/worker", run="p/1/1", kind="worker", model="m", system="", opening="", tools=(),
        prompt_version="", base_tree="", created_at=NOW,
    )  # fmt: skip
    ran = await HookRunner(open_box, session, places)(hook, json.dumps(GIVEN))
    return ran.code, ran.out


async def test_an_operators_hook_finds_project_and_conversation(tmp_path: Path) -> None:
    look = "cat; echo; pwd; echo $CLAUDE_PROJECT_DIR $MINE"
    code, out = await run_hook(tmp_path, "outside", look)
    told, home, rest = out.splitlines()
    heard = json.loads(told)
    # the agent knows its own paths: what a hook says of the project's folder is turned back
    assert (code, heard["cwd"], home, rest) == (0, "/work", str(tmp_path / "home"), "/work 1")
    assert heard["transcript_path"] == str(tmp_path / "t.jsonl")
    assert heard["tool_input"] == {"file_path": "/work/src/a.py", "old_string": "/work/x"}


@pytest.mark.parametrize("name", ["cwd", "transcript_path", "file_path", "filePath"])
async def test_every_path_is_there_outside(tmp_path: Path, name: str) -> None:
    look = f"""p=$(sed 's/.*"{name}": "\\([^"]*\\)".*/\\1/'); test -e "$p" || exit 3"""
    assert (await run_hook(tmp_path, "outside", look))[0] == 0


async def test_what_is_written_there_reaches_nobody(tmp_path: Path) -> None:
    """A formatter among the operator's hooks writes to a clone of the base."""
    await run_hook(tmp_path, "outside", 'echo formatted > "$CLAUDE_PROJECT_DIR/src/a.py"')
    assert (tmp_path / "tree" / "src" / "a.py").read_text() == "a = 2\n"


async def test_another_input_comes_back_in_the_agents_paths(tmp_path: Path) -> None:
    say = """printf '{"updatedInput": {"file_path": "%s/b.py"}}' "$CLAUDE_PROJECT_DIR" """
    _, out = await run_hook(tmp_path, "outside", say)
    assert json.loads(out) == {"updatedInput": {"file_path": "/work/b.py"}}

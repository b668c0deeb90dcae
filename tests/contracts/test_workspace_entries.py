"""What stands at a path of a tree: the part of the Workspace port that instructions are read by."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import GitError
from harness.core.ports import Copy, Workspace
from harness.core.types import Entry
from tests.contracts.test_workspace import LINES, with_base
from tests.workspace.projects import Project, write


def test_an_entry_is_a_file_or_a_link_and_nothing_else(tmp_path: Path) -> None:
    async def body(_p: Project, workspace: Workspace, copy: Copy, tree: str, base: str) -> None:
        (copy.path / "to").symlink_to("../../etc/passwd")
        write(copy.path, {"src/한 글.md": "가\n"})
        now = await copy.snapshot()
        assert await workspace.entry(now, "a.txt") == Entry(mode="100644", size=len(LINES))
        assert await workspace.entry(now, "src/한 글.md") == Entry(mode="100644", size=4)
        assert await workspace.entry(now, "to") == Entry(mode="120000", size=16)
        assert await workspace.file(now, "to") == b"../../etc/passwd"
        for nothing in ("src", "missing", "to/x", "a.txt/x"):
            assert await workspace.entry(now, nothing) is None
        for wrong in ("../a.txt", "/a.txt", ".git/config", ""):
            with pytest.raises(GitError):
                await workspace.entry(now, wrong)

    with_base(tmp_path, body)

"""What stands at a path of a tree: the part of the Workspace port that instructions are read by."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import GitError
from harness.core.types import TreeEntry
from harness.ports.workspace import Copy, Workspace
from tests.contracts.test_workspace import LINES, with_base
from tests.environment.projects import Project, write


async def test_an_entry_is_a_file_or_a_link_and_nothing_else(tmp_path: Path) -> None:
    async def body(_p: Project, workspace: Workspace, copy: Copy, tree: str, base: str) -> None:
        (copy.path / "to").symlink_to("../../etc/passwd")
        write(copy.path, {"src/한 글.md": "가\n"})
        now = await copy.snapshot()
        assert await workspace.entry(now, "a.txt") == TreeEntry(mode="100644", size=len(LINES))
        assert await workspace.entry(now, "src/한 글.md") == TreeEntry(mode="100644", size=4)
        assert await workspace.entry(now, "to") == TreeEntry(mode="120000", size=16)
        assert await workspace.file(now, "to") == b"../../etc/passwd"
        for nothing in ("src", "missing", "to/x", "a.txt/x"):
            assert await workspace.entry(now, nothing) is None
        for wrong in ("../a.txt", "/a.txt", ".git/config", ""):
            with pytest.raises(GitError):
                await workspace.entry(now, wrong)

    await with_base(tmp_path, body)


async def test_texts_of_many_files_come_in_one_go(tmp_path: Path) -> None:
    async def body(_p: Project, workspace: Workspace, copy: Copy, tree: str, base: str) -> None:
        (copy.path / "to").symlink_to("a.txt")
        (copy.path / "odd").write_bytes(b"new\0\xff")
        write(copy.path, {"src/한 글.md": "가\n"})
        now = await copy.snapshot()
        asked = ("odd", "none", "src/한 글.md", "src", "to")
        texts = {"odd": "new\0\ufffd", "src/한 글.md": "가\n"}
        assert await workspace.texts(now, asked) == texts
        assert await workspace.texts(now, ()) == {}
        assert await workspace.texts(now, asked, limit=6) == {"odd": "new\0\ufffd"}
        with pytest.raises(GitError):
            await workspace.texts(now, ("../a.txt",))

    await with_base(tmp_path, body)

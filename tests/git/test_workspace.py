"""What one project's workspace does when the world is not as it should be."""

from __future__ import annotations

import asyncio
import logging
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.core.errors import Conflict, GitError, SandboxError, Unavailable
from harness.core.types import Environment
from harness.git.workspace import Author, ProjectWorkspace
from tests.environment.projects import Project, git, write

AT = datetime(2026, 1, 1, tzinfo=UTC)


async def committed(project: Project) -> tuple[str, str]:
    """(a commit of ours on main, main)."""
    _, tree, base = await project.copy()
    return await project.workspace.commit(tree, [base], "Work", AT), base


def forge_hook(project: Project, name: str, script: str) -> None:
    path = project.forge / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def test_a_server_that_refuses_a_push_is_quoted(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    forge_hook(project, "pre-receive", "echo 'branch names are protected here' >&2; exit 1")
    commit, _ = await committed(project)
    with pytest.raises(GitError) as caught:
        await project.workspace.push(commit, "harness/issue-1", None)
    assert caught.value.key == "git.push_rejected"
    assert "branch names are protected here" in str(caught.value.facts["said"])


async def test_a_branch_that_moves_while_we_push_is_a_conflict(tmp_path: Path) -> None:
    """Moved after git compared the lease and before the server took the push."""
    project = Project(tmp_path)
    base = project.push({"a": "1"})
    other = project.push({"a": "2"})
    commit, _ = await committed(project)
    await project.workspace.push(base, "b", None)
    move = f"unset GIT_QUARANTINE_PATH; echo {other} > refs/heads/b"
    forge_hook(project, "pre-receive", f"{move}; exit 0")
    with pytest.raises(Conflict):
        await project.workspace.push(commit, "b", base)
    assert git(project.forge, "rev-parse", "b") == other


async def test_a_push_to_a_forge_that_is_away_may_be_tried_again(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    commit, _ = await committed(project)
    project.forge.rename(tmp_path / "away")
    with pytest.raises(Unavailable):
        await project.workspace.push(commit, "b", None)
    (tmp_path / "away").rename(project.forge)
    await project.workspace.push(commit, "b", None)


async def test_a_failed_set_up_is_tried_again_and_leaves_nothing(tmp_path: Path) -> None:
    class Failing:
        def __init__(self) -> None:
            self.calls = 0

        async def make(self, key: str, tree: Path) -> Environment:
            self.calls += 1
            if self.calls == 1:
                raise SandboxError("workspace.runner_gone")
            return Environment(id=key)

    project = Project(tmp_path)
    base = project.push({"a": "1"})
    project.made = Failing()  # type: ignore[assignment]
    workspace = project.again()
    await workspace.sync()
    with pytest.raises(SandboxError):
        await workspace.environment(base)
    assert list((workspace.root / "setup").iterdir()) == []
    assert (await workspace.environment(base)).id


async def test_a_disk_that_takes_nothing_is_told_as_such(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    copy, tree, base = await project.copy()
    workspace = project.workspace
    (workspace.gitdir / "kept").rename(tmp_path / "kept") if (
        workspace.gitdir / "kept"
    ).exists() else None
    (workspace.gitdir / "kept").mkdir()
    write(copy.path, {"a": "2"})
    with pytest.raises(GitError) as caught:
        await copy.snapshot()
    assert caught.value.key == "git.disk"
    with pytest.raises(GitError):
        await workspace.put_blob(b"x")
    (workspace.gitdir / "kept").rmdir()
    assert await copy.snapshot() != tree
    shutil.rmtree(workspace.root / "copies")
    (workspace.root / "copies").write_text("in the way")
    with pytest.raises(GitError) as caught:
        await workspace.copy("x", tree, base)
    assert caught.value.key == "git.disk"


async def test_a_snapshot_cut_off_in_the_middle_is_taken_again(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({f"d/{n}": "1" for n in range(300)})
    copy, tree, _ = await project.copy()
    write(copy.path, {f"d/{n}": "2" * 5000 for n in range(300)})
    for wait in (0.0, 0.005, 0.01, 0.02, 0.04):
        task = asyncio.create_task(copy.snapshot())
        await asyncio.sleep(wait)
        task.cancel()
        await asyncio.wait([task])
    (copy.folder / "index.lock").touch()
    now = await copy.snapshot()
    assert len(await project.workspace.changes(tree, now)) == 300


async def test_a_dirty_tree_of_the_user_is_neither_read_nor_touched(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    write(project.user, {"a": "dirty", "untracked": "x"})
    copy, _, _ = await project.copy()
    assert (copy.path / "a").read_text() == "1"
    assert not (copy.path / "untracked").exists()
    await project.workspace.forget("run/1")
    assert (project.user / "a").read_text() == "dirty"


async def test_two_projects_under_one_root_are_apart(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = Project(tmp_path / "one"), Project(tmp_path / "two")
    one.push({"a": "1"})
    two.push({"b": "2"})
    spaces = [
        ProjectWorkspace(tmp_path / "root", name, p.workspace._remote, p.author, p.made)
        for name, p in (("own/a", one), ("own/a/../b", two))
    ]
    for space in spaces:
        await space.sync()
    assert await spaces[0].resolve("main") != await spaces[1].resolve("main")
    assert {p.parent for p in (spaces[0].root, spaces[1].root)} == {tmp_path / "root"}


async def test_our_folders_are_ours_alone(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    copy, _, _ = await project.copy()
    assert project.workspace.root.stat().st_mode & 0o077 == 0
    assert copy.folder.stat().st_mode & 0o077 == 0


async def test_a_forgotten_run_takes_no_other_with_it(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    names = ["p/1/1", "p/1/1/w", "p/1/1.verify", "p/1/10", "p/1/2", "q"]
    for name in names:
        await project.copy(name)
    await project.workspace.forget("p/1/1")
    left = {p.name for p in (project.workspace.root / "copies").iterdir()}
    assert left == {"p%2F1%2F10", "p%2F1%2F2", "q"}
    await project.workspace.forget("p/1/1")
    await project.workspace.forget("never")


async def test_an_author_is_data(tmp_path: Path) -> None:
    project = Project(tmp_path, Author('A <"\\ \n[alias]', "a@b\n"))
    project.push({"a": "1"})
    commit, _ = await committed(project)
    copy, _, _ = await project.copy("b")
    assert git(copy.path, "config", "--get-regexp", "alias.*", check=False) == ""
    await project.workspace.push(commit, "b", None)
    shown = git(project.forge, "log", "-1", "--format=%an|%ae", "b")
    assert shown == 'A "\\ [alias]|a@b'


async def test_nothing_is_logged_above_debug_by_a_usual_day(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    with caplog.at_level(logging.INFO):
        await project.copy()
    assert caplog.records == []

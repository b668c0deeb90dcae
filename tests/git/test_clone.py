"""An agent's copy: complete for the agent, closed to us, anew each time."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.core.errors import GitError
from harness.core.types import BoxLimits
from harness.git.clone import Clone
from harness.sandbox.bubblewrap import Bubblewrap
from tests.environment.projects import Project, git, write

AT = datetime(2026, 1, 1, tzinfo=UTC)


async def test_the_agents_git_works_and_is_clean_at_the_base(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"}, "First")
    git(project.user, "tag", "-a", "v1.0", "-m", "one")
    base = project.push({"a": "2", "run": "x"}, "Second")
    copy, tree, _ = await project.copy()
    work = copy.path
    assert git(work, "status", "--porcelain") == ""
    assert git(work, "rev-parse", "HEAD") == base
    assert git(work, "log", "--format=%s") == "Second\nFirst"
    assert git(work, "describe", "--tags") == "v1.0-1-g" + base[:7]
    write(work, {"a": "3"})
    assert "+3" in git(work, "diff")
    git(work, "commit", "--quiet", "-am", "Mine")
    git(work, "checkout", "--quiet", "-b", "other", "HEAD~2")
    assert (work / "a").read_text() == "1"
    git(work, "checkout", "--quiet", "work")
    git(work, "gc", "--quiet", "--prune=now")
    assert git(work, "fsck", "--strict") == ""
    changes = await project.workspace.changes(tree, await copy.snapshot())
    assert [c.path for c in changes] == ["a"]


async def test_a_copy_of_a_changed_tree_shows_the_change_against_the_base(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1", "b": "1", "gone": "1"})
    first, _, base = await project.copy("one")
    write(first.path, {"a": "2", "new/n": "n", "gone": None})
    tree = await first.snapshot()
    second = await project.workspace.copy("two", tree, base)
    assert (second.path / "new/n").read_text() == "n"
    status = git(second.path, "status", "--porcelain", "-uall").splitlines()
    assert [line.split() for line in status] == [["M", "a"], ["D", "gone"], ["??", "new/n"]]
    assert await second.snapshot() == tree


async def test_an_edit_as_young_as_the_index_is_taken_a_second_later(tmp_path: Path) -> None:
    """Same size, same second as the check-out; the snapshot's own writes fall in the next one."""
    project = Project(tmp_path)
    project.push({"a": "1", "gone": "1"})
    while True:
        await asyncio.sleep(1 - time.time() % 1)
        copy, tree, _ = await project.copy()
        write(copy.path, {"a": "2", "gone": None})
        second = int((copy.path / "a").stat().st_mtime)
        if second == int((copy.folder / "index").stat().st_mtime):
            break
    await asyncio.sleep(1 - time.time() % 1)
    changes = await project.workspace.changes(tree, await copy.snapshot())
    assert [change.path for change in changes] == ["a", "gone"]


async def test_an_existing_copy_is_made_anew_with_nothing_of_before(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1", ".gitignore": "*.cache\n"})
    copy, tree, base = await project.copy()
    write(copy.path, {"x.cache": "poison", "b": "2", ".git/hooks/pre-commit": "evil"})
    (copy.path / "locked").mkdir()
    (copy.path / "locked").chmod(0)
    again = await project.workspace.copy("run/1", tree, base)
    assert again.path == copy.path
    assert sorted(p.name for p in again.path.iterdir()) == [".git", ".gitignore", "a"]
    assert not (again.path / ".git/hooks").exists()
    write(again.path, {"x.cache": "poison", "a": "2"})
    (again.path / ".git").rename(again.path / ".evil")
    await again.restore(tree)
    assert sorted(p.name for p in again.path.iterdir()) == [".git", ".gitignore", "a"]
    assert await again.snapshot() == tree


async def test_a_removed_copy_is_gone_and_may_be_removed_twice(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    copy, _, _ = await project.copy()
    await copy.remove()
    await copy.remove()
    assert list((project.workspace.root / "copies").iterdir()) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../up", ".hidden", "x" * 300])
async def test_a_name_that_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    with pytest.raises(GitError):
        await project.copy(name)


async def test_names_stay_inside_and_apart(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    names = ["x/../../up", "a/b", "a%2Fb", "a b", "가/나", "-x"]
    copies: list[Clone] = [(await project.copy(name))[0] for name in names]
    assert len({copy.path for copy in copies}) == len(names)
    top = project.workspace.root / "copies"
    assert all(copy.path.parent.parent == top for copy in copies)


async def test_a_tree_that_would_write_into_git_or_outside_is_not_checked_out(
    tmp_path: Path,
) -> None:
    """Trees that no honest git makes, put into the forge as raw objects."""
    project = Project(tmp_path)
    project.push({"a": "1"})
    blob = git(project.user, "rev-parse", "HEAD:a")

    def tree(*entries: tuple[str, str, str]) -> str:
        data = b"".join(
            f"{mode} {name}\0".encode() + bytes.fromhex(entry) for mode, name, entry in entries
        )
        path = tmp_path / "raw"
        path.write_bytes(data)
        return git(project.forge, "hash-object", "-t", "tree", "--literally", "-w", str(path))

    hooks = tree(("100755", "post-checkout", blob))
    for bad in (
        tree(("40000", ".git", hooks)),
        tree(("40000", ".GIT", hooks)),
        tree(("40000", "..", hooks)),
        tree(("100644", "../up", blob)),
    ):
        commit = git(project.forge, "commit-tree", bad, "-m", "bad")
        git(project.forge, "update-ref", "refs/heads/bad", commit)

        async def go(bad: str = bad, commit: str = commit) -> None:
            await project.workspace.sync()
            with pytest.raises(GitError):
                await project.workspace.copy("bad", bad, commit)

        await go()
    assert not list(tmp_path.rglob("post-checkout"))
    assert not list(tmp_path.rglob("up"))


async def test_in_a_box_git_works_and_the_mirror_cannot_be_written(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push({"a": "1"})
    copy, tree, base = await project.copy()
    environment = await project.workspace.environment(base)
    layout = await project.workspace.layout(copy, environment)
    objects = str(project.workspace.mirror.objects)
    assert layout.read_only == {"/opt/env": "/env", objects: objects}
    layout = layout.model_copy(update={"read_only": {objects: objects}})
    box = await Bubblewrap().open(layout, BoxLimits())
    try:
        ran = await box.exec("git log --format=%H -1 && echo 2 > a && git commit -qam mine")
        assert ran.exit_code == 0, ran.output
        assert base in ran.output
        harm = f"chmod -R u+w {objects}; find {objects} -type f -exec sh -c 'echo x > {{}}' ';'"
        await box.exec(f"{harm}; rm -rf {objects}/*")
        async with box.frozen():
            now = await copy.snapshot()
    finally:
        await box.close()
    assert await project.workspace.mirror.sound()
    assert [c.path for c in await project.workspace.changes(tree, now)] == ["a"]


async def test_no_file_of_a_copy_is_the_same_file_as_one_of_ours(tmp_path: Path) -> None:
    """A shared inode would let an agent write into the mirror."""
    project = Project(tmp_path)
    project.push({f"d/{n}": str(n) for n in range(20)})
    copy, _, _ = await project.copy()
    inside = {(p.stat().st_dev, p.stat().st_ino) for p in copy.path.rglob("*")}
    others = (p for p in project.root.rglob("*") if copy.path not in (p, *p.parents))
    assert not inside & {(p.stat().st_dev, p.stat().st_ino) for p in others}


async def test_a_shallow_history_is_copied_as_it_is(tmp_path: Path) -> None:
    project = Project(tmp_path)
    for number in range(4):
        project.push({"a": str(number)})
    deep = project.forge.rename(tmp_path / "deep.git")
    git(tmp_path, "clone", "--quiet", "--bare", "--depth=2", f"file://{deep}", str(project.forge))
    copy, tree, base = await project.copy()
    assert git(copy.path, "rev-list", "--count", "HEAD") == "2"
    assert git(copy.path, "status", "--porcelain") == ""
    assert len(await project.workspace.log(base, limit=10)) == 2
    write(copy.path, {"a": "new"})
    commit = await project.workspace.commit(await copy.snapshot(), [base], "Work", AT)
    await project.workspace.push(commit, "harness/issue-1", None)
    assert await project.workspace.changes(tree, await copy.snapshot())


async def test_executable_files_and_links_are_checked_out(tmp_path: Path) -> None:
    project = Project(tmp_path)
    write(project.user, {"run": "#!/bin/sh\n"})
    (project.user / "run").chmod(0o755)
    (project.user / "link").symlink_to("/nowhere/at/all")
    project.push({})
    copy, tree, _ = await project.copy()
    assert os.access(copy.path / "run", os.X_OK)
    assert (copy.path / "link").readlink() == Path("/nowhere/at/all")
    assert await copy.snapshot() == tree

"""What was never published is saved before it is forgotten, and comes back whole."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.core.types import Actor, IssueSnapshot, Run, RunState, Stage
from harness.git.saving import Saving
from tests.environment.projects import Project, git

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ANN = Actor(id=7, login="ann")


def a_run(base: str, **more: object) -> Run:
    snapshot = IssueSnapshot(number=7, title="t", body="", author=ANN, taken_at=AT, trigger=ANN)
    fields: dict[str, object] = {
        "id": "p/7/1",
        "project": "p",
        "issue": 7,
        "number": 1,
        "state": RunState.FAILED,
        "stage": Stage.IMPLEMENT,
        "snapshot": snapshot,
        "base_sha": base,
        "created_at": AT,
        "updated_at": AT,
        **more,
    }
    return Run.model_validate(fields)


async def play(
    tmp_path: Path, scene: Callable[[Project, Saving, str], Coroutine[Any, Any, None]]
) -> None:
    project = Project(tmp_path)
    base = project.push({"a.txt": "one\n", "b.txt": "two\n"})
    saving = Saving(project.root, "own/project", project.workspace, project.author)
    await scene(project, saving, base)


async def worked(project: Project, name: str, text: str) -> str:
    """A copy in which an agent wrote something; the tree of its snapshot."""
    clone, _, _ = await project.copy(name)
    (clone.path / "a.txt").write_text(text)
    return await clone.snapshot()


async def test_unpublished_trees_come_back_from_the_bundle(tmp_path: Path) -> None:
    async def scene(project: Project, saving: Saving, base: str) -> None:
        await worked(project, "p/7/1-worker-1", "draft\n")
        result = await worked(project, "p/7/1-worker-1", "done\n")
        split = await worked(project, "p/7/1-task-2", "beside\n")
        await worked(project, "p/70/1-worker-1", "another issue\n")
        run = a_run(base, tree=result)
        target = tmp_path / "p-7-1.bundle"
        assert await saving.holds(run.id)
        assert await saving.save(run, target)
        assert target.stat().st_mode & 0o777 == 0o600
        git(project.user, "fetch", "--quiet", str(target), "refs/heads/*:refs/heads/*")
        found = {git(project.user, "rev-parse", f"harness-saved/7-1-{n}^{{tree}}") for n in (1, 2)}
        assert found == {result, split}
        assert git(project.user, "rev-parse", "harness-saved/7-1-1^") == base
        assert not git(project.user, "branch", "--list", "harness-saved/7-1-3")
        await saving.forget(run.id)
        assert not await saving.holds(run.id)
        assert await saving.holds("p/70/1")

    await play(tmp_path, scene)


async def test_what_is_on_the_forge_is_not_saved_again(tmp_path: Path) -> None:
    async def scene(project: Project, saving: Saving, base: str) -> None:
        workspace = project.workspace
        tree = await worked(project, "p/7/1-worker-1", "done\n")
        head = await workspace.commit(tree, [base], "Fix", AT)
        run, target = a_run(base, tree=tree, head_sha=head), tmp_path / "p-7-1.bundle"
        assert await saving.save(run, target)
        await workspace.push(head, "harness/7", None)
        await workspace.sync()
        assert not await saving.save(run, target.with_name("again.bundle"))
        unchanged = a_run(base, id="p/8/1", tree=await workspace.tree_of(base))
        assert not await saving.save(unchanged, target.with_name("none.bundle"))
        merged = run.model_copy(update={"merged_sha": base})
        assert not await saving.save(merged, target.with_name("merged.bundle"))

    await play(tmp_path, scene)


async def test_a_base_that_the_forge_lost_is_saved_too(tmp_path: Path) -> None:
    async def scene(project: Project, saving: Saving, base: str) -> None:
        tree = await worked(project, "p/7/1-worker-1", "done\n")
        git(project.user, "commit", "--quiet", "--amend", "-m", "Written anew")
        git(project.user, "push", "--quiet", "--force", "origin", "HEAD")
        await project.workspace.sync()
        target = tmp_path / "p-7-1.bundle"
        assert await saving.save(a_run(base, tree=tree), target)
        empty = tmp_path / "empty"
        empty.mkdir()
        git(empty, "init", "--quiet")
        git(empty, "fetch", "--quiet", str(target), "refs/heads/*:refs/heads/*")
        assert git(empty, "rev-parse", "harness-saved/7-1-1^") == base

    await play(tmp_path, scene)


async def test_the_list_of_what_is_kept_loses_nothing_while_it_is_made_anew(tmp_path: Path) -> None:
    async def scene(project: Project, saving: Saving, base: str) -> None:
        workspace = project.workspace
        await workspace.sync()
        await workspace.resolve("main")

        async def keep() -> list[str]:
            return [await workspace.put_blob(f"{n}".encode()) for n in range(60)]

        async def forget() -> None:
            for number in range(30):
                await workspace.forget(f"p/{number}/1")

        kept, *_ = await asyncio.gather(keep(), forget(), forget())
        listed = (workspace.gitdir / "kept").read_text()
        assert all(blob in listed for blob in kept)

    await play(tmp_path, scene)

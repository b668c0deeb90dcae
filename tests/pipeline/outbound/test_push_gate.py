"""The door of pushes: whose branch, whose commit, and what is in it (T15, T37)."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import WriteRefused
from harness.pipeline.outbound.leak_scan import LARGEST
from harness.pipeline.outbound.write_gate import outward
from harness.pipeline.run_policy import RunPolicy
from tests.pipeline.outbound.doorway import (
    AT,
    BASE,
    BRANCH,
    ELSEWHERE,
    HEAD,
    SHAPE,
    SPELLED,
    Doorway,
    stand,
)


async def push(
    doorway: Doorway,
    data: bytes = b"x",
    message: str = "m",
    branch: str = BRANCH,
    parents: tuple[str, ...] = (BASE,),
) -> str:
    git = outward(doorway.deps, doorway.run).workspace
    tree, before = doorway.git.tree(data), len(doorway.git.pushed)
    try:
        commit = await git.commit(tree, parents, message, AT)
        await git.push(commit, branch, None)
    except WriteRefused as refused:
        assert len(doorway.git.pushed) == before
        return refused.key.removeprefix("guard.")
    assert doorway.git.pushed[before:] == [(commit, branch, None)]
    return ""


BRANCHES = [
    *("main", "agent/issue-8", "agent/issue-7-2", "agent/issue-77", "agent/issue-", ""),
    *("refs/heads/agent/issue-7", "refs/tags/v1", "agent/issue-7:main", "+agent/issue-7"),
    *(":agent/issue-7", "agent/issue-7 main", "--force", "agent/issue-7\nmain", "HEAD", "*"),
]


async def test_only_the_runs_own_branches_are_pushed(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        for branch in BRANCHES:
            assert await push(doorway, branch=branch) == "write_foreign", branch
        for branch in (BRANCH, "agent/undo-7-1"):
            assert await push(doorway, branch=branch) == ""
        for parents in ((HEAD,), (HEAD, BASE)):
            assert await push(doorway, parents=parents) == ""
        for parents in ((ELSEWHERE,), (BASE, ELSEWHERE)):
            assert await push(doorway, parents=parents) == "write_foreign"

    await stand(tmp_path, scene)


async def test_a_commit_that_the_daemon_did_not_make_is_not_pushed(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        git = outward(doorway.deps, doorway.run).workspace
        with pytest.raises(WriteRefused, match="write_foreign"):
            await git.push(ELSEWHERE, BRANCH, None)
        await git.push(HEAD, BRANCH, HEAD)
        assert doorway.git.pushed == [(HEAD, BRANCH, HEAD)]

    await stand(tmp_path, scene)


async def test_no_default_branch_even_when_it_is_named_like_a_runs(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        assert await push(doorway) == "write_foreign"

    await stand(tmp_path, scene, RunPolicy(project="p", default_branch=BRANCH))


@pytest.mark.parametrize("spelling", list(SPELLED))
async def test_no_blob_and_no_message_carries_a_secret(tmp_path: Path, spelling: str) -> None:
    told = SPELLED[spelling]
    approved = {f"policy:{'c' * 40}": "ann"}

    async def scene(doorway: Doorway) -> None:
        await doorway.open_pr(tree="c" * 40, approvals=approved)
        assert await push(doorway, data=told.encode()) == "own_secret"
        assert await push(doorway, message=f"Mend it\n\n{told}") == "text_own_secret"
        assert await push(doorway, branch=f"agent/{told}") == "text_own_secret"
        assert await push(doorway, data=SHAPE.encode()) == ""

    await stand(tmp_path, scene)


async def test_a_blob_that_is_too_large_to_search_is_not_pushed(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        doorway.git.size = LARGEST + 1
        assert await push(doorway) == "unscanned"

    await stand(tmp_path, scene)

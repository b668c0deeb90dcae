"""The door of pushes: whose branch, whose commit, and what is in it (T15, T37)."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import WriteRefused
from harness.pipeline.door import outward
from harness.pipeline.leaving import LARGEST
from harness.pipeline.rules import Rules
from tests.pipeline.doorway import (
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


async def pushed(
    doorway: Doorway,
    data: bytes = b"x",
    message: str = "m",
    branch: str = BRANCH,
    parents: tuple[str, ...] = (BASE,),
) -> str:
    git = outward(doorway.parts, doorway.run).workspace
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


def test_only_the_runs_own_branches_are_pushed(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        for branch in BRANCHES:
            assert await pushed(doorway, branch=branch) == "write_foreign", branch
        for branch in (BRANCH, "agent/undo-7-1"):
            assert await pushed(doorway, branch=branch) == ""
        for parents in ((HEAD,), (HEAD, BASE)):
            assert await pushed(doorway, parents=parents) == ""
        for parents in ((ELSEWHERE,), (BASE, ELSEWHERE)):
            assert await pushed(doorway, parents=parents) == "write_foreign"

    stand(tmp_path, scene)


def test_a_commit_that_the_daemon_did_not_make_is_not_pushed(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        git = outward(doorway.parts, doorway.run).workspace
        with pytest.raises(WriteRefused, match="write_foreign"):
            await git.push(ELSEWHERE, BRANCH, None)
        await git.push(HEAD, BRANCH, HEAD)
        assert doorway.git.pushed == [(HEAD, BRANCH, HEAD)]

    stand(tmp_path, scene)


def test_no_default_branch_even_when_it_is_named_like_a_runs(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        assert await pushed(doorway) == "write_foreign"

    stand(tmp_path, scene, Rules(project="p", default_branch=BRANCH))


@pytest.mark.parametrize("spelling", list(SPELLED))
def test_no_blob_and_no_message_carries_a_secret(tmp_path: Path, spelling: str) -> None:
    told = SPELLED[spelling]
    approved = {f"policy:{'c' * 40}": "ann"}

    async def scene(doorway: Doorway) -> None:
        await doorway.opened(tree="c" * 40, approvals=approved)
        assert await pushed(doorway, data=told.encode()) == "own_secret"
        assert await pushed(doorway, message=f"Mend it\n\n{told}") == "text_own_secret"
        assert await pushed(doorway, branch=f"agent/{told}") == "text_own_secret"
        assert await pushed(doorway, data=SHAPE.encode()) == ""

    stand(tmp_path, scene)


def test_a_blob_that_is_too_large_to_search_is_not_pushed(tmp_path: Path) -> None:
    async def scene(doorway: Doorway) -> None:
        doorway.git.size = LARGEST + 1
        assert await pushed(doorway) == "unscanned"

    stand(tmp_path, scene)

"""A merge that is killed or raced happens once or not at all."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.core.errors import Conflict, GitError
from harness.core.forge_types import MergeMethod, PullRequest
from harness.forge.embedded.access import Access
from harness.forge.embedded.bare_repository import BareRepository
from harness.forge.embedded.pulls import EmbeddedPulls
from harness.system.clock import SystemClock
from tests.forge.world import NAME, Local, git, make_local, now, opened, tip

ROOT = Path(__file__).parents[3]
METHODS: tuple[MergeMethod, ...] = ("merge", "squash", "rebase")


class Killed(BaseException):
    """The process ends here."""


class Dying(BareRepository):
    """Dies before or after the branch moves."""

    def __init__(self, path: Path, when: str) -> None:
        super().__init__(path)
        self.when = when

    def swap(self, ref: str, new: str, old: str) -> None:
        if self.when == "after":
            super().swap(ref, new, old)
        raise Killed


@pytest.fixture
async def local(tmp_path: Path) -> Local:
    return await make_local(tmp_path)


def pulls(local: Local, bare: BareRepository) -> EmbeddedPulls:
    return EmbeddedPulls(Access(local.root, NAME, "harness", SystemClock()), bare)


@pytest.mark.parametrize("method", METHODS)
async def test_killed_after_the_branch_moved_the_merge_is_adopted_once(
    local: Local, method: MergeMethod
) -> None:
    issue = await local.forge("eve").create_issue("Broken", "")
    pull = await opened(local, f"Closes #{issue.number}")
    local.push("fix", {"two.txt": "two\n"}, "fix")
    local.push("main", {"other.txt": "x\n"}, "main")
    head = (await now(local, pull.number)).head_sha
    with pytest.raises(Killed):
        pulls(local, Dying(local.bare, "after")).merge(pull.number, head, method, "")
    merged = tip(local)
    seen = await now(local, pull.number)
    assert (seen.state, seen.merged_sha, seen.head_sha) == ("merged", merged, head)
    again = await local.forge("harness").merge(pull.number, head, method, "")
    assert (again, tip(local)) == (seen, merged)
    events = await local.forge("ada").timeline(pull.number)
    assert [(e.kind, e.actor.login) for e in events] == [("merged", "harness")]
    assert (await local.forge("ada").issue(issue.number)).state == "closed"


@pytest.mark.parametrize("method", METHODS)
async def test_killed_before_the_branch_moved_nothing_is_merged(
    local: Local, method: MergeMethod
) -> None:
    pull = await opened(local)
    before = tip(local)
    with pytest.raises(Killed):
        pulls(local, Dying(local.bare, "before")).merge(pull.number, pull.head_sha, method, "")
    assert ((await now(local, pull.number)).state, tip(local)) == ("open", before)
    done = await local.forge("harness").merge(pull.number, pull.head_sha, method, "")
    assert (done.state, done.merged_sha) == ("merged", tip(local))


KILLED = """
import os, sys
from pathlib import Path
from harness.forge.embedded.bare_repository import BareRepository
from tests.forge.embedded.test_merge import pulls
from tests.forge.world import Local

class Dying(BareRepository):
    def swap(self, ref, new, old):
        super().swap(ref, new, old)
        os.kill(os.getpid(), 9)

local = Local(Path(sys.argv[1]), Path())
pulls(local, Dying(local.bare)).merge(int(sys.argv[2]), sys.argv[3], "squash", "")
"""


async def test_a_process_killed_in_the_middle_leaves_a_forge_that_mends_itself(
    local: Local,
) -> None:
    pull = await opened(local)
    command = [sys.executable, "-c", KILLED, str(local.root), str(pull.number), pull.head_sha]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    seen = await now(local, pull.number)
    assert (seen.state, seen.merged_sha) == ("merged", tip(local))


async def test_the_intent_of_a_dead_squash_is_not_lost_to_the_next_who_merges(local: Local) -> None:
    pull = await opened(local)
    stale = pulls(local, BareRepository(local.bare))

    class Late(BareRepository):
        """Between this one's look and its write, another process merges and is killed."""

        def commit_tree(self, *a: object, **k: object) -> str:
            made = super().commit_tree(*a, **k)  # type: ignore[arg-type]
            dying = pulls(local, Dying(local.bare, "after"))
            with pytest.raises(Killed):
                dying.merge(pull.number, pull.head_sha, "squash", "first")
            return made

    stale.bare = Late(local.bare)
    with pytest.raises(Conflict):
        stale.merge(pull.number, pull.head_sha, "squash", "second")
    seen = await now(local, pull.number)
    assert (seen.state, seen.merged_sha) == ("merged", tip(local))
    assert git(local.bare, "log", "-1", "--format=%s", "main") == "first"


async def test_two_who_merge_at_once_make_one_merge(local: Local) -> None:
    pull = await opened(local)
    merging = (
        local.forge(who).merge(pull.number, pull.head_sha, "merge", "")
        for who in ("ada", "harness", "ada", "harness")
    )
    ended = await asyncio.gather(*merging, return_exceptions=True)
    assert all(isinstance(e, Conflict | PullRequest) for e in ended)
    assert any(isinstance(e, PullRequest) and e.state == "merged" for e in ended)
    assert git(local.bare, "rev-list", "--count", "--merges", "main") == "1"


async def test_two_pull_requests_merge_one_after_the_other(local: Local) -> None:
    one, two = await opened(local, branch="one"), await opened(local, branch="two")
    forge = local.forge("harness")
    for pull in (one, two):
        await forge.merge(pull.number, pull.head_sha, "squash", "")
    assert await forge.file_at("main", "one.txt") == b"one\n"
    assert await forge.file_at("main", "two.txt") == b"one\n"
    assert [p.number for p in await forge.pulls("merged")] == [two.number, one.number]
    assert await forge.pulls() == ()


async def test_a_lock_that_a_killed_git_left_does_not_block_for_ever(local: Local) -> None:
    pull = await opened(local)
    lock = local.bare / "refs" / "heads" / "main.lock"
    lock.touch()
    ours = local.forge("harness")
    with pytest.raises(GitError) as caught:
        await ours.merge(pull.number, pull.head_sha, "merge", "")
    assert "main.lock" in str(caught.value.facts["detail"])
    assert (await now(local, pull.number)).state == "open"
    os.utime(lock, (0, 0))
    merged = await ours.merge(pull.number, pull.head_sha, "merge", "")
    assert merged.merged_sha == tip(local)

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
from harness.forge.local_books import Books
from harness.forge.local_git import Bare
from harness.forge.local_pulls import Pulls
from harness.system.clock import SystemClock
from tests.forge.world import NAME, Local, git, make_local, now, opened, tip

ROOT = Path(__file__).parent.parent.parent
METHODS: tuple[MergeMethod, ...] = ("merge", "squash", "rebase")


class Killed(BaseException):
    """The process ends here."""


class Dying(Bare):
    """Dies before or after the branch moves."""

    def __init__(self, path: Path, when: str) -> None:
        super().__init__(path)
        self.when = when

    def swap(self, ref: str, new: str, old: str) -> None:
        if self.when == "after":
            super().swap(ref, new, old)
        raise Killed


@pytest.fixture
def local(tmp_path: Path) -> Local:
    return make_local(tmp_path)


def pulls(local: Local, bare: Bare) -> Pulls:
    return Pulls(Books(local.root, NAME, "harness", SystemClock()), bare)


@pytest.mark.parametrize("method", METHODS)
def test_killed_after_the_branch_moved_the_merge_is_adopted_once(
    local: Local, method: MergeMethod
) -> None:
    issue = asyncio.run(local.forge("eve").create_issue("Broken", ""))
    pull = opened(local, f"Closes #{issue.number}")
    local.push("fix", {"two.txt": "two\n"}, "fix")
    local.push("main", {"other.txt": "x\n"}, "main")
    head = now(local, pull.number).head_sha
    with pytest.raises(Killed):
        pulls(local, Dying(local.bare, "after")).merge(pull.number, head, method, "")
    merged = tip(local)
    seen = now(local, pull.number)
    assert (seen.state, seen.merged_sha, seen.head_sha) == ("merged", merged, head)
    again = asyncio.run(local.forge("harness").merge(pull.number, head, method, ""))
    assert (again, tip(local)) == (seen, merged)
    events = asyncio.run(local.forge("ada").timeline(pull.number))
    assert [(e.kind, e.actor.login) for e in events] == [("merged", "harness")]
    assert asyncio.run(local.forge("ada").issue(issue.number)).state == "closed"


@pytest.mark.parametrize("method", METHODS)
def test_killed_before_the_branch_moved_nothing_is_merged(
    local: Local, method: MergeMethod
) -> None:
    pull = opened(local)
    before = tip(local)
    with pytest.raises(Killed):
        pulls(local, Dying(local.bare, "before")).merge(pull.number, pull.head_sha, method, "")
    assert (now(local, pull.number).state, tip(local)) == ("open", before)
    done = asyncio.run(local.forge("harness").merge(pull.number, pull.head_sha, method, ""))
    assert (done.state, done.merged_sha) == ("merged", tip(local))


KILLED = """
import os, sys
from pathlib import Path
from harness.forge.local_git import Bare
from tests.forge.test_local_merge import pulls
from tests.forge.world import Local

class Dying(Bare):
    def swap(self, ref, new, old):
        super().swap(ref, new, old)
        os.kill(os.getpid(), 9)

local = Local(Path(sys.argv[1]), Path())
pulls(local, Dying(local.bare)).merge(int(sys.argv[2]), sys.argv[3], "squash", "")
"""


def test_a_process_killed_in_the_middle_leaves_a_forge_that_mends_itself(local: Local) -> None:
    pull = opened(local)
    command = [sys.executable, "-c", KILLED, str(local.root), str(pull.number), pull.head_sha]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == -9, done.stderr
    seen = now(local, pull.number)
    assert (seen.state, seen.merged_sha) == ("merged", tip(local))


def test_the_intent_of_a_dead_squash_is_not_lost_to_the_next_who_merges(local: Local) -> None:
    pull = opened(local)
    stale = pulls(local, Bare(local.bare))

    class Late(Bare):
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
    seen = now(local, pull.number)
    assert (seen.state, seen.merged_sha) == ("merged", tip(local))
    assert git(local.bare, "log", "-1", "--format=%s", "main") == "first"


def test_two_who_merge_at_once_make_one_merge(local: Local) -> None:
    pull = opened(local)

    async def scenario() -> None:
        merging = (
            local.forge(who).merge(pull.number, pull.head_sha, "merge", "")
            for who in ("ada", "harness", "ada", "harness")
        )
        ended = await asyncio.gather(*merging, return_exceptions=True)
        assert all(isinstance(e, Conflict | PullRequest) for e in ended)
        assert any(isinstance(e, PullRequest) and e.state == "merged" for e in ended)

    asyncio.run(scenario())
    assert git(local.bare, "rev-list", "--count", "--merges", "main") == "1"


def test_two_pull_requests_merge_one_after_the_other(local: Local) -> None:
    one, two = opened(local, branch="one"), opened(local, branch="two")

    async def scenario() -> None:
        forge = local.forge("harness")
        for pull in (one, two):
            await forge.merge(pull.number, pull.head_sha, "squash", "")
        assert await forge.file_at("main", "one.txt") == b"one\n"
        assert await forge.file_at("main", "two.txt") == b"one\n"
        assert [p.number for p in await forge.pulls("merged")] == [two.number, one.number]
        assert await forge.pulls() == ()

    asyncio.run(scenario())


def test_a_lock_that_a_killed_git_left_does_not_block_for_ever(local: Local) -> None:
    pull = opened(local)
    lock = local.bare / "refs" / "heads" / "main.lock"
    lock.touch()
    ours = local.forge("harness")
    with pytest.raises(GitError) as caught:
        asyncio.run(ours.merge(pull.number, pull.head_sha, "merge", ""))
    assert "main.lock" in str(caught.value.facts["detail"])
    assert now(local, pull.number).state == "open"
    os.utime(lock, (0, 0))
    merged = asyncio.run(ours.merge(pull.number, pull.head_sha, "merge", ""))
    assert merged.merged_sha == tip(local)

"""Pull requests against real git, killed and raced."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.core.errors import Conflict, Forbidden, HarnessError, NotFound, UsageError
from harness.core.forge_types import MergeMethod, PullRequest
from harness.forge.local_books import Books
from harness.forge.local_git import Bare
from harness.forge.local_pulls import Pulls, closes
from harness.system.clock import SystemClock
from tests.forge.world import NAME, Local, git, make_local

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


def opened(local: Local, body: str = "", branch: str = "fix") -> PullRequest:
    local.push(branch, {f"{branch}.txt": "one\n"}, "main")
    forge = local.forge("harness")
    return asyncio.run(forge.open_pr(branch, "main", "Fix it", body, draft=False))


def now(local: Local, number: int) -> PullRequest:
    return asyncio.run(local.forge("ada").pr(number))


def pulls(local: Local, bare: Bare) -> Pulls:
    return Pulls(Books(local.root, NAME, "harness", SystemClock()), bare)


def tip(local: Local, branch: str = "main") -> str:
    return git(local.bare, "rev-parse", f"refs/heads/{branch}")


# -- a merge that is cut


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
from tests.forge.test_local_pulls import pulls
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


# -- what somebody does by a push


def test_a_pushed_merge_is_found(local: Local) -> None:
    issue = asyncio.run(local.forge("eve").create_issue("Broken", ""))
    pull = opened(local, f"fixes #{issue.number}")
    git(local.clone, "push", "-q", "origin", f"{pull.head_sha}:refs/heads/main")
    seen = now(local, pull.number)
    assert (seen.state, seen.merged_sha) == ("merged", pull.head_sha)
    (event,) = asyncio.run(local.forge("ada").timeline(pull.number))
    assert (event.kind, event.actor.login) == ("merged", "git")
    assert asyncio.run(local.forge("ada").issue(issue.number)).state == "closed"


def test_a_pushed_merge_commit_is_named(local: Local) -> None:
    pull = opened(local)
    local.push("main", {"other.txt": "x"}, "main")
    git(local.clone, "fetch", "-q", "origin")
    git(local.clone, "checkout", "-q", "--detach", "origin/main")
    git(local.clone, "merge", "-q", "--no-ff", "-m", "By hand", pull.head_sha)
    merged = git(local.clone, "rev-parse", "HEAD")
    git(local.clone, "push", "-q", "origin", "HEAD:refs/heads/main")
    local.push("main", {"later.txt": "x"}, "main")
    assert now(local, pull.number).merged_sha == merged


def test_a_branch_that_is_gone_closes_its_pull_request_and_the_diff_stays(local: Local) -> None:
    pull = opened(local)
    git(local.clone, "push", "-q", "origin", ":fix")
    seen = now(local, pull.number)
    assert (seen.state, seen.head_sha, seen.mergeable) == ("closed", pull.head_sha, False)
    git(local.bare, "gc", "--prune=now", "-q")
    assert "+one" in asyncio.run(local.forge("ada").diff(pull.number))
    local.push("fix", {"again.txt": "x"}, "main")
    assert opened_again(local) > pull.number


def opened_again(local: Local) -> int:
    forge = local.forge("harness")
    return asyncio.run(forge.open_pr("fix", "main", "Again", "", draft=False)).number


@pytest.mark.parametrize("moved", [False, True])
def test_a_branch_set_back_to_its_base_is_not_a_merge(local: Local, moved: bool) -> None:
    pull = opened(local)
    if moved:
        local.push("main", {"other.txt": "x"}, "main")
    git(local.clone, "push", "-q", "-f", "origin", f"{tip(local)}:refs/heads/fix")
    for _ in range(2):
        seen = now(local, pull.number)
        assert (seen.state, seen.merged_sha) == ("closed", None)


def test_a_lost_base_is_not_mergeable(local: Local) -> None:
    local.push("dev", {"dev.txt": "x"}, "main")
    local.push("fix", {"fix.txt": "x"}, "main")
    forge = local.forge("harness")
    pull = asyncio.run(forge.open_pr("fix", "dev", "Fix", "", draft=False))
    git(local.clone, "push", "-q", "origin", ":dev")
    assert now(local, pull.number).mergeable is False
    with pytest.raises(HarnessError):
        asyncio.run(forge.merge(pull.number, pull.head_sha, "merge", ""))


# -- how it merges


def test_a_merge_commit_has_both_parents_and_the_given_message(local: Local) -> None:
    pull = opened(local)
    before = tip(local)
    asyncio.run(local.forge("harness").merge(pull.number, pull.head_sha, "merge", "Said so"))
    assert git(local.bare, "log", "-1", "--format=%P", "main") == f"{before} {pull.head_sha}"
    assert git(local.bare, "log", "-1", "--format=%s by %cn", "main") == "Said so by harness"


def test_a_squash_is_one_commit_by_its_author(local: Local) -> None:
    pull = opened(local, "Why it is")
    head = local.push("fix", {"two.txt": "2"}, "fix")
    before = tip(local)
    asyncio.run(local.forge("harness").merge(pull.number, head, "squash", ""))
    shown = git(local.bare, "log", "-1", "--format=%P|%an|%B", "main")
    assert shown == f"{before}|Someone|Fix it (#{pull.number})\n\nWhy it is"


def test_a_rebase_keeps_each_commit_and_a_fast_forward_its_id(local: Local) -> None:
    pull = opened(local)
    head = local.push("fix", {"two.txt": "2"}, "fix")
    asyncio.run(local.forge("harness").merge(pull.number, head, "rebase", ""))
    assert tip(local) == head
    local.push("next", {"a.txt": "a"}, "main")
    local.push("next", {"b.txt": "b"}, "next")
    local.push("main", {"c.txt": "c"}, "main")
    forge = local.forge("harness")
    second = asyncio.run(forge.open_pr("next", "main", "Next", "", draft=False))
    asyncio.run(forge.merge(second.number, second.head_sha, "rebase", ""))
    subjects = git(local.bare, "log", "-3", "--format=%s by %an", "main").splitlines()
    assert subjects == [f"Change {n}.txt by Someone" for n in "bac"]
    assert git(local.bare, "rev-list", "--count", "--merges", "main") == "0"


def test_a_rebase_that_stops_half_way_is_refused(local: Local) -> None:
    local.push("fix", {"a.txt": "1"}, "main")
    local.push("fix", {"a.txt": None, "b.txt": "1"}, "fix")
    local.push("main", {"a.txt": "mine"}, "main")
    forge = local.forge("harness")
    local.push("main", {"a.txt": None}, "main")
    pull = asyncio.run(forge.open_pr("fix", "main", "Fix", "", draft=False))
    local.push("main", {"a.txt": "back"}, "main")
    before = tip(local)
    with pytest.raises(Conflict) as caught:
        asyncio.run(forge.merge(pull.number, pull.head_sha, "rebase", ""))
    assert caught.value.key == "forge.not_rebaseable"
    assert tip(local) == before


def test_a_conflict_names_its_files(local: Local) -> None:
    pull = opened(local)
    local.push("main", {"fix.txt": "other"}, "main")
    with pytest.raises(Conflict) as caught:
        asyncio.run(local.forge("harness").merge(pull.number, pull.head_sha, "merge", ""))
    assert caught.value.facts["paths"] == "fix.txt"


def test_only_who_may_write_opens_merges_and_deletes(local: Local) -> None:
    pull = opened(local)
    eve = local.forge("eve")
    local.push("more", {"more.txt": "x"}, "main")
    for refused in (
        eve.open_pr("more", "main", "Mine", "", draft=False),
        eve.merge(pull.number, pull.head_sha, "merge", ""),
        eve.delete_branch("fix", pull.head_sha),
        eve.put_check(pull.head_sha, "ci", "success", ""),
        eve.close_pr(pull.number),
        eve.edit_pr(pull.number, title="Mine"),
        eve.ready(pull.number),
    ):
        with pytest.raises(Forbidden):
            asyncio.run(refused)
    with pytest.raises(Conflict):
        asyncio.run(local.forge("ada").delete_branch("main", tip(local)))


# -- talk


def test_an_author_does_not_review_their_own(local: Local) -> None:
    pull = opened(local)
    ours, ada = local.forge("harness"), local.forge("ada")
    with pytest.raises(Conflict):
        asyncio.run(ours.add_review(pull.number, "approved", ""))
    with pytest.raises(Conflict):
        asyncio.run(ours.request_review(pull.number, ["harness"]))
    with pytest.raises(NotFound):
        asyncio.run(ours.request_review(pull.number, ["nobody"]))
    asyncio.run(ours.add_review(pull.number, "commented", "A note"))
    asyncio.run(ada.add_review(pull.number, "approved", ""))
    moved = local.push("fix", {"more.txt": "x"}, "fix")
    states = [(r.state, r.commit == moved) for r in asyncio.run(ada.reviews(pull.number))]
    assert states == [("commented", False), ("approved", False)]
    with pytest.raises(Conflict):
        asyncio.run(ada.add_review(pull.number, "changes_requested", " "))


@pytest.mark.parametrize(("path", "line"), [("missing.txt", 1), ("fix.txt", 2), ("fix.txt", -1)])
def test_a_thread_stands_on_a_line_that_exists(local: Local, path: str, line: int) -> None:
    pull = opened(local)
    with pytest.raises(NotFound):
        asyncio.run(local.forge("ada").add_thread(pull.number, path, line, "Here"))
    assert asyncio.run(local.forge("ada").threads(pull.number)) == ()


def test_a_thread_of_another_pull_request_is_not_found(local: Local) -> None:
    one, two = opened(local, branch="one"), opened(local, branch="two")
    ada = local.forge("ada")
    thread = asyncio.run(ada.add_thread(one.number, "one.txt", 0, "Hm"))
    for act in (
        lambda: ada.reply(two.number, thread.id, "", "x"),
        lambda: ada.resolve(two.number, thread.id),
        lambda: ada.resolve(one.number, "nonsense"),
    ):
        with pytest.raises(NotFound):
            asyncio.run(act())


def test_a_check_needs_a_commit_and_a_state_that_fits(local: Local) -> None:
    pull = opened(local)
    ada = local.forge("ada")
    with pytest.raises(NotFound):
        asyncio.run(ada.put_check("0" * 40, "ci", "success", ""))
    with pytest.raises(UsageError):
        asyncio.run(ada.set_check(pull.head_sha, "ci", "completed"))
    made = asyncio.run(
        ada.set_check(pull.head_sha, "ci", "completed", "failure", "1 failed", "the log")
    )
    again = asyncio.run(ada.set_check("fix", "ci", "in_progress"))
    assert (again.id, again.commit) == (made.id, pull.head_sha)
    assert asyncio.run(ada.check_log(made.id)) == "the log"


# -- words


@pytest.mark.parametrize(
    ("body", "numbers"),
    [
        ("Fixes #3", (3,)),
        ("closes: #3 and resolved #4, fixed #3", (3, 4)),
        ("prefixes #3, see #4", ()),
        ("`fixes #3`\n```\ncloses #4\n```\n<!-- closes #5 -->", ()),
        ("closes #99999999999", ()),
    ],
)
def test_what_a_body_closes(body: str, numbers: tuple[int, ...]) -> None:
    assert closes(body) == numbers


def test_closing_words_close_issues_only_on_the_default_branch(local: Local) -> None:
    issue = asyncio.run(local.forge("eve").create_issue("Broken", ""))
    local.push("dev", {"dev.txt": "x"}, "main")
    local.push("fix", {"fix.txt": "x"}, "dev")
    forge = local.forge("harness")
    body = f"Fixes #{issue.number}, fixes #999"
    pull = asyncio.run(forge.open_pr("fix", "dev", "Fix", body, draft=False))
    asyncio.run(forge.merge(pull.number, pull.head_sha, "merge", ""))
    assert asyncio.run(forge.issue(issue.number)).state == "open"


def test_odd_branch_names_and_files_are_only_names(local: Local) -> None:
    branch = "harness/이슈-1/--upload-pack=x"
    local.push(branch, {"-rf; $(touch x)": "1\n", "한글.txt": "2\n"}, "main")
    forge = local.forge("harness")
    pull = asyncio.run(forge.open_pr(branch, "main", "Odd", "", draft=False))
    assert asyncio.run(forge.file_at(branch, "한글.txt")) == b"2\n"
    assert asyncio.run(forge.file_at(branch, "-rf; $(touch x)")) == b"1\n"
    assert asyncio.run(forge.file_at("main", "../../forge.db")) is None
    merged = asyncio.run(forge.merge(pull.number, pull.head_sha, "merge", ""))
    asyncio.run(forge.delete_branch(branch, merged.head_sha))
    for wrong in ("--help", "main..fix", "", "a\0b", "^main", "main:README.md"):
        with pytest.raises(HarnessError):
            asyncio.run(forge.file_at(wrong, "README.md"))


def test_hooks_in_the_bare_repository_do_not_run(local: Local) -> None:
    pull = opened(local)
    hook = local.bare / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{local.root}/ran'\n")
    hook.chmod(0o755)
    asyncio.run(local.forge("harness").merge(pull.number, pull.head_sha, "merge", ""))
    assert not (local.root / "ran").exists()


def test_a_read_of_an_unchanged_pull_request_writes_nothing(local: Local) -> None:
    pull = opened(local)
    before = (local.root / "forge.db").read_bytes()
    look: Callable[[], PullRequest] = lambda: now(local, pull.number)  # noqa: E731
    assert look() == look() == pull
    assert (local.root / "forge.db").read_bytes() == before


def test_a_pushed_replacement_changes_nothing(local: Local) -> None:
    pull = opened(local)
    other = local.push("other", {"evil.txt": "x"}, "main")
    git(local.clone, "push", "-q", "origin", f"{other}:refs/replace/{pull.head_sha}")
    diff = asyncio.run(local.forge("ada").diff(pull.number))
    assert "fix.txt" in diff
    assert "evil.txt" not in diff


def test_a_huge_file_is_not_compared_line_by_line(local: Local) -> None:
    pull = opened(local)
    local.push("fix", {"huge.txt": "0123456789abcde\n" * (1 << 20) + "x"}, "fix")
    assert len(asyncio.run(local.forge("ada").diff(pull.number))) < 2000

"""What every forge must do. Subclass `ForgeContract` as a Test class and give it a `world`
fixture; each adapter passes the same tests."""

from __future__ import annotations

import pytest

from harness.core.errors import Conflict, Forbidden, NotFound
from harness.core.forge_types import MergeMethod, Permission
from harness.testing.forge_contract_more import MoreContract
from harness.testing.forge_world import ForgeWorld, Push

__all__ = ["ForgeContract", "ForgeWorld", "IssueContract", "MoreContract", "PullContract", "Push"]


class IssueContract:
    """Issues, comments, labels, leases."""

    async def test_an_issue_comes_back_as_written(self, world: ForgeWorld) -> None:
        made = await world.colleague.create_issue("A title", "A body\n", ("bug",))
        found = await world.forge.issue(made.number)
        assert (found.title, found.body, found.state) == ("A title", "A body\n", "open")
        assert found.labels == ("bug",)
        assert found.author == await world.colleague.me()
        assert found.edited_at is None
        with pytest.raises(NotFound):
            await world.forge.issue(made.number + 100)

    async def test_a_keyed_issue_is_made_once(self, world: ForgeWorld) -> None:
        first = await world.forge.create_issue("Found", "text", key="run-1")
        again = await world.forge.create_issue("Found", "text", key="run-1")
        other = await world.forge.create_issue("Found", "text", key="run-2")
        theirs = await world.colleague.create_issue("Found", first.body)
        assert again.number == first.number
        assert len({first.number, other.number, theirs.number}) == 3

    async def test_the_cursor_gives_each_change_once_oldest_first(self, world: ForgeWorld) -> None:
        one = await world.colleague.create_issue("One", "")
        two = await world.colleague.create_issue("Two", "")
        page = await world.forge.issues()
        assert [i.number for i in page.issues] == [one.number, two.number]
        assert (await world.forge.issues(page.cursor)).issues == ()
        await world.colleague.labels(one.number, add=("ready",))
        later = await world.forge.issues(page.cursor)
        assert [i.number for i in later.issues] == [one.number]
        assert later.issues[0].labels == ("ready",)

    async def test_an_edit_shows_when(self, world: ForgeWorld) -> None:
        made = await world.colleague.create_issue("Title", "body")
        same = await world.colleague.edit_issue(made.number, body="body")
        assert same.edited_at is None
        edited = await world.colleague.edit_issue(made.number, body="other")
        assert edited.body == "other"
        assert edited.edited_at is not None
        assert edited.edited_at >= made.created_at

    async def test_labels_and_closing_are_in_the_timeline_with_who(self, world: ForgeWorld) -> None:
        made = await world.stranger.create_issue("Title", "body")
        await world.colleague.labels(made.number, add=("a", "b"))
        labelled = await world.colleague.labels(made.number, add=("a",), remove=("b", "no"))
        assert labelled.labels == ("a",)
        closed = await world.forge.close(made.number, "not_planned")
        assert (closed.state, closed.state_reason) == ("closed", "not_planned")
        await world.forge.close(made.number)
        told = await world.forge.timeline(made.number)
        colleague, us = await world.colleague.me(), await world.forge.me()
        assert [(e.kind, e.subject, e.actor) for e in told] == [
            ("labeled", "a", colleague),
            ("labeled", "b", colleague),
            ("unlabeled", "b", colleague),
            ("closed", "", us),
        ]

    async def test_our_comment_is_edited_in_place(self, world: ForgeWorld) -> None:
        number = (await world.colleague.create_issue("Title", "body")).number
        first = await world.forge.put_comment(number, "run-1", "working")
        same = await world.forge.put_comment(number, "run-1", "working")
        assert (same.id, same.edited_at) == (first.id, None)
        changed = await world.forge.put_comment(number, "run-1", "done")
        await world.forge.put_comment(number, "run-2", "other")
        said = await world.forge.comments(number)
        assert changed.id == first.id
        assert changed.edited_at is not None
        assert ["done" in c.body for c in said] == [True, False]
        assert said[0].author == await world.forge.me()

    async def test_a_forged_marker_is_not_ours(self, world: ForgeWorld) -> None:
        number = (await world.colleague.create_issue("Title", "body")).number
        ours = await world.forge.put_comment(number, "run-1", "working")
        theirs = await world.colleague.put_comment(number, "run-1", "forged")
        await world.forge.put_comment(number, "run-1", "done")
        bodies = {c.id: c.body for c in await world.forge.comments(number)}
        assert "done" in bodies[ours.id]
        assert "forged" in bodies[theirs.id]

    async def test_permissions_are_live_facts(self, world: ForgeWorld) -> None:
        stranger = await world.stranger.me()
        assert (await world.forge.permission(stranger)) == Permission.READ
        assert (await world.forge.permission(await world.colleague.me())).covers(Permission.WRITE)
        made = await world.colleague.create_issue("Title", "body")
        with pytest.raises(Forbidden):
            await world.stranger.labels(made.number, add=("a",))
        with pytest.raises(Forbidden):
            await world.stranger.edit_issue(made.number, body="x")

    async def test_one_holder_has_the_lease(self, world: ForgeWorld) -> None:
        number = (await world.colleague.create_issue("Title", "body")).number
        first = await world.forge.take_lease(number, "here", 60)
        assert first is not None
        assert await world.forge.take_lease(number, "there", 60) is None
        again = await world.forge.take_lease(number, "here", 120)
        assert again is not None
        assert again.token == first.token
        assert again.expires_at > first.expires_at
        assert await world.forge.lease(number) == again
        await world.forge.drop_lease(again)
        assert await world.forge.lease(number) is None
        other = await world.forge.take_lease(number, "there", 60)
        assert other is not None
        assert other.token > first.token
        await world.forge.drop_lease(first)
        assert await world.forge.take_lease(number, "here", 60) is None


class PullContract:
    """Pull requests, reviews, checks, merging."""

    async def test_a_pull_request_reads_from_git(self, world: ForgeWorld) -> None:
        pull = await world.pull()
        assert (pull.state, pull.mergeable, pull.draft) == ("open", True, False)
        assert await world.forge.find_pr("fix") == pull
        assert await world.forge.find_pr("nothing") is None
        moved = await world.push("fix", {"more.txt": "x"}, "fix")
        seen = await world.forge.pr(pull.number)
        assert (seen.head_sha, seen.base_sha) == (moved, pull.base_sha)
        onward = await world.push("main", {"other.txt": "x"}, "main")
        seen = await world.forge.pr(pull.number)
        assert (seen.base_sha, seen.mergeable) == (onward, True)
        await world.push("main", {"fix.txt": "in the way"}, "main")
        assert (await world.forge.pr(pull.number)).mergeable is False

    async def test_no_second_pull_request_for_a_branch_and_none_without_a_change(
        self, world: ForgeWorld
    ) -> None:
        pull = await world.pull()
        with pytest.raises(Conflict):
            await world.forge.open_pr("fix", "main", "Again", "", draft=False)
        await world.push("empty", {}, "main")
        with pytest.raises(Conflict):
            await world.forge.open_pr("empty", "main", "Nothing", "", draft=False)
        with pytest.raises(NotFound):
            await world.forge.open_pr("missing", "main", "Nothing", "", draft=False)
        assert (await world.forge.close_pr(pull.number)).state == "closed"
        again = await world.forge.open_pr("fix", "main", "Again", "", draft=False)
        assert again.number > pull.number
        found = await world.forge.find_pr("fix")
        assert found is not None
        assert found.number == again.number

    @pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
    async def test_a_merge_brings_the_change_into_the_base(
        self, world: ForgeWorld, method: MergeMethod
    ) -> None:
        issue = await world.colleague.create_issue("Broken", "body")
        pull = await world.pull(body=f"Fixes #{issue.number}")
        head = await world.push("fix", {"more.txt": "x\n"}, "fix")
        await world.push("main", {"other.txt": "y\n"}, "main")
        done = await world.forge.merge(pull.number, head, method, "Add it all")
        assert (done.state, done.head_sha) == ("merged", head)
        assert done.merged_sha is not None
        for ref in ("main", done.merged_sha):
            assert await world.forge.file_at(ref, "fix.txt") == b"one\ntwo\n"
            assert await world.forge.file_at(ref, "more.txt") == b"x\n"
            assert await world.forge.file_at(ref, "other.txt") == b"y\n"
        assert await world.forge.merge(pull.number, head, method, "Add it all") == done
        assert (await world.forge.issue(issue.number)).state == "closed"
        await world.forge.delete_branch("fix", head)
        await world.forge.delete_branch("fix", head)
        assert (await world.forge.pr(pull.number)).state == "merged"

    async def test_only_the_named_head_is_merged_and_never_a_draft_or_a_conflict(
        self, world: ForgeWorld
    ) -> None:
        pull = await world.pull(draft=True)
        with pytest.raises(Conflict):
            await world.forge.merge(pull.number, pull.head_sha, "merge", "")
        assert not (await world.forge.ready(pull.number)).draft
        moved = await world.push("fix", {"more.txt": "x"}, "fix")
        with pytest.raises(Conflict):
            await world.forge.merge(pull.number, pull.head_sha, "merge", "")
        await world.push("main", {"fix.txt": "in the way"}, "main")
        with pytest.raises(Conflict):
            await world.forge.merge(pull.number, moved, "merge", "")
        with pytest.raises(Forbidden):
            await world.stranger.merge(pull.number, moved, "merge", "")
        assert (await world.forge.pr(pull.number)).state == "open"

    async def test_a_branch_that_is_gone_closes_its_pull_request(self, world: ForgeWorld) -> None:
        pull = await world.pull()
        await world.drop("fix")
        seen = await world.forge.pr(pull.number)
        assert (seen.state, seen.head_sha) == ("closed", pull.head_sha)
        with pytest.raises(Conflict):
            await world.forge.merge(pull.number, pull.head_sha, "merge", "")

    async def test_a_branch_that_moved_is_not_deleted(self, world: ForgeWorld) -> None:
        pull = await world.pull()
        await world.push("fix", {"more.txt": "x"}, "fix")
        with pytest.raises(Conflict):
            await world.forge.delete_branch("fix", pull.head_sha)

    async def test_reviews_and_threads(self, world: ForgeWorld) -> None:
        pull = await world.pull()
        colleague = await world.colleague.me()
        await world.forge.request_review(pull.number, [colleague.login])
        await world.review(pull.number, "changes_requested", "Not yet")
        (review,) = await world.forge.reviews(pull.number)
        assert (review.author, review.state) == (colleague, "changes_requested")
        assert review.commit == pull.head_sha
        await world.thread(pull.number, "fix.txt", 2, "Why two?")
        (thread,) = await world.forge.threads(pull.number)
        assert (thread.path, thread.line, thread.resolved) == ("fix.txt", 2, False)
        first = await world.forge.reply(pull.number, thread.id, "r1", "Because")
        again = await world.forge.reply(pull.number, thread.id, "r1", "Because")
        await world.forge.resolve(pull.number, thread.id)
        (thread,) = await world.forge.threads(pull.number)
        assert first.id == again.id
        assert thread.resolved
        assert len(thread.comments) == 2
        assert await world.forge.comments(pull.number) == ()

    async def test_checks_have_a_state_and_a_log_and_run_again(self, world: ForgeWorld) -> None:
        pull = await world.pull()
        waiting = await world.queue(pull.head_sha, "unit")
        assert (waiting.status, waiting.conclusion) == ("queued", None)
        await world.forge.put_check(pull.head_sha, "unit", "failure", "1 failed")
        done = await world.forge.put_check(pull.head_sha, "lint", "success", "")
        checks = await world.forge.checks(pull.head_sha)
        assert {c.name: c.conclusion for c in checks} == {"unit": "failure", "lint": "success"}
        assert {c.status for c in checks} == {"completed"}
        if done.kind == "run":  # a commit status has no log and is not run again
            assert isinstance(await world.forge.check_log(done.id), str)
            await world.forge.rerun(done.id)
            (again,) = [c for c in await world.forge.checks(pull.head_sha) if c.name == "lint"]
            assert (again.status, again.conclusion) == ("queued", None)
        with pytest.raises(NotFound):
            await world.forge.check_log(10**9)


class ForgeContract(IssueContract, PullContract, MoreContract):
    """All of it."""

    async def test_the_repository_and_its_files(self, world: ForgeWorld) -> None:
        repository = await world.forge.repository()
        assert repository.default_branch == "main"
        assert await world.forge.file_at("main", "README.md") == b"hello\n"
        assert await world.forge.file_at("main", "missing") is None
        assert world.forge.remote().url
        with pytest.raises(NotFound):
            await world.forge.file_at("missing", "README.md")

"""GitHub's pull requests through a scripted wire: whose branch it is, what is adopted, what is
merged."""

from __future__ import annotations

from typing import Any

import pytest

from harness.core.errors import Conflict, Forbidden, Lost, NotFound
from harness.forge.github.graphql_queries import AUTO_MERGE, ENQUEUE
from tests.forge.github.fake import (
    LATE,
    OTHER,
    SHA,
    FakeWire,
    comment,
    conflict,
    forbidden,
    forge_of,
    lost,
    missing,
    pull,
    ref,
    repository,
    user,
)

FORK = {"ref": "fix", "sha": OTHER, "repo": {"id": 99}}
GONE = {"ref": "fix", "sha": OTHER, "repo": None}
MERGED = {"state": "closed", "merged_at": LATE, "merge_commit_sha": OTHER}


def world(*pulls: dict[str, Any]) -> FakeWire:
    """Those pull requests, and main at OTHER."""
    wire = FakeWire()
    wire.on("GET", "/pulls", list(pulls))
    for one in pulls:
        wire.on("GET", f"/pulls/{one['number']}", one)
    wire.on("GET", "/git/ref/heads/main", ref("heads/main", OTHER))
    return wire


# -- finding and opening


async def test_a_forks_branch_of_the_same_name_is_never_ours() -> None:
    wire = world(pull(9) | {"head": FORK}, pull(8) | {"head": GONE}, pull(3, **MERGED))
    found = await forge_of(wire).find_pr("fix")
    assert found is not None
    assert (found.number, found.state, found.merged_sha) == (3, "merged", OTHER)
    asked = next(body for _, path, body in wire.sent if path == "/pulls")
    assert (asked["head"], asked["state"]) == ("acme:fix", "all")
    wire = world(pull(9) | {"head": FORK})
    assert await forge_of(wire).find_pr("fix") is None


async def test_an_open_one_is_found_before_a_newer_closed_one() -> None:
    wire = world(pull(4, state="closed"), pull(3), pull(2, state="closed"))
    found = await forge_of(wire).find_pr("fix")
    assert found is not None
    assert found.number == 3


async def test_a_pull_request_into_another_repository_is_not_found() -> None:
    base = {"ref": "main", "sha": SHA, "repo": {"id": 2}}
    with pytest.raises(NotFound):
        await forge_of(world(pull(1, base=base))).pr(1)


async def test_the_base_is_the_branchs_tip_and_not_what_github_remembers() -> None:
    wire = world(pull(1, base={"ref": "main", "sha": SHA, "repo": {"id": 1}}))
    assert (await forge_of(wire).pr(1)).base_sha == OTHER


async def opening(wire: FakeWire, draft: bool = True) -> int:
    work = forge_of(wire).open_pr("fix", "main", "Fix it", "text", draft=draft)
    return (await work).number


async def test_a_pull_request_whose_answer_was_lost_is_adopted() -> None:
    wire = world(pull(5, draft=True))
    wire.on("GET", "/pulls", [], [pull(5, draft=True)])
    wire.on("POST", "/pulls", lost())
    assert await opening(wire) == 5
    assert await opening(wire) == 5
    assert len(wire.writes()) == 1
    wire.on("GET", "/pulls", [])
    with pytest.raises(Lost):
        await opening(wire)


async def test_one_that_exists_is_adopted_only_when_it_is_the_same() -> None:
    wire = world(pull(5))
    wire.on("GET", "/pulls", [], [pull(5)])
    wire.on("POST", "/pulls", conflict("A pull request already exists for acme:fix."))
    assert await opening(wire) == 5
    changes: list[dict[str, Any]] = [{"title": "Other"}, {"body": "other"}]
    changes += [{"user": user(3, "ada")}, {"base": pull(5)["base"] | {"ref": "next"}}]
    for other in changes:
        with pytest.raises(Conflict, match="pr_exists"):
            await opening(world(pull(5, **other)))


async def test_a_branch_that_is_not_there_is_said_so_and_no_drafts_means_open() -> None:
    wire = world()
    wire.on("POST", "/pulls", conflict("Validation Failed: head invalid"))
    with pytest.raises(NotFound, match="no_branch"):
        await opening(wire)
    wire.on("GET", "/git/ref/heads/fix", ref("heads/fix", SHA))
    with pytest.raises(Conflict, match="head invalid"):
        await opening(wire)
    refusal = conflict("Draft pull requests are not supported in this repository.")
    wire.on("POST", "/pulls", lambda asked: _raise(refusal) if asked["draft"] else pull(6))
    wire.on("GET", "/pulls/6", pull(6))
    assert await opening(wire) == 6


def _raise(fault: Exception) -> Any:
    raise fault


async def test_ready_close_edit_and_reviewers_write_only_what_is_new() -> None:
    wire = world(pull(1, requested_reviewers=[user(4, "Bob")]))
    forge = forge_of(wire)
    await forge.ready(1)
    await forge.edit_pr(1, title="Fix it", body="text")
    await forge.request_review(1, ["worker", "bob"])
    assert wire.writes() == []
    wire.on("POST", "/pulls/1/requested_reviewers", {})
    await forge.request_review(1, ["bob", "ada", "ada"])
    wire.on("PATCH", "/pulls/1", {})
    await forge.close_pr(1)
    assert [body for _, _, body in wire.writes()] == [{"reviewers": ["ada"]}, {"state": "closed"}]
    with pytest.raises(NotFound):
        await forge.request_review(1, ["../x"])
    wire.on("GET", "/pulls/1", pull(1, draft=True))
    wire.on("GRAPHQL", "Ready", {})
    await forge.ready(1)
    assert ("MUTATION", "Ready", {"pull": "PR_1"}) in wire.sent


# -- merging


async def merging(wire: FakeWire, message: str = "Title\n\nBody\n", method: Any = "squash") -> Any:
    return await forge_of(wire).merge(1, SHA, method, message)


async def test_exactly_that_head_is_merged_and_the_answer_counts_before_the_list_does() -> None:
    wire = world(pull(1))
    wire.on("PUT", "/pulls/1/merge", {"sha": OTHER, "merged": True})
    done = await merging(wire)
    assert (done.state, done.merged_sha, done.head_sha) == ("merged", OTHER, SHA)
    ((_, _, asked),) = wire.writes()
    assert asked == {
        "sha": SHA,
        "merge_method": "squash",
        "commit_title": "Title",
        "commit_message": "Body",
    }
    wire = world(pull(1))
    wire.on("PUT", "/pulls/1/merge", {"sha": OTHER})
    await merging(wire, method="rebase")
    assert wire.writes()[0][2] == {"sha": SHA, "merge_method": "rebase"}


@pytest.mark.parametrize("fault", [lost(), conflict("not mergeable", 405), conflict("moved", 409)])
async def test_a_merge_is_looked_for_before_it_counts_as_failed(fault: Exception) -> None:
    wire = world(pull(1))
    wire.on("GET", "/pulls/1", pull(1), pull(1, **MERGED))
    wire.on("PUT", "/pulls/1/merge", fault)
    assert (await merging(wire)).merged_sha == OTHER
    assert (await merging(wire)).merged_sha == OTHER
    assert len(wire.writes()) == 1
    wire = world(pull(1))
    wire.on("PUT", "/pulls/1/merge", fault)
    with pytest.raises(type(fault)):
        await merging(wire)


async def test_no_draft_no_closed_no_moved_head_is_sent_to_be_merged() -> None:
    moved = pull(1) | {"head": {"ref": "fix", "sha": OTHER, "repo": {"id": 1}}}
    merged = moved | MERGED
    for data in (pull(1, draft=True), pull(1, state="closed"), moved, merged):
        wire = world(data)
        with pytest.raises(Conflict):
            await merging(wire)
        assert wire.writes() == []


async def enqueuing(wire: FakeWire) -> bool:
    return await forge_of(wire).enqueue(1, SHA, "squash")


async def test_a_merge_is_left_to_the_queue_then_to_auto_merge_then_to_us() -> None:
    wire = world(pull(1))
    wire.on("GET", "/branches/main", {"protected": False})
    assert not await enqueuing(wire)
    wire.on("GET", "", repository() | {"allow_auto_merge": True})
    wire.on("GRAPHQL", "AutoMerge", {})
    assert await enqueuing(wire)
    asked = {"pull": "PR_1", "head": SHA}
    assert wire.sent[-1] == ("MUTATION", "AutoMerge", {**asked, "method": "SQUASH"})
    wire.on("GRAPHQL", "AutoMerge", conflict("Pull request is in clean status"))
    assert not await enqueuing(wire)
    wire.on("GRAPHQL", "AutoMerge", conflict("Head sha didn't match expected"))
    with pytest.raises(Conflict):
        await enqueuing(wire)
    wire.on("GET", "/rules/branches/main", [{"type": "merge_queue"}])
    wire.on("GRAPHQL", "Queued", {"repository": {"pullRequest": {"isInMergeQueue": False}}})
    wire.on("GRAPHQL", "Enqueue", {})
    assert await enqueuing(wire)
    assert wire.sent[-1] == ("MUTATION", "Enqueue", asked)
    assert "expectedHeadOid" in AUTO_MERGE
    assert "expectedHeadOid" in ENQUEUE


async def test_what_is_queued_already_is_not_queued_again() -> None:
    wire = world(pull(1))
    wire.on("GET", "/rules/branches/main", [{"type": "merge_queue"}])
    wire.on("GRAPHQL", "Queued", {"repository": {"pullRequest": {"isInMergeQueue": True}}})
    assert await enqueuing(wire)
    assert await enqueuing(world(pull(1, auto_merge={"merge_method": "squash"})))
    assert not any(verb == "MUTATION" for verb, _, _ in wire.sent)
    with pytest.raises(Conflict):
        await enqueuing(world(pull(1, draft=True)))


# -- branches


async def test_a_branch_is_deleted_at_that_commit_only() -> None:
    wire = FakeWire()
    drop = forge_of(wire).delete_branch
    await drop("fix", SHA)
    wire.on("GET", "/git/ref/heads/fix", ref("heads/fix-2", SHA))
    await drop("fix", SHA)
    wire.on("GET", "/git/ref/heads/fix", ref("heads/fix", OTHER))
    for name in ("fix", "main", "../x"):
        with pytest.raises((Conflict, NotFound)):
            await drop(name, SHA)
    assert wire.writes() == []
    wire.on("DELETE", "/git/refs/heads/fix", None, conflict("Reference does not exist"), lost())
    for _ in range(3):
        wire.on("GET", "/git/ref/heads/fix", ref("heads/fix", SHA), missing())
        await drop("fix", SHA)
    assert len(wire.writes()) == 3
    wire.on("GET", "/git/ref/heads/fix", ref("heads/fix", SHA))
    with pytest.raises(Lost):
        await drop("fix", SHA)


async def test_rules_that_the_token_may_not_see_are_left_out() -> None:
    wire = FakeWire()
    wire.on("GET", "/rules/branches/main", forbidden())
    checks = {"required_status_checks": {"contexts": ["unit"]}}
    wire.on("GET", "/branches/main", {"protected": True, "protection": checks})
    wire.on("GET", "/branches/main/protection", forbidden())
    rules = await forge_of(wire).protection("main")
    assert (rules.checks, rules.approvals) == (("unit",), 0)


# -- threads


def thread(number: str, *said: dict[str, Any], more: str = "") -> dict[str, Any]:
    info = {"hasNextPage": bool(more), "endCursor": more or None}
    return {
        "id": number,
        "path": "a.py",
        "line": 2,
        "isResolved": False,
        "comments": {"pageInfo": info, "nodes": list(said)},
    }


def said(number: int, body: str, author: int = 7) -> dict[str, Any]:
    who = {"__typename": "User", "login": "worker", "databaseId": author}
    return {"databaseId": number, "body": body, "createdAt": LATE, "author": who}


def threads(*found: dict[str, Any], more: str = "") -> dict[str, Any]:
    info = {"hasNextPage": bool(more), "endCursor": more or None}
    page = {"pageInfo": info, "nodes": list(found)}
    return {"repository": {"pullRequest": {"reviewThreads": page}}}


def talked() -> FakeWire:
    """A pull request with comments on its lines."""
    wire = FakeWire()
    wire.on("GET", "/pulls/1/comments", [comment(1, "why?")])
    return wire


async def test_without_a_comment_on_a_line_nothing_is_asked_that_costs() -> None:
    wire = FakeWire()
    wire.on("GET", "/pulls/1/comments", [])
    assert await forge_of(wire).threads(1) == ()
    assert wire.sent == [("GET", "/pulls/1/comments", {"most": 1, "per_page": 1})]


async def test_every_page_of_threads_and_of_their_comments_is_read() -> None:
    wire = talked()
    first = threads(thread("T1", said(1, "why?", 3), more="c1"), more="t1")
    wire.on("GRAPHQL", "Threads", first, threads(thread("T2", said(4, "x"))))
    info = {"hasNextPage": False, "endCursor": None}
    wire.on(
        "GRAPHQL", "Thread", {"node": {"comments": {"pageInfo": info, "nodes": [said(2, "y")]}}}
    )
    told = await forge_of(wire).threads(1)
    assert [(t.id, [c.id for c in t.comments]) for t in told] == [("T1", [1, 2]), ("T2", [4])]
    wire.on("GRAPHQL", "Threads", {"repository": {"pullRequest": None}})
    with pytest.raises(NotFound):
        await forge_of(wire).threads(1)


async def test_a_reply_whose_answer_was_lost_is_adopted() -> None:
    wire = talked()
    ours = said(2, "<!-- harness:r -->\nBecause")
    wire.on("GRAPHQL", "Threads", threads(thread("T1", said(1, "why?", 3))),
            threads(thread("T1", said(1, "why?", 3), ours)))  # fmt: skip
    wire.on("POST", "/pulls/1/comments/1/replies", lost())
    forge = forge_of(wire)
    assert (await forge.reply(1, "T1", "r", "Because")).id == 2
    assert (await forge.reply(1, "T1", "r", "Because")).id == 2
    assert len(wire.writes()) == 1
    wire.on("PATCH", "/pulls/comments/2", comment(2, "new", updated_at=LATE))
    assert (await forge.reply(1, "T1", "r", "Other")).edited_at is not None
    with pytest.raises(NotFound, match="no_thread"):
        await forge.reply(1, "T9", "r", "x")


async def test_a_thread_is_resolved_once_and_only_by_who_may() -> None:
    wire = talked()
    wire.on("GRAPHQL", "Threads", threads(thread("T1", said(1, "a")) | {"isResolved": True}))
    await forge_of(wire).resolve(1, "T1")
    assert wire.writes() == []
    wire.on("GRAPHQL", "Threads", threads(thread("T1", said(1, "a"))))
    wire.on("GRAPHQL", "Resolve", forbidden())
    with pytest.raises(Forbidden):
        await forge_of(wire).resolve(1, "T1")

"""GitHub's issues and comments through a scripted wire: what is looked up, what is adopted after
a lost answer, what is never done twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harness.core.errors import Lost, NotFound, Unavailable
from harness.forge.github.repository import BODY_LIMIT
from harness.forge.marker import with_marker
from tests.forge.github.fake import (
    LATE,
    FakeWire,
    StillClock,
    comment,
    forbidden,
    forge_of,
    issue,
    lost,
    missing,
    user,
)


def edited(*nodes: tuple[str, str | None]) -> dict[str, Any]:
    return {"nodes": [{"id": node, "lastEditedAt": at} for node, at in nodes]}


# -- the cursor


def listing(items: list[dict[str, Any]]) -> Callable[[Any], list[dict[str, Any]]]:
    """GitHub's list of issues: from `since` on, oldest change first."""

    def answer(asked: Any) -> list[dict[str, Any]]:
        assert (asked["sort"], asked["direction"], asked["state"]) == ("updated", "asc", "all")
        found = [i for i in items if i["updated_at"] >= asked.get("since", "")]
        return sorted(found, key=lambda i: i["updated_at"])

    return answer


async def test_idle_polls_ask_the_same_and_learn_nothing() -> None:
    wire = FakeWire()
    items = [issue(1), issue(2, at=LATE, pull_request={"url": "x"}), issue(3, at=LATE)]
    wire.on("GET", "/issues", listing(items))
    wire.on("GRAPHQL", "Edited", edited(("I_3", None)))
    forge = forge_of(wire)
    page = await forge.issues()
    assert [i.number for i in page.issues] == [1, 3]
    first = await forge.issues(page.cursor)
    second = await forge.issues(first.cursor)
    assert (first.issues, second.issues) == ((), ())
    assert page.cursor == first.cursor == second.cursor
    assert wire.sent[-1] == wire.sent[-2]
    assert wire.sent[-1][2]["since"] == "2026-01-01T00:04:50Z"
    assert json.loads(page.cursor)["seen"].keys() == {"2", "3"}


async def test_a_second_change_within_the_same_second_is_told() -> None:
    wire = FakeWire()
    items = [issue(1, at=LATE), issue(2, at=LATE)]
    wire.on("GET", "/issues", listing(items))
    wire.on("GRAPHQL", "Edited", edited(("I_1", None), ("I_2", None)))
    forge = forge_of(wire)
    page = await forge.issues()
    items[1] = issue(2, at=LATE, labels=[{"name": "go"}])
    later = await forge.issues(page.cursor)
    assert [(i.number, i.labels) for i in later.issues] == [(2, ("go",))]
    assert (await forge.issues(later.cursor)).issues == ()


@pytest.mark.parametrize("spread", [1, 7, 60, 1200])
async def test_a_long_backlog_is_told_once_whole_and_moving_items_are_not_missed(
    spread: int,
) -> None:
    """1,200 issues within `spread` seconds; one more changes while it is read."""
    wire = FakeWire()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    times = [start + timedelta(seconds=n * spread // 1200) for n in range(1200)]
    items = [issue(n + 1, at=f"{at:%Y-%m-%dT%H:%M:%SZ}") for n, at in enumerate(times)]
    wire.on("GET", "/issues", listing(items))
    wire.on("GRAPHQL", "Edited", lambda asked: edited(*((i, None) for i in asked["ids"])))
    forge, cursor, told = forge_of(wire), "", list[int]()
    for step in range(10):
        page = await forge.issues(cursor)
        told += [i.number for i in page.issues]
        if step == 0:
            items[0] = issue(1, at="2026-01-01T01:00:00Z", title="moved")
        if not page.issues:
            break
        cursor = page.cursor
    assert sorted(told) == [1, *range(1, 1201)]
    assert told[-1] == 1


async def test_another_forges_cursor_starts_anew() -> None:
    wire = FakeWire()
    wire.on("GET", "/issues", listing([issue(1)]))
    for cursor in ("17", "[]", "nonsense", '{"since": 5}', '{"seen": 1}'):
        assert len((await forge_of(wire).issues(cursor)).issues) == 1


# -- when a text was edited


async def test_the_edit_time_is_the_texts_and_unknown_counts_as_late() -> None:
    wire = FakeWire()
    wire.on("GET", "/issues/1", issue(1, at=LATE))
    renamed = {"nodes": [{"createdAt": "2026-01-01T00:03:00Z"}]}
    node = {"id": "I_1", "lastEditedAt": "2026-01-01T00:01:00Z", "timelineItems": renamed}
    for answer, minute in (
        (edited(("I_1", None)), None),
        (edited(("I_1", "2026-01-01T00:01:00Z")), 1),
        ({"nodes": [node]}, 3),
        ({"nodes": [None]}, 5),
        (forbidden(), 5),
        (missing(), 5),
        ({}, 5),
    ):
        wire.on("GRAPHQL", "Edited", answer)
        at = (await forge_of(wire).issue(1)).edited_at
        assert (at and at.minute) == minute
    wire.on("GRAPHQL", "Edited", Unavailable("github.unavailable", why="x"))
    with pytest.raises(Unavailable):
        await forge_of(wire).issue(1)


async def test_a_settled_edit_time_is_asked_once_a_fresh_one_each_time() -> None:
    for ago, asked in ((61, 1), (59, 2)):
        wire = FakeWire()
        clock = StillClock(datetime(2026, 1, 1, 0, 5, tzinfo=UTC) + timedelta(seconds=ago))
        wire.on("GET", "/issues/1", issue(1, at=LATE))
        wire.on("GRAPHQL", "Edited", edited(("I_1", None)))
        forge = forge_of(wire, clock)
        for _ in range(2):
            await forge.issue(1)
        assert [name for _, name, _ in wire.sent].count("Edited") == asked


# -- issues


async def test_what_is_no_issue_of_ours_is_not_found() -> None:
    wire = FakeWire()
    elsewhere = "https://api.github.com/repos/acme/other"
    answers: list[Any] = [
        issue(1, pull_request={}),
        issue(1, repository_url=elsewhere),
        [],
        missing(),
    ]
    for data in answers:
        wire.on("GET", "/issues/1", data)
        with pytest.raises(NotFound):
            await forge_of(wire).issue(1)


async def test_blockers_are_open_issues_of_this_repository() -> None:
    wire = FakeWire()
    elsewhere = "https://api.github.com/repos/acme/other"
    blocked = [issue(2), issue(3, state="closed"), issue(4, repository_url=elsewhere)]
    wire.on("GET", "/issues/1/dependencies/blocked_by", blocked)
    wire.on("GET", "/issues/1/sub_issues", [issue(5), issue(2), issue(6, pull_request={})])
    assert await forge_of(wire).blockers(1) == (2, 5)
    wire.on("GET", "/issues/1/sub_issues", missing())
    assert await forge_of(wire).blockers(1) == (2,)


async def test_an_issue_whose_answer_was_lost_is_found_by_its_key() -> None:
    wire = FakeWire()
    ours = issue(5, body=with_marker("run-1", "text"), user=user(7, "worker"))
    theirs = issue(4, body=with_marker("run-1", "text"))
    wire.on("GET", "/issues", [], [theirs, ours])
    wire.on("POST", "/issues", lost())
    wire.on("GET", "/issues/5", ours)
    wire.on("GRAPHQL", "Edited", edited(("I_5", None)))
    forge = forge_of(wire)
    assert (await forge.create_issue("Found", "text", key="run-1")).number == 5
    assert (await forge.create_issue("Found", "text", key="run-1")).number == 5
    assert len(wire.writes()) == 1
    wire.on("GET", "/issues", [theirs])
    with pytest.raises(Lost):
        await forge.create_issue("Found", "text", key="run-1")


async def test_only_what_differs_is_written() -> None:
    wire = FakeWire()
    data = issue(
        1, body=with_marker("k", "text"), title="T", labels=[{"name": "Bug"}, {"name": "old"}]
    )
    wire.on("GET", "/issues/1", data)
    wire.on("GRAPHQL", "Edited", edited(("I_1", None)))
    wire.on("PATCH", "/issues/1", data)
    wire.on("POST", "/issues/1/labels", [])
    wire.on("DELETE", "/issues/1/labels/old", missing())
    forge = forge_of(wire)
    await forge.edit_issue(1, title="T", body="text")
    await forge.labels(1, add=("bug",), remove=("new",))
    assert wire.writes() == []
    await forge.edit_issue(1, body="other")
    await forge.labels(1, add=("new", "BUG"), remove=("OLD",))
    await forge.close(1, "not_planned")
    assert [(verb, path, body) for verb, path, body in wire.writes()] == [
        ("PATCH", "/issues/1", {"body": with_marker("k", "other")}),
        ("POST", "/issues/1/labels", {"labels": ["new"]}),
        ("DELETE", "/issues/1/labels/old", None),
        ("PATCH", "/issues/1", {"state": "closed", "state_reason": "not_planned"}),
    ]
    wire.on("GET", "/issues/1", issue(1, state="closed"))
    await forge.close(1)
    assert len(wire.writes()) == 4


# -- comments


async def test_a_comment_whose_answer_was_lost_is_adopted() -> None:
    wire = FakeWire()
    ours = comment(11, with_marker("run", "text"))
    theirs = comment(10, with_marker("run", "text"), author=3)
    wire.on("GET", "/issues/1/comments", [theirs], [theirs, ours])
    wire.on("POST", "/issues/1/comments", lost())
    forge = forge_of(wire)
    assert (await forge.put_comment(1, "run", "text")).id == 11
    assert len(wire.writes()) == 1
    wire.on("GET", "/issues/comments/11", ours)
    assert (await forge.put_comment(1, "run", "text")).edited_at is None
    assert len(wire.writes()) == 1
    changed = comment(11, with_marker("run", "new"), updated_at=LATE)
    wire.on("PATCH", "/issues/comments/11", changed)
    put = await forge.put_comment(1, "run", "new")
    assert (put.id, put.body, put.edited_at is None) == (11, changed["body"], False)
    assert wire.writes()[-1] == ("PATCH", "/issues/comments/11", {"body": changed["body"]})


async def test_a_comment_that_was_deleted_is_made_again_and_an_unseen_one_is_not_assumed() -> None:
    wire = FakeWire()
    ours = comment(11, with_marker("run", "text"))
    wire.on("GET", "/issues/1/comments", [ours], [])
    wire.on("GET", "/issues/comments/11", missing())
    wire.on("POST", "/issues/1/comments", comment(12, with_marker("run", "text")))
    forge = forge_of(wire)
    assert (await forge.put_comment(1, "run", "text")).id == 11
    assert (await forge.put_comment(1, "run", "text")).id == 12
    wire.on("POST", "/issues/1/comments", lost())
    with pytest.raises(Lost):
        await forge.put_comment(1, "other", "text")


async def test_a_browsers_line_ends_are_no_edit_and_a_long_text_is_cut() -> None:
    wire = FakeWire()
    wire.on(
        "GET", "/issues/1/comments", [comment(11, with_marker("run", "a\nb").replace("\n", "\r\n"))]
    )
    await forge_of(wire).put_comment(1, "run", "a\nb")
    assert wire.writes() == []
    wire.on("POST", "/issues/1/comments", lambda asked: comment(12, asked["body"]))
    put = await forge_of(wire).put_comment(1, "long", "x" * 70_000)
    assert BODY_LIMIT < len(put.body) < 65_536
    assert put.body.startswith("<!-- harness:long -->\nxxx")


async def test_comments_tell_when_they_were_edited() -> None:
    wire = FakeWire()
    said = [comment(1, "a"), comment(2, "b", updated_at=LATE), comment(3, "c", updated_at=LATE)]
    said.append(comment(4, "d", user=None))
    wire.on("GET", "/issues/1/comments", said)
    wire.on("GRAPHQL", "Edited", edited(("C_2", None), ("C_3", LATE)))
    told = await forge_of(wire).comments(1)
    assert [c.edited_at is None for c in told] == [True, True, False, True]
    assert (told[3].author.id, told[3].author.login) == (0, "ghost")
    assert wire.sent[-1][2] == {"ids": ["C_2", "C_3"]}

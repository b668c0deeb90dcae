"""GitHub's payloads as values of ours: odd, missing and hostile ones too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.errors import ForgeError
from harness.core.forge_types import Actor
from harness.forge.github import map as mapped
from harness.forge.github import map_pulls as shaped
from harness.forge.github.payload import when
from tests.forge.github.fake import EARLY, LATE, OTHER, SHA, comment, issue, pull, user
from tests.github.oracle import OPENAPI


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T05:04:05+02:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2026-01-02T03:04:05", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("soon", None),
        ("", None),
        (None, None),
        (17, None),
    ],
)
def test_a_time_is_aware_and_utc(said: object, found: datetime | None) -> None:
    assert when(said) == found


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (user(3, "ada"), Actor(id=3, login="ada")),
        (user(4, "x[bot]"), Actor(id=4, login="x[bot]", kind="bot")),
        (user(4, "x", "Bot"), Actor(id=4, login="x", kind="bot")),
        (user(5, "acme", "Organization"), Actor(id=5, login="acme")),
        (None, mapped.NOBODY),
        ({"login": "ada"}, mapped.NOBODY),
        ("ada", mapped.NOBODY),
    ],
)
def test_an_account_without_an_id_is_nobody(data: object, found: Actor) -> None:
    assert mapped.actor(data) == found


def test_a_bot_has_the_same_login_whichever_way_it_is_read() -> None:
    data = {"__typename": "Bot", "login": "our-app", "databaseId": 9}
    bot = Actor(id=9, login="our-app[bot]", kind="bot")
    assert mapped.graphql_actor(data) == mapped.actor(user(9, "our-app[bot]", "Bot")) == bot
    assert mapped.graphql_actor({"__typename": "EnterpriseUserAccount", "login": "x"}).id == 0


def test_an_issue_with_everything_and_one_with_nothing() -> None:
    data = issue(
        7,
        labels=[{"name": "bug"}, "old style", {"name": None}, 5],
        assignees=[user(4, "bob"), None],
        milestone={"title": "1.0"},
        state="closed",
        state_reason="duplicate",
        sub_issues_summary={"total": 2, "completed": 2},
        issue_dependencies_summary={"blocked_by": 0},
    )
    full = mapped.issue(data, None)
    assert (full.labels, full.assignees, full.milestone) == (("bug", "old style"), ("bob",), "1.0")
    assert (full.state, full.state_reason, full.waits) == ("closed", "not_planned", False)
    bare = mapped.issue({"number": 1, "created_at": EARLY, "updated_at": LATE}, None)
    assert (bare.title, bare.body, bare.author, bare.state) == ("", "", mapped.NOBODY, "closed")
    assert mapped.waits({"issue_dependencies_summary": {"blocked_by": 1}})
    assert mapped.waits({"sub_issues_summary": {"total": 2, "completed": 1}})
    for lacking in ("number", "created_at", "updated_at"):
        with pytest.raises(ForgeError):
            mapped.issue({k: v for k, v in data.items() if k != lacking}, None)


def test_the_timeline_tells_who_did_what_and_leaves_talk_out() -> None:
    ada = user(3, "ada")
    items: list[object] = [
        {"id": 1, "event": "labeled", "actor": ada, "created_at": EARLY, "label": {"name": "go"}},
        {"id": 2, "event": "assigned", "actor": ada, "created_at": EARLY, "assignee": user(4, "b")},
        {"id": 3, "event": "commented", "actor": ada, "created_at": EARLY},
        {"sha": SHA, "event": "committed"},
        {"id": 4, "event": "closed", "actor": None, "created_at": LATE, "commit_id": SHA},
        {"id": 5, "event": "renamed", "actor": ada, "created_at": LATE,
         "rename": {"from": "a", "to": "b"}},
        {"event": "cross-referenced", "actor": ada, "created_at": LATE,
         "source": {"type": "issue", "issue": {"id": 60, "number": 6}}},
        {"id": 7, "event": "something new", "actor": ada, "created_at": LATE},
        {"id": 8, "event": "reopened", "actor": ada},
        None,
    ]  # fmt: skip
    assert [(e.id, e.kind, e.actor.id, e.subject) for e in mapped.timeline(items)] == [
        (1, "labeled", 3, "go"),
        (2, "assigned", 3, "b"),
        (4, "closed", 0, SHA),
        (5, "renamed", 3, "b"),
        (60, "cross-referenced", 3, "#6"),
    ]


def test_a_pull_request_is_open_closed_or_merged() -> None:
    data = pull(
        1, merge_commit_sha=OTHER, requested_reviewers=[user(3, "ada")], auto_merge={"x": 1}
    )
    is_open = shaped.pull(data, base_sha=SHA)
    assert (is_open.state, is_open.merged_sha, is_open.mergeable) == ("open", None, True)
    assert (is_open.base_sha, is_open.reviewers, is_open.queued) == (SHA, ("ada",), True)
    closed = shaped.pull(data | {"state": "closed"})
    assert (closed.state, closed.mergeable, closed.queued) == ("closed", False, False)
    merged = shaped.pull(data | {"state": "closed", "merged_at": LATE})
    assert (merged.state, merged.merged_sha) == ("merged", OTHER)
    assert shaped.pull(data | {"mergeable": None}).mergeable is None
    assert shaped.pull(data | {"user": None}).author.id == 0
    gone = {"ref": "fix", "sha": SHA, "repo": None}
    assert shaped.head_repository(data | {"head": gone}) is None
    with pytest.raises(ForgeError):
        shaped.pull(data | {"head": None})


@pytest.mark.parametrize(
    ("state", "body", "found"),
    [
        ("APPROVED", "", "approved"),
        ("changes_requested", "no", "changes_requested"),
        ("COMMENTED", "hm", "commented"),
        ("COMMENTED", " ", None),
        ("DISMISSED", "no", None),
        ("PENDING", "no", None),
        ("", "no", None),
    ],
)
def test_only_submitted_reviews_that_still_count_are_told(
    state: str, body: str, found: str | None
) -> None:
    data = {"id": 1, "user": user(3, "ada"), "state": state, "body": body, "commit_id": SHA}
    review = shaped.review(data | {"submitted_at": LATE})
    assert (review.state if review else None) == found


def test_a_thread_on_a_line_that_is_gone_keeps_its_first_line() -> None:
    data: dict[str, Any] = {"id": "T", "path": "a.py", "line": None, "originalLine": 4}
    assert shaped.thread(data).line == 4
    assert shaped.thread(data | {"line": 9}).line == 9
    assert shaped.thread(data | {"subjectType": "FILE"}).line == 0
    assert shaped.thread({"id": "T"}).line == 0
    assert shaped.thread(data | {"isResolved": 1}).resolved is False


@pytest.mark.parametrize(
    ("status", "conclusion", "found"),
    [
        ("completed", "success", ("completed", "success")),
        ("completed", "stale", ("completed", "cancelled")),
        ("completed", "startup_failure", ("completed", "failure")),
        ("completed", "who knows", ("completed", "failure")),
        ("completed", None, ("completed", "failure")),
        ("in_progress", "success", ("in_progress", None)),
        ("waiting", None, ("queued", None)),
        ("", None, ("queued", None)),
    ],
)
def test_an_unknown_ending_of_a_check_is_a_failure(
    status: str, conclusion: str | None, found: tuple[str, str | None]
) -> None:
    check = shaped.check_run({"id": 1, "name": "x", "status": status, "conclusion": conclusion})
    assert (check.status, check.conclusion) == found


def test_rule_sets_and_classic_protection_add_up() -> None:
    rules = [
        {"type": "pull_request", "parameters": {"required_approving_review_count": 1,
                                                "required_review_thread_resolution": True}},
        {"type": "required_status_checks",
         "parameters": {"required_status_checks": [{"context": "unit"}, {"context": "lint"}]}},
        {"type": "merge_queue"}, {"type": "deletion"}, None,
    ]  # fmt: skip
    branch = {"protection": {"required_status_checks": {"contexts": ["unit", "e2e"]}}}
    classic = {"required_pull_request_reviews": {"required_approving_review_count": 2}}
    found = shaped.protection(rules, branch, classic, auto_merge=True)
    assert (found.approvals, found.checks) == (2, ("unit", "lint", "e2e"))
    assert (found.conversations, found.queue, found.auto_merge) == (True, True, True)
    none = shaped.protection([], {}, {}, auto_merge=False)
    assert (none.approvals, none.checks, none.queue) == (0, (), False)


# -- anything at all

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from([LATE, "open", "completed"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("said", "member"),
    [("OWNER", True), ("MEMBER", True), ("COLLABORATOR", True), ("CONTRIBUTOR", False),
     ("NONE", False), ("FIRST_TIMER", False), (None, False), (1, False), (["OWNER"], False)],
)  # fmt: skip
def test_who_belongs_to_the_project_as_github_says(said: object, member: bool) -> None:
    assert mapped.comment({**comment(1, "x"), "author_association": said}, None).member is member


WHOLE = [issue(1), comment(1, "x"), pull(1), {"id": 1, "state": "APPROVED", "submitted_at": LATE}]
MAPS: list[Callable[[Any], object]] = [
    mapped.repository,
    mapped.waits,
    lambda data: mapped.issue(data, None),
    lambda data: mapped.comment(data, None),
    lambda data: mapped.permission(data, Actor(id=3, login="ada")),
    lambda data: mapped.edit_times([data]),
    lambda data: mapped.timeline([{"event": "labeled", "created_at": LATE} | data]),
    shaped.pull,
    shaped.review,
    shaped.thread,
    shaped.check_run,
    lambda data: shaped.statuses([data], SHA),
    lambda data: shaped.protection([data], data, data, auto_merge=False),
]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_payload_breaks_the_mapping(draw: st.DataObject) -> None:
    data = dict(draw.draw(st.sampled_from(WHOLE)))
    names = st.sampled_from([*data, "label", "source", "output", "app", "parameters", "comments",
                             "protection", "required_status_checks", "milestone"])  # fmt: skip
    data |= draw.draw(st.dictionaries(names, JSON, max_size=5))
    for shape in MAPS:
        try:
            shape(data)
        except ForgeError:
            continue


# -- GitHub's own examples


@cache
def description() -> dict[str, Any]:
    assert OPENAPI.is_file(), f"{OPENAPI} is missing: run `make test-parts`"
    found: dict[str, Any] = json.loads(OPENAPI.read_bytes())
    return found


def examples(path: str) -> Iterable[Any]:
    """What GitHub's description gives as answers to a GET."""
    whole = description()
    answer = whole["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    known = whole["components"]["examples"]
    for listed in answer["examples"].values():
        found = known[listed["$ref"].split("/")[-1]] if "$ref" in listed else listed
        value = found["value"]
        # one of them refers where a value should stand
        again = value.get("$ref") if isinstance(value, dict) else None
        yield known[again.split("/")[-1]]["value"] if again else value


REPO = "/repos/{owner}/{repo}"
EXAMPLES: list[tuple[str, str, Callable[[Any], object]]] = [
    ("", "", mapped.repository),
    ("/issues", "", lambda data: mapped.issue(data, None)),
    ("/issues/{issue_number}", "", lambda data: mapped.issue(data, None)),
    ("/issues/{issue_number}/dependencies/blocked_by", "", lambda data: mapped.issue(data, None)),
    ("/issues/{issue_number}/comments", "", lambda data: mapped.comment(data, None)),
    ("/issues/{issue_number}/timeline", "", lambda data: mapped.timeline([data])),
    ("/pulls", "", shaped.pull),
    ("/pulls/{pull_number}", "", shaped.pull),
    ("/pulls/{pull_number}/reviews", "", shaped.review),
    ("/commits/{ref}/check-runs", "check_runs", shaped.check_run),
    ("/actions/runs/{run_id}/jobs", "jobs", shaped.check_run),
    ("/commits/{ref}/statuses", "", lambda data: shaped.statuses([data], SHA)),
    ("/rules/branches/{branch}", "", lambda d: shaped.protection([d], {}, {}, auto_merge=False)),
    ("/branches/{branch}/protection", "", lambda d: shaped.protection([], {}, d, auto_merge=False)),
]


@pytest.mark.parametrize(("path", "key", "shape"), EXAMPLES, ids=[path for path, *_ in EXAMPLES])
def test_githubs_published_examples_are_understood(
    path: str, key: str, shape: Callable[[Any], object]
) -> None:
    count = 0
    for example in examples(REPO + path):
        found = example[key] if key else example
        for data in found if isinstance(found, list) else [found]:
            assert shape(data) is not None
            count += 1
    assert count


def test_githubs_example_of_a_permission_is_its_owners_only() -> None:
    (data,) = examples(f"{REPO}/collaborators/{{username}}/permission")
    who = mapped.actor(data["user"])
    assert mapped.permission(data, who) == "admin"
    assert mapped.permission(data, who.model_copy(update={"id": who.id + 1})) == "none"

"""PyGithub's models read what was fetched and can fetch nothing of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from github.CheckRun import CheckRun
from github.GithubObject import GithubObject
from github.Issue import Issue
from github.PullRequest import PullRequest
from github.Repository import Repository

from harness.core.errors import ForgeError
from harness.forge.github import map as mapped
from harness.forge.github import map_pulls as shaped
from harness.forge.github.models import Detached, model, optional, reads, require
from tests.forge.github.fake import SHA, issue, pull, repository, user
from tests.forge.github.http import SleptClock, Told, serving

READS: list[Callable[[Issue], object]] = [
    lambda issue: issue.user.name,
    lambda issue: issue.milestone.description,
    lambda issue: issue.user.raw_data,
    lambda issue: issue.repository.owner.login,
    lambda issue: issue.update(),
    lambda issue: issue.edit("mine"),
    lambda issue: issue.create_comment("mine"),
    lambda issue: issue.get_comments()[0],
    lambda issue: issue.requester.requestMultipartAndCheck("POST", issue.url, input={}),
    lambda issue: issue.requester.graphql_query("query", {}),
]


@pytest.mark.parametrize("read", READS, ids=range(len(READS)))
@pytest.mark.parametrize("host", ["", "https://api.github.com", "https://forge.invalid/api/v3"])
def test_a_model_asks_nobody(read: Callable[[Issue], object], host: str) -> None:
    """Wherever its addresses lead: to a server that listens, to GitHub, to a host of another."""
    with serving(SleptClock()) as script:
        script.tell(Told(body={"name": "lazy"}))
        at = host or script.url
        data = issue(
            1,
            url=f"{at}/repos/acme/app/issues/1",
            user={**user(3, "ada"), "url": f"{at}/users/ada"},
            milestone={"title": "1.0", "url": f"{at}/repos/acme/app/milestones/1"},
            repository={"id": 1, "url": f"{at}/repos/acme/app"},
        )
        found = model(Issue, data)
        with pytest.raises((Detached, AssertionError)):
            read(found)
        assert found.closed_at is None
        assert optional(lambda: found.user.name) is None
        assert script.asked == []


def test_what_github_did_not_send_is_none_and_what_it_must_send_is_an_error() -> None:
    found = model(PullRequest, pull(1, head="fix", milestone=None))
    assert found.head.ref == "fix"
    assert not found.milestone
    assert not found.merged_by
    assert optional(lambda: found.milestone.title) is None
    with pytest.raises(ForgeError):
        require(found.merged_at, "merged_at")


@pytest.mark.parametrize("data", [None, "text", [], 3])
def test_what_is_no_object_is_no_model(data: object) -> None:
    with pytest.raises(ForgeError):
        model(Issue, data)


@pytest.mark.parametrize(
    ("kind", "data"),
    [(Issue, {"url": 5}), (CheckRun, {"check_suite": 5})],
)
def test_an_object_that_the_library_cannot_read_is_an_error(
    kind: type[GithubObject], data: dict[str, Any]
) -> None:
    with pytest.raises(ForgeError):
        model(kind, data)


def test_a_field_of_another_type_is_an_error_that_quotes_nobody() -> None:
    with pytest.raises(ForgeError) as caught:
        mapped.issue(issue(1, title={"secret": "words"}), None)
    assert "words" not in f"{caught.value} {caught.value.__context__} {caught.value.__cause__}"
    with pytest.raises(ForgeError):
        mapped.permission({"permission": "admin", "user": {"id": 3, "suspended_at": 1}}, ADA)
    with pytest.raises(ForgeError):
        reads(lambda: model(Repository, {"full_name": 5}).full_name)()


ADA = mapped.actor(user(3, "ada"))


def test_a_suspended_account_has_no_permission() -> None:
    data = {"permission": "admin", "user": user(3, "ada")}
    assert mapped.permission(data, ADA) == "admin"
    assert mapped.permission(data | {"user": user(3, "ada") | {"suspended_at": None}}, ADA)
    gone = user(3, "ada") | {"suspended_at": "2026-01-01T00:00:00Z"}
    assert mapped.permission(data | {"user": gone}, ADA) == "none"


def test_a_check_without_a_suite_is_a_check_and_an_answer_stays_as_it_is() -> None:
    data = {"id": 1, "name": "unit", "check_suite": None, "output": None, "app": None}
    assert shaped.check_run(data, SHA).commit == SHA
    linked = {**repository(), "_links": {"self": "https://x"}}
    assert mapped.repository(linked).id == 1
    assert "url" not in linked

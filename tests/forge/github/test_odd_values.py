"""Numbers and times of a server that deviates: bad input with a sentence, never a crash."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.core.errors import ForgeError
from harness.forge.github.map import NOBODY, actor, graphql_actor, issue, repository
from harness.forge.github.payload import when
from harness.pipeline.agents.verdicts import Reviewed, Triage
from harness.web.receiver import _repository

AT = "2026-01-02T03:04:05Z"
ISSUE = {"number": 7, "title": "t", "created_at": AT, "updated_at": AT, "state": "open"}
NO_TIMES = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "1969-12-31T23:59:59Z",
    "10000-01-01T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "soon",
    "",
]


@pytest.mark.parametrize("text", NO_TIMES)
def test_a_time_that_cannot_be_is_none(text: str) -> None:
    assert when(text) is None
    with pytest.raises(ForgeError) as caught:
        issue({**ISSUE, "created_at": text}, None)
    assert caught.value.key == "github.unexpected"


def test_an_ordinary_time_is_one() -> None:
    assert when("1970-01-01T00:00:00Z") == datetime(1970, 1, 1, tzinfo=UTC)
    assert issue(ISSUE, None).created_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize("number", [True, False, None, "7", 7.5, [7], {"a": 7}])
def test_what_is_no_number_is_no_id(number: object) -> None:
    with pytest.raises(ForgeError):
        issue({**ISSUE, "number": number}, None)
    with pytest.raises(ForgeError):
        repository({"id": number, "full_name": "o/n", "default_branch": "main"})
    assert graphql_actor({"databaseId": number, "login": "a"}) == NOBODY
    assert actor({"id": number, "login": "a", "type": "User"}) == NOBODY


@pytest.mark.parametrize("number", [b"true", b"null", b'"1"', b"1.0", b"[1]"])
def test_a_delivery_with_no_number_is_about_no_repository(number: bytes) -> None:
    assert _repository(b'{"repository": {"id": %s}}' % number) == 0
    assert _repository(b'{"repository": {"id": 1}}') == 1


@pytest.mark.parametrize("number", [True, False, -1, 10**30, 1.5, "x", None, [1]])
def test_nor_does_a_model_name_an_issue_or_a_line_with_it(number: object) -> None:
    triage = {"kind": "bug", "reason": "r", "duplicate_of": number}
    finding = {"text": "t", "line": number}
    with pytest.raises(ValueError, match="duplicate_of"):
        Triage.model_validate(triage)
    with pytest.raises(ValueError, match="line"):
        Reviewed.model_validate({"approve": True, "findings": [finding]})
    assert Triage.model_validate({**triage, "duplicate_of": "12"}).duplicate_of == 12

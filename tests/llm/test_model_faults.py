"""Classes of failure, when to ask again, and the sentences people read."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.core.errors import ModelError
from harness.i18n.catalogue import Catalogue, languages
from harness.llm import faults

SORTS = faults.RETRIED | {"auth", "invalid", "too_long", "refusal", "spend"}
NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def error(sort: str, after_s: float | None = None) -> ModelError:
    retry = sort in faults.RETRIED
    return ModelError(
        f"llm.{sort}", sort=sort, retry=retry, after_s=after_s, model="m", status=1, detail="d"
    )


@pytest.mark.parametrize("sort", sorted(SORTS))
@pytest.mark.parametrize("language", languages())
def test_every_sort_has_its_sentence(sort: str, language: str) -> None:
    words = Catalogue(language)
    raised = error(sort)
    assert "m" in words(raised.key, **raised.facts)


@pytest.mark.parametrize(
    ("status", "kinds", "text", "after", "sort"),
    [
        (429, (), "Too many requests", False, "rate"),
        (429, (), "quota exceeded", False, "spend"),
        (429, (), "quota exceeded", True, "rate"),
        (429, (), "quota of 60 requests per minute exceeded", False, "rate"),
        (429, ("enforced_spend_limit_reached", "rate_limit_error"), "stop", False, "spend"),
        (403, ("permission_error",), "billing is not active", False, "spend"),
        (403, ("permission_error",), "not allowed", False, "auth"),
        (400, (), "anything", False, "invalid"),
        (400, (), "exceeds the available context size", False, "too_long"),
        (413, (), "", False, "too_long"),
        (408, (), "", False, "server"),
        (503, (), "", False, "overloaded"),
        (500, (), "", False, "server"),
        (599, (), "", False, "server"),
        (404, ("api_error",), 'model "x" not found, try pulling it first', False, "invalid"),
        (400, (), "", False, "invalid"),
        (200, ("overloaded_error",), "", False, "overloaded"),
        (200, (), "strange", False, "server"),
    ],
)
def test_an_answer_has_its_class(
    status: int, kinds: tuple[str, ...], text: str, after: bool, sort: str
) -> None:
    assert faults.sort_of(status, kinds, text, after=after) == sort


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Sat, 21 Nov 2026 08:00:30 GMT"}, 30.0),
        ({"retry-after": "Sat, 21 Nov 2026 07:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
    ],
)
def test_when_to_come_back_is_read_in_every_form(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert faults.after_s(headers, NOW) == seconds


def test_what_a_server_says_becomes_one_short_line() -> None:
    said = faults.answer_error("m", 500, (), "line\nline\0" + "x" * 1000, None)
    detail = str(said.facts["detail"])
    assert len(detail) == 300
    assert "\n" not in detail
    assert "\0" not in detail


def test_a_cause_is_dug_out() -> None:
    outer = RuntimeError("Connection error.")
    outer.__cause__ = OSError("[Errno 111] Connection refused")
    assert faults.cause(outer, "x") == "[Errno 111] Connection refused"
    assert faults.cause(ValueError(), "x") == "x"

"""What servers say instead of a reply: read in any form, classed by its meaning."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.llm.strange import (
    KEY,
    Answer,
    document,
    fault,
)
from tests.llm.test_too_long import TOO_LONG

FORMS: dict[str, Callable[[str], Any]] = {
    "the usual": lambda text: {"error": {"message": text, "type": "x", "code": None}},
    "a text": lambda text: {"error": text},
    "a list": lambda text: [{"error": {"message": text, "status": "X"}}],
    "a list inside": lambda text: {"error": [{"message": text}]},
    "errors": lambda text: {"errors": [{"message": text, "code": 5021}], "success": False},
    "a message alone": lambda text: {"message": text},
    "a capital": lambda text: {"Message": text},
    "marked": lambda text: {"object": "error", "message": text, "type": "BadRequestError"},
    "a detail": lambda text: {"detail": text},
    "details of fields": lambda text: {"detail": [{"loc": ["body", 1], "msg": text}]},
    "a nested error": lambda text: {"error": {"error": {"message": text}}},
    "json inside a text": lambda text: {
        "error": {"message": json.dumps({"error": {"message": text}})}
    },
    "what stood behind": lambda text: {
        "error": {
            "message": "Provider returned error",
            "metadata": {"raw": json.dumps({"error": {"message": text}})},
        }
    },
    "a type beside": lambda text: {"type": "error", "error": {"type": "x", "message": text}},
}
PAGE = "<html><head><title>Bad</title><style>x{}</style></head><body><h1>%s</h1></body></html>"


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("status", [400, 200])
async def test_a_complaint_is_read_in_every_form(dialect: str, form: str, status: int) -> None:
    text = "The model `gpt-9` does not exist"
    error = await fault(dialect, document(FORMS[form](text), status))
    assert (error.sort, error.retry, error.spent) == ("invalid", False, None)
    assert text in str(error.facts["detail"])


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize("form", FORMS)
async def test_a_complaint_inside_a_stream_is_read_in_every_form(dialect: str, form: str) -> None:
    text = "The model is overloaded"
    body = FORMS[form](text)
    error = await fault(dialect, Answer(f"data: {json.dumps(body)}\n\n".encode()))
    assert (error.sort, error.retry) == ("overloaded", True)
    assert text in str(error.facts["detail"])


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("body", "status", "sort", "quoted"),
    [
        (PAGE % "Request Entity Too Large", 413, "too_long", "Bad Request Entity Too Large"),
        (PAGE % "502 Bad Gateway", 502, "server", "Bad 502 Bad Gateway"),
        (PAGE % "Please log in", 200, "server", "Bad Please log in"),
        ("upstream connect error", 503, "overloaded", "upstream connect error"),
        ("no healthy upstream", 200, "server", "no healthy upstream"),
        ('"just text"', 400, "invalid", "just text"),
        ("", 400, "invalid", "-"),
        ("", 500, "server", "-"),
        ("null", 400, "invalid", "-"),
        ("{}", 400, "invalid", "-"),
        ('{"error": null}', 500, "server", "error"),
        ('{"err', 400, "invalid", "err"),
        ("[" * 5000, 400, "invalid", "["),
        ("\ud800".encode("utf-8", "surrogatepass").decode("latin1"), 400, "invalid", ""),
    ],
)
async def test_any_body_becomes_a_sentence(
    dialect: str, body: str, status: int, sort: str, quoted: str
) -> None:
    error = await fault(dialect, Answer(body.encode(), status, "text/html"))
    assert error.sort == sort
    assert quoted in str(error.facts["detail"])
    assert "Error code" not in str(error.facts["detail"])


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
async def test_no_form_of_a_complaint_repeats_the_key(dialect: str) -> None:
    for form in FORMS.values():
        error = await fault(dialect, document(form(f"bad key {KEY}"), 401))
        assert KEY not in str(error)
        assert "***" in str(error.facts["detail"])
    error = await fault(dialect, Answer(f"data: {{oops {KEY}\n\n".encode()))
    assert KEY not in str(error)


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize("vendor", TOO_LONG)
async def test_too_long_is_known_in_every_vendors_words(dialect: str, vendor: str) -> None:
    status, words, (limit, asked) = TOO_LONG[vendor]
    for body in ({"error": {"message": words}}, {"error": words}, {"detail": words}):
        error = await fault(dialect, document(body, status))
        assert (error.sort, error.retry, error.key) == ("too_long", False, "llm.too_long")
        assert (error.limit_tokens, bool(error.asked_tokens)) == (limit, bool(asked))


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
async def test_too_long_is_known_by_its_type_and_inside_a_200(dialect: str) -> None:
    for code in ("context_length_exceeded", "exceed_context_size_error", "tokens_limit_reached"):
        error = await fault(dialect, document({"error": {"message": "no", "code": code}}, 400))
        assert error.sort == "too_long"
    fields = {"code": 400, "message": "no room", "n_prompt_tokens": 9000, "n_ctx": 4096}
    told = {"error": {**fields, "type": "exceed_context_size_error"}}
    error = await fault(dialect, document(told, 200))
    assert (error.sort, error.limit_tokens, error.asked_tokens) == ("too_long", 4096, 9000)


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize("status", [413, 429, 400])
async def test_more_than_a_minutes_limit_is_a_sentence_of_its_own(
    dialect: str, status: int
) -> None:
    words = (
        "Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 6294, "
        "please reduce your message size. Upgrade at https://example.org/settings/billing"
    )
    error = await fault(
        dialect,
        document(
            {"error": {"message": words, "code": "rate_limit_exceeded"}}, status, retry_after="2"
        ),
    )
    assert (error.sort, error.retry, error.key) == ("over_rate", False, "llm.over_rate")
    assert (error.limit_tokens, error.asked_tokens) == (6000, 6294)
    passing = words.replace("Requested 6294", "Used 5000, Requested 1443")
    error = await fault(dialect, document({"error": {"message": passing}}, 429))
    assert (error.sort, error.retry) == ("rate", True)


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize("status", [503, 429, 500])
@pytest.mark.parametrize(
    "said", ["315360000", "9" * 15, "9" * 400, "Sat, 21 Nov 2095 08:00:00 GMT"]
)
async def test_a_wait_is_believed_for_an_hour_on_every_path(
    dialect: str, status: int, said: str
) -> None:
    error = await fault(dialect, document({"error": "wait"}, status, retry_after=said))
    assert error.retry
    assert error.after_s is not None
    assert error.after_s <= 3660

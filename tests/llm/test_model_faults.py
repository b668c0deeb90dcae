"""Classes of failure, when to ask again, and the sentences people read."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from harness.core.errors import ModelError
from harness.core.ports import OnStream
from harness.core.types import Message, Request, StreamEvent, Text
from harness.core.words import LANGUAGES, Catalogue
from harness.llm import faults
from harness.llm.retry import LONGEST_S, TRIES, Retrying, delay_s
from harness.testing.model_contract import request, user

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def error(sort: str, after_s: float | None = None) -> ModelError:
    retry = sort in faults.RETRIED
    return ModelError(
        f"llm.{sort}", sort=sort, retry=retry, after_s=after_s, model="m", status=1, detail="d"
    )


@pytest.mark.parametrize("sort", sorted(faults.SORTS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sort_has_its_sentence(sort: str, language: str) -> None:
    words = Catalogue("en" if language == "en" else "ko")
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
    said = faults.answered("m", 500, (), "line\nline\0" + "x" * 1000, None)
    detail = str(said.facts["detail"])
    assert len(detail) == 300
    assert "\n" not in detail
    assert "\0" not in detail


@pytest.mark.parametrize("sort", sorted(faults.SORTS - faults.RETRIED))
def test_what_asking_again_cannot_help_is_never_asked_again(sort: str) -> None:
    assert delay_s(error(sort), 1, 0.5) is None


@pytest.mark.parametrize("sort", sorted(faults.RETRIED))
def test_delays_grow_are_spread_and_end(sort: str) -> None:
    least = [delay_s(error(sort), n, 0.0) for n in range(1, TRIES)]
    most = [delay_s(error(sort), n, 1.0) for n in range(1, TRIES)]
    for low, high, lower in zip(least, most, [0.0, *least], strict=False):
        assert low is not None
        assert high is not None
        assert lower is not None
        assert 0 < low < high == 2 * low <= LONGEST_S
        assert low > lower
    assert delay_s(error(sort), TRIES, 0.0) is None


def test_the_servers_wish_is_kept_to_the_letter_or_left_to_the_caller() -> None:
    assert delay_s(error("rate", 17.0), 1, 0.9) == 17.0
    assert delay_s(error("rate", LONGEST_S + 1), 1, 0.9) is None
    assert delay_s(error("cut"), 50, 0.9, tries=100) == pytest.approx(LONGEST_S * 0.95)


class Ticking:
    """A clock whose sleeps take no time."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return sum(self.slept)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class Failing:
    """Raises these one after the other, then answers."""

    name = "failing"

    def __init__(self, *errors: ModelError) -> None:
        self.errors = list(errors)
        self.asked = 0

    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        if on_stream:
            on_stream(StreamEvent(kind="text", text="ok"))
        return Message(role="assistant", parts=(Text(text="ok"),))

    async def close(self) -> None:
        self.asked = -1


def test_passing_faults_are_waited_out() -> None:
    clock, model = Ticking(), Failing(error("overloaded"), error("rate", 17.0), error("cut"))
    seen: list[StreamEvent] = []
    retrying = Retrying(model, clock, jitter=lambda: 0.0)
    reply = asyncio.run(retrying.complete(request(user("go")), seen.append))
    assert (reply.text, [e.text for e in seen], retrying.name) == ("ok", ["ok"], "failing")
    assert clock.slept == [2.5, 17.0, 1.0]


def test_after_the_last_try_the_last_error_speaks() -> None:
    clock, model = Ticking(), Failing(*(error("server") for _ in range(9)))
    with pytest.raises(ModelError):
        asyncio.run(Retrying(model, clock).complete(request(user("go"))))
    assert (model.asked, len(clock.slept)) == (TRIES, TRIES - 1)


@pytest.mark.parametrize("sort", ["spend", "auth", "invalid", "too_long", "refusal"])
def test_a_lasting_fault_is_asked_once(sort: str) -> None:
    clock, model = Ticking(), Failing(error(sort))
    retrying = Retrying(model, clock)
    with pytest.raises(ModelError):
        asyncio.run(retrying.complete(request(user("go"))))
    assert (model.asked, clock.slept) == (1, [])
    asyncio.run(retrying.close())
    assert model.asked == -1


def test_a_cause_is_dug_out() -> None:
    outer = RuntimeError("Connection error.")
    outer.__cause__ = OSError("[Errno 111] Connection refused")
    assert faults.cause(outer, "x") == "[Errno 111] Connection refused"
    assert faults.cause(ValueError(), "x") == "x"

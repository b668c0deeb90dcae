"""When to ask again, as servers really say it; nothing is believed to be longer than an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from harness.system.retry_after import LONGEST_S, after_s, clamp_s

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("0", 0.0),
        ("12", 12.0),
        (" 12 ", 12.0),
        ("1.5", 1.5),
        (".5", 0.5),
        ("7, 7", 7.0),
        ("315360000", LONGEST_S),
        ("9" * 15, LONGEST_S),
        ("9" * 400, LONGEST_S),
        ("9" * 5000, LONGEST_S),
        ("Sat, 21 Nov 2026 08:00:30 GMT", 30.0),
        ("Saturday, 21-Nov-26 08:00:30 GMT", 30.0),
        ("Sat Nov 21 08:00:30 2026", 30.0),
        ("Sat, 21 Nov 2026 17:00:30 +0900", 30.0),
        ("Sat, 21 Nov 2026 08:00:30 -0000", 30.0),
        ("Sat, 21 Nov 2026 07:00:00 GMT", 0.0),
        ("Sat, 21 Nov 2036 08:00:00 GMT", LONGEST_S),
        ("Fri, 31 Dec 9999 23:59:59 GMT", LONGEST_S),
        ("Mon, 01 Jan 0001 00:00:00 GMT", 0.0),
        ("Sat, 21 Nov 99999999999999999999 08:00:30 GMT", None),
        ("Sat, 99 Nov 2026 08:00:30 GMT", None),
        ("Sat, 21 Nov 2026 08:00:30 +99999999999999", None),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("1e9", None),
        ("nan", None),
        ("inf", None),
        ("0x10", None),
        ("\u0661\u0662", None),
    ],
)
def test_a_wait_is_read_in_every_form_and_clamped(said: str, seconds: float | None) -> None:
    assert after_s({"retry-after": said}, NOW) == seconds


def test_milliseconds_go_first_when_they_can_be_read() -> None:
    assert after_s({"retry-after-ms": "250", "retry-after": "9"}, NOW) == 0.25
    assert after_s({"retry-after-ms": "soon", "retry-after": "9"}, NOW) == 9.0
    assert after_s({"retry-after-ms": "9" * 15}, NOW) == LONGEST_S


@pytest.mark.parametrize("said", [float("inf"), float("nan"), -1.0, 1e300, 15.0])
def test_any_wait_is_one_that_can_be_added_to_a_time(said: float) -> None:
    assert NOW <= NOW + timedelta(seconds=clamp_s(said)) <= NOW + timedelta(seconds=LONGEST_S)

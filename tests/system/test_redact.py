"""Our own secrets, in the clothes they leak in."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from harness.core.base import Json
from harness.system.redact import MARK, Redactor

KEY = "sk-ant-api03-A1b2C3d4E5f6"
SECRET = 'ghp_A1b2+C3/d4="e5'
DRESSED = {
    "raw": SECRET,
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 without padding": base64.b64encode(SECRET.encode()).decode().rstrip("="),
    "base64url": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    "basic auth": base64.b64encode(b"x-access-token:" + SECRET.encode()).decode(),
    "basic auth, one off": base64.b64encode(b"me:" + SECRET.encode() + b":more").decode(),
    "basic auth, two off": base64.b64encode(b"user:" + SECRET.encode() + b"x").decode(),
    "hex": SECRET.encode().hex(),
    "HEX": SECRET.encode().hex().upper(),
    "url": quote(SECRET, safe=""),
    "every byte percent": "".join(f"%{b:02X}" for b in SECRET.encode()),
    "json": json.dumps(SECRET),
    "reversed": SECRET[::-1],
}


@pytest.mark.parametrize("dress", DRESSED)
def test_a_secret_is_taken_out_in_every_dress(dress: str) -> None:
    redact = Redactor([SECRET, "another-secret"])
    text = f"remote: bad <{DRESSED[dress]}> header"
    assert MARK in redact(text)
    assert redact.holds(text)
    # what may stay of a base64 text is less than the secret's own digits
    kept = redact(text).replace(MARK, "")
    assert len(kept) - len("remote: bad <> header") <= 24
    assert SECRET not in redact(text)


def test_other_text_is_left_as_it_is() -> None:
    redact = Redactor([SECRET])
    text = "one line\nanother 한국어 line ghp_ A1b2"
    assert redact(text) == text
    assert not redact.holds(text)
    assert Redactor()("text") == "text"


def test_a_secret_split_over_lines_or_by_invisible_signs_is_found() -> None:
    redact = Redactor([SECRET])
    assert redact.holds("\n".join(SECRET))
    assert redact.holds("\u200b".join(SECRET))
    assert redact.holds('"ghp_A1b2+C3"\n  "/d4=\\"e5"')


def test_a_short_value_is_no_secret_and_blanks_nothing() -> None:
    assert Redactor(["", "on", "true"])("it is on, true") == "it is on, true"


def test_added_later_counts_too() -> None:
    redact = Redactor()
    redact.add(SECRET)
    assert redact(SECRET) == MARK


def test_a_dropped_secret_is_none_any_more() -> None:
    redactor = Redactor(["first-secret", "second-secret"])
    redactor.drop("first-secret", "never-there")
    assert redactor("first-secret second-secret") == "first-secret [redacted]"
    redactor.drop("second-secret")
    assert redactor("second-secret") == "second-secret"
    assert not redactor.holds("second-secret")


def test_text_that_is_worked_with_keeps_what_may_be_a_word() -> None:
    words = ["ollama", "sk-no-key-required", "lm-studio", "12345678901234567"]
    redact = Redactor([SECRET, KEY, *words])
    for word in words:
        assert redact(f"use {word} here") == f"use {MARK} here"
        assert redact.sure(f"use {word} here") == f"use {word} here"
    assert redact.sure(f"use {KEY} here") == f"use {MARK} here"


def test_plain_data_is_cleaned_everywhere_or_left_as_it_is() -> None:
    redact = Redactor([KEY])
    data: Json = {"a": ["x", {"b": 1, "c": None}], "d": True}
    assert redact.value(data) is data
    told: Json = {"a": ["x", {f"k {KEY}": [f"say {KEY}", 2.5]}], "d": "y"}
    assert redact.value(told) == {"a": ["x", {f"k {MARK}": [f"say {MARK}", 2.5]}], "d": "y"}

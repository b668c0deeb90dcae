"""Normal forms: the library's answer, in time that grows with the text."""

from __future__ import annotations

import random
import time
import unicodedata
from collections.abc import Callable
from typing import get_args

import pytest

from harness.guard.hidden import strip_invisible
from harness.guard.visible import visible
from harness.system.normal_form import Form, normal_form

FORMS = get_args(Form)
LONG = 200_000
POINTS = [chr(n) for n in range(0x110000) if not 0xD800 <= n < 0xE000]
MARKS = [c for c in POINTS if unicodedata.combining(unicodedata.normalize("NFKD", c)[0])]
OTHERS = list("aeo가각한ㄱㅏ뷁ỗǖﬁ①Å\u09c7\u09be\u1100\u1161\u11a8\ufdfa")
HARD = {
    "two marks in turn": "a" + "\u0301\u0323" * (LONG // 2),
    "a mark that is two": "\u0f73" * LONG,
    "a mark that is two, and a third": "\u0344\u0323" * (LONG // 2),
    "a mark by its compatible form": "\uff9e\u0323" * (LONG // 2),
    "many letters with thirty marks": ("e" + "\u0301\u0323" * 15) * (LONG // 31),
    "a letter that takes a mark, and all marks": "\u09c7" + "".join(MARKS) * (LONG // len(MARKS)),
    "downwards": "a" + "".join(sorted(MARKS, key=unicodedata.combining, reverse=True)) * 200,
}


@pytest.mark.parametrize("form", FORMS)
def test_it_says_what_the_library_says(form: Form) -> None:
    chance = random.Random(1)
    for _ in range(2000):
        kinds = chance.choice([MARKS, MARKS + OTHERS, MARKS[:20] + OTHERS, OTHERS])
        text = "".join(chance.choices(kinds, k=chance.choice([1, 3, 10, 40, 200])))
        assert normal_form(form, text) == unicodedata.normalize(form, text), ascii(text)


def seconds(work: Callable[[], object]) -> float:
    """Of the processor, which other people's work does not count into."""
    before = time.thread_time()
    work()
    return time.thread_time() - before


@pytest.mark.parametrize("name", sorted(HARD))
@pytest.mark.parametrize("form", FORMS)
def test_no_text_takes_long(name: str, form: Form) -> None:
    # the library alone takes 20 to 160 s
    assert seconds(lambda: normal_form(form, HARD[name])) < 8


@pytest.mark.parametrize("name", sorted(HARD))
def test_nor_does_an_issue_made_of_it(name: str) -> None:
    assert seconds(lambda: visible(HARD[name])) < 15
    assert seconds(lambda: strip_invisible(HARD[name])) < 8

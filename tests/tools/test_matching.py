"""Where an edit goes, and where it refuses to go."""

from __future__ import annotations

import pytest

from harness.prompting.templates import Prompts, prompts_root
from harness.tools.matching import NoPlace, Replacement, apply

CODE = "def f(x):\n    if x:\n        return 1\n    return 2\n\n\ndef g(x):\n    return 2\n"
TABS = "def f(x):\n\tif x:\n\t\treturn 1\n\treturn 2\n"


def told(refusal: NoPlace) -> str:
    """What the model reads."""
    return Prompts(prompts_root()).fill(refusal.said)


def one(text: str, old: str, new: str, *, all: bool = False) -> str:
    return apply(text, (Replacement(old=old, new=new, all=all),)).text


FOUND = [
    ("exact", CODE, "return 1", "return 3", CODE.replace("return 1", "return 3")),
    ("inside a line", "a = b + c\n", "b + c", "b - c", "a = b - c\n"),
    ("line ends", "a  \nb\n", "a\nb", "c\nd", "c\nd\n"),
    ("end of old", "a\nb\n", "a \nb\t", "c", "c\n"),
    ("crlf", "a\r\nb\r\nc\r\n", "a\nb\n", "x\ny\n", "x\r\ny\r\nc\r\n"),
    ("mixed line ends", "a\nb  \r\nc\r\n", "b\nc", "y\nz", "a\ny\r\nz\r\n"),
    ("no final newline", "a\nb", "b", "c", "a\nc"),
    (
        "indentation",
        CODE,
        "if x:\n    return 1",
        "if not x:\n    return 0",
        CODE.replace("if x:\n        return 1", "if not x:\n        return 0"),
    ),
    (
        "tabs",
        TABS,
        "    if x:\n        return 1",
        "    if x:\n        y = 1\n        return y",
        TABS.replace("\t\treturn 1", "\t\ty = 1\n\t\treturn y"),
    ),
    ("quotes", "say(“hi”)\n", 'say("hi")', 'say("ho")', 'say("ho")\n'),
    ("dashes and spaces", "a\u00a0– b\n", "a - b", "a - c", "a - c\n"),
    ("korean", "이름 = 1\n값 = 2\n", "값 = 2", "값 = 3", "이름 = 1\n값 = 3\n"),
    ("decomposed", "cafe\u0301 = 1 \n", "café = 1\n", "tea = 1\n", "tea = 1\n"),
    ("lines go", "a\nb  \nc\n", "b\n", "", "a\nc\n"),
    ("astral", "x = '😀'\ny\n", "x = '😀'", "x = '🎉'", "x = '🎉'\ny\n"),
]


@pytest.mark.parametrize(
    ("text", "old", "new", "wanted"), [f[1:] for f in FOUND], ids=[f[0] for f in FOUND]
)
def test_one_place_is_found(text: str, old: str, new: str, wanted: str) -> None:
    assert one(text, old, new) == wanted


REFUSED = [
    ("nowhere", CODE, "return 9", "x", "not in the file"),
    ("several", CODE, "return 2", "x", "2 places (lines 4, 8)"),
    ("several tolerant", "a \nb\na\t\nb\n", "a\nb\n", "x", "2 places (lines 1, 3)"),
    ("empty old", CODE, "", "x", "old is empty"),
    ("blank old", "a\n", "\n\n\n", "x", "white space only"),
    ("nothing changes", CODE, "return 1", "return 1", "the same"),
    (
        "uneven indentation",
        "  a\n      b\n",
        "a\nb",
        "c",
        "differently from line to line",
    ),
    ("less indented", "        a\n", "    a ", "b", "indented less"),
]


@pytest.mark.parametrize(
    ("text", "old", "new", "why"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_no_other_place_is_ever_taken(text: str, old: str, new: str, why: str) -> None:
    with pytest.raises(NoPlace) as caught:
        one(text, old, new)
    assert why in told(caught.value)


def test_every_place_on_demand() -> None:
    assert one(CODE, "return 2", "return 5", all=True).count("return 5") == 2


def test_changes_apply_in_order_and_all_or_none() -> None:
    done = apply("a\nb\n", (Replacement(old="a", new="b2"), Replacement(old="b2\nb", new="c")))
    assert done.text == "c\n"
    assert done.lines == (1, 1)
    with pytest.raises(NoPlace) as caught:
        apply("a\nb\n", (Replacement(old="a", new="z"), Replacement(old="a", new="y")))
    assert told(caught.value).startswith("edit 2 of 2: old is not in the file.")


def test_a_tolerant_match_says_so() -> None:
    assert (
        apply("a  \nb\n", (Replacement(old="a\nb", new="c"),)).how[0].startswith("ignoring white")
    )
    assert apply("a\n", (Replacement(old="a", new="c"),)).how == ("",)


def test_a_refusal_shows_the_nearest_places_with_their_lines() -> None:
    with pytest.raises(NoPlace) as caught:
        one(CODE, "    return 22\n", "x")
    text = told(caught.value)
    assert "4\t    return 2" in text
    assert "8\t    return 2" in text
    with pytest.raises(NoPlace) as caught:
        one(CODE, "completely_unrelated_identifier_here", "x")
    assert "Nothing like it" in told(caught.value)

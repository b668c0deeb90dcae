"""Tests of C and C++ before they are parsed: what a preprocessor leaves out is blanked, heads made
of macros are written as the functions they stand for. Every place stays where it was. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

WORDS = re.compile(
    r"(?m)^[ \t]*\#(?:[^\n\\/]|/(?![*/])|\\\r?\n|\\.)*"
    r"|//[^\n]*|/\*.*?\*/|\bR\"(?P<mark>[^(\s\\]{0,16})\(.*?\)(?P=mark)\""
    r"|\"(?:[^\"\\\n]|\\.|\\\n)*\"|\d[\w.']*|'(?:[^'\\\n]|\\.){1,8}'|[A-Za-z_]\w*|[(){},;]".replace(
        r"/\*.*?\*/", r"/\*(?s:.*?)\*/"
    ).replace(r"\(.*?\)", r"\((?s:.*?)\)")
)
NAMED = frozenset(
    (
        *("TEST", "TEST_F", "TEST_P", "TYPED_TEST", "TYPED_TEST_P", "FRIEND_TEST", "GTEST_TEST"),
        *("TEST_CASE_FIXTURE", "TEST_CASE_METHOD", "TEMPLATE_TEST_CASE_METHOD", "Test"),
        *("BOOST_FIXTURE_TEST_CASE", "BOOST_AUTO_TEST_CASE", "TEST_GROUP", "IGNORE_TEST"),
    )
)
TITLED = frozenset(
    (
        *("TEST_CASE", "SCENARIO", "TEMPLATE_TEST_CASE", "TEST_CASE_TEMPLATE", "SCENARIO_METHOD"),
        *("CATCH_TEST_CASE", "DOCTEST_TEST_CASE", "TEMPLATE_LIST_TEST_CASE"),
    )
)
HEADS = NAMED | TITLED
INNER = frozenset(
    (
        *("SECTION", "DYNAMIC_SECTION", "SUBCASE", "GIVEN", "WHEN", "THEN", "AND_GIVEN"),
        *("AND_WHEN", "AND_THEN", "CATCH_SECTION", "DOCTEST_SUBCASE"),
    )
)
MOST_RAW, MOST_OPEN, MOST_DEEP = 400, 20, 300
FUNCTION, BRANCH = "void t()", "if(1)"
CONDITION = re.compile(
    r"[ \t]*#[ \t]*(if|ifdef|ifndef|elif|elifdef|elifndef|else|endif)\b(.*)", re.S
)
HIDDEN = re.compile(r"\[(?:\.[^\]]*|!?hide|!mayfail|!shouldfail|!throws)\]")
DECORATED = re.compile(r"\b(skip|may_fail|should_fail|expected_failures|disabled)\b\s*[(=]")
NEVER = re.compile(r"\(*\s*(?:0+|false)\s*\)*")
ALWAYS = re.compile(r"\(*\s*(?:0*1|true)\s*\)*")


class Head(NamedTuple):
    """A macro that stands where a function does, and what it is given."""

    macro: str
    given: tuple[str, ...]


class Prepared(NamedTuple):
    """A text that a parser understands, and its heads by their places."""

    text: str
    heads: dict[int, Head]


class _Word(NamedTuple):
    text: str
    start: int
    end: int


def prepare(text: str) -> Prepared:
    """The same text, place by place. ValueError for one that opens more than people do."""
    if text.count('R"') > MOST_RAW or text.count("/*") - text.count("*/") > MOST_OPEN:
        raise ValueError("more than people write")
    _refuse_depths(text)
    text = _without_dead_parts(text)
    words = [w for w in _words(text) if not w.text.lstrip().startswith(("//", "/*", "#"))]
    heads: dict[int, Head] = {}
    out: list[str] = []
    at = 0
    for position, word in enumerate(words):
        known = word.text in HEADS or word.text in INNER
        if not known or word.start < at:
            continue
        closing = _closing(words, position + 1)
        if closing is None or [w.text for w in words[closing + 1 : closing + 2]] != ["{"]:
            continue
        end = words[closing].end
        stands = FUNCTION if word.text in HEADS else BRANCH
        if end - word.start < len(stands):
            continue
        if word.text in HEADS:
            given = _given(text, words[position + 1 : closing + 1])
            heads[word.start] = Head(word.text, given)
        left = _blank(text[word.start + len(stands) : end])
        out += [text[at : word.start], stands, left]
        at = end
    return Prepared("".join([*out, text[at:]]), heads)


def title_of(head: Head) -> tuple[str, str]:
    """A test's name, and how it is silenced."""
    kept = [re.sub(r"/\*.*?\*/|\s+", " ", one, flags=re.S).strip() for one in head.given]
    said = ", ".join(kept)
    if head.macro == "IGNORE_TEST":
        return "::".join(kept[:2]), head.macro
    if head.macro in NAMED and not any('"' in one for one in kept):
        off = any(one.startswith("DISABLED_") for one in kept)
        names = [one.removeprefix("DISABLED_") for one in kept[:2]]
        return "::".join(names), "DISABLED_" if off else ""
    title = next((one for one in kept if '"' in one), said)
    quoted = re.match(r'"((?:[^"\\]|\\.)*)"', title)
    hidden = HIDDEN.search(said) or DECORATED.search(said)
    return quoted[1] if quoted else title, hidden[0] if hidden else ""


def _words(text: str) -> Iterator[_Word]:
    for found in WORDS.finditer(text):
        yield _Word(found[0], found.start(), found.end())


def _refuse_depths(text: str) -> None:
    """What parsers take seconds and gigabytes for, at a glance: strings count too."""
    deep = 0
    for found in re.finditer(r"[(\[{]+|[)\]}]+", text):
        deep = max(0, deep + len(found[0]) * (1 if found[0][0] in "([{" else -1))
        if deep > MOST_DEEP:
            raise ValueError("nested deeper than people write")
    if any(part.count("<") > MOST_DEEP for part in re.split(r"[;{}]", text)):
        raise ValueError("more than people write")


def _closing(words: list[_Word], opening: int) -> int | None:
    """Where the bracket that opens there closes."""
    depth = 0
    for position in range(opening, min(len(words), opening + 2000)):
        text = words[position].text
        depth += (text == "(") - (text == ")")
        if position == opening and text != "(":
            return None
        if text in ("{", "}", ";") and depth == 1:
            return None
        if not depth:
            return position
    return None


def _given(text: str, words: list[_Word]) -> tuple[str, ...]:
    """What stands between commas in brackets."""
    found: list[str] = []
    depth, begin = 0, words[0].end
    for word in words:
        if word.text == "," and depth == 1:
            found.append(text[begin : word.start].strip())
            begin = word.end
        depth += (word.text == "(") - (word.text == ")")
    found.append(text[begin : words[-1].start].strip())
    return tuple(found)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _without_dead_parts(text: str) -> str:
    """`#if 0` and the other side of `#if 1`, blank; a condition with more sides than two stays."""
    opened: list[tuple[int, int, str, bool]] = []
    dead: list[tuple[int, int]] = []
    for word in _words(text):
        found = CONDITION.match(word.text) if "#" in word.text[:200] else None
        if found is None:
            continue
        name, said = found[1], " ".join(found[2].split())
        if name in ("if", "ifdef", "ifndef"):
            is_if = name == "if"
            kind = "0" if is_if and NEVER.fullmatch(said) else ""
            kind = "1" if is_if and ALWAYS.fullmatch(said) else kind
            opened.append((word.start, word.end, kind, False))
        elif opened and name == "endif":
            start, end, kind, other = opened.pop()
            if kind:
                gone = (kind == "0") != other
                dead += [(start, word.end)] if gone else [(start, end), (word.start, word.end)]
        elif opened and name == "else" and opened[-1][2]:
            start, end, kind, _ = opened.pop()
            dead += [(start, word.end)] if kind == "0" else [(start, end)]
            opened.append((word.start, word.end, kind, True))
        elif opened:
            opened[-1] = (*opened[-1][:2], "", opened[-1][3])
    for start, end in dead:
        text = text[:start] + _blank(text[start:end]) + text[end:]
    return text

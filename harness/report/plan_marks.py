"""The marks of a plan's page: headings, bullets, labels, code spans. Shared by its two sides."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from harness.core.errors import UsageError
from harness.i18n.catalogue import Catalogue, languages

MOST_CHARACTERS = 400_000
SECTIONS = ("tasks", "criteria", "risks", "alternatives", "test_changes")
FIELDS = ("kind", "difficulty", "version", "hash", "files", "depends", "agent", "check")

_HEADING = re.compile(r"^ {0,3}(#(?=\s|$)|#{2,6})(.*)$")
BULLET = re.compile(r"^(\s*)(?:[-*+]|\d+[.)])\s+(.*)$")
LABEL = re.compile(r"^\**([^`:：*]{1,40}?)\**\s*[:：]\**\s*(.*)$")
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*(\S*)\s*$")


@cache
def section_names() -> dict[str, str]:
    """A section's heading, in any language and small letters -> the section."""
    return _names("section", SECTIONS)


@cache
def field_names() -> dict[str, str]:
    """The same for the labels of fields."""
    return _names("field", FIELDS)


def _names(prefix: str, names: Iterable[str]) -> dict[str, str]:
    return {
        Catalogue(language)(f"report.plan_{prefix}_{name}").casefold(): name
        for language in languages()
        for name in names
    }


def printable(text: str) -> str:
    """Without control characters; a tab stays."""
    if text.isprintable():
        return text
    return "".join(c for c in text if c == "\t" or unicodedata.category(c) not in ("Cc", "Cs"))


class Lines:
    """A page read line by line; numbers count from 1."""

    def __init__(self, text: str) -> None:
        if len(text) > MOST_CHARACTERS:
            raise UsageError("report.plan_too_long", characters=len(text), most=MOST_CHARACTERS)
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self._lines = [printable(line) for line in text.split("\n")]
        self.number = 0

    @property
    def has_more(self) -> bool:
        return self.number < len(self._lines)

    @property
    def peek(self) -> str:
        return self._lines[self.number]

    def take(self) -> tuple[int, str]:
        """The next line and its number."""
        line = self._lines[self.number]
        self.number += 1
        return self.number, line


def refuse(key: str, line: int, **facts: str | int) -> UsageError:
    """The error for one line; what was found is shown on one short line."""
    short = {k: v[:200] if isinstance(v, str) else v for k, v in facts.items()}
    return UsageError(key, line=line, **short)


def heading(line: str) -> tuple[int, str] | None:
    """Level and title of a heading. Takes time in proportion to the line."""
    found = _HEADING.match(line)
    return (len(found[1]), strip_closing(found[2]).strip()) if found else None


def strip_closing(text: str) -> str:
    """Without the hashes at its end that close a heading: they are no part of a title. Those
    after a blank, that is."""
    end = len(text)
    while end:
        while end and text[end - 1].isspace():
            end -= 1
        start = end
        while start and text[start - 1] == "#":
            start -= 1
        if start == end or not start or not text[start - 1].isspace():
            break
        end = start
    return text[:end]


def parse_label(text: str) -> tuple[str, str] | None:
    """(field, value) of `Label: value` with a label of ours."""
    found = LABEL.match(text)
    name = field_names().get(found[1].strip().casefold()) if found else None
    return (name, found[2].strip()) if found and name else None


def spans(text: str) -> tuple[str, ...]:
    """What stands in code spans, else what stands between commas."""
    found = [strip_padding(body) for _, body in SPAN.findall(text)] or text.split(",")
    return tuple(filter(None, map(str.strip, found)))


def strip_padding(body: str) -> str:
    padded = body.startswith(" `") or body.endswith("` ")
    return body[1:-1] if padded and body[0] == body[-1] == " " else body.strip()


def join_stripped(lines: list[str]) -> str:
    """Joined, without blank lines at either end."""
    first = next((i for i, x in enumerate(lines) if x), len(lines))
    last = next((i for i in range(len(lines), first, -1) if lines[i - 1]), first)
    return "\n".join(lines[first:last])


def span(text: str) -> str:
    """A code span that any text fits into."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"

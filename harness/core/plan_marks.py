"""The marks of a plan's page: headings, bullets, labels, code spans. Shared by its two sides."""

from __future__ import annotations

import re
from collections.abc import Iterable

from harness.core.errors import UsageError
from harness.core.words import LANGUAGES, Catalogue

MOST_CHARACTERS = 400_000
SECTIONS = ("tasks", "criteria", "risks", "alternatives", "test_changes")
FIELDS = ("kind", "difficulty", "version", "hash", "files", "depends", "check")

HEADING = re.compile(r"^ {0,3}(#(?=\s|$)|#{2,6})\s*(.*?)(?:(?:^|\s+)#+)*\s*$")
BULLET = re.compile(r"^(\s*)(?:[-*+]|\d+[.)])\s+(.*)$")
LABEL = re.compile(r"^\**([^`:：*]{1,40}?)\**\s*[:：]\**\s*(.*)$")
SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
FENCE = re.compile(r"^\s*(`{3,}|~{3,})\s*(\S*)\s*$")


def _names(prefix: str, names: Iterable[str]) -> dict[str, str]:
    return {
        Catalogue(language)(f"report.plan_{prefix}_{name}").casefold(): name
        for language in LANGUAGES
        for name in names
    }


SECTION_NAMES = _names("section", SECTIONS)
FIELD_NAMES = _names("field", FIELDS)


class Lines:
    """A page read line by line; numbers count from 1."""

    def __init__(self, text: str) -> None:
        if len(text) > MOST_CHARACTERS:
            raise UsageError("report.plan_too_long", characters=len(text), most=MOST_CHARACTERS)
        text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self._lines = text.split("\n")
        self.number = 0

    @property
    def left(self) -> bool:
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


def labelled(text: str) -> tuple[str, str] | None:
    """(field, value) of `Label: value` with a label of ours."""
    found = LABEL.match(text)
    name = FIELD_NAMES.get(found[1].strip().casefold()) if found else None
    return (name, found[2].strip()) if found and name else None


def spans(text: str) -> tuple[str, ...]:
    """What stands in code spans, else what stands between commas."""
    spans = [unpadded(body) for _, body in SPAN.findall(text)]
    return tuple(spans or [w for w in (x.strip() for x in text.split(",")) if w])


def unpadded(body: str) -> str:
    padded = body.startswith(" `") or body.endswith("` ")
    return body[1:-1] if padded and body[0] == body[-1] == " " else body.strip()


def stripped(lines: list[str]) -> str:
    """Joined, without blank lines at either end."""
    first = next((i for i, x in enumerate(lines) if x), len(lines))
    last = next((i for i in range(len(lines), first, -1) if lines[i - 1]), first)
    return "\n".join(lines[first:last])


def span(text: str) -> str:
    """A code span that any text fits into."""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"

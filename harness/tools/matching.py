"""Where an edit goes: exactly, or the one place that differs in white space or typography only.
Pure; never a silent wrong place."""

from __future__ import annotations

import difflib
from collections.abc import Callable

from harness.core.base import Value
from harness.prompting.templates import PromptText, prompt_text
from harness.system.normal_form import normal_form

_LOOKALIKES = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201c": '"', "\u201d": '"', "\u201e": '"',
        "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
        "\u00a0": " ", "\u2002": " ", "\u2003": " ", "\u2009": " ", "\u202f": " ", "\u3000": " ",
    }
)  # fmt: skip
_WINDOWS = 3
_COMPARED = 4_000


class Replacement(Value):
    """One replacement in a file."""

    old: str
    new: str
    all: bool = False


class Applied(Value):
    """The new text, and for each change the first line it touched and how it was found
    ("" = exactly)."""

    text: str
    lines: tuple[int, ...]
    how: tuple[str, ...]


class NoPlace(Exception):
    """The text to replace is nowhere, or in several places: a text for the model."""

    def __init__(self, template: str, /, **variables: str | PromptText) -> None:
        super().__init__(template)
        self.said = prompt_text(template, **variables)


def apply(text: str, changes: tuple[Replacement, ...]) -> Applied:
    """All changes in order, each on what the one before left. NoPlace: none is applied."""
    lines: list[int] = []
    how: list[str] = []
    for number, change in enumerate(changes, 1):
        try:
            text, line, way = _one(text, change)
        except NoPlace as error:
            if len(changes) == 1:
                raise
            at, count = str(number), str(len(changes))
            raise NoPlace("calls/one_of_edits", number=at, count=count, why=error.said) from None
        lines.append(line)
        how.append(way)
    return Applied(text=text, lines=tuple(lines), how=tuple(how))


def _one(text: str, change: Replacement) -> tuple[str, int, str]:
    if not change.old:
        raise NoPlace("calls/old_empty")
    if change.old == change.new:
        raise NoPlace("calls/old_is_new")
    old, new = change.old, change.new
    if old not in text and "\r\n" in text:
        old, new = (part.replace("\r\n", "\n").replace("\n", "\r\n") for part in (old, new))
    found = text.count(old)
    if found == 1 or (found and change.all):
        return text.replace(old, new), _line_at(text, text.index(old)), ""
    if found:
        raise NoPlace("calls/old_many", count=str(found), lines=_places(text, old))
    return _tolerant(text, change)


def _line_at(text: str, index: int) -> int:
    return text.count("\n", 0, index) + 1


def _places(text: str, old: str) -> str:
    rows: list[str] = []
    at = text.find(old)
    while at >= 0 and len(rows) < 8:
        rows.append(str(_line_at(text, at)))
        at = text.find(old, at + len(old))
    return ", ".join(rows)


# ---------------------------------------------------------------- tolerance

Normal = Callable[[str], str]


def _end(row: str) -> str:
    return row.rstrip()


def _normalize(row: str) -> str:
    return normal_form("NFKC", row.translate(_LOOKALIKES)).rstrip()


def _bare(row: str) -> str:
    return _normalize(row).strip()


_WAYS: tuple[tuple[str, Normal], ...] = (
    ("ignoring white space at line ends", _end),
    ("ignoring typographic look-alikes", _normalize),
    ("ignoring indentation", _bare),
)


def _tolerant(text: str, change: Replacement) -> tuple[str, int, str]:
    rows = text.split("\n")
    wanted = change.old.replace("\r\n", "\n").strip("\n").split("\n")
    if not any(row.strip() for row in wanted):
        raise NoPlace("calls/old_blank")
    for way, normal in _WAYS:
        starts = _starts(rows, wanted, normal)
        if len(starts) > 1:
            shown = ", ".join(str(s + 1) for s in starts[:8])
            count = str(len(starts))
            raise NoPlace("calls/old_many_like", how=way, count=count, lines=shown)
        if starts:
            # what was trimmed off old's ends is trimmed off new's too
            fresh = _trim_like(change.old.replace("\r\n", "\n"), change.new.replace("\r\n", "\n"))
            place = rows[starts[0] : starts[0] + len(wanted)]
            new_rows = _fit_lines(wanted, place, fresh, indent=normal is _bare)
            rows[starts[0] : starts[0] + len(wanted)] = new_rows
            return "\n".join(rows), starts[0] + 1, way
    raise NoPlace("calls/old_nowhere", nearest=nearest(rows, wanted))


def _trim_like(old: str, new: str) -> str | None:
    head = len(old) - len(old.lstrip("\n"))
    tail = len(old) - len(old.rstrip("\n"))
    for _ in range(head):
        new = new.removeprefix("\n")
    for _ in range(tail):
        if not new:
            return None  # the lines go altogether
        new = new.removesuffix("\n")
    return new


def _starts(rows: list[str], wanted: list[str], normal: Normal) -> list[int]:
    have = [normal(row) for row in rows]
    want = [normal(row) for row in wanted]
    return [
        at
        for at in range(len(have) - len(want) + 1)
        if have[at] == want[0] and have[at : at + len(want)] == want
    ]


def _fit_lines(wanted: list[str], place: list[str], new: str | None, *, indent: bool) -> list[str]:
    """The new lines in the file's own indentation and line ends."""
    if new is None:
        return []
    fresh = new.split("\n")
    if indent:
        fresh = _reindent(wanted, place, fresh)
    if all(row.endswith("\r") for row in place):
        fresh = [row if row.endswith("\r") else f"{row}\r" for row in fresh]
    return fresh


def _indent(row: str) -> str:
    return row[: len(row) - len(row.lstrip())]


def _reindent(wanted: list[str], place: list[str], fresh: list[str]) -> list[str]:
    table: dict[str, str] = {}
    for theirs, ours in zip(wanted, place, strict=True):
        if not theirs.strip():
            continue
        if table.setdefault(_indent(theirs), _indent(ours)) != _indent(ours):
            raise NoPlace("calls/indented_differently")
    known = sorted(table, key=len, reverse=True)
    rows: list[str] = []
    for row in fresh:
        if not row.strip():
            rows.append(row)
            continue
        own = _indent(row)
        base = next((k for k in known if own.startswith(k)), None)
        if base is None:
            raise NoPlace("calls/indented_less")
        rows.append(table[base] + own[len(base) :] + row[len(own) :])
    return rows


def nearest(rows: list[str], wanted: list[str]) -> PromptText:
    """The places most like the wanted lines, numbered, for the model to copy from."""
    key = max(wanted, key=lambda row: len(row.strip())).strip()
    offset = next(i for i, row in enumerate(wanted) if row.strip() == key)
    matcher = difflib.SequenceMatcher(autojunk=False)
    matcher.set_seq2(key[:300])
    scored: list[tuple[float, int]] = []
    for at, row in enumerate(rows[:_COMPARED]):
        matcher.set_seq1(row.strip()[:300])
        if matcher.real_quick_ratio() > 0.5 and matcher.quick_ratio() > 0.5:
            ratio = matcher.ratio()
            if ratio > 0.5:
                scored.append((ratio, at))
    if not scored:
        return prompt_text("calls/nothing_near")
    parts: list[str] = []
    for _, at in sorted(scored, key=lambda s: (-s[0], s[1]))[:_WINDOWS]:
        start = max(0, at - offset)
        window = rows[start : start + min(len(wanted) + 1, 8)]
        parts.append("\n".join(f"{start + i + 1}\t{row}" for i, row in enumerate(window)))
    return prompt_text("calls/nearest", places="\n--\n".join(parts))

"""The Test Anything Protocol, versions 12 to 14: subtests, directives, YAML diagnostics, plans.
Ids are `group > name`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from harness.core.tally_types import Tally
from harness.testruns.formats.results import (
    MOST_BYTES,
    MOST_TEXT,
    RANK,
    Results,
    disbelieve,
    printable_id,
)

POINT = re.compile(r"(not )?ok\b(?:[ \t]+(\d{1,9})(?!\S))?[ \t]*(?:-[ \t]+)?(.*)$")
PLAN = re.compile(r"1\.\.(\d{1,9})[ \t]*(?:#[ \t]*(.*))?$")
DIRECTIVE = re.compile(r"(?<!\\)#[ \t]*(skip|todo)\b", re.I)
SUBTEST = re.compile(r"#[ \t]*Subtest(?::.*)?$")
TIME = re.compile(r"(?<!\\)#[ \t]*time=[\d.]+m?s\b.*$|\{$")
"""What node-tap puts behind a name: its time, a brace before subtests that follow."""
LONGEST_LINE = 20_000
GROUP = "\0"
"""Between tape's test and its assertion: no name holds it."""
MOST_DEPTH = 32
STEP = 4
"""Spaces that a subtest is set in by."""

Point = tuple[str, str, str]
"""Name, outcome, text of its diagnostics."""


@dataclass
class _Level:
    """One stream, outermost or of a subtest."""

    planned: int | None = None
    numbers: set[int] = field(default_factory=set)
    last: int = 0
    wrong: str = ""
    """What about its numbers does not hold together."""
    found: list[Point] = field(default_factory=list)
    """Its points and those of its subtests."""


def read_tap(text: str) -> Tally:
    """TAP as `tap`, `ava --tap`, `node --test-reporter=tap`, bats and others write it."""
    return _read(text, grouped=False)


def read_tape(text: str) -> Tally:
    """TAP of tape: a comment names the test, its points are the assertions of that test."""
    return _read(text, grouped=True)


def _read(text: str, grouped: bool) -> Tally:
    if len(text) > MOST_BYTES:
        return disbelieve("unseen.report_too_large")
    reader = _Reader(grouped)
    for line in text.split("\n"):
        reader.take(line[:LONGEST_LINE].rstrip())
    return reader.tally()


class _Reader:
    def __init__(self, grouped: bool) -> None:
        self._levels = [_Level()]
        self._grouped = grouped
        self._group = ""
        self._yaml: int | None = None
        """How far the open block of diagnostics is set in."""
        self._results = Results()

    def take(self, line: str) -> None:
        """One line."""
        inner = line.lstrip(" ")
        spaces = len(line) - len(inner)
        if self._yaml is not None:
            self._diagnose(inner, spaces)
            return
        depth = spaces // STEP
        if inner.startswith("Bail out!"):
            why = printable_id(inner[9:209])
            self._results.lack("unseen.bailed_out", why=why or "-")
        elif depth > MOST_DEPTH:
            self._results.lack("unseen.report_broken")
        elif inner == "---" and spaces % STEP == 2 and self._levels[-1].found:
            self._yaml = spaces
        elif spaces % STEP == 0:
            self._say(inner, depth)

    def _diagnose(self, inner: str, spaces: int) -> None:
        if inner == "..." and spaces == self._yaml:
            self._yaml = None
            return
        found = self._levels[-1].found
        if found and len(found[-1][2]) < MOST_TEXT:
            name, outcome, said = found[-1]
            found[-1] = (name, outcome, f"{said}{inner[:400]}\n")

    def _say(self, inner: str, depth: int) -> None:
        if found := PLAN.match(inner):
            level = self._at(depth)
            level.wrong = level.wrong or ("two plans" if level.planned is not None else "")
            level.planned = int(found[1])
        elif found := POINT.match(inner):
            # what stands deeper belongs to this point
            inside = self._closed(depth)
            self._point(self._at(depth), found, inside)
        elif SUBTEST.match(inner):
            self._at(depth)
        elif inner == "}":
            # node-tap's braces: what stands deeper belongs to the point before
            inside = self._closed(depth)
            found_before = self._levels[-1].found
            if found_before:
                found_before += _below(found_before[-1][0], inside)
        elif self._grouped and depth == 0 and inner.startswith("# "):
            self._group = inner[2:].replace(GROUP, " ").strip().removeprefix("TODO ")
            if self._group.startswith("SKIP "):
                self._levels[0].found.append((self._group[5:], "skipped", ""))

    def _closed(self, depth: int) -> list[Point]:
        """The points of the subtests below a level, which are over."""
        points: list[Point] = []
        while len(self._levels) > depth + 1:
            level = self._levels.pop()
            self._check(level)
            points = [*level.found, *points]
        return points

    def _at(self, depth: int) -> _Level:
        if self._closed(depth):
            # subtests that no point of this level stands for
            self._results.lack("unseen.report_broken")
        while len(self._levels) <= depth:
            self._levels.append(_Level())
        return self._levels[depth]

    def _point(self, level: _Level, found: re.Match[str], inside: list[Point]) -> None:
        level.last = int(found[2]) if found[2] else level.last + 1
        if level.last in level.numbers:
            level.wrong = level.wrong or f"number {level.last} twice"
        level.numbers.add(level.last)
        name, outcome = _judge(found[3], bad=bool(found[1]))
        if not name and (outcome == "failed" or inside):
            name = f"#{level.last}"
        title = f"{self._group}{GROUP}{name}" if self._grouped and self._group else name
        level.found += _below(title, inside)
        if not inside or (outcome == "failed" and all(o != "failed" for _, o, _ in inside)):
            level.found.append((title, outcome, ""))

    def _check(self, level: _Level) -> None:
        ran = len(level.numbers)
        if level.wrong:
            self._results.lack("unseen.tap_numbers", why=level.wrong)
        elif level.planned is None:
            self._results.lack("unseen.tap_no_plan")
        elif level.planned != ran:
            self._results.lack("unseen.tap_plan", planned=level.planned, ran=ran)

    def tally(self) -> Tally:
        """What was read; a block or a subtest that is open still is one cut off."""
        if self._yaml is not None or len(self._levels) > 1:
            self._results.lack("unseen.report_broken")
        level = self._at(0)
        if level.found or level.planned is not None:
            self._check(level)
        else:
            return disbelieve("unseen.report_broken")
        for name, outcome, text in _worst(level.found) if self._grouped else level.found:
            self._results.add(name, outcome, ("", ""), text)
        return self._results.tally()


def _below(title: str, points: list[Point]) -> list[Point]:
    return [(f"{title} > {name}", outcome, text) for name, outcome, text in points if name]


def _worst(points: list[Point]) -> list[Point]:
    """tape: one result of each test, from its assertions."""
    tests: dict[str, Point] = {}
    for name, outcome, text in points:
        test, _, assertion = name.partition(GROUP)
        known = tests.get(test)
        if known is None or RANK[outcome] > RANK[known[1]]:
            tests[test] = (test, outcome, f"{assertion}\n{text}" if outcome == "failed" else "")
    return list(tests.values())


def _judge(rest: str, bad: bool) -> tuple[str, str]:
    """A point's name and outcome. A test that is to do does not speak, whatever it says."""
    rest = TIME.sub("", rest.replace(GROUP, " "))
    mark = DIRECTIVE.search(rest)
    name = (rest[: mark.start()] if mark else rest).strip()
    name = re.sub(r"\\([\\#])", r"\1", name)
    if mark is None:
        return name, "failed" if bad else "passed"
    return name, "skipped" if mark[1].lower() == "skip" else "xfailed"

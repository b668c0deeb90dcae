"""What NODE_V8_COVERAGE wrote, read as hostile data: which functions of which files ran, and
whether asked lines did. It counts over a whole run, not for one test. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from harness.core.base import Value
from harness.core.tally_types import LinesRun, Tally, Trace
from harness.testruns.probe_lines import printable

MOST_SCRIPTS = 20_000
MOST_FUNCTIONS = 50_000
MOST_RANGES = 2000
MOST_RAN = 400
PLAIN = (".js", ".mjs", ".cjs")


class Covered(Value):
    """Of a run: the files that were found in it, functions of them that ran ("path::name"), and
    whether an asked line did (None: cannot be told)."""

    files: tuple[str, ...] = ()
    ran: tuple[str, ...] = ()
    hit: bool | None = None


class Range(NamedTuple):
    """Part of a script, in UTF-16 units, and how often it ran."""

    start: int
    end: int
    times: int


def read_coverage(
    pages: Sequence[bytes], root: str, trace: Trace, texts: Mapping[str, str] | None = None
) -> Covered:
    """`texts`: the source of the files asked about, for their lines; a file that its runner
    transforms has other places, so only plain scripts are asked."""
    wanted = {f"{root}/{path}": path for path in trace.files}
    found: dict[str, None] = {}
    ran: dict[str, None] = {}
    hit = False
    told = False
    for path, functions in _scripts(pages, wanted):
        found[path] = None
        for name, ranges in functions:
            if name and ranges and ranges[0].times > 0:
                ran[f"{path}::{name}"] = None
        if path in trace.lines and path.endswith(PLAIN):
            text = (texts or {}).get(path, "")
            everything = [r for _, ranges in functions for r in ranges]
            if text and max((r.end for r in everything), default=0) == _units(text):
                told = True
                inside = [r for name, ranges in functions if name for r in ranges]
                hit = hit or _any_line(text, trace.lines[path], inside)
    return Covered(files=tuple(found), ran=tuple(ran)[:MOST_RAN], hit=hit if told else None)


def given_to(tally: Tally, covered: Covered) -> Tally:
    """The tally with what ran, said of every test that did: the run was of these alone. Nothing
    is said where no file that was asked about was found."""
    if not covered.files:
        return tally
    tests = tally.having("passed", "failed")
    ran = {**tally.ran, **dict.fromkeys(tests, covered.ran)}
    hit = dict(tally.hit)
    if covered.hit is not None:
        hit |= dict.fromkeys(tests, covered.hit)
    return tally.model_copy(update={"ran": ran, "hit": hit})


def lines_by_file(
    pages: Sequence[bytes], root: str, trace: Trace, source: Source
) -> tuple[dict[str, LinesRun], LinesRun]:
    """A page is a process: what it ran, its test files ran, all of them where it had several. A
    page without a test file: what ran for no one of them. A file of which places cannot be told
    (its runner transforms it) counts as run as a whole."""
    tests = {f"{root}/{path}": path for path in source.tests}
    wanted = {f"{root}/{path}": path for path in trace.files if path in trace.lines}
    found: dict[str, LinesRun] = {}
    shared: LinesRun = {}
    for page in pages:
        ran: LinesRun = {}
        for path, functions in _scripts([page], wanted):
            text = source.texts.get(path, "")
            ran[path] = (*ran.get(path, ()), *_ran_lines(path, text, trace.lines[path], functions))
        own = {path for path, _ in _scripts([page], tests)}
        for into in [found.setdefault(test, {}) for test in own] or [shared]:
            for path, spans in ran.items():
                into[path] = tuple(sorted({*into.get(path, ()), *spans}))
    return found, shared


class Source(NamedTuple):
    """What pages are read with: paths of test files, texts of the files asked about."""

    tests: Sequence[str]
    texts: Mapping[str, str]


def _ran_lines(
    path: str, text: str, asked: Sequence[tuple[int, int]], functions: Functions
) -> tuple[tuple[int, int], ...]:
    """Of the asked lines, those that ran; all where places are not the text's."""
    everything = [r for _, ranges in functions for r in ranges]
    if not path.endswith(PLAIN) or max((r.end for r in everything), default=0) != _units(text):
        return tuple(asked)
    return tuple((line, line) for line in _lines_in(text, asked, everything))


Functions = list[tuple[str, list[Range]]]


def _scripts(pages: Sequence[bytes], wanted: Mapping[str, str]) -> list[tuple[str, Functions]]:
    found: list[tuple[str, Functions]] = []
    for page in pages:
        try:
            said = json.loads(page)
        except (ValueError, RecursionError):
            continue
        scripts = said.get("result") if isinstance(said, dict) else None
        for script in scripts[:MOST_SCRIPTS] if isinstance(scripts, list) else []:
            url = script.get("url") if isinstance(script, dict) else None
            path = wanted.get(url.removeprefix("file://")) if isinstance(url, str) else None
            if path is not None:
                found.append((path, _functions(script.get("functions"))))
    return found


def _functions(said: object) -> Functions:
    found: Functions = []
    for function in said[:MOST_FUNCTIONS] if isinstance(said, list) else []:
        if not isinstance(function, dict):
            continue
        name, rows = function.get("functionName"), function.get("ranges")
        ranges = [_range(row) for row in rows[:MOST_RANGES]] if isinstance(rows, list) else []
        text = printable(name, 200).replace("\n", " ") if isinstance(name, str) else ""
        found.append((text, [r for r in ranges if r is not None]))
    return found


def _range(row: object) -> Range | None:
    if not isinstance(row, dict):
        return None
    values = [row.get(key) for key in ("startOffset", "endOffset", "count")]
    numbers = [v for v in values if isinstance(v, int) and 0 <= v < 1 << 53]
    return Range(*numbers) if len(numbers) == 3 else None


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _any_line(text: str, asked: Sequence[tuple[int, int]], ranges: Sequence[Range]) -> bool:
    """Whether the innermost range round the start of an asked line ran."""
    return next(_lines_in(text, asked, ranges), 0) > 0


def _lines_in(
    text: str, asked: Sequence[tuple[int, int]], ranges: Sequence[Range]
) -> Iterator[int]:
    """The asked lines whose start is in an innermost range that ran."""
    starts, place = [], 0
    lines = text.split("\n")
    for line in lines:
        starts.append(place + _units(line) - _units(line.lstrip()))
        place += _units(line) + 1
    for first, last in asked:
        for number in range(max(first, 1), min(last, len(lines)) + 1):
            at = starts[number - 1]
            around = [r for r in ranges if r.start <= at < r.end]
            if lines[number - 1].strip() and around:
                inner = min(around, key=lambda r: r.end - r.start)
                if inner.times > 0:
                    yield number

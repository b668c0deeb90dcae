"""The lines that our probes wrote inside a test run, read as hostile data: whoever wrote them may
be the code under test. Nothing here raises; everything is bounded. Pure."""

from __future__ import annotations

import json
import posixpath
from typing import Literal, cast

from harness.core.base import Value
from harness.core.tally_types import Failure, LinesRun, Tally
from harness.testruns.reports import LONGEST_ID, RANK

MOST_BYTES = 64 << 20
MOST_LINES = 1_000_000
MOST_TESTS = 200_000
MOST_FAILURES = 300
MOST_FRAMES = 60
MOST_RAN = 400
MOST_SPANS = 5000
LONGEST_LINE = 200_000
LONGEST_TEXT = 4200
PHASES = ("setup", "call", "teardown")
Phase = Literal["collection", "setup", "call", "teardown"]
Span = tuple[int, int]


class ProbeReport(Value):
    """What the lines of one command say, in order."""

    tally: Tally
    begun: int = 0
    """Sessions that started, and how many of them ended by themselves."""
    finished: int = 0
    collected: bool = False
    """Collection came to its end, so that every file with tests is known."""
    loaded: bool = False
    """The probe was there, whether or not a session began."""
    files: tuple[str, ...] = ()
    """Files that were looked at."""
    uncollected: dict[str, str] = {}
    """File -> the last line of why it could not be collected."""
    short: tuple[str, ...] = ()
    """Files of which fewer tests have a result than were collected."""
    at: str = ""
    """File that was being collected or run when the lines ended without an end."""

    @property
    def whole(self) -> bool:
        """Every session ended, and every test that was collected has a result."""
        ended = 0 < self.begun == self.finished
        return ended and not self.uncollected and not self.short


def read_probe(data: bytes, root: str) -> ProbeReport:
    """`root` is the tree's place as the run saw it; ids come out relative to it."""
    reader = _Reader(root)
    for line in data[:MOST_BYTES].split(b"\n", MOST_LINES)[:MOST_LINES]:
        if not line or len(line) > LONGEST_LINE:
            continue
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(said, dict):
            reader.take(said)
    return reader.result()


def printable(text: str, most: int) -> str:
    """Text that can be shown and stored: lines and tabs stay."""
    cut = text[:most]
    if cut.replace("\n", "").replace("\t", "").isprintable():
        return cut
    return "".join(c if c.isprintable() or c in "\n\t" else " " for c in cut)


def _text(value: object, most: int) -> str:
    return printable(value, most) if isinstance(value, str) else ""


class _Reader:
    def __init__(self, root: str) -> None:
        self._root = root.rstrip("/")
        self._folder = self._root
        self.phases: dict[str, dict[str, str]] = {}
        self.failures: dict[str, Failure] = {}
        self.ran: dict[str, tuple[str, ...]] = {}
        self.hit: dict[str, bool] = {}
        self.lines: dict[str, dict[str, list[Span]]] = {}
        self.shared: dict[str, list[Span]] = {}
        self.hidden: set[str] = set()
        self.skipped: set[str] = set()
        self.files: dict[str, None] = {}
        self.wanted: dict[str, int] = {}
        self.uncollected: dict[str, str] = {}
        self.begun = self.finished = 0
        self.loaded = self.all_known = False
        self.at = ""

    def take(self, said: dict[str, object]) -> None:
        self.loaded = True
        kind = said.get("e")
        key = self._id(said.get("id"))
        if kind == "session":
            self.begun += 1
            self.all_known = False
            self._folder = _text(said.get("root"), LONGEST_ID) or self._root
        elif kind == "finish":
            self.finished = min(self.finished + 1, self.begun)
            self.at = ""
        elif kind == "collected":
            self.at, self.all_known = "", True
        elif key and (self._count_known() < MOST_TESTS or key in self.phases):
            self._about(str(kind), key, said)

    def _count_known(self) -> int:
        named = len(self.phases) + len(self.skipped)
        return named + len(self.files) + len(self.wanted) + len(self.uncollected)

    def _about(self, kind: str, key: str, said: dict[str, object]) -> None:
        file = key.partition("::")[0]
        if kind == "collecting":
            self.files[file] = None
            self.at = file
        elif kind == "start":
            self.phases.setdefault(key, {})
            self.at = file
        elif kind == "items":
            count = said.get("count")
            self.wanted[file] = count if isinstance(count, int) else 0
        elif kind == "set aside":
            self.skipped.add(key)
        elif kind == "uncollected":
            self.uncollected[file] = _reason(_text(said.get("text"), LONGEST_TEXT))
            self._fail(key, "collection", said)
        elif kind == "phase":
            self._phase(key, said)
        elif kind == "lines":
            self._lines(key, said)

    def _phase(self, key: str, said: dict[str, object]) -> None:
        when, outcome = said.get("when"), said.get("outcome")
        phase = when if isinstance(when, str) and when in PHASES else "setup"
        found = {"passed": "passed", "failed": "failed", "skipped": "skipped"}.get(str(outcome))
        if found is None or (said.get("sub") and found != "failed"):
            return  # a try that is repeated, or a part of a test
        if said.get("xfail") and found == "skipped":
            found = "xfailed"
        known = self.phases.setdefault(key, {})
        if phase not in known or RANK[found] > RANK[known[phase]]:
            known[phase] = found
        if found == "failed":
            self._fail(key, cast(Phase, phase), said)
        if phase == "call":
            self._trace(key, said)
        self._lines(key, said)

    def _lines(self, key: str, said: dict[str, object]) -> None:
        if isinstance(said.get("lines"), dict):
            _add_spans(self.lines.setdefault(key, {}), said["lines"])
            if said.get("told") is not True:
                self.hidden.add(key)
        _add_spans(self.shared, said.get("shared"))

    def _fail(self, key: str, phase: Phase, said: dict[str, object]) -> None:
        if key in self.failures or len(self.failures) >= MOST_FAILURES:
            return
        frames = said.get("frames")
        rows = frames[:MOST_FRAMES] if isinstance(frames, list) else []
        self.failures[key] = Failure(
            phase=phase,
            kind=_text(said.get("kind"), 200),
            text=_text(said.get("text"), LONGEST_TEXT),
            frames=tuple(_text(row, 400) for row in rows if isinstance(row, str)),
        )

    def _trace(self, key: str, said: dict[str, object]) -> None:
        ran, hit = said.get("ran"), said.get("hit")
        if isinstance(ran, list) and len(self.ran) < MOST_TESTS:
            self.ran[key] = tuple(_text(r, 400) for r in ran[:MOST_RAN] if isinstance(r, str))
        if isinstance(hit, bool):
            self.hit[key] = hit

    def _id(self, value: object) -> str:
        """An id relative to the tree; as it came where it lies outside."""
        text = _text(value, LONGEST_ID).replace("\n", " ").replace("\t", " ").strip()
        file, mark, rest = text.partition("::")
        if not text or self._folder == self._root:
            return text
        place = posixpath.normpath(posixpath.join(self._folder, file))
        if not place.startswith(self._root + "/"):
            return text
        return f"{place[len(self._root) + 1 :]}{mark}{rest}"[:LONGEST_ID]

    def result(self) -> ProbeReport:
        outcomes = {key: _outcome(phases) for key, phases in self.phases.items()}
        known = {key: outcome for key, outcome in outcomes.items() if outcome}
        known.update(dict.fromkeys(self.skipped, "skipped"))
        known.update(dict.fromkeys(self.uncollected, "error"))
        had: dict[str, int] = {}
        for key in known:
            file = key.partition("::")[0]
            had[file] = had.get(file, 0) + 1
        short = [file for file, count in self.wanted.items() if had.get(file, 0) < count]
        begun = [key.partition("::")[0] for key, outcome in outcomes.items() if not outcome]
        return ProbeReport(
            tally=Tally(
                outcomes=known,
                collected=self.begun > 0,
                failures=self.failures,
                ran=self.ran,
                hit=self.hit,
                lines={k: _ranges(v) for k, v in self.lines.items() if k not in self.hidden},
                shared=_ranges(self.shared),
            ),
            begun=self.begun,
            finished=self.finished,
            collected=self.all_known,
            loaded=self.loaded,
            files=tuple(self.files),
            uncollected=self.uncollected,
            short=tuple(dict.fromkeys([*short, *begun])),
            at=self.at if self.finished < self.begun else "",
        )


def _add_spans(found: dict[str, list[Span]], said: object) -> None:
    """To path -> ranges of lines, what a probe says of that kind."""
    for path, spans in said.items() if isinstance(said, dict) else ():
        kept = found.setdefault(_text(path, 400), [])
        for span in spans[:MOST_SPANS] if isinstance(spans, list) else []:
            whole = isinstance(span, list) and len(span) == 2
            if whole and all(isinstance(n, int) and 0 < n < 1 << 31 for n in span):
                kept.append((span[0], span[1]))


def _ranges(found: dict[str, list[Span]]) -> LinesRun:
    return {path: tuple(sorted(set(spans))[:MOST_SPANS]) for path, spans in found.items()}


def _outcome(phases: dict[str, str]) -> str:
    """Of one test from its phases; "" where its call has no result and nothing else says why."""
    setup, call = phases.get("setup"), phases.get("call")
    if setup == "failed" or phases.get("teardown") == "failed":
        return "error"
    if call is not None:
        return call
    return setup if setup in ("skipped", "xfailed") else ""


def _reason(text: str) -> str:
    """The line that says most: the last that names an error."""
    lines = [line.removeprefix("E ").strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "Error" in line.partition(":")[0] or "rror:" in line]
    return (errors or lines or [""])[-1][:300]

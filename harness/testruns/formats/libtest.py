"""What `cargo test` prints: libtest has no other stable form. Ids are `crate/file::test` for unit
tests, `tests/file.rs::test` for others, `doc/crate::path - item` for examples in comments. Each
part says how many tests it runs and how they ended: where its lines do not add up to that, it is
not believed. Pure."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from harness.core.tally_types import Tally
from harness.testruns.formats.results import (
    MOST_BYTES,
    MOST_TEXT,
    Results,
    disbelieve,
    printable_id,
)

LONGEST_LINE = 20_000
PART = re.compile(r"\s+(?:Running (?:(unittests) )?(\S+) \((\S+)\)|Doc-tests (\S+))$")
BEGINS = re.compile(r"running (\d{1,7}) tests?$")
TEST = re.compile(r"test (.+?)(?: - should panic| - compile(?: fail)?)? \.\.\. ?(.*)$")
OUTCOMES = {"ok": "passed", "FAILED": "failed", "ignored": "skipped", "bench": "passed"}
OUTCOME = re.compile(r"(ok|FAILED|ignored|bench)(?:$|, .*$| <[\d.]+s>$|: .*$)")
ENDS = re.compile(
    r"test result: (?:ok|FAILED)\. (\d+) passed; (\d+) failed; (\d+) ignored; (\d+) measured;"
)
SHOWN = re.compile(r"---- (.+) (?:stdout|stderr) ----$")
BROKE = re.compile(r"error(?:\[E\d+\])?: (?!test failed|\d+ targets? failed|doctest failed).+")
ENDED = re.compile(r"\s+process didn't exit successfully: .*\(([^()]+)\)$")


@dataclass
class _Part:
    """One binary with tests, or the examples of one crate."""

    title: str
    announced: int | None = None
    told: list[tuple[str, str]] = field(default_factory=list)
    over: bool = True
    why: str = ""
    texts: dict[str, str] = field(default_factory=dict)


def read_libtest(text: str) -> Tally:
    """A part that ended before it said how it went broke as a whole."""
    if len(text) > MOST_BYTES:
        return disbelieve("unseen.report_too_large")
    reader = _Reader()
    for line in text.split("\n"):
        reader.take(line[:LONGEST_LINE].rstrip("\r"))
    return reader.tally()


class _Reader:
    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._seen: Counter[str] = Counter()
        self._open = ""
        """Test whose outcome comes on a later line."""
        self._shown = ""
        self._broke = ""
        self._astray = False
        """A result stands where no part runs tests: somebody else wrote it."""

    def take(self, line: str) -> None:
        """One line."""
        part = self._parts[-1] if self._parts else None
        if found := PART.match(line):
            self._open = self._shown = ""
            self._parts.append(_Part(self._title(found)))
        elif part is None or part.over:
            self._outside(line, part)
        elif found := ENDS.match(line):
            self._end(part, [int(n) for n in found.groups()])
        elif found := SHOWN.match(line):
            self._shown = found[1].removesuffix(" - should panic")
        elif self._shown and line != "failures:":
            text = part.texts.get(self._shown, "")
            part.texts[self._shown] = text if len(text) > MOST_TEXT else f"{text}{line[:500]}\n"
        elif found := TEST.match(line):
            self._test(part, found[1], found[2])
        elif self._open and (found := OUTCOME.search(line)):
            part.told.append((self._open, OUTCOMES[found[1]]))
            self._open = ""
        elif found := ENDED.match(line):
            part.why = found[1]

    def _title(self, found: re.Match[str]) -> str:
        if found[4]:
            title = f"doc/{found[4]}"
        else:
            crate = re.sub(r"-[0-9a-f]{16}$", "", found[3].rpartition("/")[2])
            title = f"{crate}/{found[2]}" if found[1] else found[2]
        self._seen[title] += 1
        return title if self._seen[title] == 1 else f"{title} ({self._seen[title]})"

    def _outside(self, line: str, part: _Part | None) -> None:
        if found := BEGINS.match(line):
            if part is None or part.announced is not None:
                part = _Part("tests" if part is None else f"{part.title} again")
                self._parts.append(part)
            part.announced, part.over = int(found[1]), False
        elif BROKE.match(line):
            self._broke = self._broke or line
        elif (part is not None) and (TEST.match(line) or ENDS.match(line)):
            self._astray = True
        elif part is not None and (found := ENDED.match(line)):
            part.why = found[1]

    def _test(self, part: _Part, name: str, rest: str) -> None:
        self._open = ""
        found = OUTCOME.match(rest)
        if found:
            part.told.append((name, OUTCOMES[found[1]]))
        else:
            self._open = name

    def _end(self, part: _Part, counts: list[int]) -> None:
        part.over = True
        told = Counter(outcome for _, outcome in part.told)
        passed, failed, ignored, measured = counts
        said = [passed + measured, failed, ignored]
        if (
            said != [told[o] for o in ("passed", "failed", "skipped")]
            or sum(said) != part.announced
        ):
            part.why = part.why or "its lines do not add up"
            part.over = False

    def tally(self) -> Tally:
        """What was read."""
        results = Results()
        for part in self._parts:
            for name, outcome in _numbered(part):
                text = part.texts.get(name, "")
                results.add(f"{part.title}::{name}", outcome, ("", ""), text)
            if not part.over:
                results.add(part.title, "error", ("", ""), f"error: {part.why or 'ended early'}")
                results.lack_in(part.title)
        if self._astray:
            results.lack("unseen.report_contradicts")
        if not self._parts:
            why = printable_id(self._broke[:300])
            if not why:
                return disbelieve("unseen.report_broken")
            return disbelieve("unseen.uncollected", why=why)
        return results.tally()


def _numbered(part: _Part) -> list[tuple[str, str]]:
    """Examples without their lines, which move; several of one item by their order."""
    found: list[tuple[str, str]] = []
    seen: Counter[str] = Counter()
    ordered = sorted(part.told, key=_place) if part.title.startswith("doc/") else part.told
    for name, outcome in ordered:
        bare = re.sub(r" \(line \d+\)$", "", name)
        if bare != name:
            seen[bare] += 1
            bare = bare if seen[bare] == 1 else f"{bare} ({seen[bare]})"
        found.append((bare, outcome))
    return found


def _place(told: tuple[str, str]) -> tuple[str, int]:
    found = re.search(r"^(.*) \(line (\d+)\)$", told[0])
    return (found[1], int(found[2][:9])) if found else (told[0], 0)

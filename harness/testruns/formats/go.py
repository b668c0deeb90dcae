"""The events of `go test -json`, one a line. Ids are `package::Test/subtest`. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from harness.core.tally_types import Tally
from harness.testruns.formats.results import MOST_BYTES, MOST_TEXT, Results, disbelieve

ENDS = {"pass": "passed", "fail": "failed", "skip": "skipped"}
LONGEST_LINE = 1 << 20
UNBUILT = re.compile(r"FAIL\t(\S{1,1000}) \[(?:build|setup) failed\]$")
"""How Go before 1.24 says that a package was not built; it has no event."""
MOST_TEXTS = 2000
"""Tests of which what they printed is kept, until they end."""


def read_go(text: str) -> Tally:
    """A test that began and did not end broke with its package; a package that failed and names
    no failing test broke as a whole. Lines that are no events are a compiler's, and pass."""
    if len(text) > MOST_BYTES:
        return disbelieve("unseen.report_too_large")
    reader = _Reader()
    for event in _events(text):
        reader.take(event)
    return reader.tally()


def _events(text: str) -> Iterator[dict[str, object]]:
    for line in text.split("\n"):
        if line[:1] == "F" and (unbuilt := UNBUILT.match(line[:2000].rstrip())):
            yield {"Action": "fail", "Package": unbuilt[1]}
        if line[:1] != "{" or len(line) > LONGEST_LINE:
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(event, dict):
            yield event


def _word(value: object) -> str:
    return value[:1000] if isinstance(value, str) else ""


class _Reader:
    def __init__(self) -> None:
        self._results = Results()
        self._running: dict[str, str] = {}
        """Test that began -> its package."""
        self._said: dict[str, str] = {}
        self._packages: dict[str, str] = {}
        """Package -> how it ended; "" while it goes on."""
        self._failing: set[str] = set()

    def take(self, event: dict[str, object]) -> None:
        """One event."""
        action, test = _word(event.get("Action")), _word(event.get("Test"))
        package = _word(event.get("Package")) or _word(event.get("ImportPath")).partition(" ")[0]
        key = f"{package}::{test}" if test else package
        if action in ("output", "build-output"):
            self._print(key, event.get("Output"))
        elif not test and package and not action.startswith("build-"):
            self._packages[package] = ENDS.get(action, self._packages.get(package, ""))
        elif test and action == "run":
            self._running[key] = package
        elif test and action in ENDS:
            self._running.pop(key, None)
            if action == "fail":
                self._failing.add(package)
            self._results.add(key, ENDS[action], ("", ""), self._said.pop(key, ""))

    def _print(self, key: str, output: object) -> None:
        known = self._said.get(key, "")
        room = len(self._said) < MOST_TEXTS or key in self._said
        if isinstance(output, str) and room and len(known) < MOST_TEXT:
            self._said[key] = known + output[:MOST_TEXT]

    def tally(self) -> Tally:
        """What was read."""
        for key, package in self._running.items():
            self._failing.add(package)
            self._results.add(key, "error", ("", ""), self._said.get(key, ""))
        for package, ended in self._packages.items():
            if ended == "failed" and package not in self._failing:
                self._results.add(package, "error", ("", ""), self._said.get(package, ""))
            elif not ended:
                self._results.lack_in(package)
        if not self._packages and not self._results.outcomes:
            return disbelieve("unseen.report_broken")
        return self._results.tally()

"""Test reports read into one Tally, and two of them compared. Pure.

The files were written by code that may be hostile: nothing here raises, resolves an entity or
follows a document type. What cannot be read is `collected=False`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from harness.core.base import LocalizedText, Value
from harness.core.tally_types import Failure, Tally
from harness.testruns.formats.jest import read_jest
from harness.testruns.formats.junit import read_junit
from harness.testruns.formats.results import (
    BROKEN,
    LONGEST_ID,
    MOST_BYTES,
    RANK,
    disbelieve,
    first_failures,
    keep_worse,
)
from harness.testruns.registry import runner_of_report
from harness.testruns.test_ids import function_of

__all__ = [
    "LONGEST_ID",
    "RANK",
    "Compared",
    "compare",
    "lost_for_good",
    "read_jest",
    "read_junit",
    "read_reports",
]
SILENT = ("skipped", "xfailed")


class Compared(Value):
    """Test ids by what became of them between base and change. `silenced`: ran on the base,
    skipped or expected to fail on the change."""

    newly_failing: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    lost: frozenset[str] = frozenset()
    new: frozenset[str] = frozenset()
    silenced: frozenset[str] = frozenset()
    unseen: dict[str, LocalizedText] = {}
    """Test file or folder (see Tally) without all its results on one side or both -> why."""


def compare(base: Tally, change: Tally) -> Compared:
    """What the change did to the base's tests. A new test that fails is newly failing too. A test
    without a result because its file has none is not lost: the file is unseen. A case whose name
    is gone is lost when its function is, or has fewer cases: a row put before it gives it another
    number. Two sides on which nothing ran are not equal: the whole is unseen."""
    had, has = _Cases(base), _Cases(change)
    before, after = frozenset(base.outcomes), frozenset(change.outcomes)
    failed, fails = base.having(*BROKEN), change.having(*BROKEN)
    unseen = {**base.unseen, **change.unseen}
    if not (before and after):
        unseen.setdefault("", LocalizedText(key="unseen.nothing_ran"))
    return Compared(
        newly_failing=fails - failed,
        fixed=failed & change.having("passed"),
        lost=frozenset(t for t in before - after if has.fewer(had, t) and not change.is_unseen(t)),
        new=after - before,
        silenced=frozenset(
            t
            for t in base.having("passed", *BROKEN) & change.having(*SILENT)
            if not has.is_renumbered(had, t)
        ),
        unseen=unseen,
    )


class _Cases:
    """How many cases each test function has, and how many of them are skipped or expected to
    fail."""

    def __init__(self, tally: Tally) -> None:
        self._all = Counter(function_of(key) for key in tally.outcomes)
        self._silent = Counter(function_of(key) for key in tally.having(*SILENT))

    def fewer(self, base: _Cases, test: str) -> bool:
        """Whether the function of this test is gone, or has fewer cases, or fewer that speak."""
        name = function_of(test)
        speak, spoke = (c._all[name] - c._silent[name] for c in (self, base))
        return not self._all[name] or self._all[name] < base._all[name] or speak < spoke

    def is_renumbered(self, base: _Cases, test: str) -> bool:
        """Whether a numbered case is silent only since it has the number of one that was silent
        before: there are more cases, and no more silent ones."""
        name = function_of(test)
        more = self._all[name] > base._all[name] and self._silent[name] <= base._silent[name]
        return more and re.search(r"\d", test[len(name) :]) is not None


def lost_for_good(base: Tally, again: Tally, change: Tally) -> frozenset[str]:
    """Tests of the base that the change has not, where two runs of the same base may name a test
    differently (a date, a random number, an address in the name): what changes its name by itself
    is counted with its like, and lost when there are fewer of them."""
    lost = compare(base, change).lost
    restless = lost - frozenset(again.outcomes)
    had, has = (
        Counter(_without_numbers(key) for key in tally.outcomes) for tally in (base, change)
    )
    return (lost - restless) | {
        key for key in restless if has[_without_numbers(key)] < had[_without_numbers(key)]
    }


def _without_numbers(key: str) -> str:
    """An id without its parameters and numbers."""
    return re.sub(r"\d+", "#", key.partition("[")[0])


def read_reports(files: Mapping[str, bytes]) -> Tally:
    """All report files of one command. One that is named "<runner>-<number>..." is read as that
    runner says, every other by its ending (.json, .xml) or its first byte. No file, or one that
    cannot be read: collected=False, with the sentence that says why where there is one."""
    outcomes: dict[str, str] = {}
    failures: dict[str, Failure] = {}
    unseen: dict[str, LocalizedText] = {}
    collected, left = bool(files), MOST_BYTES
    for name in sorted(files):
        left -= len(files[name])
        tally = disbelieve("unseen.report_too_large") if left < 0 else _read(name, files[name])
        collected = collected and tally.collected
        for key, outcome in tally.outcomes.items():
            keep_worse(outcomes, key, outcome)
        failures.update(tally.failures)
        unseen = {**tally.unseen, **unseen}
    failures = first_failures(failures)
    return Tally(outcomes=outcomes, collected=collected, failures=failures, unseen=unseen)


def _read(name: str, data: bytes) -> Tally:
    text = data.decode("utf-8", "replace")
    runner = runner_of_report(name)
    if runner is not None:
        return runner.read(text)
    is_json = name.endswith(".json") or (
        not name.endswith(".xml") and text.lstrip()[:1] in ("{", "[")
    )
    return read_jest(text) if is_json else read_junit(text)

"""Which tests run what a part touches: only those are run without it. Where no tracer works, and
where code runs without being called: all that are near."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from harness.core.change_proof import Seen
from harness.core.types import Tally, Trace
from harness.pipeline.proof.trials import Budget, Subject
from harness.proof.groups import Group
from harness.proof.reach import Lines, Reach, reach_of
from harness.testruns.changed_lines import Ranges, each, ranges
from harness.testruns.names import file_of
from harness.testruns.test_ids import function_of, is_python

MOST_NAMED: Final = 40
"""Tests that are named one by one; more are run by their files."""


@dataclass(frozen=True)
class Executed:
    """The tests of a subject with all of the change, and which lines each ran."""

    subject: Subject
    before: Seen

    async def of(self, reach: Reach | None, budget: Budget) -> tuple[Subject, Seen]:
        """The tests that a part of that reach can touch, and what they did with all of it."""
        tally = self.before.tally
        chosen = None if reach is None or tally is None else _touched(tally, reach)
        if not chosen:
            return self.subject, self.before
        if chosen <= frozenset(self.subject.files):
            return await self._of_files(chosen, budget)
        assert tally is not None
        hidden = {test for test in tally.outcomes if test not in tally.lines}
        return self._of_tests(frozenset(map(function_of, chosen | hidden)))

    async def _of_files(self, chosen: frozenset[str], budget: Budget) -> tuple[Subject, Seen]:
        """Ids of such runners need not tell the file: what those files do is run by itself."""
        assert self.before.tally is not None
        told = self.before.tally.lines
        files = tuple(f for f in self.subject.files if f in chosen or f not in told)
        if len(files) == len(self.subject.files):
            return self.subject, self.before
        narrow = replace(self.subject, files=files)
        return narrow, await narrow.seen(narrow.tree, budget)

    def _of_tests(self, names: frozenset[str]) -> tuple[Subject, Seen]:
        files = tuple(f for f in self.subject.files if any(file_of(t) == f for t in names))
        if not all(is_python(name) and file_of(name) in files for name in names):
            return self.subject, self.before
        tests = tuple(sorted(names)) if len(names) <= MOST_NAMED else ()
        narrow = replace(self.subject, files=files, tests=tests)
        kept = {
            test
            for test in self.before.passed
            if (function_of(test) in names if tests else file_of(test) in files)
        }
        return narrow, self.before.kept(kept)

    def runs(self, lines: Lines) -> bool:
        """Whether a test is known to have run one of these lines."""
        tally = self.before.tally
        if tally is None:
            return False
        return _meet(tally.shared, lines) or any(_meet(ran, lines) for ran in tally.lines.values())


class Circles:
    """Tests from the change outwards: its own, then all that are near. Each is run once with all
    of the change, when it is first asked for."""

    def __init__(self, circles: Sequence[Subject], groups: Sequence[Group]) -> None:
        self.subject = circles[-1]
        self._waiting = list(circles)
        self._groups = groups
        self._executed: list[Executed] = []

    async def each(self, budget: Budget) -> AsyncIterator[Executed]:
        """Those of which a test passes; no further one is begun when the time is over."""
        at = 0
        while at < len(self._executed) or (self._waiting and not budget.over):
            if at == len(self._executed):
                subject = self._waiting.pop(0)
                self._executed.append(await _execute(subject, self._groups, budget))
            if self._executed[at].before.passed:
                yield self._executed[at]
            at += 1

    async def first(self, budget: Budget) -> frozenset[str]:
        """What passes in the innermost."""
        async for executed in self.each(budget):
            return executed.before.passed
        return frozenset()

    def is_last(self, executed: Executed) -> bool:
        return executed.subject is self.subject

    @property
    def passed(self) -> frozenset[str]:
        """Tests that passed in what was run up to now."""
        return frozenset().union(*(one.before.passed for one in self._executed))


async def _execute(subject: Subject, groups: Sequence[Group], budget: Budget) -> Executed:
    """Once with all of the change, each line that it touches watched."""
    lines = await asyncio.to_thread(_asked, subject, groups)
    trace = Trace(files=tuple(lines), lines=lines, by_test=True) if lines else None
    return Executed(subject, await subject.seen(subject.tree, budget, trace=trace))


def _asked(subject: Subject, groups: Sequence[Group]) -> dict[str, Ranges]:
    found: dict[str, set[int]] = {}
    for group in groups:
        reach = None if group.exempt or not group.read else reach_of(subject.texts, group)
        for path, lines in reach.around.items() if reach is not None else ():
            found.setdefault(path, set()).update(each(lines))
    return {path: ranges(frozenset(lines)) for path, lines in found.items() if lines}


def _touched(tally: Tally, reach: Reach) -> frozenset[str] | None:
    """Those tests, or files of them, that are known to be; None: whatever was run."""
    if _meet(tally.shared, reach.around):
        return None
    own = {t for t, ran in tally.lines.items() if reach.own and _meet(ran, reach.own)}
    return frozenset(own or {t for t, ran in tally.lines.items() if _meet(ran, reach.around)})


def _meet(ran: Lines, asked: Lines) -> bool:
    return any(
        first <= end and start <= last
        for path, spans in asked.items()
        for start, end in spans
        for first, last in ran.get(path, ())
    )

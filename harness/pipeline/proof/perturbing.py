"""A change's own tests in a world that differs where tests must not care: they end the same. What
differs twice is a finding, unless the base's own tests differ there too: then that world says
nothing, and it is said that it does not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from harness.core.base import Value
from harness.core.types import Finding, LocalizedText
from harness.pipeline.proof.trials import Budget, Seen, Subject
from harness.pipeline.proof.worlds import (
    FOLDER,
    HASHES,
    LOCALE,
    PATH,
    PERSON,
    SAME,
    ZONE,
    World,
    together,
)
from harness.pipeline.verification.judging import test_files_of
from harness.testruns.reports import LONGEST_ID
from harness.testruns.suite_command import in_order

MOST_ORDERED: Final = 200
"""Ids that one command line is given."""
MOST_BESIDE: Final = 10
"""Files of the base's tests that say whether a world suits the project."""
MOST_TOLD: Final = 5


class Perturbed(Value):
    """Differences that hold, and worlds of which nothing can be said."""

    held: tuple[Finding, ...] = ()
    untried: tuple[LocalizedText, ...] = ()


async def perturb(subject: Subject, own: tuple[str, ...], budget: Budget) -> Perturbed:
    """All worlds at once first, but another place of the tree; one by one only where something
    differed."""
    if not own or budget.over:
        return Perturbed()
    mine = replace(subject, files=own)
    before = await mine.run(mine.tree, budget)
    if not before.passed:
        return Perturbed()
    view = _View(mine, subject, before, budget)
    order = _reversed(mine, before)
    worlds = [ZONE, LOCALE, PERSON, FOLDER, order or HASHES]
    if subject.job.deps.sandbox.name == "bare":
        worlds = [world for world in worlds if not world.needs_wall]
    walled = PERSON in worlds
    untried = [_untried(world) for world in (PERSON, PATH) if not walled]
    untried += [] if order else [_untried(HASHES)]
    said = [await view.look(PATH)] if walled else []
    said += await _one_by_one(view, worlds)
    return Perturbed(
        held=tuple(one for one in said if isinstance(one, Finding)),
        untried=(*untried, *(one for one in said if isinstance(one, LocalizedText))),
    )


async def _one_by_one(view: _View, worlds: Sequence[World]) -> list[Finding | LocalizedText | None]:
    """What differs in each; where only all of them together make a difference, that."""
    every = together(*worlds)
    if not view.budget.over and await view.lost_in(every) == frozenset():
        return []
    said = [await view.look(world) for world in worlds]
    return said if any(said) else [await view.look(every)]


@dataclass
class _View:
    """The change's own tests (`mine`) as they end in this world (`before`), and those beside."""

    mine: Subject
    subject: Subject
    before: Seen
    budget: Budget
    again: Seen | None = None

    async def look(self, world: World) -> Finding | LocalizedText | None:
        """None: nothing differs there."""
        lost = None if self.budget.over else await self.lost_in(world)
        if lost:
            # what fails now and then differs in every world
            self.again = self.again or await self.mine.run(self.mine.tree, self.budget)
            twice = await self.lost_in(world)
            lost = None if twice is None else lost & twice & self.again.passed
        if lost is None:
            return LocalizedText(key="proof.no_time_world", facts={"world": _named(world)})
        if not lost:
            return None
        if not await self._suits(world):
            return _untried(world)
        return _finding(world, sorted(lost))

    async def lost_in(self, world: World) -> frozenset[str] | None:
        """Tests that passed and do not there; one that skips itself there says why. None: there
        was no time."""
        after = await self.mine.run(self.mine.tree, self.budget, world=world)
        if after.timed_out:
            return None
        skipped = after.tally.having("skipped") if after.tally is not None else frozenset[str]()
        return self.before.passed - after.passed - skipped

    async def _suits(self, world: World) -> bool:
        """Whether the base's own tests, which no agent wrote, end the same there."""
        beside = await self._beside()
        if self.budget.over:
            return False
        if not beside.files:
            # what a set-up leaves may know where the tree was
            return world.inside == ""
        base = self.subject.job.run.base_sha
        here = await beside.run(base, self.budget, world=SAME)
        asked = here.passed
        if world.order:
            known = here.tally.outcomes if here.tally is not None else ()
            ids = _last_first(beside, [t for t in known if t in asked])[-MOST_ORDERED:]
            world = world.model_copy(update={"order": ids})
            asked = frozenset(test for test in here.passed if {test, _function(test)} & {*ids})
        there = await beside.run(base, self.budget, world=world)
        return bool(asked) and asked <= there.passed

    async def _beside(self) -> Subject:
        """Those near the change, then any."""
        job = self.subject.job
        known = await test_files_of(job, job.run.base_sha)
        near = [path for path in self.subject.files if path in known]
        files = tuple(dict.fromkeys((*near, *sorted(known))))
        return replace(self.subject, files=files[:MOST_BESIDE])


def _reversed(subject: Subject, before: Seen) -> World | None:
    """The tests from the last to the first; None where their runner cannot be told."""
    ids = _last_first(subject, before.tally.outcomes) if before.tally is not None else ()
    if len(ids) < 2:
        return HASHES
    whole = len(ids) <= MOST_ORDERED and max(map(len, ids)) < LONGEST_ID
    if not whole or not in_order(subject.suite.command, subject.suite.reporter, ids):
        return None
    return HASHES.model_copy(update={"order": ids})


def _last_first(subject: Subject, tests: Iterable[str]) -> tuple[str, ...]:
    """As their runner takes them. Where pytest's are too many or one was too long to be kept
    whole, those with other values of one function are asked for by the function."""
    ids = tuple(tests)
    if max(map(len, ids), default=0) >= LONGEST_ID or len(ids) > MOST_ORDERED:
        if subject.suite.reporter != "pytest":
            return ids[::-1]
        ids = tuple(dict.fromkeys(map(_function, ids)))
    return ids[::-1]


def _function(test: str) -> str:
    return test.partition("[")[0]


def _named(world: World) -> LocalizedText:
    return LocalizedText(key=f"proof.world_is_{world.name}")


def _untried(world: World) -> LocalizedText:
    return LocalizedText(key="proof.world_untried", facts={"world": _named(world)})


def _finding(world: World, tests: Sequence[str]) -> Finding:
    facts: dict[str, str | int | float] = {"tests": ", ".join(tests[:MOST_TOLD])}
    return Finding(source="tests", say=LocalizedText(key=f"proof.world_{world.name}", facts=facts))

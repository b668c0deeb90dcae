"""Tests run on a variant of the change: what is compared, and how long there is for it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from harness.core.change_proof import Seen
from harness.core.types import Trace
from harness.pipeline.job import Job
from harness.pipeline.proof.worlds import SAME, World
from harness.pipeline.verification.bench import Trial, bench
from harness.pipeline.verification.evidence import Suite
from harness.ports.clock import Clock
from harness.proof.groups import Texts
from harness.testruns.suite_command import by_file, in_order, single

__all__ = ["Budget", "Seen", "Subject", "lacking", "noticing"]

LEAST_S: Final = 5.0
"""A run that has less time than this is not begun."""
LOADING: Final = frozenset(
    ("ImportError", "ModuleNotFoundError", "SyntaxError", "IndentationError", "TabError")
)
"""Failures that say only that something could not be loaded."""


class Budget:
    """Seconds for a proof, counted from now."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._seconds = seconds

    @property
    def spent(self) -> float:
        return self._clock.monotonic() - self._began

    @property
    def left(self) -> float:
        return self._seconds - self.spent

    @property
    def over(self) -> bool:
        """Nothing more is begun."""
        return self.left < LEAST_S


@dataclass(frozen=True)
class Subject:
    """A change under the tests that are likeliest to notice. `texts`: path -> (old, new) of its
    product files; `files`: of tests, its own first; none: the whole suite."""

    job: Job
    tree: str
    texts: Texts
    suite: Suite
    files: tuple[str, ...]
    tests: tuple[str, ...] = ()
    """The only ones of those files, where the command can be told; ids without parameters."""

    async def run(
        self,
        tree: str,
        budget: Budget,
        *,
        trace: Trace | None = None,
        world: World = SAME,
    ) -> Seen:
        """Those tests on a tree, in a fresh sandbox; the whole suite where its command cannot be
        narrowed."""
        command = self._ordered(world) or self._narrowed
        trial = Trial(
            kind="proof",
            side="variant",
            tree=tree,
            command=command or self.suite.command,
            reporter=self.suite.reporter,
            trace=trace if command else None,
            files=self.files if command else (),
        )
        said = f"{trial.model_dump_json()}\0{world.model_dump_json()}"
        name = f"proof-{hashlib.sha256(said.encode()).hexdigest()[:10]}"
        async with bench(self.job, tree, name) as place:
            place = replace(place, layout=world.of(place.layout))
            limit = max(budget.left, 1.0)
            ran, showing = await place.run(trial, trial.command, trial.files, limit)
        tally = None if showing is None else showing.tally
        return Seen(
            tally=tally, seconds=ran.duration_s, timed_out=ran.timed_out or bool(ran.killed)
        )

    async def seen(self, tree: str, budget: Budget, *, trace: Trace | None = None) -> Seen:
        """The same, or what it gave before, in whatever run: the tree says everything that differs
        between two variants. Not for those who ask whether a result is steady."""
        store = self.job.deps.store
        environment = await self.job.deps.workspace.environment(self.job.run.base_sha)
        asked = (environment.id, tree, self._narrowed, self.suite.model_dump_json())
        watched = trace.model_dump_json() if trace is not None else ""
        form = str(Trial.model_fields["form"].default)
        key = hashlib.sha256("\0".join((form, *asked, *self.files, watched)).encode()).hexdigest()
        known = await store.kept_trial(key)
        if known is not None:
            return known
        found = await self.run(tree, budget, trace=trace)
        if not found.timed_out:
            await store.keep_trial(key, _wordless(found))
        return found

    def _ordered(self, world: World) -> str:
        if not world.order:
            return ""
        return in_order(self.suite.command, self.suite.reporter, world.order)

    @property
    def _narrowed(self) -> str:
        if not self.files:
            return ""
        command = by_file(self.suite.command, self.suite.reporter, self.files)
        if not (command and self.tests):
            return command
        return single(self.suite.command, self.suite.reporter, self.tests)

    async def variant(self, texts: Mapping[str, str | None]) -> str:
        """The change's tree with these texts in their places; None: without that file."""
        workspace, blobs = self.job.deps.workspace, dict[str, str | None]()
        for path, text in texts.items():
            data = None if text is None else text.encode("utf-8", "surrogateescape")
            blobs[path] = None if data is None else await workspace.put_blob(data)
        return await workspace.with_files(self.tree, blobs)


def noticing(before: Seen, after: Seen) -> tuple[str, ...]:
    """Tests that passed before and fail now, of themselves: what could not be collected or loaded
    proves nothing."""
    if after.tally is None:
        return ()
    tally, found = after.tally, []
    for test in sorted(before.passed):
        outcome, failure = tally.outcomes.get(test), tally.failures.get(test)
        phase = failure.phase if failure is not None else "call"
        if failure is not None and failure.kind.rpartition(".")[2] in LOADING:
            continue
        if outcome == "failed" or (outcome == "error" and phase == "setup"):
            found.append(test)
    return tuple(found)


def lacking(before: Seen, after: Seen) -> bool:
    """Whether something that passed before has no result now, or failed only to load."""
    if after.tally is None:
        return bool(before.passed)
    return not before.passed <= after.passed


def _wordless(seen: Seen) -> Seen:
    """Without the words of failures, which no proof reads."""
    if seen.tally is None:
        return seen
    told = {
        test: failure.model_copy(update={"text": "", "frames": ()})
        for test, failure in seen.tally.failures.items()
    }
    return seen.model_copy(update={"tally": seen.tally.model_copy(update={"failures": told})})

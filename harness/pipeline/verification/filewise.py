"""A suite whose whole run left tests without a result, run again by its files: the file that ends
the run is set aside, the rest get their results."""

from __future__ import annotations

from collections.abc import Sequence

from harness.core.base import LocalizedText
from harness.core.types import CommandResult
from harness.pipeline.verification.bench import Bench, Trial
from harness.testruns.registry import runners_of
from harness.testruns.showing import Showing, merge_tallies, suite_files, without
from harness.testruns.suite_command import by_file

BATCH = 150
LEAST_S = 5.0
FUTILE = 8
"""So many files one after the other without a named result: the runner itself is at fault."""
KEPT_OUTPUT = 200_000


async def filewise(
    place: Bench,
    trial: Trial,
    whole: tuple[CommandResult, Showing],
    first: Sequence[str],
    budget_s: float = 0.0,
) -> tuple[CommandResult, Showing]:
    """The whole run's own exit code and output, with the results of both. `budget_s`: the time for
    it; 0: that of one more command."""
    ran, showing = whole
    if _is_dead(showing) or not any(one.patterns for one in runners_of(trial.reporter)):
        return whole
    todo = await _lacking(place, trial, showing, first)
    work = _Work(place, trial, showing, todo, budget_s or place.parts.box.command_s)
    await work.through(todo)
    output = "\n".join([ran.output, *work.outputs])[-KEPT_OUTPUT:] if work.outputs else ran.output
    spent = ran.duration_s + work.spent
    return ran.model_copy(update={"output": output, "duration_s": spent}), work.showing()


def _is_dead(showing: Showing) -> bool:
    """Nothing can be run by file either."""
    why = showing.missing.get("")
    return why is not None and why.key == "unseen.not_started"


async def _lacking(place: Bench, trial: Trial, showing: Showing, first: Sequence[str]) -> list[str]:
    """Files to run again: those known to lack results; all test files where that is not known.
    The one that ended the run comes last."""
    named = [file for file in showing.missing if file]
    if "" in showing.missing:
        known = await place.parts.workspace.files(place.tree)
        everything = trial.files or suite_files(known, trial.reporter, trial.command)
        done = {key.partition("::")[0] for key in showing.tally.outcomes} - {showing.at}
        named += [f for f in everything if f not in done and f not in showing.missing]
    front = [file for file in first if file in named]
    order = list(dict.fromkeys([*front, *sorted(named)]))
    return [f for f in order if f != showing.at] + [f for f in order if f == showing.at]


class _Work:
    """Files run in batches, and one by one where a batch does not tell which of them ended it.
    `missing`: file -> why it has no result, as far as is known."""

    def __init__(
        self, place: Bench, trial: Trial, showing: Showing, todo: Sequence[str], budget_s: float
    ) -> None:
        self._place, self._trial = place, trial
        self.tally = showing.tally
        self.missing = dict(showing.missing)
        self._whole = self.missing.get("", LocalizedText(key="unseen.nothing_ran"))
        if todo and "" in self.missing:
            self.missing = {**dict.fromkeys(todo, self.missing.pop("")), **self.missing}
        self._alone = [file for file in todo if file == showing.at]
        self._budget = budget_s
        self._futile = 0
        self.outputs: list[str] = []
        self.spent = 0.0

    def showing(self) -> Showing:
        """Where nothing has a result, the whole has none."""
        nothing = {} if self.tally.outcomes else {"": self._whole}
        missing = {**self.missing, **nothing}
        return Showing(tally=self.tally, missing=missing)

    async def through(self, todo: Sequence[str]) -> None:
        rest, size = [file for file in todo if file not in self._alone], BATCH
        while (rest or self._alone) and self._futile < FUTILE:
            if self._budget <= LEAST_S:
                left = [*rest, *self._alone]
                self.missing |= dict.fromkeys(left, LocalizedText(key="unseen.time_used_up"))
                return
            if not rest:
                rest, self._alone, size = self._alone, [], 1
            batch = rest[:size]
            part = await self._one(batch)
            settled = self._take(part, batch) if part is not None else set()
            ended = part.at if part is not None and part.at in batch else ""
            if len(batch) > 1 and not settled and not ended:
                size = 1
                continue
            if part is None:
                return
            if ended and ended not in settled:
                self._alone.append(ended)
            rest = [file for file in rest if file not in settled and file != ended]

    async def _one(self, batch: Sequence[str]) -> Showing | None:
        command = by_file(self._trial.command, self._trial.reporter, batch)
        if not command:
            return None
        share = self._budget if len(batch) > 1 else max(self._budget / 4, LEAST_S)
        limit = min(share, self._budget)
        ran, part = await self._place.run(self._trial, command, batch, limit)
        self._budget -= ran.duration_s
        self.spent += ran.duration_s
        self.outputs.append(f"$ {command}\n{ran.output}\n[exit {ran.exit_code}]")
        return part

    def _take(self, part: Showing, batch: Sequence[str]) -> set[str]:
        """Files of the batch of which all is known now: their results, or why there are none."""
        self._futile = 0 if part.tally.outcomes else self._futile + 1
        has = {key.partition("::")[0] for key in part.tally.outcomes}
        settled: set[str] = set()
        for file in batch:
            why = part.missing.get(file)
            ended = bool(part.at) or "" in part.missing
            if why is None and (file in has or not ended):
                settled.add(file)
                self.missing.pop(file, None)
            elif len(batch) == 1 or (why is not None and why.key == "unseen.uncollected"):
                settled.add(file)
                self.missing[file] = why or part.missing.get("") or self.missing[file]
        seen = [file for file in settled if file not in self.missing]
        self.tally = merge_tallies(without(self.tally, seen), part.tally)
        return settled

"""The suite of a repository of several packages: the tests of each on their own, in the order of
the command, within the time that the whole may take. A package whose turn does not come has no
result, which is said of each of its test files; it never counts as one that passed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

from harness.core.base import LocalizedText, Value
from harness.core.types import CommandResult, Tally
from harness.pipeline.verification.bench import Bench, Trial
from harness.pipeline.verification.filewise import KEPT_OUTPUT, LEAST_S, filewise
from harness.testruns.packages import Package, files_of
from harness.testruns.showing import Showing, merge_tallies

TIMES = 2
"""As for any suite: the time of one command, and once more for what then lacks results."""
OUT_OF_TIME = ("unseen.timed_out", "unseen.time_used_up")


class Ran(Value):
    """What came of one package's tests. `full`: they had all the time that a command may have.
    `settled`: they are not run again."""

    result: CommandResult
    showing: Showing
    full: bool = True
    settled: bool = True


class Memory(Protocol):
    """What is known of packages from before, and is to be known later."""

    async def find(self, package: Package) -> Ran | None: ...

    async def keep(self, package: Package, ran: Ran) -> None:
        """Never called with what more time would have made another."""


class Forgetful:
    """Knows nothing."""

    async def find(self, package: Package) -> Ran | None:
        return None

    async def keep(self, package: Package, ran: Ran) -> None:
        return


async def packagewise(
    place: Bench, trial: Trial, packages: Sequence[Package], first: Sequence[str], memory: Memory
) -> tuple[CommandResult, Showing]:
    """Exit code and output as the joined command has them, with the results of all. `first`: test
    files that go before others of their package when they are run one by one."""
    work = PackageRuns(place, trial, packages, memory)
    await work.run_all()
    await work.run_lacking(first)
    return await work.result()


class PackageRuns:
    """The same by its steps."""

    def __init__(
        self, place: Bench, trial: Trial, packages: Sequence[Package], memory: Memory
    ) -> None:
        self._place, self._trial = place, trial
        self._packages, self._memory = packages, memory
        self._most = place.parts.box.command_s
        self._least = min(LEAST_S, self._most / 4)
        self._left = TIMES * self._most
        self._ran: dict[Package, Ran] = {}

    async def run_all(self) -> None:
        """Each package's own command, in turn."""
        for number, package in enumerate(self._packages, 1):
            await self._run(package, len(self._packages) - number)

    async def run_lacking(self, first: Sequence[str]) -> None:
        """File by file, where a package's command gave no whole result."""
        for number, package in enumerate(self._packages, 1):
            await self._run_again(package, first, len(self._packages) - number)

    async def result(self) -> tuple[CommandResult, Showing]:
        """Of what ran so far."""
        files = await self._place.parts.workspace.files(self._place.tree)
        return join_parts([_part(p, self._ran.get(p), files) for p in self._packages])

    async def _run(self, package: Package, others: int) -> None:
        """Its own command, unless what that does is known; nothing where no time is left."""
        known, limit = await self._memory.find(package), self._share(others)
        if known is not None:
            self._ran[package] = known
        elif limit >= self._least:
            trial = self._trial_of(package)
            result, showing = await self._place.run(trial, trial.command, timeout_s=limit)
            self._left -= result.duration_s
            if showing is None:
                why = {"": LocalizedText(key="unseen.no_names")}
                showing = Showing(tally=Tally(outcomes={}, collected=False), missing=why)
            ran = Ran(result=result, showing=showing, full=limit >= self._most)
            await self._settle(package, ran, over=showing.whole)

    async def _run_again(self, package: Package, first: Sequence[str], others: int) -> None:
        """Its files one by one, where its command gave no whole result."""
        ran, limit = self._ran.get(package), self._share(others)
        if ran is None or ran.settled or limit < self._least:
            return
        whole = (ran.result, ran.showing)
        result, showing = await filewise(
            self._place, self._trial_of(package), whole, first, budget_s=limit
        )
        self._left -= result.duration_s - ran.result.duration_s
        again = ran.model_copy(update={"result": result, "showing": showing})
        cut = any(why.key in OUT_OF_TIME for why in showing.missing.values())
        await self._settle(package, again, over=ran.full or not cut)

    async def _settle(self, package: Package, ran: Ran, *, over: bool) -> None:
        self._ran[package] = ran = ran.model_copy(update={"settled": over})
        if over:
            await self._memory.keep(package, ran)

    def _trial_of(self, package: Package) -> Trial:
        update = {"command": package.command, "reporter": package.reporter}
        return self._trial.model_copy(update=update)

    def _share(self, others: int) -> float:
        """Half of what is left while others wait: one that never ends does not take it all."""
        return min(self._most, self._left / 2 if others else self._left)


class Part(NamedTuple):
    """A package, what came of it (None: it did not run), its test files as far as they are known
    by their names, and whether there is anything in its folder."""

    package: Package
    ran: Ran | None
    files: tuple[str, ...] = ()
    is_there: bool = True


def _part(package: Package, ran: Ran | None, files: Sequence[str]) -> Part:
    start = f"{package.folder}/" if package.folder else ""
    is_there = any(path.startswith(start) for path in files)
    return Part(package, ran, files_of(package, files), is_there)


def join_parts(parts: Sequence[Part]) -> tuple[CommandResult, Showing]:
    """The packages' results as those of one command: its exit code is that of the last one that
    failed. A file that one package's tests have no result of may have it by another's."""
    tally = Tally(outcomes={}, collected=False)
    missing: dict[str, LocalizedText] = {}
    seen: set[str] = set()
    for part in parts:
        lacking = _lacking(part) if part.is_there else {}
        missing = {**lacking, **missing}
        if part.ran is not None:
            tests = part.ran.showing.tally
            tally = merge_tallies(tally, tests)
            seen |= {key.partition("::")[0] for key in tests.outcomes} - set(lacking)
    missing = {file: why for file, why in missing.items() if file not in seen}
    if not tally.outcomes:
        missing.setdefault("", LocalizedText(key="unseen.nothing_ran"))
    results = [part.ran.result for part in parts if part.ran is not None]
    return _sum(results), Showing(tally=tally.model_copy(update={"unseen": {}}), missing=missing)


def _lacking(part: Part) -> dict[str, LocalizedText]:
    """Test file -> why it has no result. Where no file is known by its name the folder has none;
    one in which there are no tests lacks nothing."""
    told: Mapping[str, LocalizedText] = {"": LocalizedText(key="unseen.package_not_run")}
    done: set[str] = set()
    if part.ran is not None:
        told = part.ran.showing.missing
        done = {key.partition("::")[0] for key in part.ran.showing.tally.outcomes}
    found = {file: why for file, why in told.items() if file}
    why = told.get("")
    if why is None:
        return found
    found = {**dict.fromkeys([file for file in part.files if file not in done], why), **found}
    if not found and why.key != "unseen.nothing_ran":
        found[f"{part.package.folder}/" if part.package.folder else ""] = why
    return found


def _sum(results: Sequence[CommandResult]) -> CommandResult:
    """As one command that ran them in turn. That one of them was cut off is said of its files."""
    codes = [one.exit_code for one in results if one.exit_code]
    return CommandResult(
        exit_code=codes[-1] if codes else 0,
        output="\n".join(one.output for one in results)[-KEPT_OUTPUT:],
        timed_out=bool(results) and all(one.timed_out for one in results),
        killed=next((one.killed for one in results if one.killed), ""),
        cwd=results[-1].cwd if results else "",
        duration_s=sum(one.duration_s for one in results),
    )

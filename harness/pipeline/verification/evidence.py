"""Commands that harness itself runs on a tree, in a sandbox no agent has entered.

What comes of one is Evidence: command, exit code, output, per-test outcomes, tree id. The same
(kind, side, tree, command, round) is run once and found again after a crash.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Sequence

from harness.core.base import LocalizedText, Value
from harness.core.types import CommandResult, Evidence, Tally, Trace
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.verification.bench import Bench, Trial, bench
from harness.pipeline.verification.filewise import filewise
from harness.pipeline.verification.kept import KeptBase, Sum, evidence_of
from harness.pipeline.verification.packagewise import Forgetful, Memory, packagewise
from harness.testruns.command import likely_runner
from harness.testruns.detect.detection import Detected, detect, single
from harness.testruns.heirs import written_at
from harness.testruns.names import covers, file_of, match_ids
from harness.testruns.packages import packages_of
from harness.testruns.recipes.candidates import is_telling, likeliest
from harness.testruns.reports import Compared, compare
from harness.testruns.showing import Showing
from harness.testruns.suite_command import by_file
from harness.testruns.test_ids import is_python

__all__ = ["Compared", "Trial", "covers", "match_ids"]

SUSPECTS = 20
BY_NAME = ("reproduction", "earlier", "independent")
"""Runs whose tests somebody named."""


class Suite(Value):
    """How a project's tests are run. Empty command: it has none."""

    command: str
    reporter: str


async def suite(job: Job) -> Suite:
    """The configured test command, else the one the base tree shows."""
    return await suite_at(job.deps, job.run.base_sha)


async def suite_at(deps: PipelineDeps, commit: str) -> Suite:
    """The same for any commit."""
    rules = deps.policy
    if rules.test_command and rules.reporter:
        return Suite(command=rules.test_command, reporter=rules.reporter)
    if rules.test_command and (runner := likely_runner(rules.test_command)):
        return Suite(command=rules.test_command, reporter=runner)
    found = await detected_at(deps, commit)
    if rules.test_command:
        return Suite(command=rules.test_command, reporter=found.reporter.partition("+")[0])
    return Suite(command=found.test_command, reporter=found.reporter)


async def detect_base(job: Job) -> Detected:
    """What the base tree says of itself."""
    return await detected_at(job.deps, job.run.base_sha)


async def detected_at(deps: PipelineDeps, commit: str) -> Detected:
    """What a commit's tree says of itself; asked often, so the last ones are kept."""
    kept = deps.live.detections
    if commit not in kept:
        workspace = deps.workspace
        tree = await workspace.tree_of(commit)
        files = await workspace.files(tree)
        told = sorted(filter(is_telling, files), key=lambda path: path.count("/"))[:MOST_TELLING]
        read = (await workspace.texts(tree, told, limit=LONGEST_TELLING)).get
        recipe = likeliest(files, read)
        said = {"test_command": recipe.test, "reporter": recipe.reporter}
        found = detect(files, read).model_copy(update=said)
        while len(kept) >= MOST_DETECTIONS:
            kept.pop(next(iter(kept)))
        kept[commit] = found
    return kept[commit]


MOST_DETECTIONS = 8
MOST_TELLING = 400
LONGEST_TELLING = 1 << 20


async def attempt(job: Job, trial: Trial, timeout_s: float = 0.0) -> Evidence:
    """Run it, or give back what running it gave before. `timeout_s` 0: the time of tests."""
    name = _name(job, trial)
    known = await _find_evidence(job, name)
    if known is not None:
        return known
    started = job.deps.clock.now()
    async with bench(job, trial.tree, name) as place:
        ran, showing = await place.run(trial, trial.command, trial.files, timeout_s)
    tally = None if showing is None else _tally(showing)
    if tally is not None and trial.kind in BY_NAME:
        written = await inherited_tests(job, trial.tree, tally.outcomes)
        tally = tally.model_copy(update={"written": written})
    return await _keep_evidence(job, trial, name, Sum(ran=ran, tally=tally, started=started))


async def inherited_tests(job: Job, tree: str, ids: Iterable[str]) -> dict[str, str]:
    """Functions of these tests that a class inherits -> the id where the tree has each written."""
    classes = {test.partition("::")[0] for test in ids if test.count("::") > 1 and is_python(test)}
    if not classes:
        return {}
    workspace = job.deps.workspace
    paths = [path for path in await workspace.files(tree) if path.endswith(".py")]
    bases = [path for path in paths if path in classes or "test" in path.casefold()]
    texts = await workspace.texts(tree, bases)
    return await asyncio.to_thread(written_at, texts, tuple(ids))


async def _find_evidence(job: Job, name: str) -> Evidence | None:
    kept = await job.deps.store.evidence(job.run.id)
    return next((known for known in kept if known.id == name), None)


def _name(job: Job, trial: Trial) -> str:
    text = "\0".join((job.run.id, job.run.base_sha, trial.model_dump_json()))
    return f"{trial.kind}-{trial.side}-{hashlib.sha256(text.encode()).hexdigest()[:10]}"


def _tally(showing: Showing) -> Tally:
    return showing.tally.model_copy(update={"unseen": showing.missing})


async def _keep_evidence(job: Job, trial: Trial, name: str, sum_: Sum) -> Evidence:
    parts, ran = job.deps, sum_.ran
    log = parts.folder(job.run) / "evidence" / f"{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    text = f"$ {trial.command}\n{ran.output}\n[exit {ran.exit_code}]\n"
    log.write_text(text, encoding="utf-8", errors="backslashreplace")
    evidence = evidence_of(job, trial, name, sum_)
    await parts.store.put_evidence(job.run.id, evidence)
    return evidence


async def run_suite(
    job: Job,
    tests: Suite,
    side: str,
    tree: str,
    first: Sequence[str] = (),
    round_: int = 1,
    memory: Memory | None = None,
) -> Evidence:
    """The whole suite once, of several packages one after the other; what then lacks a named
    result file by file, `first` before the rest, within the time of one more command. One Evidence
    of it all, whose `tests.unseen` says which files have no result, and why."""
    trial = Trial(
        kind="tests",
        side=side,
        tree=tree,
        command=tests.command,
        reporter=tests.reporter,
        round=round_,
    )
    return await _suite(job, trial, first, memory)


async def _suite(
    job: Job, trial: Trial, first: Sequence[str], memory: Memory | None = None
) -> Evidence:
    name = _name(job, trial)
    known = await _find_evidence(job, name)
    if known is not None:
        return known
    started = job.deps.clock.now()
    packages = () if trial.files else packages_of(trial.command, trial.reporter)
    async with bench(job, trial.tree, name) as place:
        if packages:
            ran, showing = await packagewise(place, trial, packages, first, memory or Forgetful())
        else:
            ran, showing = await _whole(place, trial, first)
    return await _keep_evidence(
        job, trial, name, Sum(ran=ran, tally=_tally(showing), started=started)
    )


async def _whole(place: Bench, trial: Trial, first: Sequence[str]) -> tuple[CommandResult, Showing]:
    ran, showing = await place.run(trial, trial.command)
    if showing is None:
        missing = {"": LocalizedText(key="unseen.no_names")}
        return ran, Showing(tally=Tally(outcomes={}, collected=False), missing=missing)
    return (ran, showing) if showing.whole else await filewise(place, trial, (ran, showing), first)


async def run_files(
    job: Job,
    tests: Suite,
    side: str,
    tree: str,
    files: Sequence[str],
    trace: Trace | None = None,
) -> Evidence:
    """Only the tests of these files, and what of `trace` they ran. Where no command for them can
    be built from the suite's: the whole suite."""
    command = by_file(tests.command, tests.reporter, files)
    trial = Trial(
        kind="tests",
        side=side,
        tree=tree,
        command=command or tests.command,
        reporter=tests.reporter,
        trace=trace if command else None,
        files=tuple(files) if command else (),
    )
    return await _suite(job, trial, files)


async def base_tests(job: Job, tests: Suite, first: Sequence[str] = ()) -> Evidence:
    """The base's result, cached by (tree, environment, command) across runs, each package's by
    itself."""
    deps = job.deps
    tree = await deps.workspace.tree_of(job.run.base_sha)
    environment = await deps.workspace.environment(job.run.base_sha)
    kept = KeptBase(job, tree, environment.id)
    if packages_of(tests.command, tests.reporter):
        return await run_suite(job, tests, "base", tree, first, memory=kept)
    cached = await kept.result(tests.command, tests.reporter)
    if cached is not None:
        await deps.store.put_evidence(job.run.id, cached)
        return cached
    evidence = await run_suite(job, tests, "base", tree, first)
    await kept.put(evidence, tests.reporter)
    return evidence


def is_green(evidence: Evidence, tests: Sequence[str] = ()) -> bool:
    """Exit 0, and where tests are named: each passed by name, and no test failed or broke."""
    if evidence.exit_code != 0 or evidence.timed_out:
        return False
    if not tests:
        return True
    tally = evidence.tests
    if tally is None or tally.having("failed", "error"):
        return False
    fine, passed = tally.having("passed", "xfailed"), tally.having("passed")
    meant = [match_ids(tally, (test,)) for test in tests]
    return all(ids <= fine and bool(ids & passed) for ids in meant)


def passes(evidence: Evidence, tests: Sequence[str]) -> bool:
    """Whether the named tests passed by name, whatever else ran beside them and failed: what
    stands in the same file may be another's."""
    tally = evidence.tests
    if evidence.timed_out or tally is None or not tests:
        return False
    fine, passed = tally.having("passed", "xfailed"), tally.having("passed")
    meant = [match_ids(tally, (test,)) for test in tests]
    alone = frozenset().union(*meant) == frozenset(tally.outcomes)
    whole = evidence.exit_code == 0 or not alone
    return whole and all(ids <= fine and bool(ids & passed) for ids in meant)


def is_red(evidence: Evidence, tests: Sequence[str]) -> bool:
    """The command failed, and at least one named test failed in its call phase; nothing broke in
    collection or set-up in the files of the named tests. Without named results: never."""
    tally = evidence.tests
    if evidence.timed_out or evidence.exit_code == 0 or tally is None:
        return False
    meant = match_ids(tally, tests)
    failed = {test for test in meant & tally.having("failed") if _in_call(tally, test)}
    files = {file_of(test) for test in meant}
    broken = {test for test in tally.having("error") if file_of(test) in files}
    return bool(failed) and not broken


def _in_call(tally: Tally, test: str) -> bool:
    failure = tally.failures.get(test)
    return failure is None or failure.phase == "call"


def never_began(evidence: Evidence) -> bool:
    """The command itself could not be started: it says nothing about any tree."""
    return evidence.exit_code in (126, 127) and not (evidence.tests and evidence.tests.outcomes)


class Newly(Value):
    """Tests that fail on the change and not on the base, after each was run again alone. What
    the base's whole run had no time for and fails there too is in neither."""

    failing: tuple[str, ...]
    flaky: tuple[str, ...]


async def rerun(
    job: Job, tests: Suite, side: str, tree: str, seen: Evidence, suspects: Sequence[str]
) -> Newly:
    """Each suspect alone, twice on this tree and on the base's. Flaky: on one same tree it passed
    by name and failed by name, the whole runs counted (`seen` is this tree's). Everything else is
    failing: a run that names no test says nothing."""
    base_tree = await job.deps.workspace.tree_of(job.run.base_sha)
    base = await base_tests(job, tests)
    failing: list[str] = []
    flaky: list[str] = []
    for test in suspects[:SUSPECTS]:
        command = single(tests.command, tests.reporter, (test,))
        unsteady, alone = False, list[Evidence]()
        for its_side, its_tree, whole in ((side, tree, seen), ("base", base_tree, base)):
            told = [whole]
            for round_ in (1, 2):
                trial = Trial(
                    kind="tests",
                    side=its_side,
                    tree=its_tree,
                    command=command,
                    reporter=tests.reporter,
                    round=round_,
                )
                told.append(await attempt(job, trial))
            unsteady, alone = unsteady or is_unsteady(told, test), told[1:]
        if unsteady or not is_unseen_red(base, alone, test):
            (flaky if unsteady else failing).append(test)
    failing += suspects[SUSPECTS:]
    return Newly(failing=tuple(failing), flaky=tuple(flaky))


def is_unsteady(seen: Sequence[Evidence], test: str) -> bool:
    """Whether this very test passed by name and failed by name among runs of one tree."""
    had = {e.tests.outcomes.get(test, "") for e in seen if e.tests is not None}
    return "passed" in had and bool(had & {"failed", "error"})


def is_unseen_red(base: Evidence, alone: Sequence[Evidence], test: str) -> bool:
    """Whether the base's whole run says nothing of this test, and each run of it alone there says
    by name that it fails."""
    if base.tests is None or not base.tests.is_unseen(test):
        return False
    had = [one.tests.outcomes.get(test, "") for one in alone if one.tests is not None]
    return len(had) == len(alone) > 1 and set(had) <= {"failed", "error"}


def compare_evidence(base: Evidence, change: Evidence) -> Compared | None:
    """Base against change, when both reported single tests."""
    if base.tests is None or change.tests is None:
        return None
    return compare(base.tests, change.tests)


async def probe_tests(deps: PipelineDeps) -> tuple[str, CommandResult | None]:
    """The project's test command once on the default branch, for `doctor`: (command, what it
    did); None when the project has none."""
    await deps.workspace.sync()
    base = await deps.workspace.tip(deps.policy.default_branch)
    tests = await suite_at(deps, base)
    if not tests.command:
        return "", None
    environment = await deps.workspace.environment(base)
    copy = await deps.workspace.copy("doctor", await deps.workspace.tree_of(base), base)
    try:
        layout = await deps.workspace.layout(copy, environment)
        box = await deps.sandbox.open(layout, deps.policy.box)
        try:
            ran = await box.exec(tests.command, timeout_s=deps.policy.box.command_s)
        finally:
            await box.close()
    finally:
        await copy.remove()
    return tests.command, ran

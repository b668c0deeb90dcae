"""The base judges the change: a tree with the change's product files alone, under the base's tests
and test configuration; then the change's own tests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from harness.core.base import Fact, Value
from harness.core.types import Evidence, FileChange, Finding, LocalizedText, Plan
from harness.pipeline.job import Job
from harness.pipeline.people.approvals import approved_changes
from harness.pipeline.verification.evidence import (
    Suite,
    base_tests,
    compare_evidence,
    inherited_tests,
    rerun,
    run_files,
    run_suite,
    suite,
)
from harness.testruns.names import covers_inherited, file_of
from harness.testruns.nearness import helpers, near
from harness.testruns.packages import needs_of, packages_of, telling, touched_first
from harness.testruns.registry import find_runner
from harness.testruns.reports import Compared, lost_for_good
from harness.testruns.suite_command import by_file
from harness.weakening.sides import kind_of, side_of

Part = tuple[list[Finding], list[Evidence]]
CODE = (".py", ".pyi", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".json")
MOST_READ = 5000
MOST_LEFT_OUT = 40


class Sides(Value):
    """A change taken apart. `product`: the tree that the base's tests judge; `near` leaves prose
    out of it."""

    tree: str
    base: str
    product: str
    changes: tuple[FileChange, ...]
    product_paths: tuple[str, ...]
    """Product files and those that are both sides at once; prose left out."""
    test_files: tuple[str, ...]
    """Files of the change's own tests that a runner collects."""
    other_tests: tuple[str, ...]
    """What else of the test side it changed: helpers, data, configuration."""
    texts: dict[str, tuple[str | None, str | None]]


async def suite_of(job: Job, sides: Sides) -> Suite:
    """The project's suite; of several packages those first that the change is of, then those that
    need them. The whole gate goes by the same one."""
    tests, workspace = await suite(job), job.deps.workspace
    packages = packages_of(tests.command, tests.reporter)
    if not packages:
        return tests
    told = await workspace.texts(sides.base, telling(await workspace.files(sides.base)))
    needs = await asyncio.to_thread(needs_of, told)
    command, reporter = touched_first(packages, (change.path for change in sides.changes), needs)
    return Suite(command=command, reporter=reporter)


class Named(Value):
    """Names of tests, and where the source of an inherited test stands."""

    names: tuple[str, ...] = ()
    written: dict[str, str] = {}

    def means(self, test: str) -> bool:
        return any(covers_inherited(name, test, self.written) for name in self.names)


async def base_judges(job: Job, sides: Sides, tests: Suite, plan: Plan) -> Part:
    """(a) What was green on the base stays green under the base's own tests. A test that a
    person's plan names may fail there."""
    base = await base_tests(job, tests)
    if sides.product == sides.base:
        return [], []
    first: tuple[str, ...] = ()
    if base.tests is None or base.tests.unseen:
        first = await near_tests(job, sides, await test_files_of(job, sides.base))
    ran = await run_suite(job, tests, "product", sides.product, first)
    allowed = await _names(job, sides, plan, base, ran)
    findings = await _compare_names(job, tests, base, ran, allowed, allowed)
    findings += await _not_compared(job, sides, base, ran)
    findings += await _left_out(job, sides, tests, base, allowed)
    return findings, [ran] if findings else []


async def _left_out(
    job: Job, sides: Sides, tests: Suite, base: Evidence, allowed: Named
) -> list[Finding]:
    """Tests near the change that the project's own command does not run are run too: what was
    green there stays green. What has no result there has none in the project either."""
    if base.tests is None or "" in base.tests.unseen:
        return []
    files = await test_files_of(job, sides.base)
    told = {file_of(test) for test in base.tests.outcomes} | base.tests.unseen.keys()
    if not _by_path(tests):
        # results without a path: what the command names is what it runs; else it runs them all
        told = {path for path in files if path in words_of(tests.command)} or {*files}
    rest = [path for path in files if path not in told]
    close = (await near_tests(job, sides, rest))[:MOST_LEFT_OUT] if rest else ()
    if not close or not by_file(tests.command, tests.reporter, close):
        return []
    before = await run_files(job, tests, "base", sides.base, close)
    if before.tests is None or not before.tests.having("passed"):
        return []
    ran = await run_files(job, tests, "product", sides.product, close)
    before = before.model_copy(update={"exit_code": ran.exit_code})
    return await _compare_names(job, tests, before, ran, allowed, allowed)


def words_of(command: str) -> frozenset[str]:
    """The words of a command, as paths of the tree."""
    return frozenset(word.strip("'\"()").removeprefix("./") for word in command.split())


def _by_path(tests: Suite) -> bool:
    """Whether all its ids begin with the test's file."""
    found = [find_runner(kind) for kind in tests.reporter.split("+")]
    return all(runner is not None and runner.by_path for runner in found)


async def own_tests(job: Job, sides: Sides, tests: Suite, plan: Plan) -> Part:
    """(c) The change's own tests pass, and hold what the base's did."""
    if not sides.test_files and not sides.other_tests:
        return [], []
    base = await base_tests(job, tests)
    apart = not sides.other_tests and _by_path(tests)
    if apart:
        ran = await run_files(job, tests, "change", sides.tree, sides.test_files)
        # an exit code of a part is none of the whole: a bound on coverage, say
        mine, before = _only(ran, sides.test_files), _only(base, sides.test_files)
        before = before.model_copy(update={"exit_code": ran.exit_code})
        allowed = await _names(job, sides, plan, before, mine)
        findings = await _compare_names(job, tests, before, mine, Named(), allowed)
    else:
        ran = await run_suite(job, tests, "change", sides.tree, sides.test_files)
        allowed = await _names(job, sides, plan, base, ran)
        findings = await _compare_names(job, tests, base, ran, Named(), allowed)
        findings += await _not_compared(job, sides, base, ran)
    missing = (
        ran.tests.unseen if ran.tests is not None else {"": LocalizedText(key="unseen.no_names")}
    )
    missing = await _without_helpers(job, sides, base, ran.tree, missing)
    own = {path: why for path, why in missing.items() if apart or path in sides.test_files}
    findings += [_unseen(path, why) for path, why in sorted(own.items())]
    return findings, [ran] if findings else []


async def _names(job: Job, sides: Sides, plan: Plan, base: Evidence, ran: Evidence) -> Named:
    """The tests that a plan names which a person approved, as the base has them."""
    names = tuple(change.test for change in approved_changes(job.run, plan))
    both = compare_evidence(base, ran) if names else None
    if both is None:
        return Named(names=names)
    worse = both.newly_failing | both.lost | both.silenced
    return Named(names=names, written=await inherited_tests(job, sides.base, worse))


def _only(evidence: Evidence, files: Sequence[str]) -> Evidence:
    """What the evidence says of these test files; that a file is new there is no lack."""
    if evidence.tests is None:
        return evidence
    outcomes = {k: v for k, v in evidence.tests.outcomes.items() if k.partition("::")[0] in files}
    kept = evidence.tests.model_copy(update={"outcomes": outcomes, "unseen": {}})
    return evidence.model_copy(update={"tests": kept})


def _unseen(path: str, why: LocalizedText) -> Finding:
    key = "unseen.file" if path else "unseen.suite"
    facts: dict[str, Fact] = {"why": why}
    if path:
        facts["file"] = path
    return Finding(source="unseen", path=path, say=LocalizedText(key=key, facts=facts))


async def _compare_names(
    job: Job,
    tests: Suite,
    base: Evidence,
    ran: Evidence,
    may_fail: Named,
    may_go: Named,
) -> list[Finding]:
    """What is worse by name. `may_fail`, `may_go`: names of tests that may fail, or be gone."""
    both = compare_evidence(base, ran)
    if both is None:
        return [_unseen("", LocalizedText(key="unseen.no_names"))]
    findings = await _silent(job, tests, base, ran, may_go)
    failing = sorted(t for t in both.newly_failing if not may_fail.means(t))
    if failing:
        newly = await rerun(job, tests, ran.side, ran.tree, ran, failing)
        if newly.flaky:
            await job.tell("flaky", ran.tree, tests=", ".join(newly.flaky[:10]))
        if newly.failing:
            say = LocalizedText(
                key="pipeline.tests_fail", facts={"tests": ", ".join(newly.failing[:10])}
            )
            findings.append(Finding(source="tests", say=say))
    elif ran.exit_code != 0 and base.exit_code == 0 and not both.newly_failing:
        say = LocalizedText(key="pipeline.tests_exit", facts={"exit_code": ran.exit_code})
        findings.append(Finding(source="tests", say=say))
    return findings


async def _silent(
    job: Job, tests: Suite, base: Evidence, ran: Evidence, may_go: Named
) -> list[Finding]:
    """Tests of the base that are gone, or ran there and are skipped now."""
    findings = []
    both = compare_evidence(base, ran) or Compared()
    missing = await _lost_tests(job, tests, base, ran) if both.lost else both.lost
    said = {"pipeline.tests_lost": missing, "pipeline.tests_silenced": both.silenced}
    for key, ids in said.items():
        left = sorted(t for t in ids if not may_go.means(t))
        if left:
            say = LocalizedText(key=key, facts={"tests": ", ".join(left[:10])})
            findings.append(Finding(source="weakening", say=say))
    return findings


async def _lost_tests(job: Job, tests: Suite, base: Evidence, ran: Evidence) -> frozenset[str]:
    """The base is run once more: some tests change their names by themselves. A file that has no
    result is not compared; its tests are not lost."""
    assert base.tests is not None
    assert ran.tests is not None
    again = await run_suite(job, tests, "base", base.tree, round_=2)
    lost = lost_for_good(base.tests, again.tests or base.tests, ran.tests)
    return frozenset(test for test in lost if not ran.tests.is_unseen(test))


async def _not_compared(job: Job, sides: Sides, base: Evidence, ran: Evidence) -> list[Finding]:
    """What has no named result on both sides, where it is near the change or had one on the base.
    Prose has no tests."""
    both = compare_evidence(base, ran)
    if both is None or not both.unseen or not sides.product_paths:
        return []
    assert base.tests is not None
    assert ran.tests is not None
    unseen = await _without_helpers(job, sides, base, ran.tree, both.unseen)
    # one that had results of its own there, not only an error of the file
    had = {file_of(test) for test in base.tests.outcomes if test != file_of(test)}
    close = {path for path in unseen if not path or path.endswith("/") or path in had}
    close.update(await near_tests(job, sides, tuple(path for path in unseen if path)))
    return [_unseen(path, unseen[path]) for path in sorted(close)[:20]]


async def _without_helpers(
    job: Job, sides: Sides, base: Evidence, tree: str, unseen: dict[str, LocalizedText]
) -> dict[str, LocalizedText]:
    """Without the scripts that name no test and that a test imports: they ran with it."""
    before = base.tests.unseen if base.tests is not None else {}
    new = [change.path for change in sides.changes if change.status == "added"]
    silent = silent_scripts(before, unseen, new)
    if not silent:
        return unseen
    tests = [path for path in await test_files_of(job, tree) if path not in unseen]
    files = await job.deps.workspace.files(tree)
    code = [path for path in files if path.endswith(CODE)]
    texts = await job.deps.workspace.texts(tree, code[:MOST_READ])
    known = await asyncio.to_thread(helpers, silent, tests, texts.get, files)
    return {path: why for path, why in unseen.items() if path not in known}


def silent_scripts(
    before: Mapping[str, LocalizedText], unseen: Mapping[str, LocalizedText], new: Sequence[str]
) -> tuple[str, ...]:
    """Files of which nothing is known but that they name no test: on the base too, unless they
    are new. One that named tests before and does not now is no helper."""

    def names_none(found: Mapping[str, LocalizedText], path: str) -> bool:
        return path in found and found[path].key == "unseen.nothing_ran"

    return tuple(
        path
        for path in unseen
        if path and names_none(unseen, path) and (path in new or names_none(before, path))
    )


async def near_tests(job: Job, sides: Sides, tests: Sequence[str]) -> tuple[str, ...]:
    """Those of the test files that may run what changed; where that cannot be told: all."""
    workspace = job.deps.workspace
    files = await workspace.files(sides.product)
    code = [path for path in files if path.endswith(CODE)]
    if len(code) > MOST_READ:
        return tuple(tests)
    texts = await workspace.texts(sides.product, code)
    found = await asyncio.to_thread(near, sides.product_paths, tests, texts.get, files)
    return tuple(tests) if found is None else tuple(t for t in tests if t in found)


async def test_files_of(job: Job, tree: str) -> tuple[str, ...]:
    """Files of the tree that a runner collects tests from, by their names."""
    files = await job.deps.workspace.files(tree)
    return tuple(
        p for p in files if p.endswith(CODE) and side_of(p) == "test" and kind_of(p) == "test"
    )

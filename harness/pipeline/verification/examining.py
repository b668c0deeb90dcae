"""The gate: everything that code can hold against a change, by running it and by reading it. No
agent takes part and nothing an agent said counts."""

from __future__ import annotations

import asyncio

from harness.core.types import Evidence, Finding, LocalizedText, Plan
from harness.pipeline.agents.claims import explain, reporter_of
from harness.pipeline.job import Job
from harness.pipeline.people.approvals import approved_changes, named_by
from harness.pipeline.people.authors import by_others
from harness.pipeline.plan_policy import outside_plan
from harness.pipeline.verification.evidence import Trial, attempt, never_began, passes
from harness.pipeline.verification.executed import not_run, written_lines
from harness.pipeline.verification.freeze import frozen_paths, frozen_wrong
from harness.pipeline.verification.judging import Sides, base_judges, own_tests, suite_of
from harness.pipeline.verification.split import Split, split
from harness.pipeline.verification.weakening import find_weakening, is_test_file
from harness.weakening.reach import held_changes

MARKS = (b"<<<<<<< ", b">>>>>>> ")
MOST_BYTES = 4 << 20


async def examine(job: Job, change: Split) -> tuple[list[Finding], list[Evidence]]:
    """Everything code can hold against a change, and the runs that show it."""
    plan, sides = await job.plan(), change.sides
    findings = await _scope(job, sides, plan)
    findings += await _weakening(job, change, plan)
    findings += await _not_seen(job, change, plan)
    proof: list[Evidence] = []
    for part in (_reproduction, _tests, _criteria):
        more, shown = await part(job, sides, plan)
        findings += more
        proof += shown
    return findings, proof


async def let_through(job: Job) -> list[Finding]:
    """What the gate would hold against the run's tree without its plan and the words of people."""
    plan, bare = await job.plan(), job.no_plan()
    if not (plan.test_changes or job.run.approvals):
        return []
    change = await split(job, job.run.tree, bare)
    found = await _weakening(job, change, bare)
    found += await _not_seen(job, change, bare)
    more, _ = await _tests(job, change.sides, bare)
    return [*found, *(finding for finding in more if finding not in found)]


async def _scope(job: Job, sides: Sides, plan: Plan) -> list[Finding]:
    workspace, changes = job.deps.workspace, sides.changes
    frozen = await frozen_paths(job, sides.tree)
    found = [
        Finding(
            source="scope",
            path=p,
            say=LocalizedText(key="pipeline.outside_plan", facts={"path": p}),
        )
        for p in outside_plan(changes, plan, (*frozen, *await by_others(job, sides.tree)))
    ]
    if not [c for c in changes if c.path not in frozen]:
        found.append(Finding(source="scope", say=LocalizedText(key="pipeline.nothing_changed")))
    for change in changes:
        text = change.status != "deleted" and not change.binary and change.size < MOST_BYTES
        if text and has_conflict_marks(await workspace.file(sides.tree, change.path) or b""):
            say = LocalizedText(key="pipeline.conflict_marks", facts={"path": change.path})
            found.append(Finding(source="scope", path=change.path, say=say))
    for what in await frozen_wrong(job, sides.tree):
        say = LocalizedText(key="pipeline.frozen_changed", facts={"path": what})
        found.append(Finding(source="reproduction", path=what.partition("::")[0], say=say))
    return found


def has_conflict_marks(data: bytes) -> bool:
    """True when a merge's conflict marks are left: a beginning and an end, each on a line."""
    lines = data.splitlines()
    return all(any(line.startswith(mark) for line in lines) for mark in MARKS)


async def _weakening(job: Job, change: Split, plan: Plan) -> list[Finding]:
    texts = {path: pair for path, pair in change.sides.texts.items() if is_test_file(path)}
    allowed, named = approved_changes(job.run, plan), named_by(job.run, plan)

    def find() -> tuple[Finding, ...]:
        return find_weakening(texts, allowed, named=named, moved=change.moved)

    return list(await asyncio.to_thread(find))


async def _not_seen(job: Job, change: Split, plan: Plan) -> list[Finding]:
    """What decides how tests judge, and changed without a person's plan that names it."""
    files = await job.deps.workspace.files(change.sides.base)
    named, texts = named_by(job.run, plan), change.sides.texts
    held = await asyncio.to_thread(held_changes, texts, files, named, change.known)
    return [*change.unseen, *held]


Part = tuple[list[Finding], list[Evidence]]


async def _reproduction(job: Job, sides: Sides, plan: Plan) -> Part:
    """(b) The frozen reproduction is green with the product files alone."""
    proof = job.run.reproduction
    if proof is None:
        return [], []
    tree = await job.deps.workspace.with_files(sides.product, dict(proof.files))
    paths = {p: sides.texts[p] for p in sides.product_paths if p in sides.texts}
    wrote = await asyncio.to_thread(written_lines, paths)
    ran = await attempt(
        job,
        Trial(
            kind="reproduction",
            side="product",
            tree=tree,
            command=proof.command,
            reporter=proof.reporter or reporter_of(proof.command),
            trace=wrote.trace,
        ),
    )
    if passes(ran, proof.tests):
        missing = await not_run(job, tree, proof, ran, wrote)
        return [missing] if missing is not None else [], []
    say = LocalizedText(key="pipeline.still_red", facts={"why": explain((ran,), proof.tests)})
    return [Finding(source="reproduction", say=say)], [ran]


async def _tests(job: Job, sides: Sides, plan: Plan) -> Part:
    """(a) and (c), by the project's own test command."""
    tests = await suite_of(job, sides)
    if not tests.command:
        await job.tell("no_test_command")
        say = LocalizedText(key="unseen.no_tests")
        return [Finding(source="unseen", say=say)] if sides.product_paths else [], []
    findings, proof = await base_judges(job, sides, tests, plan)
    more, shown = await own_tests(job, sides, tests, plan)
    for known in await job.deps.store.evidence(job.run.id):
        if known.kind == "tests" and known.side == "base" and never_began(known):
            await job.tell("tests_broken", command=known.command, exit_code=known.exit_code)
    return [*findings, *(f for f in more if f not in findings)], [*proof, *shown]


async def _criteria(job: Job, sides: Sides, plan: Plan) -> Part:
    tree = sides.tree
    findings, proof = [], []
    for number, criterion in enumerate(plan.criteria, 1):
        if not criterion.check:
            continue
        ran = await attempt(
            job,
            Trial(
                kind="criterion", side="change", tree=tree, command=criterion.check, round=number
            ),
        )
        met = ran.exit_code == 0
        kind = "criterion_met" if met else "criterion_unmet"
        await job.tell(kind, f"{tree}:{number}", text=criterion.text)
        if not met:
            facts: dict[str, str | int | float] = {"text": criterion.text, "exit": ran.exit_code}
            say = LocalizedText(key="pipeline.criterion_unmet", facts=facts)
            findings.append(Finding(source="criterion", say=say))
            proof.append(ran)
    return findings, proof

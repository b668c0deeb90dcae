"""verify: the evidence gate (F1, F2). No agent takes part and nothing an agent said counts.

In fresh sandboxes: the reproduction is green, the test command fares no worse than on the base,
no test was weakened, the plan's criteria hold, the change stays inside the plan.
"""

from __future__ import annotations

import asyncio

from harness.core.outcome import Advance, Outcome, Return, Wait
from harness.core.tally import lost_for_good
from harness.core.types import Evidence, Finding, Plan, Say, Stage
from harness.core.types import Wait as Resting
from harness.pipeline.claims import explain, reporter_of, summary
from harness.pipeline.depth import outside_plan
from harness.pipeline.evidence import (
    Suite,
    Trial,
    attempt,
    base_tests,
    compared,
    green,
    never_began,
    rerun_alone,
    suite,
)
from harness.pipeline.job import Job
from harness.pipeline.own import by_people
from harness.pipeline.weakening import is_test_file, weakened
from harness.pipeline.words_in import data

MARKS = (b"<<<<<<< ", b">>>>>>> ")
MOST_BYTES = 4 << 20


async def verify(job: Job) -> Outcome:
    """On with a proven tree; back with what is wrong; to a person when a test got weaker."""
    findings, proof = await examine(job, job.run.tree)
    await job.parts.store.keep(
        job.run.id, "findings", [f.model_dump(mode="json") for f in findings]
    )
    weak = [f for f in findings if f.source == "weakening"]
    blocking = [f for f in findings if f.severity == "blocking" and f.source != "weakening"]
    key = f"{job.run.tree}:{job.attempt(Stage.IMPLEMENT)}"
    if f"weakening:{job.run.tree}" in job.run.approvals:
        weak = []
    if weak and not blocking:
        shown = sentences(job, weak)
        await job.tell("weakened", key, findings="; ".join(shown), count=len(weak))
        return Wait(
            wait=Resting(
                reason=Say(key="pipeline.weakened", facts={"what": "; ".join(shown[:5])}),
                signals=("approve", "reject", "retry", "cancel"),
                subject=f"weakening:{job.run.tree}",
                person=True,
            )
        )
    if blocking:
        # a weaker test among other faults may be one of them: it can be taken back with the rest
        shown = sentences(job, [*blocking, *weak])
        await job.tell("verify_failed", key, findings="; ".join(shown), count=len(shown))
        told = [_place(f) + job.english(f.say) for f in [*blocking, *weak]]
        return Return(
            stage=Stage.IMPLEMENT,
            why=Say(key="pipeline.verify_failed", facts={"what": "\n".join(shown)}),
            told=data(job, "\n".join([*told, *(summary(e) for e in proof[:3])])),
        )
    await job.change(verified=f"{job.run.tree}@{job.run.base_sha}")
    await job.tell("verified", key, tree=job.run.tree[:12], checks=await _counted(job))
    return Advance()


def sentences(job: Job, findings: list[Finding]) -> list[str]:
    """Findings in the reader's language, with their place."""
    out = []
    for finding in findings:
        out.append(_place(finding) + job.parts.words(finding.say.key, **finding.say.facts))
    return out


def _place(finding: Finding) -> str:
    return f"{finding.path}:{finding.line} " if finding.line else ""


async def _counted(job: Job) -> int:
    return len(await job.parts.store.evidence(job.run.id))


async def examine(job: Job, tree: str) -> tuple[list[Finding], list[Evidence]]:
    """Everything code can hold against a tree, and the runs that show it."""
    plan = await job.plan()
    findings = await _scope(job, tree, plan)
    findings += await _weakening(job, tree, plan)
    proof: list[Evidence] = []
    for part in (_reproduced, _tests, _criteria):
        more, shown = await part(job, tree, plan)
        findings += more
        proof += shown
    return findings, proof


async def _scope(job: Job, tree: str, plan: Plan) -> list[Finding]:
    workspace = job.parts.workspace
    changes = await workspace.changes(await workspace.tree_of(job.run.base_sha), tree)
    frozen = job.run.reproduction.files if job.run.reproduction else {}
    found = [
        Finding(source="scope", path=p, say=Say(key="pipeline.outside_plan", facts={"path": p}))
        for p in outside_plan(changes, plan, (*frozen, *await by_people(job)))
    ]
    if not [c for c in changes if c.path not in frozen]:
        found.append(Finding(source="scope", say=Say(key="pipeline.nothing_changed")))
    for change in changes:
        text = change.status != "deleted" and not change.binary and change.size < MOST_BYTES
        if text and marked(await workspace.file(tree, change.path) or b""):
            say = Say(key="pipeline.conflict_marks", facts={"path": change.path})
            found.append(Finding(source="scope", path=change.path, say=say))
    for path, blob in frozen.items():
        if await workspace.blob(tree, path) != blob:
            say = Say(key="pipeline.frozen_changed", facts={"path": path})
            found.append(Finding(source="reproduction", path=path, say=say))
    return found


def marked(data: bytes) -> bool:
    """True when a merge's conflict marks are left: a beginning and an end, each on a line."""
    lines = data.splitlines()
    return all(any(line.startswith(mark) for line in lines) for mark in MARKS)


async def _weakening(job: Job, tree: str, plan: Plan) -> list[Finding]:
    workspace = job.parts.workspace
    base = await workspace.tree_of(job.run.base_sha)
    texts: dict[str, tuple[str | None, str | None]] = {}
    for change in await workspace.changes(base, tree):
        if is_test_file(change.path):
            old, new = (
                await workspace.file(base, change.path),
                await workspace.file(tree, change.path),
            )
            texts[change.path] = (_text(old), _text(new))
    allowed = plan.test_changes if plan.hash in job.run.approvals else ()
    return list(await asyncio.to_thread(weakened, texts, allowed))


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "replace")


Part = tuple[list[Finding], list[Evidence]]


async def _reproduced(job: Job, tree: str, plan: Plan) -> Part:
    proof = job.run.reproduction
    if proof is None:
        return [], []
    ran = await attempt(
        job,
        Trial(
            kind="reproduction",
            side="change",
            tree=tree,
            command=proof.command,
            reporter=reporter_of(proof.command),
        ),
    )
    if green(ran, proof.tests):
        return [], []
    say = Say(key="pipeline.still_red", facts={"why": explain((ran,), proof.tests)})
    return [Finding(source="reproduction", say=say)], [ran]


async def _tests(job: Job, tree: str, plan: Plan) -> Part:
    tests = await suite(job)
    if not tests.command:
        await job.tell("no_test_command")
        return [], []
    base = await base_tests(job, tests)
    if never_began(base):
        await job.tell("tests_broken", command=tests.command, exit_code=base.exit_code)
        return [], []
    ran = await attempt(
        job,
        Trial(
            kind="tests", side="change", tree=tree, command=tests.command, reporter=tests.reporter
        ),
    )
    both = compared(base, ran)
    if both is None:
        return _by_exit_code(base, ran)
    if base.tests and base.tests.collected and ran.tests and not ran.tests.collected:
        say = Say(key="pipeline.no_report", facts={"exit_code": ran.exit_code})
        return [Finding(source="tests", say=say)], [ran]
    return await _compared(job, tree, tests, base, ran)


async def _compared(job: Job, tree: str, tests: Suite, base: Evidence, ran: Evidence) -> Part:
    both = compared(base, ran)
    assert both is not None
    findings: list[Finding] = []
    plan = await job.plan()
    missing = await _lost(job, tests, base, ran) if both.lost else both.lost
    lost = sorted(t for t in missing if not _renamed(t, plan))
    if lost:
        say = Say(key="pipeline.tests_lost", facts={"tests": ", ".join(lost[:10])})
        findings.append(Finding(source="weakening", say=say))
    silenced = sorted(t for t in both.silenced if not _renamed(t, plan))
    if silenced:
        say = Say(key="pipeline.tests_silenced", facts={"tests": ", ".join(silenced[:10])})
        findings.append(Finding(source="weakening", say=say))
    if both.newly_failing:
        newly = await rerun_alone(job, tests, tree, sorted(both.newly_failing))
        if newly.flaky:
            await job.tell("flaky", tree, tests=", ".join(newly.flaky[:10]))
        if newly.failing:
            say = Say(key="pipeline.tests_fail", facts={"tests": ", ".join(newly.failing[:10])})
            findings.append(Finding(source="tests", say=say))
    elif ran.exit_code != 0 and base.exit_code == 0:
        say = Say(key="pipeline.tests_exit", facts={"exit_code": ran.exit_code})
        findings.append(Finding(source="tests", say=say))
    return findings, [ran] if findings else []


async def _lost(job: Job, tests: Suite, base: Evidence, ran: Evidence) -> frozenset[str]:
    """The base is run once more: some tests change their names by themselves."""
    again = await attempt(
        job,
        Trial(
            kind="tests",
            side="base",
            tree=base.tree,
            command=tests.command,
            reporter=tests.reporter,
            round=2,
        ),
    )
    assert base.tests is not None
    assert ran.tests is not None
    return lost_for_good(base.tests, again.tests or base.tests, ran.tests)


def _renamed(test: str, plan: Plan) -> bool:
    """A lost test that the plan names (its expectation changes, so it may be renamed)."""
    return any(
        c.test == test or test.startswith(c.test + "::") or c.test.startswith(test)
        for c in plan.test_changes
    )


def _by_exit_code(base: Evidence, ran: Evidence) -> Part:
    """No report of single tests: the exit code alone, against the base's."""
    if ran.exit_code == 0 or base.exit_code == ran.exit_code:
        return [], []
    say = Say(key="pipeline.tests_exit", facts={"exit_code": ran.exit_code})
    return [Finding(source="tests", say=say)], [ran]


async def _criteria(job: Job, tree: str, plan: Plan) -> Part:
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
            say = Say(key="pipeline.criterion_unmet", facts=facts)
            findings.append(Finding(source="criterion", say=say))
            proof.append(ran)
    return findings, proof

"""One check for each kind of claim: code runs it, looks, and answers the agent in plain words."""

from __future__ import annotations

from harness.core.errors import RefusedError
from harness.core.types import (
    Answered,
    Evidence,
    LocalizedText,
    Plan,
    Stage,
    Tally,
)
from harness.pipeline import slots
from harness.pipeline.agents.naming import agents_for_tasks, told_agents, unknown_agents
from harness.pipeline.agents.verdicts import (
    WANTED,
    Blocked,
    Claim,
    Finished,
    NoChange,
    NotReproduced,
    Planned,
    Triage,
)
from harness.pipeline.job import Job
from harness.pipeline.overlap import order_tasks, waves
from harness.pipeline.people.answers import data
from harness.pipeline.people.authors import by_others
from harness.pipeline.plan_policy import approval_reason, outside_plan
from harness.pipeline.pull_request.change_requests import missing_answers
from harness.pipeline.verification.evidence import detect_base, match_ids, suite
from harness.pipeline.verification.freeze import frozen_paths, frozen_wrong
from harness.pipeline.verification.kinds import settle_kind, stated_kind
from harness.prompting.templates import PromptText, prompt_text
from harness.report.plan_page import tidy
from harness.testruns.command import runner_of
from harness.testruns.names import file_of

SOURCES = {"label": "label", "template": "form"}
SUMMARY_LINES = 12
LINE = 500


def wrong(text: str) -> Answered:
    """Not taken, and why."""
    return Answered(text=text, is_error=True)


async def triage(job: Job, claim: Claim, tree: str) -> Answered:
    """Kind, clarity, difficulty, risk: stored on the run."""
    assert isinstance(claim, Triage)
    if not claim.clear and not claim.question:
        return wrong(job.prompt("verdicts/needs_question"))
    if claim.kind == "question" and claim.clear and not claim.answer:
        return wrong(job.prompt("verdicts/needs_answer"))
    shown = job.run.snapshot
    kind = settle_kind(stated_kind(shown.labels, shown.title, shown.body), claim.kind)
    await job.change(kind=kind.kind, difficulty=claim.difficulty)
    await job.put(slots.TRIAGE, claim)
    await job.put(slots.KIND, kind)
    after = WANTED[Stage.PLAN]
    if kind.kind == "bug" and await runners(job):
        after = WANTED[Stage.REPRODUCE]
    elif kind.kind == "bug":
        after = prompt_text("verdicts/after_triage_no_runner")
    stands = ""
    if kind.kind != claim.kind:
        stands = " " + job.prompt("verdicts/triage_overruled", source=SOURCES[kind.by])
    noted = job.prompt(
        "verdicts/triage_noted",
        kind=kind.kind,
        stands=stands,
        difficulty=claim.difficulty,
        next=after,
    )
    return Answered(text=noted + await told_agents(job))


async def runners(job: Job) -> frozenset[str]:
    """The test runners that the project has, as far as harness can read their results."""
    tests, found = await suite(job), await detect_base(job)
    names = {*tests.reporter.split("+"), *found.reporter.split("+"), runner_of(tests.command)}
    return frozenset(names - {"none", ""})


async def not_reproduced(job: Job, claim: Claim, tree: str) -> Answered:
    """An honest answer; a person is asked."""
    assert isinstance(claim, NotReproduced)
    return Answered(text=job.prompt("verdicts/not_reproduced"))


async def plan(job: Job, claim: Claim, tree: str) -> Answered:
    """Tasks that hang together, stored as the next version."""
    assert isinstance(claim, Planned)
    if len({t.id for t in claim.tasks}) != len(claim.tasks):
        return wrong(job.prompt("verdicts/plan_same_id"))
    if not all(t.files for t in claim.tasks):
        return wrong(job.prompt("verdicts/plan_no_files"))
    try:
        waves(order_tasks(claim.tasks))
    except RefusedError as error:
        why = job.english(error.say)
        return wrong(job.prompt("verdicts/plan_not_accepted", why=why))
    unknown = await unknown_agents(job, claim.tasks)
    if unknown:
        there = ", ".join(await agents_for_tasks(job)) or "none"
        wanted = ", ".join(repr(name[:80]) for name in unknown)
        return wrong(job.prompt("verdicts/plan_unknown_agent", agents=wanted, names=there))
    made = tidy(
        Plan(
            summary=claim.summary,
            kind=job.run.kind or "bug",
            difficulty=job.run.difficulty or "small",
            tasks=claim.tasks,
            criteria=claim.criteria,
            risks=claim.risks,
            alternatives=claim.alternatives,
            test_changes=claim.test_changes,
        )
    )
    now = job.deps.clock.now()
    stored = await job.deps.store.put_plan(job.run.id, made, by="agent", at=now)
    await job.change(plan_version=stored.version)
    await job.tell(
        "planned",
        stored.hash,
        version=stored.version,
        tasks=len(stored.tasks),
        summary=stored.summary,
        hash=stored.hash,
    )
    approval = await _approval(job, stored)
    return Answered(
        text=job.prompt("verdicts/plan_kept", version=str(stored.version), approval=approval)
    )


async def _approval(job: Job, stored: Plan) -> PromptText:
    """Whether work goes on by this plan, or waits for a person."""
    if stored.hash in job.run.approvals:
        return prompt_text("verdicts/plan_approved")
    said = await job.get(slots.TRIAGE)
    reason = approval_reason(stored, said.risk if said else "low", job.policy)
    if reason is None:
        return prompt_text("verdicts/plan_needs_nobody")
    return prompt_text("verdicts/plan_needs_person", why=job.english(reason))


async def answer_finished(job: Job, claim: Claim, tree: str) -> Answered:
    """A change there is, inside the plan, with the reproduction untouched. Tests come later,
    from outside."""
    assert isinstance(claim, Finished)
    workspace = job.deps.workspace
    base = await workspace.tree_of(job.run.base_sha)
    changes = await workspace.changes(base, tree)
    frozen = await frozen_paths(job, tree)
    real = [c for c in changes if c.path not in frozen]
    if not real:
        return wrong(job.prompt("verdicts/done_nothing_changed"))
    gone = await frozen_wrong(job, tree)
    if gone:
        return wrong(job.prompt("verdicts/done_frozen_changed", tests=", ".join(gone)))
    stray = outside_plan(real, await job.plan(), (*frozen, *await by_others(job, tree)))
    if stray:
        return wrong(job.prompt("verdicts/done_outside_plan", files=", ".join(stray[:20])))
    silent = await missing_answers(job, claim, tree)
    if silent:
        return wrong(silent)
    await job.change(tree=tree)
    return Answered(text=job.prompt("verdicts/done_checked_now", count=str(len(real))))


async def no_change(job: Job, claim: Claim, tree: str) -> Answered:
    """Nothing to change can be the right answer."""
    assert isinstance(claim, NoChange)
    return Answered(text=job.prompt("verdicts/no_change"))


async def answer_blocked(job: Job, claim: Claim, tree: str) -> Answered:
    """The agent cannot go on; a person hears why."""
    assert isinstance(claim, Blocked)
    return Answered(text=job.prompt("verdicts/blocked"))


def reporter_of(command: str) -> str:
    """How the results of a command are read, told from its words."""
    return runner_of(command) or "none"


def explain(seen: tuple[Evidence, ...], tests: tuple[str, ...]) -> LocalizedText:
    """Why a pair of runs was not what was claimed, in one line."""
    last = seen[-1]
    if last.timed_out:
        return LocalizedText(key="claim.out_of_time")
    if last.tests is None:
        codes = ", ".join(str(e.exit_code) for e in seen)
        return LocalizedText(key="claim.exit_codes", facts={"codes": codes})
    if not last.tests.collected:
        return _no_report(last, last.tests)
    wanted = match_ids(last.tests, tests)
    if not wanted:
        silent = _silent_files(last.tests, tests)
        if silent:
            return LocalizedText(key="claim.did_not_run", facts={"files": silent})
        ran = ", ".join(sorted(last.tests.outcomes)[:10]) or "-"
        return LocalizedText(key="claim.others_ran", facts={"tests": ran})
    per_run = (
        ", ".join(f"{t}={(e.tests.outcomes.get(t, 'absent') if e.tests else '?')}" for t in wanted)
        for e in seen
    )
    return LocalizedText(key="claim.results", facts={"results": "; ".join(per_run)})


def _no_report(last: Evidence, tally: Tally) -> LocalizedText:
    why = tally.unseen.get("")
    code = {"exit_code": last.exit_code}
    if why is None or why.key != "unseen.uncollected":
        return LocalizedText(key="claim.no_report", facts=code)
    return LocalizedText(key="claim.no_report_since", facts={**code, "why": why})


def _silent_files(tally: Tally, tests: tuple[str, ...]) -> tuple[LocalizedText, ...]:
    """The files of the named tests that gave no result, each with why; where no name tells its
    file, every such file."""
    lone = all(not file_of(test) and "." not in test for test in tests)
    suite = LocalizedText(key="claim.suite")
    found = [
        LocalizedText(key="page.placed", facts={"place": file or suite, "what": why})
        for file, why in sorted(tally.unseen.items())
        if lone or not file or any(_stands_in(test, file) for test in tests)
    ]
    return tuple(found[:5])


def _stands_in(test: str, file: str) -> bool:
    name = test.strip().removeprefix("./")
    path, dotted = file_of(name), file.removesuffix(".py").replace("/", ".")
    same = path == file or file.endswith(f"/{path}") or path.endswith(f"/{file}")
    return bool(path) and (same or name.startswith(f"{dotted}."))


def quote_runs(job: Job, runs: tuple[Evidence, ...], tests: tuple[str, ...]) -> str:
    """What two runs showed: words of programs that may be hostile."""
    return data(job, f"{job.english(explain(runs, tests))}\n{summary(runs[-1])}")


def summary(evidence: Evidence) -> str:
    """The end of a command's output, where test runners say what matters."""
    lines = [line[:LINE] for line in evidence.output.strip().splitlines()[-SUMMARY_LINES:]]
    return f"$ {evidence.command} -> exit {evidence.exit_code}\n" + "\n".join(lines)

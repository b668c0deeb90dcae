"""What the checks of the pull request's head say, and what follows from it (F5).

`judge` is pure. A failure is called flaky only on evidence: another result on the same head. A
check is run again only when its failure is plausibly not the change's, three times a head at most.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from harness.core.base import Value
from harness.core.errors import NotFound
from harness.core.outcome import Outcome, Return, Wait
from harness.core.types import Check, LocalizedText, PullRequest, Stage, Waiting
from harness.pipeline import slots
from harness.pipeline.agents.sessions import ask_person
from harness.pipeline.agents.skills import FIX_CI, skill_text
from harness.pipeline.job import Job
from harness.pipeline.people.answers import data
from harness.pipeline.run_policy import RunPolicy
from harness.pipeline.slots import SeenChecks
from harness.pipeline.verification.evidence import suite
from harness.system.text import clean_text

OWN = "harness/evidence"
"""The check that harness itself reports."""
RERUNS = 3
BAD = ("failure", "timed_out", "cancelled")
WATCH = ("review", "comment", "ci", "merged", "closed", "retry", "cancel")
SETTLING_S = 60.0
"""A forge may show the old result for so long after a check was asked to run again."""
BASE_S = 3600.0
LOG_CHARS = 6000
LOGS = 8
"""Checks whose log an agent is shown at once."""
STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z ", re.MULTILINE)
FAILED = re.compile(r"\b(?:FAIL|FAILED|ERROR|not ok)\b|[✕✖×]")
NAMED = re.compile(r"\b(?:FAILED|ERROR)\s+(\S+)")


class Red(Value):
    """A failing check, and what is known of the failure."""

    name: str
    id: int
    again: bool
    """Whether the forge can run it again."""
    cancelled: bool = False
    on_base: bool = False
    """The same check fails on the base."""
    passes_here: bool = False
    """Its log names the tests that failed, and each of them passed in our own sandbox."""


class CheckVerdict(Value):
    """What to do about the checks of one head."""

    kind: Literal["green", "none", "wait", "rerun", "fix", "base", "person"]
    why: LocalizedText
    checks: tuple[int, ...] = ()
    until: datetime | None = None


def standing(checks: Sequence[Check]) -> tuple[tuple[str, ...], bool, int]:
    """What counts of the checks of a head as a signal: which fail, whether any still runs, how
    many there are once none runs."""
    theirs = [c for c in checks if c.name != OWN]
    failing = tuple(sorted(c.name for c in theirs if c.conclusion in BAD))
    running = any(pending(c) for c in theirs)
    return failing, running, 0 if running else len(theirs)


def pending(check: Check) -> bool:
    """Not decided yet: it runs, or a person must let it."""
    return check.status != "completed" or check.conclusion == "action_required"


def judge(
    checks: Sequence[Check],
    missing: Sequence[str],
    reds: Sequence[Red],
    seen: SeenChecks,
    now: datetime,
    rules: RunPolicy,
    fixes: int,
) -> CheckVerdict:
    """The whole decision. `missing`: required checks nobody reported yet; `fixes`: how often this
    run mended checks before."""
    open_ = sorted({*missing, *(c.name for c in checks if pending(c)), *seen.asked})
    end = seen.since + timedelta(seconds=rules.checks_s)
    if open_ and now < end:
        until = min([end, *(t + timedelta(seconds=SETTLING_S) for t in seen.asked.values())])
        return _verdict("wait", "checks_run", open_, until=until)
    if not reds and open_:
        return _verdict("person", "checks_late", open_)
    if not checks:
        quiet = seen.since + timedelta(seconds=rules.quiet_s)
        if now < quiet:
            return CheckVerdict(
                kind="wait", why=LocalizedText(key="follow.checks_expected"), until=quiet
            )
        return CheckVerdict(kind="none", why=LocalizedText(key="follow.no_checks"))
    if not reds:
        return CheckVerdict(kind="green", why=LocalizedText(key="follow.checks_pass"))
    return _about(reds, seen, now, rules, fixes)


def _about(
    reds: Sequence[Red], seen: SeenChecks, now: datetime, rules: RunPolicy, fixes: int
) -> CheckVerdict:
    mine = [r for r in reds if not r.on_base]
    if not mine:
        until = now + timedelta(seconds=BASE_S)
        return _verdict("base", "base_red", [r.name for r in reds], until=until)
    names = [r.name for r in mine]
    excused = [r for r in mine if r.passes_here or r.cancelled or r.name in seen.flaky]
    can = seen.reruns + len(mine) <= RERUNS and all(r.again for r in mine)
    if can and len(excused) == len(mine):
        return _verdict("rerun", _excuse(mine, seen), names, checks=[r.id for r in mine])
    if all(r.cancelled for r in mine):
        return _verdict("person", "checks_cancelled", names)
    if fixes >= rules.ci_fixes:
        return _verdict("person", "ci_fixes_used", names, times=fixes)
    return _verdict("fix", "ci_failed", names, checks=[r.id for r in mine if not r.cancelled])


def _excuse(reds: Sequence[Red], seen: SeenChecks) -> str:
    """Why the failures are plausibly not the change's."""
    if any(r.name in seen.flaky for r in reds):
        return "rerun_flaky"
    return "rerun_cancelled" if any(r.cancelled for r in reds) else "rerun_passes_here"


def _verdict(
    kind: Literal["wait", "rerun", "fix", "base", "person"],
    key: str,
    names: Sequence[str],
    *,
    checks: Sequence[int] = (),
    until: datetime | None = None,
    **facts: int,
) -> CheckVerdict:
    why = LocalizedText(key=f"follow.{key}", facts={"checks": ", ".join(sorted(names)), **facts})
    return CheckVerdict(kind=kind, why=why, checks=tuple(checks), until=until)


def passed_here(log: str, outcomes: Mapping[str, str]) -> bool:
    """True when a log names failed tests and our own run of the same tree passed each of them.
    A failed test that we do not know is no excuse."""
    named: set[str] = set()
    for line in [line for line in log.splitlines() if FAILED.search(line)][-200:]:
        known = {test for test in outcomes if _names(line, test)}
        told = NAMED.search(line)
        if told is not None and "::" in told[1] and not known:
            return False
        named |= known
    return bool(named) and all(outcomes[test] == "passed" for test in named)


def _names(line: str, test: str) -> bool:
    return test in line and re.search(rf"{re.escape(test)}(?![\w\[])", line) is not None


async def ci(job: Job, pr: PullRequest, required: Sequence[str]) -> Outcome | None:
    """None: no check stands in the way. `required`: checks that the base branch asks for."""
    head, forge = pr.head_sha, job.deps.forge
    if f"checks:{head}" in job.run.approvals:
        return None
    checks = [c for c in await forge.checks(head) if c.name != OWN]
    seen = await _note_checks(job, head, checks)
    missing = [n for n in required if n != OWN and n not in {c.name for c in checks}]
    reds = await _reds(job, [c for c in checks if c.conclusion in BAD])
    now, fixed = job.deps.clock.now(), await _earlier_fixes(job)
    verdict = judge(checks, missing, reds, seen, now, job.policy, len(fixed))
    match verdict.kind:
        case "green":
            await job.tell("ci_green", head, commit=head[:12], count=len(checks))
            return None
        case "none":
            await job.tell("ci_none", head, commit=head[:12])
            return None
        case "rerun":
            return await _rerun(job, head, verdict, seen, [r.name for r in reds])
        case "fix":
            return await _fix(job, head, verdict, checks)
    if verdict.kind == "person":
        return ask_person(verdict.why, ("approve", "retry", "cancel"), subject=f"checks:{head}")
    if verdict.kind == "base":
        # a person may take it as it is; what still runs is waited for
        base = Waiting(
            reason=verdict.why,
            signals=("approve", *WATCH),
            until=verdict.until,
            subject=f"checks:{head}",
        )
        return Wait(wait=base)
    return Wait(wait=Waiting(reason=verdict.why, signals=WATCH, until=verdict.until))


async def _note_checks(job: Job, head: str, checks: Sequence[Check]) -> SeenChecks:
    """What is known of this head, with what is seen now; a check with two results is told."""
    stored = await job.get(slots.CHECKS.at(head))
    now = job.deps.clock.now()
    seen = stored or SeenChecks(since=now)
    # what is still to come was noted before the clock was set back
    seen = seen.model_copy(update={"since": min(seen.since, now)})
    failed = {*seen.failed, *(c.name for c in checks if c.conclusion in BAD)}
    passed = {c.name for c in checks if c.conclusion == "success"}
    flaky = sorted({*seen.flaky, *(failed & passed)})
    shown = {c.name: c for c in checks}
    asked = {
        name: at
        for name, at in seen.asked.items()
        if 0 <= (now - at).total_seconds() < SETTLING_S
        and name in shown
        and shown[name].conclusion in BAD
    }
    fresh = [name for name in flaky if name not in seen.flaky]
    found = seen.model_copy(
        update={"failed": tuple(sorted(failed)), "flaky": tuple(flaky), "asked": asked}
    )
    if found != stored:
        await _keep(job, head, found)
    if fresh:
        await job.tell("ci_flaky", f"{head}:{','.join(fresh)}", checks=", ".join(fresh))
    return found


async def _keep(job: Job, head: str, seen: SeenChecks) -> None:
    await job.put(slots.CHECKS.at(head), seen)


async def _reds(job: Job, failing: Sequence[Check]) -> list[Red]:
    if not failing:
        return []
    base = await job.deps.forge.checks(job.run.base_sha)
    on_base = {c.name for c in base if c.conclusion in BAD}
    outcomes = await _outcomes(job)
    found = []
    for check in failing:
        log = await _log(job, check) if outcomes and check.name not in on_base else ""
        red = Red(
            name=check.name,
            id=check.id,
            again=check.kind == "run",
            cancelled=check.conclusion == "cancelled",
            on_base=check.name in on_base,
            passes_here=bool(log) and passed_here(log, outcomes),
        )
        found.append(red)
    return found


async def _outcomes(job: Job) -> dict[str, str]:
    """How each test of the published tree ended in our own sandbox."""
    command = (await suite(job)).command
    for known in await job.deps.store.evidence(job.run.id):
        ours = (known.kind, known.side, known.tree, known.command)
        if ours == ("tests", "change", job.run.tree, command) and known.tests is not None:
            return dict(known.tests.outcomes)
    return {}


async def _log(job: Job, check: Check) -> str:
    """What a check printed, as text; its summary when it has no log."""
    text = ""
    if check.kind == "run":
        try:
            text = await job.deps.forge.check_log(check.id)
        except NotFound:
            text = ""
    return STAMP.sub("", clean_text(text or check.summary))


async def _rerun(
    job: Job, head: str, verdict: CheckVerdict, seen: SeenChecks, names: Sequence[str]
) -> Outcome:
    """Counted before it is asked for: a crash may lose a rerun, never add one."""
    now = job.deps.clock.now()
    count = seen.reruns + len(verdict.checks)
    asked = {**seen.asked, **dict.fromkeys(names, now)}
    # it may run for as long as the first time
    counted = seen.model_copy(update={"reruns": count, "asked": asked, "since": now})
    await _keep(job, head, counted)
    await job.tell("ci_rerun", f"{head}:{count}", count=count, most=RERUNS, why=verdict.why)
    for check in verdict.checks:
        await job.deps.forge.rerun(check)
    await _note_checks(job, head, [c for c in await job.deps.forge.checks(head) if c.name != OWN])
    end = now + timedelta(seconds=job.policy.checks_s)
    return Wait(wait=Waiting(reason=verdict.why, signals=WATCH, until=end))


async def _fix(job: Job, head: str, verdict: CheckVerdict, checks: Sequence[Check]) -> Outcome:
    """Back to the worker with what the failing checks printed, as data."""
    told = [job.prompt("messages/checks_fail")]
    failing = [check for check in checks if check.id in verdict.checks]
    for check in failing[:LOGS]:
        tail = (await _log(job, check))[-LOG_CHARS:]
        log = tail or job.prompt("messages/no_log")
        told.append(data(job, job.prompt("messages/check_printed", name=check.name, log=log)))
    if len(failing) > LOGS:
        told.append(job.prompt("messages/more_checks_fail", count=str(len(failing) - LOGS)))
    fixed, this = await _earlier_fixes(job), f"{head}:{job.attempt(Stage.IMPLEMENT)}"
    skill = "" if fixed else await skill_text(job, FIX_CI)
    if skill:
        told.append(skill)
    await job.tell("ci_red", this, checks=str(verdict.why.facts["checks"]), commit=head[:12])
    await job.put(slots.CI_FIXED, (*fixed, this))
    await job.afresh()
    return Return(stage=Stage.IMPLEMENT, why=verdict.why, told="\n\n".join(told))


async def _earlier_fixes(job: Job) -> list[str]:
    """The rounds that mended checks, this one left out: a step may be repeated."""
    this = f"{job.run.head_sha}:{job.attempt(Stage.IMPLEMENT)}"
    return [kept for kept in await job.get(slots.CI_FIXED) or () if kept != this]

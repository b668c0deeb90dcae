"""The activation: from a signal to the next Wait, stage by stage, each one durable step.

A step's body looks at our own row first: after a crash it may find that its stage is over, and
then it does the next one. So a recorded step, a repeated step and a step that never ran all lead
to the same row.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import traceback
from collections.abc import Awaitable, Callable

from harness.core.base import Json
from harness.core.errors import (
    CapReached,
    Forbidden,
    ForgeError,
    HarnessError,
    LeaseLost,
    NotFound,
    Unavailable,
    WriteRefused,
)
from harness.core.outcome import (
    OUTCOME,
    Advance,
    Delegate,
    Done,
    GiveUp,
    Outcome,
    Retry,
    Return,
    Wait,
)
from harness.core.ports import Flow
from harness.core.types import RunState, Say, Stage
from harness.core.types import Wait as Resting
from harness.pipeline.children import delegate
from harness.pipeline.door import outward
from harness.pipeline.fingerprint import fingerprint
from harness.pipeline.job import Job
from harness.pipeline.later import said_later, withdrawn_later
from harness.pipeline.leases import Leases
from harness.pipeline.notes import progress, question
from harness.pipeline.pages import write_pages
from harness.pipeline.parts import Parts
from harness.pipeline.stages.follow_up import follow_up
from harness.pipeline.stages.implement import implement
from harness.pipeline.stages.merge import merge
from harness.pipeline.stages.plan import plan
from harness.pipeline.stages.publish import publish
from harness.pipeline.stages.report import report
from harness.pipeline.stages.reproduce import reproduce
from harness.pipeline.stages.review import review
from harness.pipeline.stages.triage import triage
from harness.pipeline.stages.verify import verify
from harness.pipeline.talk import ask_person, later, suspend_all
from harness.pipeline.words_in import data
from harness.system.log import about

log = logging.getLogger(__name__)
StageBody = Callable[[Job], Awaitable[Outcome]]
STAGES: dict[Stage, StageBody] = {
    Stage.TRIAGE: triage,
    Stage.REPRODUCE: reproduce,
    Stage.PLAN: plan,
    Stage.IMPLEMENT: implement,
    Stage.VERIFY: verify,
    Stage.REVIEW: review,
    Stage.PUBLISH: publish,
    Stage.FOLLOW_UP: follow_up,
    Stage.MERGE: merge,
    Stage.REPORT: report,
}
ORDER = list(Stage)
MOST_STEPS = 200
SUSPEND_S = 600.0
Facts = dict[str, str | int | float]
UNTOLD = "untold"
"""The fingerprint of a run whose comments could not be written: it differs from every other, so
the first look at a forge that answers again is a signal."""
SETTLED = "daemon.done_elsewhere"
ELSEWHERE = ("daemon.lease_other", "daemon.lease_between")
"""Reasons that are not written on the issue: another daemon does the talking there."""


class Walk:
    """The workflow bodies of one project."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    async def activation(self, flow: Flow, argument: Json) -> Json:
        """Argument: {"run": id}. Answers the outcome that ended it."""
        assert isinstance(argument, dict)
        run_id = str(argument["run"])
        run = await self.parts.store.run(run_id)
        leases = self.parts.leases
        async with leases.renewing(run.issue) if leases else contextlib.nullcontext():
            for number in range(MOST_STEPS):
                answer = await flow.step(f"stage-{number}", lambda: self._step(run_id))
                outcome = OUTCOME.validate_python(answer)
                if isinstance(outcome, Delegate):
                    await delegate(flow, self.parts, run_id, outcome)
                elif not isinstance(outcome, Advance | Return):
                    return answer
        raise HarnessError("pipeline.too_many_steps", run=run_id, steps=MOST_STEPS)

    async def _step(self, run_id: str) -> Json:
        run = await self.parts.store.run(run_id)
        with about(project=run.project, issue=run.issue, run=run.id, stage=run.stage.value):
            return await self._staged(Job(outward(self.parts, run), run))

    async def _staged(self, job: Job) -> Json:
        outcome = self._no_further(job) or await self._outcome(job)
        if isinstance(outcome, Wait | Retry | Done | GiveUp):
            await _suspended(job)
        try:
            if not isinstance(outcome, Advance | Return):
                await said_later(job)
            await apply(job, outcome)
            await withdrawn_later(job)
        except LeaseLost as lost:
            outcome = elsewhere(job, lost)
            await apply(job, outcome)
        if not isinstance(outcome, Advance | Return):
            await write_pages(job)
        if self.parts.leases is not None:
            await self.parts.leases.settle(job.run)
        dumped: Json = OUTCOME.dump_python(outcome, mode="json")
        return dumped

    def _no_further(self, job: Job) -> Outcome | None:
        """Rest here when the command that runs us asked for no more than an earlier stage."""
        last = self.parts.stops.get(job.run.project)
        if last is None or job.run.state is not RunState.ACTIVE:
            return None
        if ORDER.index(job.run.stage) <= ORDER.index(last):
            return None
        reason = Say(key="pipeline.stopped_after", facts={"stage": last.value})
        return Wait(wait=Resting(reason=reason, signals=("resume", "cancel")))

    async def _outcome(self, job: Job) -> Outcome:
        run = job.run
        if run.state.over:
            return Done(why=run.outcome or Say(key="pipeline.over"))
        if run.state in (RunState.WAITING, RunState.HELD) and run.wait is not None:
            return Wait(wait=run.wait)
        if run.paused:
            return Wait(
                wait=Resting(reason=Say(key="pipeline.paused"), signals=("resume", "cancel"))
            )
        if self.parts.leases is None:
            return await guarded(job, STAGES[run.stage])
        return await self._under_lease(job, self.parts.leases)

    async def _under_lease(self, job: Job, leases: Leases) -> Outcome:
        """The stage while the issue is ours; how it ended counts only if it still was."""
        issue = job.run.issue

        async def body(job: Job) -> Outcome:
            if not await leases.begin(issue) and await _settled_elsewhere(job):
                return Done(why=Say(key=SETTLED, facts={"issue": issue}))
            return await STAGES[job.run.stage](job)

        outcome = await guarded(job, body)
        lost = leases.lost(issue)
        return outcome if lost is None else elsewhere(job, lost)


async def _suspended(job: Job) -> None:
    try:
        async with asyncio.timeout(SUSPEND_S):
            await suspend_all(job)
    except TimeoutError:
        log.exception("a Box of run %s would not close", job.run.id)


async def _settled_elsewhere(job: Job) -> bool:
    """The issue was closed under another daemon, and this run has no pull request that could
    tell how it ended."""
    before = ORDER.index(job.run.stage) < ORDER.index(Stage.FOLLOW_UP)
    return before and (await job.parts.forge.issue(job.run.issue)).state == "closed"


async def guarded(job: Job, body: StageBody) -> Outcome:
    """One of the three places that catch: a fault of a stage becomes an outcome, and is told."""
    try:
        async with asyncio.timeout(job.rules.stage_s) as limit:
            return await body(job)
    except LeaseLost as lost:
        return elsewhere(job, lost)
    except (CapReached, WriteRefused) as no:
        return await _not_allowed(job, no)
    except Unavailable as fault:
        if fault.retry_at is not None:
            return Retry(why=fault.say, after=fault.retry_at)
        return later(job, fault.say, job.run.attempts.get("faults", 0))
    except HarnessError as error:
        await _fault(job, error)
        return ask_person(error.say, ("retry", "cancel"))
    except Exception as error:
        if limit.expired():
            hours = round(job.rules.stage_s / 3600, 2)
            facts: Facts = {"stage": job.run.stage.value, "hours": hours}
            return ask_person(Say(key="daemon.stalled", facts=facts), ("retry", "cancel"))
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise  # the daemon is stopping: what broke on the way down is no fact of the run
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            place = str(job.parts.folder(job.run))
            full = Say(key="engine.disk_full", facts={"path": place, "why": str(error.strerror)})
            return later(job, full, job.run.attempts.get("faults", 0))
        await _fault(job, error)
        facts = {"error": f"{type(error).__name__}: {error}"[:300]}
        return ask_person(Say(key="pipeline.our_mistake", facts=facts), ("retry", "cancel"))


async def _not_allowed(job: Job, no: CapReached | WriteRefused) -> Wait:
    if isinstance(no, WriteRefused):
        await job.tell("write_refused", f"{job.run.activation}", why=_said(job, no.say))
    return ask_person(no.say, ("retry", "cancel"))


def elsewhere(job: Job, lost: LeaseLost) -> Wait:
    """Rest until the other's lease is over. What the run was asked, and may be told, stays."""
    was = job.run.wait
    signals = was.signals if was is not None else ("retry", "cancel")
    subject = was.subject if was is not None else ""
    return Wait(wait=Resting(reason=lost.say, signals=signals, subject=subject, until=lost.until))


async def _fault(job: Job, error: Exception) -> None:
    log.exception("stage %s of run %s failed", job.run.stage.value, job.run.id)
    text = "".join(traceback.format_exception(error))[-2000:]
    said = _said(job, error.say) if isinstance(error, HarnessError) else str(error)
    await job.tell("fault", f"{job.run.activation}", error=said[:500], trace=text)


async def apply(job: Job, outcome: Outcome) -> None:
    """Write the outcome into the row. A person's word that arrived meanwhile stands."""
    await job.reload()
    if job.run.state.over:
        return
    match outcome:
        case Advance():
            following = outcome.to or ORDER[ORDER.index(job.run.stage) + 1]
            await job.change(stage=following, wait=None)
        case Return():
            await _return(job, outcome)
        case Wait():
            await _rest(job, outcome.wait)
        case Retry():
            await _again(job, outcome)
        case Done() | GiveUp():
            await _end(job, outcome)
        case Delegate():
            await job.tell(
                "delegated",
                outcome.call or outcome.tasks[0].id,
                tasks=", ".join(t.title for t in outcome.tasks),
            )


async def _return(job: Job, outcome: Return) -> None:
    tries = job.run.attempts.get(outcome.stage.value, 0) + 1
    told = outcome.told or data(job, job.english(outcome.why))
    await job.parts.store.keep(job.run.id, f"return:{tries}", told)
    await job.parts.store.keep(job.run.id, f"return_said:{tries}", _said(job, outcome.why))
    attempts = {**job.run.attempts, outcome.stage.value: tries}
    await job.change(stage=outcome.stage, attempts=attempts, verified="", wait=None)


async def _again(job: Job, outcome: Retry) -> None:
    faults = job.run.attempts.get("faults", 0) + 1
    await job.change(attempts={**job.run.attempts, "faults": faults})
    wait = Resting(reason=outcome.why, signals=("retry", "cancel"), until=outcome.after)
    await _rest(job, wait)


async def _end(job: Job, outcome: Done | GiveUp) -> None:
    """The last word on the forge first: a run that is over is not looked at again."""
    state = RunState.DONE if isinstance(outcome, Done) else RunState.FAILED
    over = {"state": state, "outcome": outcome.why, "wait": None}
    await job.tell("closed", f"{job.run.activation}", why=_said(job, outcome.why))
    try:
        if outcome.why.key != SETTLED:
            await progress(Job(job.parts, job.run.model_copy(update=over)))
    except Unavailable as fault:
        await _again(job, later(job, fault.say, job.run.attempts.get("faults", 0)))
        return
    await job.change(**over)


async def _rest(job: Job, wait: Resting) -> None:
    state = RunState.HELD if wait.person else RunState.WAITING
    if job.run.wait == wait and job.run.state == state:
        return
    try:
        seen = await fingerprint(job, wait)
    except (NotFound, Forbidden) as fault:
        seen = gone(fault)
    except ForgeError:
        seen = UNTOLD
    await job.change(state=state, wait=wait.model_copy(update={"fingerprint": seen}))
    kind = "held" if wait.person else "waiting"
    await job.tell(kind, f"{job.run.activation}", why=_said(job, wait.reason))
    if wait.reason.key in ELSEWHERE:
        return
    try:
        if wait.person:
            await question(job, wait)
        await progress(job)
    except ForgeError as fault:
        log.info("run %s rests untold: %s", job.run.id, fault)
        if isinstance(fault, Unavailable):
            await job.change(wait=wait.model_copy(update={"fingerprint": UNTOLD}))


def _said(job: Job, say: Say) -> str:
    return job.parts.words(say.key, **say.facts)


def gone(fault: ForgeError) -> str:
    """The fingerprint of a run whose issue or pull request cannot be read any more."""
    return f"{type(fault).__name__} {fault.key}"

"""The activation: from a signal to the next Wait, stage by stage, each one durable step.

A step's body looks at our own row first: after a crash it may find that its stage is over, and
then it does the next one. So a recorded step, a repeated step and a step that never ran all lead
to the same row.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import traceback
from collections.abc import Awaitable, Callable

from harness.core.base import Fact, Json
from harness.core.errors import (
    CapReached,
    Forbidden,
    ForgeError,
    HarnessError,
    LeaseLost,
    NotFound,
    StateReplaced,
    StorageError,
    Strayed,
    Unauthorised,
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
from harness.core.types import LocalizedText, RunState, Stage, Waiting
from harness.pipeline import slots
from harness.pipeline.agents.children import delegate
from harness.pipeline.agents.sessions import ask_person, later, suspend_all
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.fingerprint import fingerprint
from harness.pipeline.job import Job, stage_name
from harness.pipeline.lessons.retrospect import look_back
from harness.pipeline.outbound.deferred_comments import said_later, withdrawn_later
from harness.pipeline.outbound.leases import Leases
from harness.pipeline.outbound.write_gate import outward
from harness.pipeline.pages import write_pages
from harness.pipeline.people.answers import data
from harness.pipeline.people.closed import LOOKS_ITSELF, rest_if_closed
from harness.pipeline.people.notes import progress, refresh, show
from harness.pipeline.pull_request.not_shown import look_again, may_be_behind
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
from harness.pipeline.verification.fixed_meanwhile import end_if_fixed_at_wake
from harness.ports.durable import Flow
from harness.system.log import about
from harness.system.storage import storage_fault

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
Facts = dict[str, Fact]
UNTOLD = "untold"
"""The fingerprint of a run whose comments could not be written: it differs from every other, so
the first look at a forge that answers again is a signal."""
SETTLED = "daemon.done_elsewhere"
ELSEWHERE = ("daemon.lease_other", "daemon.lease_between")
"""Reasons that are not written on the issue: another daemon does the talking there."""


class ActivationRunner:
    """The workflow bodies of one project."""

    def __init__(self, deps: PipelineDeps) -> None:
        self.deps = deps

    async def activation(self, flow: Flow, argument: Json) -> Json:
        """Argument: {"run": id}. Answers the outcome that ended it."""
        assert isinstance(argument, dict)
        run_id = str(argument["run"])
        run = await self.deps.store.run(run_id)
        leases = self.deps.leases
        async with leases.renewing(run.issue) if leases else contextlib.nullcontext():
            for number in range(MOST_STEPS):
                answer = await flow.step(f"stage-{number}", lambda: self._step(run_id))
                outcome = OUTCOME.validate_python(answer)
                if isinstance(outcome, Delegate):
                    await delegate(flow, self.deps, run_id, outcome)
                elif not isinstance(outcome, Advance | Return):
                    return answer
        raise HarnessError("pipeline.too_many_steps", run=run_id, steps=MOST_STEPS)

    async def _step(self, run_id: str) -> Json:
        run = await self.deps.store.run(run_id)
        with about(project=run.project, issue=run.issue, run=run.id, stage=run.stage.value):
            return await self._run_stage(Job(outward(self.deps, run), run))

    async def _run_stage(self, job: Job) -> Json:
        if job.run.state is RunState.ACTIVE and await job.get(slots.HELD_TOLD) is not None:
            await refresh(job)
        outcome = self._no_further(job) or await self._outcome(job)
        if isinstance(outcome, Wait | Retry | Done | GiveUp):
            await _suspend(job)
        try:
            if not isinstance(outcome, Advance | Return):
                await said_later(job)
            await apply(job, outcome)
            await withdrawn_later(job)
            if job.run.state is RunState.CANCELLED:
                await refresh(job)
        except LeaseLost as lost:
            outcome = elsewhere(job, lost)
            await apply(job, outcome)
        except Strayed as lost:
            outcome = resting(lost.say)
            await apply(job, outcome)
        if not isinstance(outcome, Advance | Return):
            await look_back(job)
            await write_pages(job)
        if self.deps.leases is not None:
            await self.deps.leases.settle(job.run)
        dumped: Json = OUTCOME.dump_python(outcome, mode="json")
        return dumped

    def _no_further(self, job: Job) -> Outcome | None:
        """Rest here when the command that runs us asked for no more than an earlier stage."""
        last = self.deps.live.stops.get(job.run.project)
        if last is None or job.run.state is not RunState.ACTIVE:
            return None
        if ORDER.index(job.run.stage) <= ORDER.index(last):
            return None
        reason = LocalizedText(key="pipeline.stopped_after", facts={"stage": stage_name(last)})
        return Wait(wait=Waiting(reason=reason, signals=("resume", "cancel")))

    async def _outcome(self, job: Job) -> Outcome:
        run = job.run
        if run.state.over:
            return Done(why=run.outcome or LocalizedText(key="pipeline.over"))
        if run.state in (RunState.WAITING, RunState.HELD) and run.wait is not None:
            return Wait(wait=run.wait)
        if run.paused:
            return Wait(
                wait=Waiting(
                    reason=LocalizedText(key="pipeline.paused"), signals=("resume", "cancel")
                )
            )
        if self.deps.leases is None:
            return await run_guarded(job, _stage)
        return await self._under_lease(job, self.deps.leases)

    async def _under_lease(self, job: Job, leases: Leases) -> Outcome:
        """The stage while the issue is ours; how it ended counts only if it still was."""
        issue = job.run.issue

        async def body(job: Job) -> Outcome:
            if not await leases.begin(issue) and await _settled_elsewhere(job):
                return Done(why=LocalizedText(key=SETTLED, facts={"issue": issue}))
            return await _stage(job)

        outcome = await run_guarded(job, body)
        lost = leases.loss_of(issue)
        return outcome if lost is None else elsewhere(job, lost)


async def _stage(job: Job) -> Outcome:
    """The run's stage, unless somebody fixed the bug or closed the issue meanwhile."""
    stage = job.run.stage
    fixed = await end_if_fixed_at_wake(job)
    if fixed is not None:
        return fixed
    closed = None if stage in LOOKS_ITSELF else await rest_if_closed(job)
    return closed or await STAGES[stage](job)


async def _suspend(job: Job) -> None:
    try:
        async with asyncio.timeout(SUSPEND_S):
            await suspend_all(job)
    except TimeoutError:
        log.exception("a Box of run %s would not close", job.run.id)


async def _settled_elsewhere(job: Job) -> bool:
    """The issue was closed under another daemon, and this run has no pull request that could
    tell how it ended."""
    before = ORDER.index(job.run.stage) < ORDER.index(Stage.FOLLOW_UP)
    return before and (await job.deps.forge.issue(job.run.issue)).state == "closed"


async def run_guarded(job: Job, body: StageBody) -> Outcome:
    """One of the three places that catch: a fault of a stage becomes an outcome, and is told."""
    with_repository = False
    try:
        async with asyncio.timeout(job.policy.stage_s) as limit:
            # what another repository says is no reason to work
            await job.deps.forge.repository()
            with_repository = True
            return await body(job)
    except StateReplaced:
        raise
    except HarnessError as error:
        if with_repository and may_be_behind(job, error):
            return await look_again(job, error.say)
        return await _outcome_of(job, error)
    except Exception as error:
        if limit.expired():
            hours = round(job.policy.stage_s / 3600, 2)
            whole = int(hours) if hours == int(hours) else hours
            facts: Facts = {"stage": stage_name(job.run.stage), "hours": whole}
            return ask_person(LocalizedText(key="daemon.stalled", facts=facts), ("retry", "cancel"))
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise  # the daemon is stopping: what broke on the way down is no fact of the run
        broken = _storage(job, error)
        if broken is not None:
            return later(job, broken, job.run.attempts.faults)
        await _fault(job, error)
        facts = {"error": f"{type(error).__name__}: {error}"[:300]}
        return ask_person(
            LocalizedText(key="pipeline.our_mistake", facts=facts), ("retry", "cancel")
        )


def _storage(job: Job, error: Exception) -> LocalizedText | None:
    """What a disk that takes nothing is told as."""
    if not isinstance(error, OSError):
        return None
    fault = storage_fault(error, job.deps.folder(job.run))
    return fault.say if fault is not None else None


async def _outcome_of(job: Job, error: HarnessError) -> Outcome:
    """What an error of ours means for the run."""
    match error:
        case LeaseLost():
            return elsewhere(job, error)
        case Unauthorised():
            return resting(error.say, error.subject)
        case Strayed():
            return resting(error.say)
        case CapReached() | WriteRefused():
            return await _not_allowed(job, error)
        case Unavailable() if error.retry_at is not None:
            return Retry(why=error.say, after=error.retry_at)
        case Unavailable() | StorageError():
            return later(job, error.say, job.run.attempts.faults)
    await _fault(job, error)
    return ask_person(error.say, ("retry", "cancel"))


async def _not_allowed(job: Job, no: CapReached | WriteRefused) -> Wait:
    if isinstance(no, WriteRefused):
        await job.tell("write_refused", f"{job.run.activation}", why=no.say)
    return ask_person(no.say, ("retry", "cancel"))


def resting(why: LocalizedText, subject: str = "") -> Wait:
    """Rest until what let it begin is back, or a person approves `subject`. No failure: the
    work is kept, and a look at the forge tells when it may go on."""
    signals = ("approve", "retry", "cancel") if subject else ("retry", "cancel")
    return Wait(wait=Waiting(reason=why, signals=signals, subject=subject))


def elsewhere(job: Job, lost: LeaseLost) -> Wait:
    """Rest until the other's lease is over. What the run was asked, and may be told, stays."""
    was = job.run.wait
    signals = was.signals if was is not None else ("retry", "cancel")
    subject = was.subject if was is not None else ""
    return Wait(wait=Waiting(reason=lost.say, signals=signals, subject=subject, until=lost.until))


async def _fault(job: Job, error: Exception) -> None:
    log.exception("stage %s of run %s failed", job.run.stage.value, job.run.id)
    text = "".join(traceback.format_exception(error))[-2000:]
    said = error.say if isinstance(error, HarnessError) else str(error)[:500]
    await job.tell("fault", f"{job.run.activation}", error=said, trace=text)


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
    tries = job.run.attempts.again(outcome.stage)
    number = tries.of(outcome.stage)
    told = outcome.told or data(job, job.english(outcome.why))
    await job.put(slots.RETURN.at(number), told)
    await job.put(slots.RETURN_SAID.at(number), outcome.why)
    await job.change(stage=outcome.stage, attempts=tries, verified="", wait=None)


async def _again(job: Job, outcome: Retry) -> None:
    tries = job.run.attempts
    await job.change(attempts=tries.having(faults=tries.faults + 1))
    wait = Waiting(reason=outcome.why, signals=("retry", "cancel"), until=outcome.after)
    await _rest(job, wait, brief=True)


async def _end(job: Job, outcome: Done | GiveUp) -> None:
    """The last word on the forge first: a run that is over is not looked at again."""
    state = RunState.DONE if isinstance(outcome, Done) else RunState.FAILED
    over = {"state": state, "outcome": outcome.why, "wait": None}
    await job.tell("closed", f"{job.run.activation}", why=outcome.why)
    try:
        if outcome.why.key != SETTLED:
            await progress(Job(job.deps, job.run.model_copy(update=over)))
    except Unavailable as fault:
        await _again(job, later(job, fault.say, job.run.attempts.faults))
        return
    await job.change(**over)
    if await job.get(slots.HELD_TOLD) is not None:
        await refresh(job)


async def _rest(job: Job, wait: Waiting, *, brief: bool = False) -> None:
    state = RunState.HELD if wait.person else RunState.WAITING
    if job.run.wait == wait and job.run.state == state:
        return
    try:
        seen = await fingerprint(job, wait)
    except (NotFound, Forbidden) as fault:
        seen = gone_fingerprint(fault)
    except ForgeError:
        seen = UNTOLD
    await job.change(state=state, wait=wait.model_copy(update={"fingerprint": seen}))
    kind = "held" if wait.person else "waiting"
    await job.tell(kind, f"{job.run.activation}", why=wait.reason)
    if wait.reason.key in ELSEWHERE:
        return
    try:
        await show(job, wait, brief=brief)
    except ForgeError as fault:
        log.info("run %s rests untold: %s", job.run.id, fault)
        if isinstance(fault, Unavailable):
            await job.change(wait=wait.model_copy(update={"fingerprint": UNTOLD}))


def gone_fingerprint(fault: ForgeError) -> str:
    """The fingerprint of a run whose issue or pull request cannot be read any more."""
    return f"{type(fault).__name__} {fault.key}"

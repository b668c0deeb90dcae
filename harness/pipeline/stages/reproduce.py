"""reproduce: a failing check, run by harness on the base (A6)."""

from __future__ import annotations

from harness.core.outcome import Advance, Done, Outcome, Wait
from harness.core.types import LocalizedText, Stage, Waiting
from harness.pipeline import slots
from harness.pipeline.agents.claims import runners
from harness.pipeline.agents.sessions import ask_person, converse
from harness.pipeline.agents.verdicts import AlreadyFixed, Blocked, Claim, NoChange, NotReproduced
from harness.pipeline.job import Job
from harness.pipeline.people.answers import incoming, take_answer
from harness.pipeline.people.notes import ask, conclude
from harness.pipeline.stages.plan import nothing_to_change
from harness.pipeline.verification.closing import close_if_agreed


async def reproduce(job: Job) -> Outcome:
    """Red, already fixed, or honestly not reproduced."""
    if not await runners(job):
        await job.tell("no_runner")
        return Advance(to=Stage.PLAN)
    waiting = await take_answer(job)
    if waiting is not None:
        return Wait(wait=waiting)
    found = await converse(job, await incoming(job))
    if not isinstance(found, tuple):
        return found
    return await _decide(job, found[0])


async def _decide(job: Job, claim: Claim) -> Outcome:
    if isinstance(claim, AlreadyFixed):
        return await _close_fixed(job)
    if isinstance(claim, NotReproduced):
        await job.tell("not_reproduced", str(job.attempt(Stage.REPRODUCE)), reason=claim.reason)
        await ask(job, claim.reason, kind="not_reproduced", tried=claim.tried)
        return Wait(
            wait=Waiting(
                reason=LocalizedText(key="pipeline.not_reproduced", facts={"reason": claim.reason}),
                signals=("answer", "comment", "edit", "cancel", "retry"),
            )
        )
    if isinstance(claim, NoChange):
        return await nothing_to_change(job, claim.reason)
    if isinstance(claim, Blocked):
        return ask_person(LocalizedText(key="pipeline.blocked", facts={"reason": claim.reason}))
    return Advance(to=Stage.PLAN)


async def _close_fixed(job: Job) -> Outcome:
    """Closed on what running it showed; a person is asked where that is not all."""
    since = await job.get(slots.FIXED_SINCE) or ""
    why = await job.get(slots.FIXED_UNPROVEN)
    done = LocalizedText(key="pipeline.already_fixed", facts={"commit": since[:12]})
    if why:
        asked = LocalizedText(key="claim.fixed_unproven", facts={"commit": since[:12], "why": why})
        return await close_if_agreed(
            job, "already_fixed", since, why=asked, done=done, close="completed"
        )
    await conclude(job, "already_fixed", since, close="completed")
    return Done(why=done)

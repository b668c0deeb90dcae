"""reproduce: a failing check, run by harness on the base (A6)."""

from __future__ import annotations

from harness.core.outcome import Advance, Done, Outcome, Wait
from harness.core.types import Say, Stage
from harness.core.types import Wait as Resting
from harness.pipeline.job import Job
from harness.pipeline.notes import ask, conclude
from harness.pipeline.talk import ask_person, converse
from harness.pipeline.verdicts import AlreadyFixed, Blocked, Claim, NoChange, NotReproduced
from harness.pipeline.words_in import incoming, take_answer


async def reproduce(job: Job) -> Outcome:
    """Red, already fixed, or honestly not reproduced."""
    waiting = await take_answer(job)
    if waiting is not None:
        return Wait(wait=waiting)
    found = await converse(job, await incoming(job))
    if not isinstance(found, tuple):
        return found
    return await _decide(job, found[0])


async def _decide(job: Job, claim: Claim) -> Outcome:
    if isinstance(claim, AlreadyFixed):
        since = await job.parts.store.kept(job.run.id, "fixed_since")
        await conclude(job, "already_fixed", str(since), close="completed")
        return Done(why=Say(key="pipeline.already_fixed", facts={"commit": str(since)[:12]}))
    if isinstance(claim, NotReproduced):
        await job.tell("not_reproduced", str(job.attempt(Stage.REPRODUCE)), reason=claim.reason)
        await ask(job, claim.reason, kind="not_reproduced", tried=claim.tried)
        return Wait(
            wait=Resting(
                reason=Say(key="pipeline.not_reproduced", facts={"reason": claim.reason}),
                signals=("answer", "comment", "edit", "cancel", "retry"),
            )
        )
    if isinstance(claim, NoChange):
        return ask_person(Say(key="pipeline.no_change_claimed", facts={"reason": claim.reason}))
    if isinstance(claim, Blocked):
        return ask_person(Say(key="pipeline.blocked", facts={"reason": claim.reason}))
    return Advance(to=Stage.PLAN)

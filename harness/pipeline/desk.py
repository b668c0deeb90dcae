"""The checkpoint: takes a worker's verdicts, lets code check each, answers with what was seen.

A verdict that is due at a later stage is kept when that is harmless (a plan) and refused when it
is not. One that was taken before is answered again in the same words: a resumed session may
repeat it. What a stage needs is kept in the store before the stage hears of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from harness.core.types import Answered, Stage, Verdict
from harness.pipeline import claims
from harness.pipeline.job import Job
from harness.pipeline.verdicts import (
    KINDS,
    AlreadyFixed,
    Blocked,
    Claim,
    Finished,
    NoChange,
    NotReproduced,
    Planned,
    Reproduced,
    Reviewed,
    Triage,
    parse,
)

Check = Callable[[Job, Claim, str], Awaitable[Answered]]
C = TypeVar("C", bound=Claim)

DUE: dict[type, tuple[Stage, ...]] = {
    Triage: (Stage.TRIAGE,),
    Reproduced: (Stage.REPRODUCE,),
    NotReproduced: (Stage.REPRODUCE,),
    AlreadyFixed: (Stage.REPRODUCE,),
    Planned: (Stage.REPRODUCE, Stage.PLAN, Stage.IMPLEMENT),
    Finished: (Stage.IMPLEMENT,),
    NoChange: (Stage.REPRODUCE, Stage.PLAN, Stage.IMPLEMENT),
    Blocked: (Stage.TRIAGE, Stage.REPRODUCE, Stage.PLAN, Stage.IMPLEMENT),
}
REACHES: dict[Stage, tuple[type, ...]] = {
    Stage.TRIAGE: (Triage, Blocked),
    Stage.REPRODUCE: (Reproduced, NotReproduced, AlreadyFixed, NoChange, Blocked),
    Stage.PLAN: (Planned, NoChange, Blocked),
    Stage.IMPLEMENT: (Finished, NoChange, Blocked),
}
SKILLS: dict[type, str] = {
    Reproduced: "reproduce-bug",
    AlreadyFixed: "reproduce-bug",
    Planned: "write-plan",
}
WANTED = {
    Stage.TRIAGE: "triage",
    Stage.REPRODUCE: "reproduction (or not_reproduced, already_fixed)",
    Stage.PLAN: "plan",
    Stage.IMPLEMENT: "done (or no_change, blocked)",
}


class Desk:
    """One stage's checkpoint. `claim` is what it was reached with."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.stage = job.run.stage
        self.claim: Claim | None = None

    async def __call__(self, verdict: Verdict) -> Answered:
        if await self.job.parts.store.kept(self.job.run.id, f"call:{verdict.call}"):
            # a crash came between keeping this claim and storing its answer
            return Answered(text=f"Taken. Next verdict: {WANTED[self.stage]}.")
        claim = parse(verdict)
        if isinstance(claim, str):
            return Answered(text=claim, is_error=True)
        if isinstance(claim, Reviewed):
            return Answered(text="Only reviewers give a review verdict.", is_error=True)
        if self.stage not in DUE[type(claim)]:
            return self._out_of_turn(claim)
        answer = await CHECKS[type(claim)](self.job, claim, verdict.tree)
        if answer.is_error:
            return await self._with_skill(claim, answer)
        if not isinstance(claim, REACHES[self.stage]):
            return answer
        await keep(self.job, self.stage, claim, verdict)
        self.claim = claim
        return answer.model_copy(update={"reached": True})

    async def _with_skill(self, claim: Claim, answer: Answered) -> Answered:
        """The first time a verdict of a kind fails, its skill is shown: most never need it."""
        name = SKILLS.get(type(claim), "")
        text = self.job.parts.skills.get(name, "")
        slot = f"skill:{name}"
        if not text or await self.job.parts.store.kept(self.job.run.id, slot):
            return answer
        await self.job.parts.store.keep(self.job.run.id, slot, True)
        return answer.model_copy(update={"text": f"{answer.text}\n\n{text}"})

    def _out_of_turn(self, claim: Claim) -> Answered:
        early = max(DUE[type(claim)], key=ORDER.index)
        if ORDER.index(early) < ORDER.index(self.stage):
            return Answered(text=f"Noted already. Next verdict: {WANTED[self.stage]}.")
        return Answered(
            text=f"Too early: a {WANTED[self.stage]} verdict comes first.", is_error=True
        )


ORDER = list(Stage)


async def keep(job: Job, stage: Stage, claim: Claim, verdict: Verdict) -> None:
    """Store what a stage was reached with, so that a crash does not ask again."""
    kind = next(k for k, v in KINDS.items() if v is type(claim))
    await job.parts.store.keep(
        job.run.id,
        f"claim:{stage.value}:{job.attempt(stage)}",
        {"kind": kind, "data": claim.model_dump(mode="json"), "tree": verdict.tree},
    )
    await job.parts.store.keep(job.run.id, f"call:{verdict.call}", True)


async def last_done(job: Job) -> Finished | None:
    """The newest `done`: a later attempt may have found nothing more to change."""
    for attempt in range(job.attempt(Stage.IMPLEMENT), -1, -1):
        found = await kept(job, Stage.IMPLEMENT, attempt)
        if found is not None and isinstance(found[0], Finished):
            return found[0]
    return None


async def kept(job: Job, stage: Stage, attempt: int | None = None) -> tuple[Claim, str] | None:
    """What this attempt at a stage (or that one) was reached with, and the tree then."""
    number = job.attempt(stage) if attempt is None else attempt
    found = await job.parts.store.kept(job.run.id, f"claim:{stage.value}:{number}")
    if not isinstance(found, dict):
        return None
    data = found["data"]
    if not isinstance(data, dict):
        raise TypeError("a kept claim is an object")
    claim = parse(Verdict(call="", kind=str(found["kind"]), data=data))
    if isinstance(claim, str):
        raise TypeError(claim)
    return claim, str(found["tree"])


CHECKS: dict[type, Check] = {
    Triage: claims.triage,
    Reproduced: claims.reproduction,
    NotReproduced: claims.not_reproduced,
    AlreadyFixed: claims.already_fixed,
    Planned: claims.plan,
    Finished: claims.finished,
    NoChange: claims.no_change,
    Blocked: claims.blocked,
}

"""The checkpoint: takes a worker's verdicts, lets code check each, answers with what was seen.

A verdict that is due at a later stage is kept when that is harmless (a plan) and refused when it
is not. One that was taken before is answered again in the same words: a resumed session may
repeat it. What a stage needs is kept in the store before the stage hears of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from harness.core.types import Answered, Stage, Verdict
from harness.pipeline import slots
from harness.pipeline.agents import claims
from harness.pipeline.agents.skills import skill_for, skill_once
from harness.pipeline.agents.verdicts import (
    KINDS,
    WANTED,
    WORKERS,
    AlreadyFixed,
    Blocked,
    Claim,
    Expected,
    Finished,
    Kind,
    NoChange,
    NotReproduced,
    Planned,
    Probe,
    Reproduced,
    Reviewed,
    Triage,
    parse,
)
from harness.pipeline.job import Job
from harness.pipeline.slots import Claimed
from harness.pipeline.verification import proving
from harness.pipeline.verification.freeze import pending
from harness.prompting.templates import PromptText, prompt_text

Check = Callable[[Job, Claim, str], Awaitable[Answered]]

DUE: dict[type, tuple[Stage, ...]] = {
    Triage: (Stage.TRIAGE,),
    Reproduced: (Stage.REPRODUCE, Stage.IMPLEMENT),
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
OR_BLOCKED = prompt_text("verdicts/or_blocked")
BACK: dict[type, PromptText] = {
    Triage: prompt_text("verdicts/back_triage", or_blocked=OR_BLOCKED),
    Reproduced: prompt_text("verdicts/back_reproduced"),
    NotReproduced: prompt_text("verdicts/back_not_reproduced", or_blocked=OR_BLOCKED),
    AlreadyFixed: prompt_text("verdicts/back_already_fixed"),
}
"""What an agent may do instead, when it says again what was taken before."""


class Checkpoint:
    """One stage's checkpoint. `claim` is what it was reached with."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.stage = job.run.stage
        self.claim: Claim | None = None

    async def __call__(self, verdict: Verdict) -> Answered:
        if await self.job.get(slots.CALL.at(verdict.call)):
            # a crash came between keeping this claim and storing its answer
            return Answered(text=self.job.prompt("verdicts/taken", next=WANTED[self.stage]))
        claim = parse(verdict, WORKERS)
        if isinstance(claim, PromptText):
            return claims.wrong(self.job.deps.prompts.fill(claim))
        if isinstance(claim, Reviewed | Kind | Probe | Expected):
            return claims.wrong(self.job.prompt("verdicts/reviewers_only", kind=verdict.kind))
        if self.stage not in DUE[type(claim)]:
            return self._out_of_turn(claim)
        answer = await CHECKS[type(claim)](self.job, claim, verdict.tree)
        if answer.is_error:
            return await self._with_skill(claim, answer)
        if not isinstance(claim, REACHES[self.stage]) and not await self._waits(claim):
            return answer
        await keep(self.job, self.stage, claim, verdict)
        self.claim = claim
        return answer.model_copy(update={"reached": True})

    async def _waits(self, claim: Claim) -> bool:
        """Whether the work rests until a person has said what they think of a claim."""
        return isinstance(claim, Reproduced) and await pending(self.job) is not None

    async def _with_skill(self, claim: Claim, answer: Answered) -> Answered:
        """The first time a verdict of a kind fails, its skill is shown: most never need it."""
        name = skill_for(claim)
        text = await skill_once(self.job, name) if name else ""
        return answer.model_copy(update={"text": f"{answer.text}\n\n{text}"}) if text else answer

    def _out_of_turn(self, claim: Claim) -> Answered:
        early = max(DUE[type(claim)], key=ORDER.index)
        if ORDER.index(early) < ORDER.index(self.stage):
            said = self.job.prompt("verdicts/noted_already", next=WANTED[self.stage])
            back = BACK.get(type(claim))
            return Answered(text=f"{said} {self.job.deps.prompts.fill(back)}" if back else said)
        return claims.wrong(self.job.prompt("verdicts/too_early", next=WANTED[self.stage]))


ORDER = list(Stage)


async def keep(job: Job, stage: Stage, claim: Claim, verdict: Verdict) -> None:
    """Store what a stage was reached with, so that a crash does not ask again."""
    kind = next(k for k, v in KINDS.items() if v is type(claim))
    claimed = Claimed(kind=kind, data=claim.model_dump(mode="json"), tree=verdict.tree)
    await job.put(slots.CLAIM.at(f"{stage.value}:{job.attempt(stage)}"), claimed)
    await job.put(slots.CALL.at(verdict.call), True)


async def last_done(job: Job) -> Finished | None:
    """The newest `done`: a later attempt may have found nothing more to change."""
    for attempt in range(job.attempt(Stage.IMPLEMENT), -1, -1):
        found = await load_claim(job, Stage.IMPLEMENT, attempt)
        if found is not None and isinstance(found[0], Finished):
            return found[0]
    return None


async def load_claim(
    job: Job, stage: Stage, attempt: int | None = None
) -> tuple[Claim, str] | None:
    """What this attempt at a stage (or that one) was reached with, and the tree then."""
    number = job.attempt(stage) if attempt is None else attempt
    found = await job.get(slots.CLAIM.at(f"{stage.value}:{number}"))
    if found is None:
        return None
    claim = parse(Verdict(call="", kind=found.kind, data=found.data))
    # what this version does not know of any more is asked for again
    return None if isinstance(claim, PromptText) else (claim, found.tree)


CHECKS: dict[type, Check] = {
    Triage: claims.triage,
    Reproduced: proving.reproduction,
    NotReproduced: claims.not_reproduced,
    AlreadyFixed: proving.already_fixed,
    Planned: claims.plan,
    Finished: claims.answer_finished,
    NoChange: claims.no_change,
    Blocked: claims.answer_blocked,
}

"""Skills that a stage gives by itself, each where most runs never come."""

from __future__ import annotations

from harness.pipeline import slots
from harness.pipeline.agents.verdicts import (
    AlreadyFixed,
    Claim,
    Finished,
    Planned,
    Reproduced,
    Triage,
)
from harness.pipeline.job import Job
from harness.prompting.templates import fence_text

FIX_CI = "fix-ci"
RESOLVE_CONFLICTS = "resolve-conflicts"
REVIEW_CHANGE = "review-change"
SPLIT_WORK = "split-work"
REFUSED: dict[type, str] = {
    Triage: "triage",
    Reproduced: "reproduce-bug",
    AlreadyFixed: "reproduce-bug",
    Planned: "write-plan",
    Finished: "write-tests",
}
"""What is shown when a verdict of a kind was refused for the first time."""
GIVEN = frozenset({*REFUSED.values(), FIX_CI, RESOLVE_CONFLICTS, REVIEW_CHANGE, SPLIT_WORK})
"""Every skill that some stage gives by name."""


async def skill_text(job: Job, name: str) -> str:
    """A skill as an agent is given it; "" when there is none of that name."""
    body = await job.deps.skill(job.run.base_sha, name)
    if not body:
        return ""
    return job.prompt("skills/given", name=name, body=fence_text(body, "instructions"))


async def skill_once(job: Job, name: str, reader: str = "") -> str:
    """The same for the first time; `reader` tells those apart who have not read each other's."""
    slot = slots.SKILL.at(f"{name}:{reader}" if reader else name)
    if await job.get(slot):
        return ""
    text = await skill_text(job, name)
    if text:
        await job.put(slot, True)
    return text


def skill_for(claim: Claim) -> str:
    """The skill for whom such a claim was refused; "": there is none."""
    if isinstance(claim, Planned) and len(claim.tasks) > 1:
        return SPLIT_WORK
    return REFUSED.get(type(claim), "")

"""A forge that does not show yet what was just written to it: looked at again, never made twice.

A place in its memory that answers is not always the one that was written to. What stays away longer
is for a person."""

from __future__ import annotations

from datetime import timedelta

from harness.core.errors import HarnessError, NotFound
from harness.core.outcome import Outcome, Retry
from harness.core.types import LocalizedText, Stage
from harness.pipeline import slots
from harness.pipeline.agents.sessions import ask_person
from harness.pipeline.job import Job

AFTER_PUSH = (Stage.PUBLISH, Stage.FOLLOW_UP, Stage.MERGE)
FIRST_S, LONGEST_S = 10.0, 300.0
LOOKS = 8
"""How often it is looked at again, for one commit: 20 minutes together."""


def may_be_behind(job: Job, fault: HarnessError) -> bool:
    """Whether what is not found is on the forge, and a commit of ours has gone there."""
    theirs = fault.key.startswith(("forge.", "github."))
    pushed = job.run.stage in AFTER_PUSH and bool(job.run.head_sha)
    return isinstance(fault, NotFound) and theirs and pushed


async def look_again(job: Job, why: LocalizedText) -> Outcome:
    """Later; held with `why` when it stays so."""
    slot = slots.NOT_SHOWN.at(job.run.head_sha)
    looks = await job.get(slot) or 0
    if looks >= LOOKS:
        return ask_person(why, ("retry", "cancel"))
    await job.put(slot, looks + 1)
    pause = min(FIRST_S * 2**looks, LONGEST_S)
    said = LocalizedText(key="pipeline.not_shown", facts={"branch": job.branch})
    return Retry(why=said, after=job.deps.clock.now() + timedelta(seconds=pause))

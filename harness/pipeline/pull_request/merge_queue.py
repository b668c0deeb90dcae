"""The forge's own merge queue or auto-merge: left to it, watched, with patience that ends (F7)."""

from __future__ import annotations

from datetime import timedelta

from harness.core.outcome import Advance, Outcome, Wait
from harness.core.slot import Slot
from harness.core.types import LocalizedText, PullRequest, Stage, Waiting
from harness.pipeline import slots
from harness.pipeline.agents.sessions import ask_person
from harness.pipeline.job import Job
from harness.pipeline.pull_request.ci import SETTLING_S, WATCH
from harness.pipeline.slots import Left

TRIES = 2
"""How often one head is put in line again after the forge dropped it."""


async def leave(job: Job) -> Outcome | None:
    """None: the forge has no queue for it. Else the run goes on watching."""
    head = job.run.head_sha
    left = await _queue_entry(job, head)
    if left is not None and left.times >= TRIES:
        return ask_person(LocalizedText(key="follow.queue_drops", facts={"pr": job.run.pr}))
    if not await job.deps.forge.enqueue(job.run.pr, head, job.policy.merge_method):
        return None
    times = left.times + 1 if left is not None else 1
    found = Left(since=job.deps.clock.now(), times=times)
    await job.put(_slot(job, head), found)
    await job.tell("enqueued", f"{head}:{times}", pr=job.run.pr, commit=head[:12])
    return Advance(to=Stage.FOLLOW_UP)


async def in_queue(job: Job, pr: PullRequest) -> Outcome | None:
    """Wait while it stands in the forge's line; None: it does not."""
    left = await _queue_entry(job, pr.head_sha)
    now = job.deps.clock.now()
    if left is None:
        return None
    if left.since > now:
        # noted before the clock was set back
        left = left.model_copy(update={"since": now})
        await job.put(_slot(job, pr.head_sha), left)
    shown = left.since + timedelta(seconds=SETTLING_S)
    if not pr.queued and now >= shown:
        return None
    end = left.since + timedelta(seconds=job.policy.queue_s)
    facts: dict[str, str | int | float] = {"pr": pr.number}
    if now >= end:
        return ask_person(LocalizedText(key="follow.queue_late", facts=facts))
    until = end if pr.queued else shown
    reason = LocalizedText(key="follow.in_queue", facts=facts)
    return Wait(wait=Waiting(reason=reason, signals=WATCH, until=until))


async def _queue_entry(job: Job, head: str) -> Left | None:
    return await job.get(_slot(job, head))


def _slot(job: Job, head: str) -> Slot[Left]:
    """A person's retry begins to count anew."""
    return slots.LEFT.at(f"{head}:{job.attempt(Stage.MERGE)}")

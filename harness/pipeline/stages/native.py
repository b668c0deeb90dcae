"""The forge's own merge queue or auto-merge: left to it, watched, with patience that ends (F7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from harness.core.base import Value
from harness.core.outcome import Advance, Outcome, Wait
from harness.core.types import PullRequest, Say, Stage
from harness.core.types import Wait as Resting
from harness.pipeline.job import Job
from harness.pipeline.stages.ci import SETTLING_S, WATCH
from harness.pipeline.talk import ask_person

TRIES = 2
"""How often one head is put in line again after the forge dropped it."""


class Left(Value):
    """When a head was last left to the forge, and how often."""

    since: datetime
    times: int = 1


async def leave(job: Job) -> Outcome | None:
    """None: the forge has no queue for it. Else the run goes on watching."""
    head = job.run.head_sha
    left = await _left(job, head)
    if left is not None and left.times >= TRIES:
        return ask_person(Say(key="follow.queue_drops", facts={"pr": job.run.pr}))
    if not await job.parts.forge.enqueue(job.run.pr, head, job.rules.merge_method):
        return None
    times = left.times + 1 if left is not None else 1
    found = Left(since=job.parts.clock.now(), times=times)
    await job.parts.store.keep(job.run.id, _slot(job, head), found.model_dump(mode="json"))
    await job.tell("enqueued", f"{head}:{times}", pr=job.run.pr, commit=head[:12])
    return Advance(to=Stage.FOLLOW_UP)


async def in_queue(job: Job, pr: PullRequest) -> Outcome | None:
    """Wait while it stands in the forge's line; None: it does not."""
    left = await _left(job, pr.head_sha)
    now = job.parts.clock.now()
    if left is None:
        return None
    shown = left.since + timedelta(seconds=SETTLING_S)
    if not pr.queued and now >= shown:
        return None
    end = left.since + timedelta(seconds=job.rules.queue_s)
    facts: dict[str, str | int | float] = {"pr": pr.number}
    if now >= end:
        return ask_person(Say(key="follow.queue_late", facts=facts))
    until = end if pr.queued else shown
    reason = Say(key="follow.in_queue", facts=facts)
    return Wait(wait=Resting(reason=reason, signals=WATCH, until=until))


async def _left(job: Job, head: str) -> Left | None:
    stored = await job.parts.store.kept(job.run.id, _slot(job, head))
    return None if stored is None else Left.model_validate(stored)


def _slot(job: Job, head: str) -> str:
    """A person's retry begins to count anew."""
    return f"left:{head}:{job.attempt(Stage.MERGE)}"

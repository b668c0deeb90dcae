"""What had to wait until no agent of the run was at work: answers to people, and the closing of a
pull request whose run was cancelled meanwhile."""

from __future__ import annotations

import logging

from harness.core.errors import ForgeError, WriteRefused
from harness.core.types import RunState
from harness.pipeline import slots
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.slots import Unsaid

log = logging.getLogger(__name__)


async def say_later(deps: PipelineDeps, run: str, on: int, marker: str, body: str) -> None:
    """Kept through a kill; the same marker again takes the place of the one before."""
    waiting = [one for one in await deps.store.get(slots.UNSAID, run) or () if one.marker != marker]
    kept = (*waiting, Unsaid(on=on, marker=marker, body=body))
    await deps.store.put(slots.UNSAID, run, kept)


async def said_later(job: Job) -> None:
    """Say it now. What the forge does not take now is tried the next time."""
    left: list[Unsaid] = []
    waiting = await job.get(slots.UNSAID)
    for one in waiting or ():
        try:
            await job.deps.forge.put_comment(one.on, one.marker, one.body)
        except WriteRefused as refused:
            log.warning("an answer was not given: %s", refused.key)
        except ForgeError as fault:
            log.info("an answer waits: %s", fault)
            left.append(one)
    if waiting:
        await job.put(slots.UNSAID, tuple(left))


async def withdrawn_later(job: Job) -> None:
    """The same when nobody waits for an answer: what the forge does not take is told."""
    try:
        await withdrawn(job)
    except ForgeError as fault:
        await job.tell("write_refused", "close", why=fault.say)


async def withdrawn(job: Job) -> None:
    """A cancelled run's pull request is closed; its branch stays for a look. May be repeated."""
    if job.run.state is not RunState.CANCELLED or not job.run.pr:
        return
    pr = await job.deps.forge.pr(job.run.pr)
    if pr.state == "open":
        await job.deps.forge.close_pr(pr.number)

"""What had to wait until no agent of the run was at work: answers to people, and the closing of a
pull request whose run was cancelled meanwhile."""

from __future__ import annotations

import logging

from harness.core.base import Json
from harness.core.errors import ForgeError, WriteRefused
from harness.core.types import RunState
from harness.pipeline.job import Job
from harness.pipeline.parts import Parts

log = logging.getLogger(__name__)
UNSAID = "unsaid"
"""Where a run keeps what is to be said later."""


async def say_later(parts: Parts, run: str, on: int, marker: str, body: str) -> None:
    """Kept through a kill; the same marker again takes the place of the one before."""
    waiting = [one for one in await _unsaid(parts, run) if one["marker"] != marker]
    kept: list[Json] = [*waiting, {"on": on, "marker": marker, "body": body}]
    await parts.store.keep(run, UNSAID, kept)


async def said_later(job: Job) -> None:
    """Say it now. What the forge does not take now is tried the next time."""
    left: list[Json] = []
    waiting = await _unsaid(job.parts, job.run.id)
    for one in waiting:
        on, marker, body = int(str(one["on"])), str(one["marker"]), str(one["body"])
        try:
            await job.parts.forge.put_comment(on, marker, body)
        except WriteRefused as refused:
            log.warning("an answer was not given: %s", refused.key)
        except ForgeError as fault:
            log.info("an answer waits: %s", fault)
            left.append(one)
    if waiting:
        await job.parts.store.keep(job.run.id, UNSAID, left)


async def _unsaid(parts: Parts, run: str) -> list[dict[str, Json]]:
    kept = await parts.store.kept(run, UNSAID)
    return [one for one in kept if isinstance(one, dict)] if isinstance(kept, list) else []


async def withdrawn_later(job: Job) -> None:
    """The same when nobody waits for an answer: what the forge does not take is told."""
    try:
        await withdrawn(job)
    except ForgeError as fault:
        why = job.parts.words(fault.say.key, **fault.say.facts)
        await job.tell("write_refused", "close", why=why)


async def withdrawn(job: Job) -> None:
    """A cancelled run's pull request is closed; its branch stays for a look. May be repeated."""
    if job.run.state is not RunState.CANCELLED or not job.run.pr:
        return
    pr = await job.parts.forge.pr(job.run.pr)
    if pr.state == "open":
        await job.parts.forge.close_pr(pr.number)

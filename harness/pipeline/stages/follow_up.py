"""follow up: what people and checks say of the pull request; each is a signal (F5, F6)."""

from __future__ import annotations

from datetime import datetime, timedelta

from harness.core.outcome import Advance, Done, Outcome, Wait
from harness.core.types import Protection, PullRequest, Say, Stage
from harness.core.types import Wait as Resting
from harness.pipeline.job import Job
from harness.pipeline.stages.ci import BAD, WATCH, ci
from harness.pipeline.stages.gates import gates
from harness.pipeline.stages.landed import landed
from harness.pipeline.stages.native import in_queue
from harness.pipeline.stages.places import ask_review
from harness.pipeline.stages.pushed import foreign
from harness.pipeline.stages.rebase import catch_up
from harness.pipeline.stages.threads import requests, taken_up

CLOSED_S = 86_400.0
"""How long a pull request that a person closed may be opened again."""
CONFLICT_S = 120.0


async def follow_up(job: Job) -> Outcome:
    """Back to work on a trusted person's request, a failing check or a conflict; on to the merge
    when policy lets it; else wait."""
    pr = await job.parts.forge.pr(job.run.pr)
    over = await _ended(job, pr)
    if over is not None:
        return over
    asked = await requests(job)
    if asked:
        return await taken_up(job, asked)
    queued = await in_queue(job, pr)
    if queued is not None:
        return queued
    if pr.mergeable is False:
        return await _conflicting(job, pr)
    protection = await job.parts.forge.protection(pr.base)
    stop = await ci(job, pr, protection.checks)
    if stop is not None:
        return await _mended(job, stop) or stop
    pr, drafted = await _ready(job, pr)
    return drafted or await _on(job, pr, protection)


async def _on(job: Job, pr: PullRequest, protection: Protection) -> Outcome:
    return await gates(job, pr, protection) or Advance()


async def _ended(job: Job, pr: PullRequest) -> Outcome | None:
    """Merged by whomever, closed, or no longer ours."""
    if pr.state == "merged":
        await landed(job, pr)
        return Advance(to=Stage.REPORT)
    if pr.state == "closed":
        return await _closed(job, pr)
    if await job.parts.store.kept(job.run.id, "closed_at"):
        await job.parts.store.keep(job.run.id, "closed_at", "")
        await job.tell("reopened", pr.updated_at.isoformat(), pr=pr.number)
    return await foreign(job, pr)


async def _closed(job: Job, pr: PullRequest) -> Outcome:
    """Over, unless the pull request is opened again within a day."""
    now = job.parts.clock.now()
    kept = await job.parts.store.kept(job.run.id, "closed_at")
    since = datetime.fromisoformat(str(kept)) if kept else now
    if not kept:
        await job.parts.store.keep(job.run.id, "closed_at", now.isoformat())
    until = since + timedelta(seconds=CLOSED_S)
    facts: dict[str, str | int | float] = {"pr": pr.number}
    if now >= until:
        return Done(why=Say(key="pipeline.pr_closed", facts=facts))
    wait = Resting(reason=Say(key="follow.pr_closed", facts=facts), signals=WATCH, until=until)
    return Wait(wait=wait)


async def _conflicting(job: Job, pr: PullRequest) -> Outcome:
    """Carried over to the moved base, or mended there."""
    moved = await catch_up(job)
    if moved is None:
        # the forge has not looked again yet, or knows of a base that we do not
        until = job.parts.clock.now() + timedelta(seconds=CONFLICT_S)
        reason = Say(key="follow.conflicting", facts={"pr": pr.number})
        return Wait(wait=Resting(reason=reason, signals=WATCH, until=until))
    return Advance(to=Stage.FOLLOW_UP) if isinstance(moved, Advance) else moved


async def _mended(job: Job, stop: Outcome) -> Outcome | None:
    """A check that fails on the base too is waited for; when the newer base passes it, the change
    is carried over there. None: nothing of that."""
    if not isinstance(stop, Wait) or stop.wait.reason.key != "follow.base_red":
        return None
    await job.parts.workspace.sync()
    tip = await job.parts.workspace.resolve(job.rules.default_branch)
    names = str(stop.wait.reason.facts["checks"]).split(", ")
    checks = await job.parts.forge.checks(tip)
    good = {c.name for c in checks if c.status == "completed" and c.conclusion not in BAD}
    if tip == job.run.base_sha or not good.issuperset(names):
        return None
    moved = await catch_up(job)
    return Advance(to=Stage.FOLLOW_UP) if isinstance(moved, Advance) else moved


async def _ready(job: Job, pr: PullRequest) -> tuple[PullRequest, Outcome | None]:
    """No draft any more, once; a person who makes it one again is respected."""
    if pr.draft and await job.parts.store.kept(job.run.id, "readied"):
        reason = Say(key="follow.drafted", facts={"pr": pr.number})
        return pr, Wait(wait=Resting(reason=reason, signals=WATCH))
    if pr.draft:
        pr = await job.parts.forge.ready(pr.number)
        await job.tell("pr_ready", pr.head_sha, pr=pr.number)
    await job.parts.store.keep(job.run.id, "readied", True)
    await ask_review(job, pr)
    return pr, None

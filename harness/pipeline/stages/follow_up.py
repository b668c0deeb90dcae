"""follow up: what people and checks say of the pull request; each is a signal (F5, F6)."""

from __future__ import annotations

from datetime import timedelta

from harness.core.outcome import Advance, Done, Outcome, Wait
from harness.core.types import LocalizedText, Protection, PullRequest, Stage, Waiting
from harness.pipeline import slots
from harness.pipeline.job import Job
from harness.pipeline.people.closed import rest_if_closed
from harness.pipeline.people.retry import CLOSED
from harness.pipeline.pull_request.after_merge import finish_merged
from harness.pipeline.pull_request.ci import BAD, WATCH, ci
from harness.pipeline.pull_request.foreign_push import foreign
from harness.pipeline.pull_request.gates import gates
from harness.pipeline.pull_request.merge_queue import in_queue
from harness.pipeline.pull_request.pr_slots import ask_review
from harness.pipeline.pull_request.rebase import catch_up
from harness.pipeline.pull_request.threads import requests, taken_up
from harness.pipeline.stages.publish import branch_gone
from harness.pipeline.verification.fixed_meanwhile import end_if_fixed
from harness.pipeline.verification.held import is_held

CLOSED_S = 86_400.0
"""How long a pull request that a person closed may be opened again."""
CONFLICT_S = 120.0


async def follow_up(job: Job) -> Outcome:
    """Back to work on a trusted person's request, a failing check or a conflict; on to the merge
    when policy lets it; else wait."""
    if await job.get(slots.CLOSING):
        # the end that a kill broke off
        ended = await end_if_fixed(job)
        if ended is not None:
            return ended
    pr = await job.deps.forge.pr(job.run.pr)
    over = await _outcome_if_over(job, pr)
    if over is not None:
        return over
    closed = await rest_if_closed(job)
    if closed is not None:
        # by the merge of just now, or by a person
        merged = (await job.deps.forge.pr(job.run.pr)).state == "merged"
        return Advance(to=Stage.FOLLOW_UP) if merged else await end_if_fixed(job) or closed
    asked = await requests(job)
    if asked:
        return await taken_up(job, asked)
    queued = await in_queue(job, pr)
    if queued is not None:
        return queued
    if pr.mergeable is False:
        return await _conflicting(job, pr)
    protection = await job.deps.forge.protection(pr.base)
    stop = await ci(job, pr, protection.checks)
    if stop is not None:
        return await _catch_up_if_mended(job, stop) or stop
    pr, drafted = await _ready(job, pr)
    return drafted or await _on(job, pr, protection)


async def _on(job: Job, pr: PullRequest, protection: Protection) -> Outcome:
    return await gates(job, pr, protection) or Advance()


async def _outcome_if_over(job: Job, pr: PullRequest) -> Outcome | None:
    """Merged by whomever, closed, or no longer ours."""
    if pr.state == "merged":
        await finish_merged(job, pr)
        return Advance(to=Stage.REPORT)
    if pr.state == "closed":
        return await _wait_for_reopening(job, pr)
    if await job.get(slots.CLOSED_AT):
        await job.drop(slots.CLOSED_AT)
        await job.tell("reopened", pr.updated_at.isoformat(), pr=pr.number)
    return await foreign(job, pr)


async def _wait_for_reopening(job: Job, pr: PullRequest) -> Outcome:
    """Over, unless the pull request is opened again within a day."""
    if await job.get(slots.REOPEN):
        return await _publish_again(job)
    now = job.deps.clock.now()
    since = await job.get(slots.CLOSED_AT)
    if since is None or since > now:
        # noted before the clock was set back
        since = now
        await job.put(slots.CLOSED_AT, since)
    until = since + timedelta(seconds=CLOSED_S)
    facts: dict[str, str | int | float] = {"pr": pr.number}
    if now >= until:
        return Done(why=LocalizedText(key="pipeline.pr_closed", facts=facts))
    reason = LocalizedText(key=CLOSED, facts=facts)
    return Wait(wait=Waiting(reason=reason, signals=WATCH, until=until))


async def _publish_again(job: Job) -> Outcome:
    """Another pull request with the same work, as a person asked: on the branch that is there, or
    on one made anew where that was deleted."""
    head = "" if await branch_gone(job) else job.run.head_sha
    await job.drop(slots.CLOSED_AT)
    await job.drop(slots.READIED)
    await job.change(pr=0, head_sha=head)
    await job.drop(slots.REOPEN)
    return Advance(to=Stage.PUBLISH)


async def _conflicting(job: Job, pr: PullRequest) -> Outcome:
    """Carried over to the moved base, or mended there."""
    moved = await catch_up(job)
    if moved is None:
        # the forge has not looked again yet, or knows of a base that we do not
        until = job.deps.clock.now() + timedelta(seconds=CONFLICT_S)
        reason = LocalizedText(key="follow.conflicting", facts={"pr": pr.number})
        return Wait(wait=Waiting(reason=reason, signals=WATCH, until=until))
    return Advance(to=Stage.FOLLOW_UP) if isinstance(moved, Advance) else moved


async def _catch_up_if_mended(job: Job, stop: Outcome) -> Outcome | None:
    """A check that fails on the base too is waited for; when the newer base passes it, the change
    is carried over there. None: nothing of that."""
    if not isinstance(stop, Wait) or stop.wait.reason.key != "follow.base_red":
        return None
    await job.deps.workspace.sync()
    tip = await job.deps.workspace.tip(job.policy.default_branch)
    names = str(stop.wait.reason.facts["checks"]).split(", ")
    checks = await job.deps.forge.checks(tip)
    good = {c.name for c in checks if c.status == "completed" and c.conclusion not in BAD}
    if tip == job.run.base_sha or not good.issuperset(names):
        return None
    moved = await catch_up(job)
    return Advance(to=Stage.FOLLOW_UP) if isinstance(moved, Advance) else moved


async def _ready(job: Job, pr: PullRequest) -> tuple[PullRequest, Outcome | None]:
    """No draft any more, once; a person who makes it one again is respected."""
    if pr.draft and await job.get(slots.READIED):
        reason = LocalizedText(key="follow.drafted", facts={"pr": pr.number})
        return pr, Wait(wait=Waiting(reason=reason, signals=WATCH))
    if pr.draft and await _stays_draft(job, pr):
        return pr, None
    if pr.draft:
        pr = await job.deps.forge.ready(pr.number)
        await job.tell("pr_ready", pr.head_sha, pr=pr.number)
    await job.put(slots.READIED, True)
    await ask_review(job, pr)
    return pr, None


async def _stays_draft(job: Job, pr: PullRequest) -> bool:
    """Where merges need nobody, a held change stays a draft until a person approved its head."""
    approved = f"merge:{pr.head_sha}" in job.run.approvals
    return job.policy.merge == "auto" and not approved and await is_held(job)

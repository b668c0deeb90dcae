"""merge: one at a time in a project, each tested on what the one before left (F7)."""

from __future__ import annotations

from harness.core.errors import Conflict
from harness.core.outcome import Advance, Outcome, Wait
from harness.core.types import LocalizedText, Protection, PullRequest, Stage
from harness.pipeline.agents.sessions import ask_person, later
from harness.pipeline.job import Job
from harness.pipeline.outbound.wording import merge_message
from harness.pipeline.pull_request.after_merge import finish_merged
from harness.pipeline.pull_request.ci import ci
from harness.pipeline.pull_request.gates import gates
from harness.pipeline.pull_request.merge_queue import leave
from harness.pipeline.pull_request.rebase import catch_up

ROUNDS = 5
BACK = Advance(to=Stage.FOLLOW_UP)


async def merge(job: Job) -> Outcome:
    """The pull request merged at the very head that was verified on the very base it lands on.
    After a new head the gates are asked again: checks ran on another, approvals were of another."""
    async with job.deps.live.merging:
        for _ in range(ROUNDS):
            pr = await job.deps.forge.pr(job.run.pr)
            if pr.state == "merged":
                await finish_merged(job, pr)
                return Advance()
            if pr.state != "open" or pr.head_sha != job.run.head_sha:
                return BACK
            moved = await catch_up(job)
            if moved is None:
                done = await _merge(job, pr)
                if done is not None:
                    return done
            elif not isinstance(moved, Advance) or moved.to is not None:
                return moved
    return later(job, LocalizedText(key="pipeline.base_restless"), job.attempt(Stage.MERGE))


async def _merge(job: Job, pr: PullRequest) -> Outcome | None:
    """None: the base moved in this very moment."""
    protection = await job.deps.forge.protection(pr.base)
    if await _must_look_again(job, pr, protection):
        return BACK
    if protection.queue:
        left = await leave(job)
        if left is not None:
            return left
    message = await merge_message(job)
    try:
        merged = await job.deps.forge.merge(
            job.run.pr, job.run.head_sha, job.policy.merge_method, message
        )
    except Conflict as conflict:
        return await _handle_refusal(job, conflict, protection)
    await finish_merged(job, merged)
    return Advance()


async def _must_look_again(job: Job, pr: PullRequest, protection: Protection) -> bool:
    """Something came up since the last stage looked: it looks again."""
    if pr.draft or await ci(job, pr, protection.checks) is not None:
        return True
    return await gates(job, pr, protection) is not None


async def _handle_refusal(job: Job, conflict: Conflict, protection: Protection) -> Outcome | None:
    """Why the forge would not: the base or the head moved, it wants to do it by itself, or a
    person must look."""
    workspace = job.deps.workspace
    await workspace.sync()
    if await workspace.tip(job.policy.default_branch) != job.run.base_sha:
        return None
    pr = await job.deps.forge.pr(job.run.pr)
    if pr.state != "open" or pr.head_sha != job.run.head_sha:
        return BACK
    if protection.auto_merge:
        left = await leave(job)
        if left is not None and not isinstance(left, Wait):
            return left
    return ask_person(LocalizedText(key="pipeline.merge_refused", facts={"why": str(conflict)}))

"""merge: one at a time in a project, each tested on what the one before left (F7)."""

from __future__ import annotations

from harness.core.errors import Conflict
from harness.core.outcome import Advance, Outcome, Return
from harness.core.types import MergedTree, Say, Stage
from harness.pipeline.children import adopt
from harness.pipeline.job import Job
from harness.pipeline.notes import progress
from harness.pipeline.stages.publish import commit_message, publish, title_of
from harness.pipeline.stages.verify import verify
from harness.pipeline.talk import ask_person, later, suspend_all


async def merge(job: Job) -> Outcome:
    """The pull request merged at the very head that was verified on the very base it lands on."""
    async with job.parts.merging:
        for _ in range(5):
            settled = await _settled(job)
            if settled is not None:
                return settled
            moved = await _catch_up(job)
            if moved is None:
                return await _merge(job)
            if not isinstance(moved, Advance):
                return moved
    return later(job, Say(key="pipeline.base_restless"), job.attempt(Stage.MERGE))


async def _settled(job: Job) -> Outcome | None:
    """Merged already (by a person, or by us before a crash)."""
    pr = await job.parts.forge.pr(job.run.pr)
    if pr.state != "merged":
        return None
    await _record(job, pr.merged_sha or pr.head_sha)
    return Advance()


async def _catch_up(job: Job) -> Outcome | None:
    """None when the base has not moved. Else the change is carried over to the new base, proved
    again there and pushed: Advance, or what stands in the way."""
    workspace = job.parts.workspace
    await workspace.sync()
    tip = await workspace.resolve(job.rules.default_branch)
    if tip == job.run.base_sha:
        return None
    old = await workspace.tree_of(job.run.base_sha)
    merged = await workspace.merge_trees(old, await workspace.tree_of(tip), job.run.tree)
    if merged.conflicts:
        return await _conflict(job, tip, merged)
    await job.tell("rebased", tip, base=tip[:12])
    approvals = dict(job.run.approvals)
    for prefix in ("weakening:", "policy:", "review:"):
        # a person approved the same change; it is carried over unchanged
        if prefix + job.run.tree in approvals:
            approvals[prefix + merged.tree] = approvals[prefix + job.run.tree]
    await job.change(base_sha=tip, tree=merged.tree, verified="", approvals=approvals)
    for stage in (verify, publish):
        outcome = await stage(job)
        if not isinstance(outcome, Advance):
            return outcome
    if f"merge:{job.run.head_sha}" not in job.run.approvals and job.rules.merge != "auto":
        return Advance(to=Stage.FOLLOW_UP)
    return Advance()


async def _conflict(job: Job, tip: str, merged: MergedTree) -> Outcome:
    """The worker goes on at the merge with its marks, on the new base; verify sees to it that no
    mark is left."""
    files = ", ".join(merged.conflicts[:10])
    await job.tell("conflict", tip, files=files)
    await suspend_all(job)
    await adopt(job.parts, job.worker, merged.tree)
    await job.change(base_sha=tip, tree=merged.tree, verified="")
    return Return(
        stage=Stage.IMPLEMENT,
        why=Say(key="pipeline.base_conflict", facts={"files": files}),
    )


async def _merge(job: Job) -> Outcome:
    message = (
        f"{await title_of(job)} (#{job.run.pr})\n\n"
        + (await commit_message(job)).split("\n\n", 1)[-1]
    )
    try:
        pr = await job.parts.forge.merge(
            job.run.pr, job.run.head_sha, job.rules.merge_method, message
        )
    except Conflict as conflict:
        return ask_person(Say(key="pipeline.merge_refused", facts={"why": str(conflict)}))
    await _record(job, pr.merged_sha or pr.head_sha)
    return Advance()


async def _record(job: Job, merged_sha: str) -> None:
    await job.change(merged_sha=merged_sha)
    await job.tell("merged", merged_sha, pr=job.run.pr, commit=merged_sha[:12])
    issue = await job.parts.forge.issue(job.run.issue)
    if issue.state == "open":
        await job.parts.forge.close(job.run.issue)
    if job.run.branch and job.run.head_sha:
        await job.parts.forge.delete_branch(job.run.branch, job.run.head_sha)
    await job.parts.workspace.sync()
    await progress(job)

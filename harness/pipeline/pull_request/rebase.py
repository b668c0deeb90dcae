"""The base moved: the change is carried over, proved again there and pushed with lease (F7)."""

from __future__ import annotations

from harness.core.outcome import Advance, Outcome, Return
from harness.core.types import LocalizedText, MergedTree, Stage
from harness.pipeline.agents.children import adopt
from harness.pipeline.agents.sessions import suspend_all
from harness.pipeline.agents.skills import RESOLVE_CONFLICTS, skill_once
from harness.pipeline.job import Job
from harness.pipeline.people.answers import data
from harness.pipeline.stages.publish import publish
from harness.pipeline.stages.verify import verify
from harness.pipeline.verification.fixed_meanwhile import end_if_fixed


async def catch_up(job: Job) -> Outcome | None:
    """None when the base has not moved. Else the change stands on the new base, verified and
    pushed: Advance; Done when it is needed no more; or what stands in the way."""
    workspace = job.deps.workspace
    await workspace.sync()
    tip = await workspace.tip(job.policy.default_branch)
    if tip == job.run.base_sha:
        return None if await _is_published(job) else await _prove(job)
    fixed = await end_if_fixed(job)
    if fixed is not None:
        return fixed
    old = await workspace.tree_of(job.run.base_sha)
    merged = await workspace.merge_trees(old, await workspace.tree_of(tip), job.run.tree)
    if merged.conflicts:
        return await _conflict(job, tip, merged)
    await job.tell("rebased", tip, base=tip[:12])
    approvals = dict(job.run.approvals)
    for prefix in ("policy:", "review:"):
        # a person approved the same change; it is carried over unchanged
        if prefix + job.run.tree in approvals:
            approvals[prefix + merged.tree] = approvals[prefix + job.run.tree]
    await job.change(base_sha=tip, tree=merged.tree, verified="", approvals=approvals)
    return await _prove(job)


async def _is_published(job: Job) -> bool:
    """The head holds the verified tree; false when a crash came between the steps below."""
    run = job.run
    if run.verified != f"{run.tree}@{run.base_sha}":
        return False
    return await job.deps.workspace.tree_of(run.head_sha) == run.tree


async def _prove(job: Job) -> Outcome:
    for stage in (verify, publish):
        outcome = await stage(job)
        if not isinstance(outcome, Advance):
            return outcome
        if outcome.to is not None:
            return outcome
    return Advance()


async def _conflict(job: Job, tip: str, merged: MergedTree) -> Outcome:
    """The worker goes on at the merge with its marks, on the new base; verify sees to it that no
    mark is left."""
    files = ", ".join(merged.conflicts[:10])
    await job.tell("conflict", tip, files=files)
    await suspend_all(job)
    await adopt(job.deps, job.worker, merged.tree)
    await job.afresh()
    await job.change(base_sha=tip, tree=merged.tree, verified="")
    why = LocalizedText(key="pipeline.base_conflict", facts={"files": files})
    skill = await skill_once(job, RESOLVE_CONFLICTS)
    told = "\n\n".join(filter(None, (data(job, job.english(why)), skill)))
    return Return(stage=Stage.IMPLEMENT, why=why, told=told)

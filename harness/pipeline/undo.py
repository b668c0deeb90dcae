"""undo: a merged run is taken back by a revert pull request; a person merges it."""

from __future__ import annotations

from harness.core.errors import Conflict
from harness.core.types import Command, Say
from harness.pipeline.job import Job
from harness.pipeline.pushing import own_branches


async def undo(job: Job, command: Command) -> Say:
    """The inverse of what was merged, on today's default branch, as a pull request. A conflict
    with later work is said, not guessed at."""
    if not job.run.merged_sha:
        return Say(key="pipeline.undo_unmerged", facts={"issue": job.run.issue})
    parts = job.parts
    await parts.workspace.sync()
    tip = await parts.workspace.resolve(job.rules.default_branch)
    before = (await parts.workspace.log(job.run.merged_sha, limit=2))[-1]
    merged = await parts.workspace.merge_trees(
        await parts.workspace.tree_of(job.run.merged_sha),
        await parts.workspace.tree_of(tip),
        await parts.workspace.tree_of(before),
    )
    if merged.conflicts:
        files = ", ".join(merged.conflicts[:10])
        return Say(key="pipeline.undo_conflict", facts={"files": files})
    title = f"Revert #{job.run.pr}: {job.run.snapshot.title}"[:72]
    why = command.text or parts.words("pipeline.no_reason")
    body = parts.words(
        "pipeline.undo_body", pr=job.run.pr, commit=job.run.merged_sha, by=command.by, why=why
    )
    commit = await parts.workspace.commit(
        merged.tree, [tip], f"{title}\n\n{body}\n", job.run.created_at
    )
    branch = own_branches(parts, job.run)[1]
    pr = await parts.forge.find_pr(branch)
    if pr is None:
        try:
            await parts.workspace.push(commit, branch, None)
        except Conflict:
            return Say(key="pipeline.undo_again", facts={"branch": branch})
        body = parts.guard.outgoing(body, job.run.issue)
        pr = await parts.forge.open_pr(branch, job.rules.default_branch, title, body, draft=False)
    await job.tell("reverted", branch, pr=pr.number, by=command.by)
    return Say(key="pipeline.did_undo", facts={"pr": pr.number, "issue": job.run.issue})

"""undo: a merged run is taken back by a revert pull request; a person merges it."""

from __future__ import annotations

from harness.core.errors import Conflict
from harness.core.types import Command, LocalizedText
from harness.pipeline.job import Job
from harness.pipeline.outbound.push_gate import own_branches
from harness.pipeline.scan import scan


async def undo(job: Job, command: Command) -> LocalizedText:
    """The inverse of what was merged, on today's default branch, as a pull request. A conflict
    with later work is said, not guessed at."""
    if not job.run.merged_sha:
        return LocalizedText(key="pipeline.undo_unmerged", facts={"issue": job.run.issue})
    deps = job.deps
    await deps.workspace.sync()
    tip = await deps.workspace.tip(job.policy.default_branch)
    before = (await deps.workspace.log(job.run.merged_sha, limit=2))[-1]
    merged = await deps.workspace.merge_trees(
        await deps.workspace.tree_of(job.run.merged_sha),
        await deps.workspace.tree_of(tip),
        await deps.workspace.tree_of(before),
    )
    if merged.conflicts:
        files = ", ".join(merged.conflicts[:10])
        return LocalizedText(key="pipeline.undo_conflict", facts={"files": files})
    was = await scan(deps.guard.line, job.run.snapshot.title, job.run.issue)
    title = f"Revert #{job.run.pr}: {was}"[:72].rstrip()
    given = await scan(deps.guard.line, command.text, job.run.issue)
    why = given or deps.words("pipeline.no_reason")
    body = deps.words(
        "pipeline.undo_body", pr=job.run.pr, commit=job.run.merged_sha, by=command.by, why=why
    )
    commit = await deps.workspace.commit(
        merged.tree, [tip], f"{title}\n\n{body}\n", job.run.created_at
    )
    branch = own_branches(deps, job.run)[1]
    pr = await deps.forge.find_pr(branch)
    if pr is None:
        try:
            await deps.workspace.push(commit, branch, None)
        except Conflict:
            return LocalizedText(key="pipeline.undo_again", facts={"branch": branch})
        body = await scan(deps.guard.outgoing, body, job.run.issue)
        pr = await deps.forge.open_pr(branch, job.policy.default_branch, title, body, draft=False)
    await job.tell("reverted", branch, pr=pr.number, by=command.by)
    return LocalizedText(key="pipeline.did_undo", facts={"pr": pr.number, "issue": job.run.issue})

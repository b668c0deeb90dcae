"""After the merge, whoever made it: recorded, the issue closed, the branch gone if it is ours."""

from __future__ import annotations

from harness.core.errors import Conflict
from harness.core.types import PullRequest
from harness.pipeline.job import Job
from harness.pipeline.people.notes import progress


async def finish_merged(job: Job, pr: PullRequest) -> None:
    """May be called twice."""
    commit, run = pr.merged_sha or pr.head_sha, job.run
    await job.change(merged_sha=commit)
    await job.tell("merged", commit, pr=run.pr, commit=commit[:12], head=pr.head_sha)
    issue = await job.deps.forge.issue(run.issue)
    if issue.state == "open":
        await job.deps.forge.close(run.issue)
    if run.branch and run.head_sha:
        try:
            await job.deps.forge.delete_branch(run.branch, run.head_sha)
        except Conflict:
            # somebody went on there: it is theirs
            await job.tell("branch_kept", run.branch, branch=run.branch)
    await job.deps.workspace.sync()
    await progress(job)

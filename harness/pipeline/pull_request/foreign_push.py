"""A person pushed to our branch: nothing is forced over it (R24). Their `retry` hands it back, and
then their commits are part of the change: checked and reviewed again, kept in the history."""

from __future__ import annotations

from harness.core.outcome import Advance, Outcome
from harness.core.types import LocalizedText, PullRequest, Stage
from harness.pipeline import slots
from harness.pipeline.agents.children import adopt
from harness.pipeline.agents.sessions import ask_person, suspend_all
from harness.pipeline.job import Job
from harness.pipeline.people.authors import by_people

FOREIGN = "pipeline.foreign_push"
REWRITTEN = "follow.rewritten"
HISTORY = 500


async def foreign(job: Job, pr: PullRequest) -> Outcome | None:
    """None: the head is ours. Else held, or taken over at a person's word."""
    if pr.head_sha == job.run.head_sha:
        return None
    head = pr.head_sha
    facts: dict[str, str | int | float] = {"pr": pr.number, "head": head, "short": head[:12]}
    if await job.get(slots.ADOPT) != pr.head_sha:
        return ask_person(LocalizedText(key=FOREIGN, facts=facts), ("retry", "cancel"))
    workspace = job.deps.workspace
    await workspace.sync()
    if job.run.head_sha not in await workspace.log(pr.head_sha, limit=HISTORY):
        return ask_person(LocalizedText(key=REWRITTEN, facts=facts), ("retry", "cancel"))
    await _take_over(job, pr.head_sha)
    return Advance(to=Stage.VERIFY)


async def _take_over(job: Job, head: str) -> None:
    """Their version, with what we had not published yet merged in: marks of a conflict are found
    by verify."""
    workspace, run = job.deps.workspace, job.run
    tree, before = await workspace.tree_of(head), await workspace.tree_of(run.head_sha)
    theirs = [change.path for change in await workspace.changes(before, tree)]
    if run.tree != before:
        tree = (await workspace.merge_trees(before, tree, run.tree)).tree
    paths = tuple(sorted({*await by_people(job), *theirs}))
    base = await _base_below(job, head)
    await job.put(slots.THEIRS, paths)
    await suspend_all(job)
    await adopt(job.deps, job.worker, tree)
    await job.tell("adopted", head, commit=head[:12], files=", ".join(theirs[:10]))
    # a new round of its own: what failed before says nothing about their version
    await job.afresh()
    await job.change(head_sha=head, tree=tree, base_sha=base, verified="")


async def _base_below(job: Job, head: str) -> str:
    """The newest commit of the default branch that is part of their version: they may have merged
    it in."""
    workspace = job.deps.workspace
    tip = await workspace.tip(job.policy.default_branch)
    for commit in await workspace.log(tip, limit=HISTORY):
        if commit == job.run.base_sha or not await workspace.commits_between(head, commit):
            return commit
    return job.run.base_sha

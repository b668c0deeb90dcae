"""What the forge shows of a run that is not our own doing (E5): a change of it is a signal.

A look reads the issue, the pull request and its checks. Only when one of these three moved are
comments, reviews and threads read, and their authors' standing.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from harness.core.types import Issue, PullRequest, Waiting
from harness.pipeline.job import Job
from harness.pipeline.live_state import Look
from harness.pipeline.outbound.authority import authority, rests
from harness.pipeline.outbound.authority_repository import is_astray
from harness.pipeline.people.authors import Authors
from harness.pipeline.pull_request.ci import standing
from harness.pipeline.pull_request.pr_slots import QUEUED, full

FRESH = timedelta(seconds=10)
"""A forge's times are whole seconds: what changed this lately may change again unseen."""
THREADS = "follow.threads_open"
"""The reason that waits for threads to be resolved, which moves no time of the pull request."""


async def fingerprint(job: Job, wait: Waiting | None) -> str:
    """The same as long as nothing happened that could change what harness does about `wait`.
    Strayed as long as the repository is not the one that was registered, where that is why it
    waits."""
    forge, run = job.deps.forge, job.run
    if wait is not None and is_astray(wait.reason):
        await forge.repository()
    seen = job.deps.live.looked.get(run.id)
    issue = await forge.issue(run.issue)
    pr = await forge.pr(run.pr) if run.pr else None
    conflict = _conflict(pr, seen)
    shown = await _forge_facts(job, wait, pr, conflict)
    times = [issue.updated_at, *([pr.updated_at] if pr is not None else [])]
    mark = digest([wait.reason if wait is not None else None, times, issue.state, *shown])
    if seen is not None and seen.mark == mark:
        return seen.fingerprint
    found = digest([*shown, *await _people_words(job, wait, issue)])
    settled = all(time + FRESH < job.deps.clock.now() for time in times)
    job.deps.live.looked[run.id] = Look(mark if settled else "", found, conflict)
    return found


def _conflict(pr: PullRequest | None, seen: Look | None) -> bool:
    """Whether it cannot be merged as it is; while the forge has not decided: as it was."""
    if pr is None or pr.state != "open":
        return False
    if pr.mergeable is None:
        return seen is not None and seen.conflict
    return not pr.mergeable


async def _forge_facts(
    job: Job, wait: Waiting | None, pr: PullRequest | None, conflict: bool
) -> list[object]:
    """What may move without moving a time."""
    reason = wait.reason.key if wait is not None else ""
    facts: list[object] = []
    if reason == QUEUED:
        facts.append(await full(job) is None)
    if wait is not None and rests(wait.reason):
        # permission, label, assignment, lock: none of them moves a time for sure
        facts.append(await authority(job.deps, job.run, "merge"))
    if pr is None:
        return facts
    facts += [pr.state, pr.head_sha, pr.draft, pr.queued, conflict]
    if pr.state == "open":
        facts.append(standing(await job.deps.forge.checks(pr.head_sha)))
    if reason == THREADS:
        facts.append([t.resolved for t in await job.deps.forge.threads(pr.number)])
    return facts


async def _people_words(job: Job, wait: Waiting | None, issue: Issue) -> list[object]:
    """What people say: without our own words, without strangers'."""
    forge, number = job.deps.forge, job.run.pr
    voices = await Authors.of(job)
    asked = wait is not None and "answer" in wait.signals
    facts: list[object] = [issue.title, issue.body, issue.state, sorted(issue.labels)]
    for comment in await forge.comments(issue.number):
        if await voices.heard(comment, reporter=asked):
            facts.append((comment.id, comment.edited_at))
    if not number:
        return facts
    for review in await forge.reviews(number):
        if review.author.id != voices.me.id and await voices.is_trusted(review.author):
            facts.append((review.id, review.state))
    for comment in await forge.comments(number):
        if await voices.heard(comment):
            facts.append((comment.id, comment.edited_at))
    for thread in await forge.threads(number):
        said = [(c.id, c.edited_at) for c in thread.comments if await voices.heard(c)]
        facts += [(thread.resolved, said)] if said else []
    return facts


def digest(facts: list[object]) -> str:
    """A short hash of plain facts."""
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:16]

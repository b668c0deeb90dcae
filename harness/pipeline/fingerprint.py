"""What the forge shows of a run that is not our own doing (E5): a change of it is a signal.

A look reads the issue, the pull request and its checks. Only when one of these three moved are
comments, reviews and threads read, and their authors' standing.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from harness.core.types import Issue, PullRequest, Wait
from harness.pipeline.job import Job
from harness.pipeline.own import Voices
from harness.pipeline.parts import Look
from harness.pipeline.stages.ci import standing
from harness.pipeline.stages.places import QUEUED, full

FRESH = timedelta(seconds=10)
"""A forge's times are whole seconds: what changed this lately may change again unseen."""
THREADS = "follow.threads_open"
"""The reason that waits for threads to be resolved, which moves no time of the pull request."""


async def fingerprint(job: Job, wait: Wait | None) -> str:
    """The same as long as nothing happened that could change what harness does about `wait`."""
    forge, run = job.parts.forge, job.run
    seen = job.parts.looked.get(run.id)
    issue = await forge.issue(run.issue)
    pr = await forge.pr(run.pr) if run.pr else None
    conflict = _conflict(pr, seen)
    shown = await _shown(job, wait, pr, conflict)
    times = [issue.updated_at, *([pr.updated_at] if pr is not None else [])]
    mark = digest([wait.reason if wait is not None else None, times, issue.state, *shown])
    if seen is not None and seen.mark == mark:
        return seen.fingerprint
    found = digest([*shown, *await _said(job, wait, issue)])
    settled = all(time + FRESH < job.parts.clock.now() for time in times)
    job.parts.looked[run.id] = Look(mark if settled else "", found, conflict)
    return found


def _conflict(pr: PullRequest | None, seen: Look | None) -> bool:
    """Whether it cannot be merged as it is; while the forge has not decided: as it was."""
    if pr is None or pr.state != "open":
        return False
    if pr.mergeable is None:
        return seen is not None and seen.conflict
    return not pr.mergeable


async def _shown(
    job: Job, wait: Wait | None, pr: PullRequest | None, conflict: bool
) -> list[object]:
    """What may move without moving a time."""
    reason = wait.reason.key if wait is not None else ""
    facts: list[object] = []
    if reason == QUEUED:
        facts.append(await full(job) is None)
    if pr is None:
        return facts
    facts += [pr.state, pr.head_sha, pr.draft, pr.queued, conflict]
    if pr.state == "open":
        facts.append(standing(await job.parts.forge.checks(pr.head_sha)))
    if reason == THREADS:
        facts.append([t.resolved for t in await job.parts.forge.threads(pr.number)])
    return facts


async def _said(job: Job, wait: Wait | None, issue: Issue) -> list[object]:
    """What people say: without our own words, without strangers'."""
    forge, number = job.parts.forge, job.run.pr
    voices = await Voices.of(job)
    asked = wait is not None and "answer" in wait.signals
    facts: list[object] = [issue.title, issue.body, issue.state, sorted(issue.labels)]
    for comment in await forge.comments(issue.number):
        if await voices.heard(comment, reporter=asked):
            facts.append((comment.id, comment.edited_at))
    if not number:
        return facts
    for review in await forge.reviews(number):
        if review.author.id != voices.me.id and await voices.trusted(review.author):
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

"""What must be settled before a pull request is merged: checks, reviews, the policy's word (F7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from harness.core.base import Fact
from harness.core.outcome import Outcome, Wait
from harness.core.types import LocalizedText, Protection, PullRequest, Waiting
from harness.pipeline import slots
from harness.pipeline.job import Job
from harness.pipeline.people.authors import MARK
from harness.pipeline.pull_request.ci import WATCH
from harness.pipeline.pull_request.threads import standing
from harness.pipeline.verification.evidence import never_began, suite
from harness.pipeline.verification.findings import sentences
from harness.pipeline.verification.held import is_held, unseen


async def gates(job: Job, pr: PullRequest, asked: Protection) -> Outcome | None:
    """None: it may be merged now. A person's approval is of one head and of no other."""
    approved = f"merge:{pr.head_sha}" in job.run.approvals
    if job.policy.merge == "never" and not approved:
        return _wait(LocalizedText(key="pipeline.merge_never", facts={"pr": pr.number}))
    required = await _missing_requirement(job, pr, asked)
    if required is not None:
        return _wait(required)
    if approved:
        return None
    if job.policy.merge != "auto" or await is_held(job) or not await has_tests(job):
        return await _ask(job, pr)
    against, _ = await standing(job)
    if against:
        return _wait(LocalizedText(key="follow.objections", facts={"people": ", ".join(against)}))
    quiet = await _quiet_until(job, pr)
    if quiet is not None and job.deps.clock.now() < quiet:
        wait = Waiting(reason=LocalizedText(key="follow.quiet"), signals=WATCH, until=quiet)
        return Wait(wait=wait)
    return None


def _wait(reason: LocalizedText) -> Wait:
    return Wait(wait=Waiting(reason=reason, signals=WATCH))


async def _missing_requirement(
    job: Job, pr: PullRequest, asked: Protection
) -> LocalizedText | None:
    """What the base branch asks for and has not got; its checks are looked at with all others."""
    if asked.approvals:
        _, approvals = await standing(job)
        if approvals < asked.approvals:
            facts: dict[str, str | int | float] = {"has": approvals, "needs": asked.approvals}
            return LocalizedText(key="follow.approvals_missing", facts=facts)
    if asked.conversations:
        open_ = sum(not t.resolved for t in await job.deps.forge.threads(pr.number))
        if open_:
            return LocalizedText(key="follow.threads_open", facts={"count": open_})
    return None


async def _ask(job: Job, pr: PullRequest) -> Wait:
    facts: dict[str, Fact] = {"pr": pr.number}
    found = await unseen(job)
    if found != ():
        key = "pipeline.merge_held"
        facts["what"] = sentences(found or (), 5)
    elif await has_tests(job):
        key = "pipeline.merge_ask"
    else:
        broken = (await suite(job)).command
        key = "pipeline.merge_tests_broken" if broken else "pipeline.merge_no_tests"
    return Wait(
        wait=Waiting(
            reason=LocalizedText(key=key, facts=facts),
            signals=("approve", "reject", *WATCH),
            subject=f"merge:{pr.head_sha}",
            person=True,
        )
    )


async def _quiet_until(job: Job, pr: PullRequest) -> datetime | None:
    """When it was left alone for long enough: by pushes of ours and by everybody's words."""
    if not job.policy.quiet_s:
        return None
    forge = job.deps.forge
    seen = await job.get(slots.CHECKS.at(pr.head_sha))
    times = [seen.since] if seen is not None else []
    for number in (pr.number, job.run.issue):
        said = await forge.comments(number)
        times += [c.edited_at or c.created_at for c in said if not c.body.startswith(MARK)]
    times += [review.at for review in await forge.reviews(pr.number)]
    for thread in await forge.threads(pr.number):
        times += [c.created_at for c in thread.comments if not c.body.startswith(MARK)]
    last = max(times, default=None)
    return last + timedelta(seconds=job.policy.quiet_s) if last is not None else None


async def has_tests(job: Job) -> bool:
    """True when the project has a test command, and it starts on the base."""
    if not (await suite(job)).command:
        return False
    known = await job.deps.store.evidence(job.run.id)
    return not any(e.kind == "tests" and e.side == "base" and never_began(e) for e in known)

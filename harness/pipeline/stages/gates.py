"""What must be settled before a pull request is merged: checks, reviews, the policy's word (F7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from harness.core.outcome import Outcome, Wait
from harness.core.types import Protection, PullRequest, Say
from harness.core.types import Wait as Resting
from harness.pipeline.evidence import never_began, suite
from harness.pipeline.job import Job
from harness.pipeline.own import MARK
from harness.pipeline.stages.ci import WATCH
from harness.pipeline.stages.threads import standing


async def gates(job: Job, pr: PullRequest, asked: Protection) -> Outcome | None:
    """None: it may be merged now. A person's approval is of one head and of no other."""
    approved = f"merge:{pr.head_sha}" in job.run.approvals
    if job.rules.merge == "never" and not approved:
        return _wait(Say(key="pipeline.merge_never", facts={"pr": pr.number}))
    required = await _required(job, pr, asked)
    if required is not None:
        return _wait(required)
    if approved:
        return None
    no_tests = not await has_tests(job)
    if job.rules.merge != "auto" or no_tests:
        return await _ask(job, pr, no_tests=no_tests)
    against, _ = await standing(job)
    if against:
        return _wait(Say(key="follow.objections", facts={"people": ", ".join(against)}))
    quiet = await _quiet_until(job, pr)
    if quiet is not None and job.parts.clock.now() < quiet:
        wait = Resting(reason=Say(key="follow.quiet"), signals=WATCH, until=quiet)
        return Wait(wait=wait)
    return None


def _wait(reason: Say) -> Wait:
    return Wait(wait=Resting(reason=reason, signals=WATCH))


async def _required(job: Job, pr: PullRequest, asked: Protection) -> Say | None:
    """What the base branch asks for and has not got; its checks are looked at with all others."""
    if asked.approvals:
        _, approvals = await standing(job)
        if approvals < asked.approvals:
            facts: dict[str, str | int | float] = {"has": approvals, "needs": asked.approvals}
            return Say(key="follow.approvals_missing", facts=facts)
    if asked.conversations:
        open_ = sum(not t.resolved for t in await job.parts.forge.threads(pr.number))
        if open_:
            return Say(key="follow.threads_open", facts={"count": open_})
    return None


async def _ask(job: Job, pr: PullRequest, *, no_tests: bool) -> Wait:
    key = "pipeline.merge_ask"
    if no_tests:
        broken = (await suite(job)).command
        key = "pipeline.merge_tests_broken" if broken else "pipeline.merge_no_tests"
    return Wait(
        wait=Resting(
            reason=Say(key=key, facts={"pr": pr.number}),
            signals=("approve", "reject", *WATCH),
            subject=f"merge:{pr.head_sha}",
            person=True,
        )
    )


async def _quiet_until(job: Job, pr: PullRequest) -> datetime | None:
    """When it was left alone for long enough: by pushes of ours and by everybody's words."""
    if not job.rules.quiet_s:
        return None
    forge = job.parts.forge
    stored = await job.parts.store.kept(job.run.id, f"ci:{pr.head_sha}")
    times = []
    if isinstance(stored, dict):
        times.append(datetime.fromisoformat(str(stored["since"])))
    for number in (pr.number, job.run.issue):
        said = await forge.comments(number)
        times += [c.edited_at or c.created_at for c in said if not c.body.startswith(MARK)]
    times += [review.at for review in await forge.reviews(pr.number)]
    for thread in await forge.threads(pr.number):
        times += [c.created_at for c in thread.comments if not c.body.startswith(MARK)]
    last = max(times, default=None)
    return last + timedelta(seconds=job.rules.quiet_s) if last is not None else None


async def has_tests(job: Job) -> bool:
    """True when the project has a test command, and it starts on the base."""
    if not (await suite(job)).command:
        return False
    known = await job.parts.store.evidence(job.run.id)
    return not any(e.kind == "tests" and e.side == "base" and never_began(e) for e in known)

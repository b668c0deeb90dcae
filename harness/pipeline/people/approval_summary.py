"""What people approved and what it was for: for reviewers, the pull request and the report."""

from __future__ import annotations

from harness.core.types import LocalizedText
from harness.pipeline import slots
from harness.pipeline.job import Job
from harness.pipeline.slots import Allowed


async def approved_for(job: Job, subject: str, by: str, why: LocalizedText) -> None:
    """Keep it beside those before. Expectations of existing tests that an approved plan changes
    are told by name."""
    what = job.english(why)
    plan = await job.deps.store.plan(job.run.id)
    if plan is not None and subject == plan.hash and plan.test_changes:
        named = "; ".join(f"{change.test} ({change.why})" for change in plan.test_changes)
        what = f"expectations changed: {named}"
        tests = ", ".join(change.test for change in plan.test_changes)
        await job.tell("expectations_allowed", subject, tests=tests, by=by)
    rest = [one for one in await job.get(slots.APPROVED) or () if one.subject != subject]
    await job.put(slots.APPROVED, (*rest, Allowed(subject=subject, by=by, what=what)))

"""plan: tasks, files, checks, risks; approved by policy or by a person (B1, B2)."""

from __future__ import annotations

from harness.core.outcome import Advance, Outcome, Wait
from harness.core.types import LocalizedText, Plan, Waiting
from harness.pipeline import slots
from harness.pipeline.agents.sessions import ask_person, converse
from harness.pipeline.agents.verdicts import Blocked, NoChange
from harness.pipeline.job import Job
from harness.pipeline.people.answers import incoming
from harness.pipeline.people.notes import progress
from harness.pipeline.plan_policy import approval_reason
from harness.pipeline.verification.closing import close_if_agreed

BY_POLICY = LocalizedText(key="page.by_policy")


async def plan(job: Job) -> Outcome:
    """A stored plan, approved."""
    rejected = await job.get(slots.REJECTED)
    stored = await job.deps.store.plan(job.run.id)
    if stored is None or (rejected is not None and rejected.hash == stored.hash):
        message = await incoming(job)
        if rejected is not None:
            message = job.prompt("messages/plan_wanted", why=rejected.text)
        found = await converse(job, message)
        if not isinstance(found, tuple):
            return found
        claim = found[0]
        if isinstance(claim, Blocked):
            return ask_person(LocalizedText(key="pipeline.blocked", facts={"reason": claim.reason}))
        if isinstance(claim, NoChange):
            return await nothing_to_change(job, claim.reason)
        stored = await job.plan()
    return await require_approval(job, stored)


async def nothing_to_change(job: Job, reason: str) -> Outcome:
    """C8: "no change needed" is an outcome, and a claim: a person agrees to it, or not."""
    why = LocalizedText(key="pipeline.no_change_claimed", facts={"reason": reason})
    done = LocalizedText(key="pipeline.no_change", facts={"reason": reason})
    return await close_if_agreed(job, "no_change", reason, why=why, done=done)


async def require_approval(job: Job, stored: Plan) -> Outcome:
    """On, when policy or a person has approved exactly this hash; else a Wait on it."""
    if stored.hash in job.run.approvals:
        return Advance()
    triage = await job.get(slots.TRIAGE)
    reason = approval_reason(stored, triage.risk if triage else "low", job.policy)
    if reason is None:
        await job.change(approvals={**job.run.approvals, stored.hash: "policy"})
        await job.tell("plan_approved", stored.hash, hash=stored.hash, by=BY_POLICY)
        return Advance()
    await progress(job)
    return Wait(
        wait=Waiting(
            reason=LocalizedText(
                key="pipeline.plan_waits",
                facts={"hash": stored.hash, "reason": reason},
            ),
            signals=("approve", "reject", "plan", "cancel"),
            subject=stored.hash,
            person=True,
        )
    )

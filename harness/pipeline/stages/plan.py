"""plan: tasks, files, checks, risks; approved by policy or by a person (B1, B2)."""

from __future__ import annotations

from harness.core.outcome import Advance, Done, Outcome, Wait
from harness.core.types import Plan, Say
from harness.core.types import Wait as Resting
from harness.pipeline.depth import approval_reason
from harness.pipeline.job import Job
from harness.pipeline.notes import conclude, progress
from harness.pipeline.talk import ask_person, converse
from harness.pipeline.verdicts import Blocked, NoChange


async def plan(job: Job) -> Outcome:
    """A stored plan, approved."""
    rejected = await job.parts.store.kept(job.run.id, "rejected")
    stored = await job.parts.store.plan(job.run.id)
    if stored is None or (isinstance(rejected, dict) and rejected["hash"] == stored.hash):
        message = ""
        if isinstance(rejected, dict):
            message = f"A person rejected the plan:\n{rejected['text']}\nGive another plan verdict."
        found = await converse(job, message)
        if not isinstance(found, tuple):
            return found
        claim = found[0]
        if isinstance(claim, Blocked):
            return ask_person(Say(key="pipeline.blocked", facts={"reason": claim.reason}))
        if isinstance(claim, NoChange):
            return await nothing_to_change(job, claim.reason)
        stored = await job.plan()
    return await approved(job, stored)


async def nothing_to_change(job: Job, reason: str) -> Outcome:
    """C8: "no change needed" is an outcome; a bug that was shown red is not over by a word."""
    if job.run.kind == "bug":
        return ask_person(Say(key="pipeline.no_change_claimed", facts={"reason": reason}))
    await conclude(job, "no_change", reason, close="not_planned")
    return Done(why=Say(key="pipeline.no_change", facts={"reason": reason}))


async def approved(job: Job, stored: Plan) -> Outcome:
    """On, when policy or a person has approved exactly this hash; else a Wait on it."""
    if stored.hash in job.run.approvals:
        return Advance()
    triage = await job.parts.store.kept(job.run.id, "triage")
    risk = str(triage.get("risk", "low")) if isinstance(triage, dict) else "low"
    reason = approval_reason(stored, risk, job.rules)
    if reason is None:
        await job.change(approvals={**job.run.approvals, stored.hash: "policy"})
        await job.tell("plan_approved", stored.hash, hash=stored.hash, by="policy")
        return Advance()
    await progress(job)
    return Wait(
        wait=Resting(
            reason=Say(
                key="pipeline.plan_waits",
                facts={"hash": stored.hash, "reason": job.parts.words(reason.key, **reason.facts)},
            ),
            signals=("approve", "reject", "plan", "cancel"),
            subject=stored.hash,
            person=True,
        )
    )

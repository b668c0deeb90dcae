"""implement: the worker alone, or sub-agents for a plan that earns a split (C2)."""

from __future__ import annotations

from harness.core.outcome import Advance, Delegate, Outcome
from harness.core.types import LocalizedText, Plan, Stage
from harness.pipeline import slots
from harness.pipeline.agents.sessions import ask_person, converse
from harness.pipeline.agents.verdicts import Blocked, Claim, Finished, NoChange, Reproduced
from harness.pipeline.job import Job
from harness.pipeline.overlap import order_tasks
from harness.pipeline.people.answers import incoming
from harness.pipeline.plan_policy import depth
from harness.pipeline.pull_request.threads import ask_about_argument
from harness.pipeline.stages.plan import nothing_to_change, require_approval
from harness.pipeline.verification.freeze import drop_pending, freeze_hash, pending, take_decision

SIGNALS = ("approve", "reject", "retry", "cancel")


async def implement(job: Job) -> Outcome:
    """A change: a tree that differs from the base inside the plan."""
    plan = await job.plan()
    gate = await require_approval(job, plan)
    if not isinstance(gate, Advance):
        return gate
    tries = job.attempt(Stage.IMPLEMENT)
    since = job.run.attempts.implement_from
    if tries - since >= job.policy.attempts:
        return ask_person(
            LocalizedText(
                key="pipeline.attempts_used",
                facts={"attempts": tries, "why": await _said(job)},
            )
        )
    if tries == 0:
        split = await _delegate(job, plan)
        if split is not None:
            return split
    found = await _get_claim(job)
    if not isinstance(found, tuple):
        return found
    claim = found[0]
    if isinstance(claim, NoChange):
        return await (ask_about_argument if job.run.pr else nothing_to_change)(job, claim.reason)
    if isinstance(claim, Blocked):
        return ask_person(LocalizedText(key="pipeline.blocked", facts={"reason": claim.reason}))
    assert isinstance(claim, Finished)
    newest = await job.plan()
    if newest.hash != plan.hash:
        # amended on the way: what policy would not approve unseen is not approved by being done
        gate = await require_approval(job, newest)
        if not isinstance(gate, Advance):
            return gate
    await job.tell("implemented", f"{tries}", summary=claim.summary, attempt=tries + 1)
    return Advance()


async def _get_claim(job: Job) -> tuple[Claim, str] | Outcome:
    """The worker's claim for this attempt. A new reproduction that a person must allow rests the
    work; what they said is told to the worker and the work goes on."""
    said = await take_decision(job)
    if said:
        await _anew(job, said)
        await drop_pending(job)
    message = await incoming(job)
    if job.attempt(Stage.IMPLEMENT):
        message = "\n\n".join(part for part in (message, await _mend(job)) if part)
    found = await converse(job, message) if said is not None else None
    if found is not None and not (isinstance(found, tuple) and isinstance(found[0], Reproduced)):
        return found
    proof = await pending(job)
    if proof is None:
        # allowed meanwhile: the attempt that asked is over
        await _anew(job, job.prompt("reproduction/freeze_allowed_before"))
        return await _get_claim(job)
    facts: dict[str, str | int | float] = {"tests": ", ".join(proof.tests)}
    why = LocalizedText(key="claim.freeze_waits", facts=facts)
    return ask_person(why, SIGNALS, subject=f"freeze:{freeze_hash(proof)}")


async def _anew(job: Job, said: str) -> None:
    """The next attempt, which costs none of those that the worker has."""
    tries = job.run.attempts.again(Stage.IMPLEMENT)
    await job.put(slots.MESSAGE.at(f"implement:{tries.implement}"), said)
    await job.change(attempts=tries.having(implement_from=tries.implement_from + 1))


async def _delegate(job: Job, plan: Plan) -> Outcome | None:
    """Delegate once; come back with the merged tree, which goes to verify as it is."""
    chosen = depth(plan, job.run.difficulty or "small", job.policy)
    if not chosen.split:
        return None
    call = f"plan-{plan.hash}"
    merged = await job.get(slots.DELEGATED.at(call))
    if merged is None:
        return Delegate(
            session=job.worker,
            call=call,
            base_tree=await job.deps.workspace.tree_of(job.run.base_sha),
            tasks=order_tasks(plan.tasks),
        )
    if merged.failed:
        return ask_person(LocalizedText(key="pipeline.task_failed", facts={"why": merged.failed}))
    await job.change(tree=merged.tree)
    await job.tell("implemented", call, summary=plan.summary, attempt=1)
    return Advance()


async def _mend(job: Job) -> str:
    """What the check found, told to the worker."""
    why = await job.get(slots.RETURN.at(job.attempt(Stage.IMPLEMENT)))
    return job.prompt("messages/held_against", why=why) if why else ""


async def _said(job: Job) -> LocalizedText | str:
    """Why the newest attempt was sent back, as people read it."""
    return await job.get(slots.RETURN_SAID.at(job.attempt(Stage.IMPLEMENT))) or ""

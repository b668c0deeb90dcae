"""implement: the worker alone, or sub-agents for a plan that earns a split (C2)."""

from __future__ import annotations

from harness.core.outcome import Advance, Delegate, Outcome
from harness.core.types import Plan, Say, Stage
from harness.pipeline.depth import depth
from harness.pipeline.job import Job
from harness.pipeline.overlap import ordered
from harness.pipeline.stages.plan import approved, nothing_to_change
from harness.pipeline.stages.threads import unmoved
from harness.pipeline.talk import ask_person, converse
from harness.pipeline.verdicts import Blocked, Finished, NoChange
from harness.pipeline.words_in import incoming


async def implement(job: Job) -> Outcome:
    """A change: a tree that differs from the base inside the plan."""
    plan = await job.plan()
    gate = await approved(job, plan)
    if not isinstance(gate, Advance):
        return gate
    tries = job.attempt(Stage.IMPLEMENT)
    since = job.run.attempts.get("implement_from", 0)
    if tries - since >= job.rules.attempts:
        return ask_person(
            Say(
                key="pipeline.attempts_used",
                facts={"attempts": tries, "why": await _why(job, "return_said")},
            )
        )
    if tries == 0:
        split = await _split(job, plan)
        if split is not None:
            return split
    message = await _mend(job) if tries else await incoming(job)
    found = await converse(job, message)
    if not isinstance(found, tuple):
        return found
    claim = found[0]
    if isinstance(claim, NoChange):
        return await (unmoved if job.run.pr else nothing_to_change)(job, claim.reason)
    if isinstance(claim, Blocked):
        return ask_person(Say(key="pipeline.blocked", facts={"reason": claim.reason}))
    assert isinstance(claim, Finished)
    newest = await job.plan()
    if newest.hash != plan.hash:
        # amended on the way: what policy would not approve unseen is not approved by being done
        gate = await approved(job, newest)
        if not isinstance(gate, Advance):
            return gate
    await job.tell("implemented", f"{tries}", summary=claim.summary, attempt=tries + 1)
    return Advance()


async def _split(job: Job, plan: Plan) -> Outcome | None:
    """Delegate once; come back with the merged tree, which goes to verify as it is."""
    chosen = depth(plan, job.run.difficulty or "small", job.rules)
    if not chosen.split:
        return None
    call = f"plan-{plan.hash}"
    merged = await job.parts.store.kept(job.run.id, f"delegated:{call}")
    if not isinstance(merged, dict):
        return Delegate(
            session=job.worker,
            call=call,
            base_tree=await job.parts.workspace.tree_of(job.run.base_sha),
            tasks=ordered(plan.tasks),
        )
    if merged.get("failed"):
        return ask_person(Say(key="pipeline.task_failed", facts={"why": str(merged["failed"])}))
    await job.change(tree=str(merged["tree"]))
    await job.tell("implemented", call, summary=plan.summary, attempt=1)
    return Advance()


async def _mend(job: Job) -> str:
    """What the check found, told to the worker."""
    why = await _why(job, "return")
    head = "harness checked your tree from outside and holds this against it:"
    return f"{head}\n{why}\nMend it and give done again."


async def _why(job: Job, slot: str) -> str:
    """Why the newest attempt was sent back: `return` as the agent, `return_said` as people read
    it."""
    kept = await job.parts.store.kept(job.run.id, f"{slot}:{job.attempt(Stage.IMPLEMENT)}")
    return str(kept or "")

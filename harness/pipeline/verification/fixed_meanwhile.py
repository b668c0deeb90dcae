"""The base moved, and there the bug is gone: somebody fixed it meanwhile. Found by running the
reproduction on the new base; no model is asked."""

from __future__ import annotations

from harness.core.outcome import Done, Outcome
from harness.core.types import LocalizedText, Stage
from harness.pipeline import slots
from harness.pipeline.agents.claims import reporter_of
from harness.pipeline.agents.sessions import suspend_all
from harness.pipeline.job import Job
from harness.pipeline.people.notes import conclude
from harness.pipeline.verification.evidence import Trial, attempt, passes

BEFORE_PR = (Stage.PLAN, Stage.IMPLEMENT, Stage.VERIFY, Stage.REVIEW, Stage.PUBLISH)


async def end_if_fixed(job: Job) -> Outcome | None:
    """Done when the frozen reproduction, which failed on the run's base, passes on the default
    branch as it is now: said with its run, the issue and our pull request closed. Else None."""
    proof = job.run.reproduction
    if proof is None or job.run.merged_sha:
        return None
    workspace, before = job.deps.workspace, job.run.base_sha
    await workspace.sync()
    tip = await workspace.resolve(job.policy.default_branch)
    if tip == before:
        return None
    tree = await workspace.with_files(await workspace.tree_of(tip), dict(proof.files))
    # by the new base's environment
    there = Job(job.deps, job.run.model_copy(update={"base_sha": tip}))
    trial = Trial(
        kind="reproduction",
        side="base",
        tree=tree,
        command=proof.command,
        reporter=proof.reporter or reporter_of(proof.command),
    )
    if not passes(await attempt(there, trial), proof.tests):
        return None
    await job.tell("fixed_meanwhile", tip, commit=tip[:12], tests=", ".join(proof.tests))
    await suspend_all(job)
    await conclude(job, "already_fixed", before, close="completed")
    if job.run.pr and (await job.deps.forge.pr(job.run.pr)).state == "open":
        await job.deps.forge.close_pr(job.run.pr)
    return Done(why=LocalizedText(key="pipeline.already_fixed", facts={"commit": before[:12]}))


async def end_if_fixed_at_wake(job: Job) -> Outcome | None:
    """The same for a run that begins again after a rest, asked once an activation."""
    activation = job.run.activation
    if activation <= 1 or job.run.stage not in BEFORE_PR:
        return None
    if await job.get(slots.BASE_ASKED) == activation:
        return None
    ended = await end_if_fixed(job)
    await job.put(slots.BASE_ASKED, activation)
    return ended

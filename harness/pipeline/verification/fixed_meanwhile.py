"""The base moved, and there the bug is gone: somebody fixed it meanwhile. Found by running the
reproduction on the new base; no model is asked."""

from __future__ import annotations

from harness.core.outcome import Done, Outcome
from harness.core.types import LocalizedText, Reproduction, Stage, Trace
from harness.pipeline import slots
from harness.pipeline.agents.claims import reporter_of
from harness.pipeline.agents.sessions import suspend_all
from harness.pipeline.job import Job
from harness.pipeline.people.notes import conclude
from harness.pipeline.verification.evidence import Trial, attempt, is_red, passes
from harness.pipeline.verification.proving import base_of, missing_proof

AGAIN = 9
"""The round of the run that shows the failure once more, so that it is made and not remembered."""
BEFORE_PR = (Stage.PLAN, Stage.IMPLEMENT, Stage.VERIFY, Stage.REVIEW, Stage.PUBLISH)


async def end_if_fixed(job: Job) -> Outcome | None:
    """Done when the frozen reproduction, which fails on the run's base, passes on the default
    branch as it is now, by a change of what it runs: said with its run, the issue and our pull
    request closed. Else None."""
    proof = job.run.reproduction
    if proof is None or job.run.merged_sha:
        return None
    workspace, before = job.deps.workspace, job.run.base_sha
    await workspace.sync()
    tip = await workspace.resolve(job.policy.default_branch)
    if tip == before:
        return None
    # by the new base's environment
    there = Job(job.deps, job.run.model_copy(update={"base_sha": tip}))
    if not await _is_shown_fixed(there, proof, before):
        return None
    await job.tell("fixed_meanwhile", tip, commit=tip[:12], tests=", ".join(proof.tests))
    await suspend_all(job)
    await conclude(job, "already_fixed", before, close="completed")
    if job.run.pr and (await job.deps.forge.pr(job.run.pr)).state == "open":
        await job.deps.forge.close_pr(job.run.pr)
    return Done(why=LocalizedText(key="pipeline.already_fixed", facts={"commit": before[:12]}))


async def _is_shown_fixed(there: Job, proof: Reproduction, before: str) -> bool:
    """As of a claim that it is fixed: it passes twice, runs what was changed and the issue speaks
    of; and it fails still where it failed. A base that hides a bug, and a test that passes now and
    then, end nothing: the run goes on as for any base that moved."""
    base = await base_of(there)
    trace = Trace(files=tuple(base.sources))
    for round_ in (1, 2):
        ran = await attempt(there, await _trial(there, proof, there.run.base_sha, round_, trace))
        if not passes(ran, proof.tests):
            return False
    if await missing_proof(there, proof.tests, ran, base, (before, there.run.base_sha)) is not None:
        return False
    again = await attempt(there, await _trial(there, proof, before, AGAIN))
    return is_red(again, proof.tests)


async def _trial(
    there: Job, proof: Reproduction, commit: str, round_: int, trace: Trace | None = None
) -> Trial:
    workspace = there.deps.workspace
    return Trial(
        kind="reproduction" if commit == there.run.base_sha else "earlier",
        side="base" if commit == there.run.base_sha else "earlier",
        tree=await workspace.with_files(await workspace.tree_of(commit), dict(proof.files)),
        command=proof.command,
        reporter=proof.reporter or reporter_of(proof.command),
        round=round_,
        trace=trace,
    )


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

"""triage: cheap code checks first, then one verdict on what the issue is (A5, A7, A8, C8)."""

from __future__ import annotations

from harness.core.outcome import Advance, Done, Outcome, Wait
from harness.core.types import Run, Say, Stage
from harness.core.types import Wait as Resting
from harness.pipeline.job import Job
from harness.pipeline.notes import ask, conclude, progress
from harness.pipeline.talk import ask_person, converse
from harness.pipeline.verdicts import Blocked, Claim, Triage
from harness.pipeline.words_in import incoming, take_answer


async def triage(job: Job) -> Outcome:
    """What is it, is it clear, does it earn a run."""
    known = await _known_already(job)
    if known is not None:
        return known
    if not job.run.base_sha:
        await job.parts.workspace.sync()
        base = await job.parts.workspace.resolve(job.rules.default_branch)
        await job.change(base_sha=base, began_sha=base)
    await progress(job)
    waiting = await take_answer(job)
    if waiting is not None:
        return Wait(wait=waiting)
    found = await converse(job, await incoming(job))
    if not isinstance(found, tuple):
        return found
    return await _decide(job, found[0])


async def _decide(job: Job, claim: Claim) -> Outcome:
    if isinstance(claim, Blocked):
        return ask_person(Say(key="pipeline.blocked", facts={"reason": claim.reason}))
    assert isinstance(claim, Triage)
    await job.tell(
        "triaged",
        str(job.attempt(Stage.TRIAGE)),
        kind=claim.kind,
        difficulty=claim.difficulty,
        risk=claim.risk,
        reason=claim.reason,
    )
    if not claim.clear:
        await ask(job, claim.question)
        return Wait(
            wait=Resting(
                reason=Say(key="pipeline.question_asked", facts={"question": claim.question}),
                signals=("answer", "comment", "edit", "cancel", "retry"),
            )
        )
    if claim.duplicate_of:
        return ask_person(Say(key="pipeline.duplicate", facts={"issue": claim.duplicate_of}))
    if claim.kind == "question":
        await conclude(job, "answered", claim.answer, close="completed")
        return Done(why=Say(key="pipeline.answered"))
    return Advance(to=Stage.REPRODUCE if claim.kind == "bug" else Stage.PLAN)


async def _known_already(job: Job) -> Outcome | None:
    """Facts that need no model: the branch's pull request, the same text told before."""
    issue = await job.parts.forge.issue(job.run.issue)
    if issue.state == "closed":
        return Done(why=Say(key="pipeline.closed_meanwhile"))
    pr = await job.parts.forge.find_pr(job.branch)
    if pr is not None and pr.state == "merged":
        return Done(why=Say(key="pipeline.merged_before", facts={"pr": pr.number}))
    twin = await _twin(job)
    if twin is not None:
        await conclude(job, "duplicate", str(twin.issue), close="not_planned")
        return Done(why=Say(key="pipeline.duplicate_text", facts={"issue": twin.issue}))
    return None


async def _twin(job: Job) -> Run | None:
    """An earlier run of this project on another issue with the same text, not given up on."""
    mine = job.run.snapshot
    for other in await job.parts.store.runs(job.run.project):
        same = (other.snapshot.title, other.snapshot.body) == (mine.title, mine.body)
        if (
            other.issue < job.run.issue
            and same
            and other.state.value not in ("failed", "cancelled")
        ):
            return other
    return None

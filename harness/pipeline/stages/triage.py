"""triage: cheap code checks first, then one verdict on what the issue is (A5, A7, A8, C8)."""

from __future__ import annotations

from harness.core.errors import NotFound
from harness.core.outcome import Advance, Done, Outcome, Wait
from harness.core.types import LocalizedText, Run, Stage, Waiting
from harness.pipeline.agents.sessions import ask_person, converse
from harness.pipeline.agents.verdicts import Blocked, Claim, Triage
from harness.pipeline.job import Job
from harness.pipeline.outbound.house import ask_the_house
from harness.pipeline.people.answers import incoming, take_answer
from harness.pipeline.people.notes import ask, conclude, progress
from harness.pipeline.verification.closing import (
    close_if_agreed,
    over_time,
    question_answered,
    was_answered,
)


async def triage(job: Job) -> Outcome:
    """What is it, is it clear, does it earn a run."""
    known = await _known_already(job)
    if known is not None:
        return known
    if not job.run.base_sha:
        await job.deps.workspace.sync()
        base = await job.deps.workspace.tip(job.policy.default_branch)
        await job.change(base_sha=base, began_sha=base)
    await progress(job)
    asked = await ask_the_house(job)
    if asked is not None:
        return asked
    waiting = None if over_time(job) else await take_answer(job)
    if waiting is not None:
        return Wait(wait=waiting)
    found = await converse(job, await incoming(job))
    if not isinstance(found, tuple):
        return found
    return await _decide(job, found[0])


async def _decide(job: Job, claim: Claim) -> Outcome:
    if isinstance(claim, Blocked):
        return ask_person(LocalizedText(key="pipeline.blocked", facts={"reason": claim.reason}))
    assert isinstance(claim, Triage)
    await job.tell(
        "triaged",
        str(job.attempt(Stage.TRIAGE)),
        kind=LocalizedText(key=f"view.kind.{job.run.kind or claim.kind}"),
        difficulty=LocalizedText(key=f"view.difficulty.{claim.difficulty}"),
        risk=LocalizedText(key=f"view.risk.{claim.risk}"),
        reason=claim.reason,
    )
    if not claim.clear:
        await ask(job, claim.question)
        return Wait(
            wait=Waiting(
                reason=LocalizedText(
                    key="pipeline.question_asked", facts={"question": claim.question}
                ),
                signals=("answer", "comment", "edit", "cancel", "retry"),
            )
        )
    if claim.duplicate_of:
        why = LocalizedText(key="pipeline.duplicate", facts={"issue": claim.duplicate_of})
        done = LocalizedText(key="claim.duplicate_agreed", facts={"issue": claim.duplicate_of})
        return await close_if_agreed(job, "duplicate", str(claim.duplicate_of), why=why, done=done)
    if job.run.kind == "question" and claim.answer:
        return await question_answered(job, claim.answer)
    return Advance(to=Stage.REPRODUCE if job.run.kind == "bug" else Stage.PLAN)


async def _known_already(job: Job) -> Outcome | None:
    """Facts that need no model: the branch's pull request, the same text told before."""
    issue = await job.deps.forge.issue(job.run.issue)
    if issue.state == "closed":
        key = "pipeline.answered" if await was_answered(job) else "pipeline.closed_meanwhile"
        return Done(why=LocalizedText(key=key))
    pr = await job.deps.forge.find_pr(job.branch)
    if pr is not None and pr.state == "merged":
        return Done(why=LocalizedText(key="pipeline.merged_before", facts={"pr": pr.number}))
    twin = await _twin(job)
    if twin is not None:
        await conclude(job, "duplicate", str(twin.issue), close="not_planned")
        return Done(why=LocalizedText(key="pipeline.duplicate_text", facts={"issue": twin.issue}))
    return None


async def _twin(job: Job) -> Run | None:
    """An earlier run of this project on another issue with the same text, not given up on, whose
    issue is still open: the same text after a fix may be the bug come back."""
    mine = job.run.snapshot
    for other in await job.deps.store.runs(job.run.project):
        same = (other.snapshot.title, other.snapshot.body) == (mine.title, mine.body)
        if (
            other.issue < job.run.issue
            and same
            and other.state.value not in ("failed", "cancelled")
            and await _open(job, other.issue)
        ):
            return other
    return None


async def _open(job: Job, number: int) -> bool:
    try:
        return (await job.deps.forge.issue(number)).state == "open"
    except NotFound:
        return False

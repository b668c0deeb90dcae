"""review: a second opinion by sessions of their own, each with another view (F3)."""

from __future__ import annotations

from harness.core.outcome import Advance, Outcome, Return
from harness.core.types import Answered, Finding, Say, Session, Stage, Verdict
from harness.pipeline.depth import depth
from harness.pipeline.job import Job
from harness.pipeline.openings import opening_reviewer
from harness.pipeline.talk import REVIEWER_TOOLS, ask_person, meaning, verdict_from
from harness.pipeline.verdicts import Reviewed, parse
from harness.pipeline.words_in import data

VIEWS = ("correctness", "simplicity", "safety", "tests", "compatibility")


async def review(job: Job) -> Outcome:
    """Each reviewer's findings; blocking ones go back, advice goes into the pull request."""
    plan = await job.plan()
    count = depth(plan, job.run.difficulty or "small", job.rules).reviewers
    rounds = job.attempt(Stage.REVIEW)
    blocking: list[str] = []
    for view in VIEWS[:count]:
        said = await _one(job, view)
        if isinstance(said, Reviewed):
            await _record(job, view, said)
            blocking += [
                f"{f.path}:{f.line} {f.text}" for f in said.findings if f.severity == "blocking"
            ]
            if not said.approve and not said.findings:
                blocking.append("not approved, no reason given")
        else:
            return said
    if not blocking or f"review:{job.run.tree}" in job.run.approvals:
        return Advance()
    if rounds + 1 >= job.rules.review_rounds:
        why = Say(key="pipeline.review_blocks", facts={"what": "; ".join(blocking[:5])})
        return ask_person(why, ("approve", "retry", "cancel"), subject=f"review:{job.run.tree}")
    await job.change(attempts={**job.run.attempts, Stage.REVIEW.value: rounds + 1})
    return Return(
        stage=Stage.IMPLEMENT,
        why=Say(key="pipeline.review_findings", facts={"what": "\n".join(blocking)}),
        told="Reviewers hold this against it:\n" + data(job, "\n".join(blocking)),
    )


async def _one(job: Job, view: str) -> Reviewed | Outcome:
    """One reviewer's verdict on this tree; asked once a tree."""
    slot = f"review:{view}:{job.run.tree}"
    kept = await job.parts.store.kept(job.run.id, slot)
    if isinstance(kept, dict):
        return Reviewed.model_validate(kept)
    said: list[Reviewed] = []

    async def take(verdict: Verdict) -> Answered:
        claim = parse(verdict)
        if not isinstance(claim, Reviewed):
            text = claim if isinstance(claim, str) else "A reviewer gives a review verdict."
            return Answered(text=text, is_error=True)
        await job.parts.store.keep(job.run.id, slot, claim.model_dump(mode="json"))
        said.append(claim)
        return Answered(text="Noted.", reached=True)

    session = await _session(job, view)
    ended = await verdict_from(job, session, "", take)
    talk = job.parts.talks.pop(session.id, None)
    if talk is not None:
        await talk.suspend()
    return said[0] if said else await meaning(job, ended)


async def _session(job: Job, view: str) -> Session:
    parts = job.parts
    return await parts.store.open_session(
        Session(
            id=f"{job.run.id}-review-{view}-{job.run.tree[:8]}",
            run=job.run.id,
            kind="reviewer",
            model=parts.models["reviewer"],
            system=parts.prompts.text("reviewer"),
            opening=await opening_reviewer(job, view),
            tools=REVIEWER_TOOLS,
            prompt_version=parts.prompts.version,
            base_tree=job.run.tree,
            created_at=parts.clock.now(),
        )
    )


async def _record(job: Job, view: str, said: Reviewed) -> None:
    findings = [
        Finding(
            source="review",
            path=f.path,
            line=f.line,
            severity=f.severity,
            say=Say(key="pipeline.reviewer_says", facts={"view": view, "text": f.text}),
        )
        for f in said.findings
    ]
    await job.parts.store.keep(
        job.run.id, f"reviewed:{view}", [f.model_dump(mode="json") for f in findings]
    )
    kind = "review_findings" if findings else "reviewed"
    await job.tell(
        kind,
        f"{view}:{job.run.tree}",
        view=view,
        approve=said.approve,
        count=len(findings),
        findings="; ".join(f"{f.path}:{f.line} {f.text}" for f in said.findings),
    )

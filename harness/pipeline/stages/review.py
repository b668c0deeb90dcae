"""review: a second opinion by sessions of their own, each with another view (F3)."""

from __future__ import annotations

from harness.core.outcome import Advance, Outcome, Return
from harness.core.types import Answered, Finding, IssueKind, LocalizedText, Session, Stage, Verdict
from harness.pipeline import slots
from harness.pipeline.agents.openings import change_text, opening_kind, opening_reviewer
from harness.pipeline.agents.sessions import (
    REVIEWER_TOOLS,
    ask_person,
    meaning,
    narrow_session,
    tools_for,
    verdict_from,
)
from harness.pipeline.agents.skills import REVIEW_CHANGE, skill_once
from harness.pipeline.agents.verdicts import (
    PROBING,
    REVIEWERS,
    Blocked,
    Kind,
    Probe,
    Reviewed,
    mistake,
    parse,
)
from harness.pipeline.job import Job
from harness.pipeline.people.answers import data
from harness.pipeline.plan_policy import depth
from harness.pipeline.verification.kinds import By, Settled
from harness.pipeline.verification.reviewer_probes import probe

VIEWS = ("correctness", "simplicity", "safety", "tests", "compatibility")


async def review(job: Job) -> Outcome:
    """Each reviewer's findings; a refusal goes back whatever its findings weigh, advice goes into
    the pull request."""
    plan = await job.plan()
    count = depth(plan, job.run.difficulty or "small", job.policy).reviewers
    rounds = job.attempt(Stage.REVIEW)
    against: list[LocalizedText] = []
    passed = f"review:{job.run.tree}" in job.run.approvals
    for view in VIEWS[:count]:
        said = await _one(job, view)
        if isinstance(said, Blocked) and not passed:
            await job.tell(
                "reviewer_blocked",
                f"{view}:{job.run.tree}",
                view=view_name(view),
                reason=said.reason,
            )
            return _ask(job, (_says(view, said.reason),))
        if isinstance(said, Reviewed):
            await _record(job, view, said)
            against += objections(said)
        elif not isinstance(said, Blocked):
            return said
    if not against or passed:
        return Advance()
    if rounds + 1 >= job.policy.review_rounds:
        return _ask(job, tuple(against[:5]))
    await job.change(attempts=job.run.attempts.again(Stage.REVIEW))
    return Return(
        stage=Stage.IMPLEMENT,
        why=LocalizedText(key="pipeline.review_findings", facts={"what": tuple(against)}),
        told=job.prompt(
            "reviews/against", findings=data(job, "\n".join(map(job.english, against)))
        ),
    )


def objections(said: Reviewed) -> list[LocalizedText]:
    """What stands against the change: blocking findings, and all of them where it is refused."""
    found = [
        LocalizedText(key="page.placed", facts={"place": f"{f.path}:{f.line}", "what": f.text})
        for f in said.findings
        if f.severity == "blocking" or not said.approve
    ]
    return found or ([] if said.approve else [LocalizedText(key="page.not_approved")])


def _ask(job: Job, what: tuple[LocalizedText, ...]) -> Outcome:
    why = LocalizedText(key="pipeline.review_blocks", facts={"what": what})
    return ask_person(why, ("approve", "retry", "cancel"), subject=f"review:{job.run.tree}")


def view_name(view: str) -> LocalizedText:
    """A reviewer's point of view, as people read it."""
    return LocalizedText(key=f"view.reviewer.{view}")


def _says(view: str, text: str) -> LocalizedText:
    return LocalizedText(
        key="pipeline.reviewer_says", facts={"view": view_name(view), "text": text}
    )


async def _one(job: Job, view: str) -> Reviewed | Blocked | Outcome:
    """One reviewer's verdict on this tree; asked once a tree. Where nobody but the worker gave the
    issue's kind, it says that first, before it is shown the change."""
    slot = slots.REVIEW.at(f"{view}:{job.run.tree}")
    kept = await job.get(slot)
    if kept is not None:
        return kept
    blind = await _told_first(job, view)
    session = await _session(job, view, blind=blind)
    if await _kind_open(job):
        held = await _kind(job, session)
        if held is not None:
            return held
    said: list[Reviewed | Blocked] = []

    async def take(verdict: Verdict) -> Answered:
        claim = parse(verdict, PROBING if job.policy.probes else REVIEWERS)
        if isinstance(claim, Probe) and job.policy.probes:
            return await probe(job, view, claim, verdict.call)
        if isinstance(claim, Kind):
            return Answered(text=job.prompt("reviews/kind_known"))
        if not isinstance(claim, Reviewed | Blocked):
            why = mistake(claim, "reviews/review_wanted")
            skill = await skill_once(job, REVIEW_CHANGE, session.id)
            text = "\n\n".join(filter(None, (job.deps.prompts.fill(why), skill)))
            return Answered(text=text, is_error=True)
        await job.put(slot, claim)
        said.append(claim)
        return Answered(text=job.prompt("verdicts/noted"), reached=True)

    ended = await verdict_from(job, session, await change_text(job, view) if blind else "", take)
    await _leave(job, session)
    return said[0] if said else await meaning(job, ended)


async def _leave(job: Job, session: Session) -> None:
    talk = job.deps.live.conversations.pop(session.id, None)
    if talk is not None:
        await talk.suspend()


async def _kind_open(job: Job) -> bool:
    """Whether nobody but the worker said what kind of issue it is, and no bug."""
    kept = await job.get(slots.KIND)
    return kept.open if kept is not None else job.run.kind not in (None, "bug")


async def _told_first(job: Job, view: str) -> bool:
    """Whether this reviewer's session opens with the issue alone; kept, so that it resumes so."""
    slot = slots.BLIND.at(f"{view}:{job.run.tree}")
    kept = await job.get(slot)
    if kept is None:
        kept = await _kind_open(job)
        await job.put(slot, kept)
    return kept


async def _kind(job: Job, session: Session) -> Outcome | None:
    """The reviewer's word on the kind; None when it agrees that it is no bug, or a person does."""
    worker = job.run.kind or "chore"
    subject = f"kind:{worker}"
    by = job.run.approvals.get(subject)
    if by is not None:
        await _settle(job, worker, "person")
        return None
    kept = await job.get(slots.KIND_SAID)
    said = [kept] if kept is not None else []

    async def take(verdict: Verdict) -> Answered:
        claim = parse(verdict, ("kind",))
        if not isinstance(claim, Kind):
            why = mistake(claim, "reviews/kind_wanted")
            return Answered(text=job.deps.prompts.fill(why), is_error=True)
        await job.put(slots.KIND_SAID, claim)
        said.append(claim)
        return Answered(text=job.prompt("verdicts/noted"), reached=True)

    if not said:
        ended = await verdict_from(job, session, "", take)
        if not said:
            await _leave(job, session)
            return await meaning(job, ended)
    await job.tell(
        "kind_said", said[0].kind, kind=_kind_name(said[0].kind), worker=_kind_name(worker)
    )
    if said[0].kind != "bug":
        await _settle(job, worker, "reviewer")
        return None
    await _leave(job, session)
    return ask_person(
        LocalizedText(key="claim.kind_disputed", facts={"kind": _kind_name(worker)}),
        ("approve", "retry", "cancel"),
        subject,
    )


def _kind_name(kind: IssueKind) -> LocalizedText:
    return LocalizedText(key=f"view.kind.{kind}")


async def _settle(job: Job, kind: IssueKind, by: By) -> None:
    await job.put(slots.KIND, Settled(kind=kind, by=by))


async def _session(job: Job, view: str, *, blind: bool) -> Session:
    deps = job.deps
    name = f"{job.run.id}-review-{view}-{job.run.tree[:8]}"
    opened = await deps.store.session(name)
    if opened is not None:
        return opened
    made = await narrow_session(
        job,
        Session(
            id=name,
            run=job.run.id,
            kind="reviewer",
            model=deps.policy.models["reviewer"],
            system=deps.prompts.text("reviewer"),
            opening=await (opening_kind(job) if blind else opening_reviewer(job, view)),
            tools=tools_for(job, REVIEWER_TOOLS),
            prompt_version=deps.prompts.version,
            base_tree=job.run.tree,
            verdicts="probing" if job.policy.probes else None,
            created_at=deps.clock.now(),
        ),
    )
    return await deps.store.open_session(made)


async def _record(job: Job, view: str, said: Reviewed) -> None:
    findings = tuple(
        Finding(
            source="review",
            path=f.path,
            line=f.line,
            severity=f.severity,
            say=_says(view, f.text),
        )
        for f in said.findings
    )
    await job.put(slots.REVIEWED.at(view), findings)
    if not said.approve and not findings:
        await job.tell("review_refused", f"{view}:{job.run.tree}", view=view_name(view))
        return
    kind = "review_findings" if findings else "reviewed"
    await job.tell(
        kind,
        f"{view}:{job.run.tree}",
        view=view_name(view),
        approve=said.approve,
        count=len(findings),
        findings="; ".join(f"{f.path}:{f.line} {f.text}" for f in said.findings),
        against="\n".join(sorted({f.path for f in said.findings})),
    )

"""What an agent claims so that an issue would be closed: its word alone never does. A person's
`agree` does, or what running it showed."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from harness.core.outcome import Done, Outcome, Wait
from harness.core.types import LocalizedText, Waiting
from harness.pipeline import slots
from harness.pipeline.agents.sessions import ask_person
from harness.pipeline.job import Job
from harness.pipeline.people.notes import conclude, post_answer

AGREE = ("agree", "retry", "answer", "cancel")


def subject_of(kind: str, text: str) -> str:
    """What `agree` is about: this claim in these words."""
    return f"close:{kind}:{hashlib.sha256(text.encode()).hexdigest()[:12]}"


async def close_if_agreed(
    job: Job,
    kind: str,
    text: str,
    *,
    why: LocalizedText,
    done: LocalizedText,
    close: str = "not_planned",
) -> Outcome:
    """Posted and closed when a person agreed to it; else they are asked."""
    subject = subject_of(kind, text)
    by = job.run.approvals.get(subject)
    if by is None:
        return ask_person(why, AGREE, subject=subject)
    await job.tell("agreed", subject, by=by, what=why)
    await conclude(job, kind, text, close=close)
    return Done(why=done)


async def question_answered(job: Job, text: str) -> Outcome:
    """The answer is posted; the issue stays open until a person closes it or agrees, or the time
    that the policy sets has passed."""
    subject = subject_of("answered", text)
    since = await post_answer(job, text)
    days = job.policy.close_answered_days
    until = since + timedelta(days=days) if days else None
    by = job.run.approvals.get(subject)
    late = until is not None and until <= job.deps.clock.now()
    if by is None and not late:
        reason = LocalizedText(key="claim.answered_waits")
        if until is not None:
            facts: dict[str, str | int | float] = {"days": days}
            reason = LocalizedText(key="claim.answered_until", facts=facts)
        signals = ("answer", "agree", "comment", "retry", "cancel")
        return Wait(wait=Waiting(reason=reason, signals=signals, until=until, subject=subject))
    if by is not None:
        await job.tell("agreed", subject, by=by, what=text)
    await conclude(job, "answered", text, close="completed", said=False)
    return Done(why=LocalizedText(key="pipeline.answered"))


def over_time(job: Job) -> bool:
    """Whether the run waits on an answered question and its time has come."""
    wait = job.run.wait
    if wait is None or wait.until is None or wait.reason.key != "claim.answered_until":
        return False
    return wait.until <= job.deps.clock.now()


async def was_answered(job: Job) -> bool:
    """Whether this run posted an answer."""
    return await job.get(slots.ANSWERED) is not None

"""What harness writes on the forge: the one progress comment, questions, answers, the pull
request's text. Texts come from `report`, from recorded facts, and leave through the guard."""

from __future__ import annotations

from datetime import datetime

from harness.core.types import Stage, Waiting
from harness.pipeline import slots
from harness.pipeline.agents.sessions import suspend_all
from harness.pipeline.job import Job
from harness.pipeline.outbound.authority import authorise
from harness.pipeline.page_facts import facts_of
from harness.pipeline.slots import HoldNotice, PostedAnswer
from harness.report import comment, pr_body


async def progress(job: Job) -> None:
    """The issue's one maintained comment, edited in place (H7)."""
    facts = await facts_of(job)
    await put(job, job.run.issue, f"progress-{job.run.number}", comment.progress(facts, job.words))


async def put(job: Job, number: int, marker: str, text: str) -> None:
    """One comment by its marker; the same marker again edits it."""
    body = job.deps.guard.outgoing(text, job.run.issue)
    await job.deps.forge.put_comment(number, marker, body)


async def ask(job: Job, text: str, *, kind: str = "question", tried: str = "") -> None:
    """A question to the reporter; its time is kept, so that answers are told from what was
    there before. The agent rests first: it has said what it had to."""
    await suspend_all(job)
    key = f"{kind}-{job.run.number}-{job.attempt(job.run.stage)}"
    said = comment.question(text, job.words)
    if kind == "not_reproduced":
        said = comment.not_reproduced(text, tried, await facts_of(job), job.words)
    if await job.get(slots.QUESTION_ASKED.at(key)) is None:
        now = job.deps.clock.now()
        await job.put(slots.QUESTION_ASKED.at(key), now)
        await job.put(slots.ASKED_AT, now)
    await put(job, job.run.issue, key, said)
    await job.tell("question_asked", key, question=text)


WORDS = ("approved", "rejected", "retried", "began_again", "resumed", "answer_given", "plan_edited")


async def question(job: Job, wait: Waiting) -> None:
    """A held run says on the issue what it needs, once a hold: one that rests again for the same
    reason, though nobody spoke to it, edits what it said."""
    text = comment.describe_held(
        job.deps.words(wait.reason.key, **wait.reason.facts), wait, job.words
    )
    hidden = job.run.snapshot.hidden_removed
    if hidden:
        text = f"{text}\n\n{job.words('view.hidden', count=hidden)}"
    told = await job.get(slots.HELD_TOLD)
    marker = f"held-{job.run.number}-{job.run.activation}"
    if told is not None and told.reason == wait.reason and not await _spoken(job):
        marker = told.marker
    await job.put(slots.HELD_TOLD, HoldNotice(reason=wait.reason, marker=marker))
    await put(job, job.run.issue, marker, text)


async def _spoken(job: Job) -> bool:
    """Whether a person's word came between this hold and the one before."""
    kinds = [event.kind for event in await job.deps.store.events(job.run.id)]
    holds = [place for place, kind in enumerate(kinds) if kind == "held"]
    return len(holds) < 2 or any(kind in WORDS for kind in kinds[holds[-2] :])


async def post_answer(job: Job, text: str) -> datetime:
    """Post the answer to a question once, and since when it stands there. The agent rests first."""
    marker = f"answered-{job.run.number}-{job.attempt(Stage.TRIAGE)}"
    before = await job.get(slots.ANSWERED)
    if before is not None and before.marker == marker:
        return before.at
    await suspend_all(job)
    said = comment.conclusion("answered", text, await facts_of(job), job.words)
    how = job.words("claim.answered_how")
    await put(job, job.run.issue, marker, f"{said}\n\n{how}")
    now = job.deps.clock.now()
    # what is said from now on is heard as an answer to it
    await job.put(slots.ASKED_AT, now)
    await job.put(slots.ANSWERED, PostedAnswer(marker=marker, at=now))
    await job.tell("answered", marker, text=text)
    return now


async def conclude(job: Job, kind: str, text: str, *, close: str, said: bool = True) -> None:
    """The last word on an issue that needs no pull request (C8), and its closing; `said` False:
    it was said before. The agent rests first."""
    await suspend_all(job)
    await authorise(job.deps, job.run, "close")
    if said:
        facts = await facts_of(job)
        words = comment.conclusion(kind, text, facts, job.words)
        await put(job, job.run.issue, f"{kind}-{job.run.number}", words)
        if kind != "already_fixed":
            await job.tell(kind, "end", text=text)
    issue = await job.deps.forge.issue(job.run.issue)
    if issue.state == "open":
        await job.deps.forge.close(
            job.run.issue, "completed" if close == "completed" else "not_planned"
        )


async def pull_request_text(job: Job) -> str:
    """The pull request's body, with its evidence (F4)."""
    facts = await facts_of(job)
    return job.deps.guard.outgoing(pr_body.render(facts, job.words), job.run.issue)

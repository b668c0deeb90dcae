"""What harness writes on the forge: the one progress comment, questions, answers, the pull
request's text. Texts come from `report`, from recorded facts, and leave through the guard."""

from __future__ import annotations

from harness.core.types import Wait
from harness.pipeline.facts import facts_of
from harness.pipeline.job import Job
from harness.pipeline.talk import suspend_all
from harness.report import comment, pr_body


async def progress(job: Job) -> None:
    """The issue's one maintained comment, edited in place (H7)."""
    facts = await facts_of(job)
    await put(job, job.run.issue, f"progress-{job.run.number}", comment.progress(facts, job.words))


async def put(job: Job, number: int, marker: str, text: str) -> None:
    """One comment by its marker; the same marker again edits it."""
    body = job.parts.guard.outgoing(text, job.run.issue)
    await job.parts.forge.put_comment(number, marker, body)


async def ask(job: Job, text: str, *, kind: str = "question", tried: str = "") -> None:
    """A question to the reporter; its time is kept, so that answers are told from what was
    there before. The agent rests first: it has said what it had to."""
    await suspend_all(job)
    key = f"{kind}-{job.run.number}-{job.attempt(job.run.stage)}"
    said = comment.question(text, job.words)
    if kind == "not_reproduced":
        said = comment.not_reproduced(text, tried, await facts_of(job), job.words)
    before = await job.parts.store.kept(job.run.id, f"asked:{key}")
    if before is None:
        now = job.parts.clock.now().isoformat()
        await job.parts.store.keep(job.run.id, f"asked:{key}", now)
        await job.parts.store.keep(job.run.id, "asked_at", now)
    await put(job, job.run.issue, key, said)
    await job.tell("question_asked", key, question=text)


WORDS = ("approved", "rejected", "retried", "resumed", "answer_given", "plan_edited")


async def question(job: Job, wait: Wait) -> None:
    """A held run says on the issue what it needs, once a hold: one that rests again for the same
    reason, though nobody spoke to it, edits what it said."""
    text = comment.held(job.parts.words(wait.reason.key, **wait.reason.facts), wait, job.words)
    hidden = job.run.snapshot.hidden_removed
    if hidden:
        text = f"{text}\n\n{job.words('view.hidden', count=hidden)}"
    slot, reason = "held_told", wait.reason.model_dump(mode="json")
    told = await job.parts.store.kept(job.run.id, slot)
    marker = f"held-{job.run.number}-{job.run.activation}"
    if isinstance(told, dict) and told["reason"] == reason and not await _spoken(job):
        marker = str(told["marker"])
    await job.parts.store.keep(job.run.id, slot, {"reason": reason, "marker": marker})
    await put(job, job.run.issue, marker, text)


async def _spoken(job: Job) -> bool:
    """Whether a person's word came between this hold and the one before."""
    kinds = [event.kind for event in await job.parts.store.events(job.run.id)]
    holds = [place for place, kind in enumerate(kinds) if kind == "held"]
    return len(holds) < 2 or any(kind in WORDS for kind in kinds[holds[-2] :])


async def conclude(job: Job, kind: str, text: str, *, close: str) -> None:
    """The last word on an issue that needs no pull request (C8), and its closing. The agent rests
    first."""
    await suspend_all(job)
    facts = await facts_of(job)
    said = comment.conclusion(kind, text, facts, job.words)
    await put(job, job.run.issue, f"{kind}-{job.run.number}", said)
    if kind != "already_fixed":
        await job.tell(kind, "end", text=text)
    issue = await job.parts.forge.issue(job.run.issue)
    if issue.state == "open":
        await job.parts.forge.close(
            job.run.issue, "completed" if close == "completed" else "not_planned"
        )


async def pull_request_text(job: Job) -> str:
    """The pull request's body, with its evidence (F4)."""
    facts = await facts_of(job)
    return job.parts.guard.outgoing(pr_body.render(facts, job.words), job.run.issue)

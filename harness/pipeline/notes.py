"""What harness writes on the forge: the one progress comment, questions, answers, the pull
request's text. Texts come from `report`, from recorded facts, and leave through the guard."""

from __future__ import annotations

from harness.core.types import Wait
from harness.pipeline.facts import facts_of
from harness.pipeline.job import Job
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
    there before."""
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


async def question(job: Job, wait: Wait) -> None:
    """A held run says on the issue what it needs, once a hold."""
    text = comment.held(job.parts.words(wait.reason.key, **wait.reason.facts), wait, job.words)
    await put(job, job.run.issue, f"held-{job.run.number}-{job.run.activation}", text)


async def conclude(job: Job, kind: str, text: str, *, close: str) -> None:
    """The last word on an issue that needs no pull request (C8), and its closing."""
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

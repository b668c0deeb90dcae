"""What people said since a run began to wait, as data for the agent."""

from __future__ import annotations

from harness.core.trust_types import is_ours
from harness.core.types import Comment, Waiting
from harness.pipeline import slots
from harness.pipeline.job import Job
from harness.pipeline.scan import scan
from harness.prompting.excerpts import excerpt
from harness.prompting.templates import fence_text

MOST_CHARS = 16_000
ANSWERS_BYTES = 36 * 1024


async def take_answer(job: Job) -> Waiting | None:
    """When the run waits for an answer: the same Wait while there is none; else the answer is
    kept as this stage's next message and the wait is over (None)."""
    waiting = job.run.wait
    if waiting is None or waiting.signals[0] != "answer":
        return None
    message, used = await _answers(job)
    if not message:
        return waiting
    stage = job.run.stage
    tries = job.run.attempts.again(stage)
    # the message first: a crash after it leaves the wait, and the answer is found again
    await job.put(slots.MESSAGE.at(f"{stage.value}:{tries.of(stage)}"), message)
    await job.change(wait=None, attempts=tries)
    await job.put(slots.ANSWERS_USED, used)
    return None


async def incoming(job: Job) -> str:
    """What people have to say to this attempt at the stage; empty at the first."""
    stage = job.run.stage
    return await job.get(slots.MESSAGE.at(f"{stage.value}:{job.attempt(stage)}")) or ""


async def _answers(job: Job) -> tuple[str, tuple[str, ...]]:
    """Answers posted by command and new comments of the reporter or of trusted people since the
    question, fenced as data (empty: none), and the keys of all that were ever used."""
    answers = await job.get(slots.ANSWERS) or ()
    used = await job.get(slots.ANSWERS_USED)
    seen = set(used or ())
    fresh = [a for a in answers if a not in seen]
    for comment in await _comments(job):
        if f"{comment.id}" not in seen:
            shown = await visible(job, comment.body, f"c{comment.id}")
            fresh.append(f"{comment.author.login}: {shown}")
            seen.add(f"{comment.id}")
    if not fresh:
        return "", ()
    said = excerpt("\n---\n".join(fresh), ANSWERS_BYTES).text
    text = data(job, said, chars=len(said))
    told = job.prompt("messages/people_answered", answers=text)
    return told, tuple(sorted(seen | set(answers)))


async def _comments(job: Job) -> list[Comment]:
    forge = job.deps.forge
    asked = await job.get(slots.ASKED_AT)
    me = await forge.me()
    found = []
    for comment in await forge.comments(job.run.issue):
        if is_ours(comment, me) or (asked is not None and comment.created_at <= asked):
            continue
        if job.deps.guard.find_words(comment.body):
            continue  # a word to harness, not to the agent: the inbox has it
        reporter = comment.author.id == job.run.snapshot.author.id
        permission = await forge.permission(comment.author)
        if reporter or job.deps.guard.may_speak(comment.author, permission):
            found.append(comment)
    return found


async def visible(job: Job, text: str, key: str) -> str:
    """What somebody wrote as a person sees it; what that leaves out is counted in the run's log,
    once a key."""
    hidden = await scan(job.deps.guard.count_hidden, text)
    if hidden:
        await job.tell("hidden_removed", key, count=hidden)
    return await scan(job.deps.guard.visible, text)


def data(job: Job, text: str, *, chars: int = MOST_CHARS) -> str:
    """Words of others as an agent may read them: without what nobody sees, bounded, between marks
    that they cannot hold."""
    return fence_text(cut(job.deps.guard.legible(text), chars))


def cut(text: str, most: int) -> str:
    """Its beginning, and how much was cut."""
    more = len(text) - most
    return f"{text[:most]}\n[{more} more characters left out]" if more > 0 else text

"""What people ask for on the pull request, and the one answer each request gets (F6).

A request is a review that asks for changes, an open thread, or a comment that mentions harness.
Only trusted people's are taken up; of strangers' threads the number is told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.core.outcome import Advance, Outcome, Return
from harness.core.types import Comment, LocalizedText, Review, Stage, Thread
from harness.pipeline import slots
from harness.pipeline.agents.checkpoint import load_claim
from harness.pipeline.agents.sessions import ask_person
from harness.pipeline.agents.verdicts import Finished, NoChange
from harness.pipeline.job import Job
from harness.pipeline.people.answers import cut, data, visible
from harness.pipeline.people.authors import Authors
from harness.pipeline.people.notes import put
from harness.pipeline.pull_request.change_requests import open_requests
from harness.pipeline.pull_request.pr_slots import invite
from harness.pipeline.scan import scan
from harness.pipeline.slots import ChangeRequest

REQUEST_CHARS = 8_000
ROUND_CHARS = 64_000


async def requests(job: Job) -> tuple[ChangeRequest, ...]:
    """What trusted people ask for that was not answered yet."""
    forge, number = job.deps.forge, job.run.pr
    voices = await Authors.of(job)
    done = await job.get(slots.REQUESTS_DONE) or ()
    found: list[ChangeRequest] = []
    for review in await _last_words(job, voices):
        if review.state == "changes_requested" and f"r{review.id}" not in done:
            text = await _excerpt(job, review.body, f"r{review.id}")
            found.append(ChangeRequest(key=f"r{review.id}", text=text, by=review.author.login))
    strangers = 0
    for thread in await forge.threads(number):
        request = await _in_thread(job, voices, thread)
        found += [request] if request is not None else []
        strangers += request is None and not thread.resolved and not _had(voices, thread)
    mention = re.compile(rf"(?<![\w-])@{re.escape(voices.me.login.removesuffix('[bot]'))}\b", re.I)
    for comment in await forge.comments(number):
        new = f"c{comment.id}" not in done
        if new and mention.search(comment.body) and await voices.heard(comment):
            text = await _excerpt(job, comment.body, f"c{comment.id}")
            found.append(ChangeRequest(key=f"c{comment.id}", text=text, by=comment.author.login))
    if strangers:
        await job.tell("strangers", f"{strangers}", count=strangers)
    head = job.run.head_sha
    return _one_round([r.model_copy(update={"head": head}) for r in found if r.key not in done])


def _one_round(found: Sequence[ChangeRequest]) -> tuple[ChangeRequest, ...]:
    """As many as an agent can be shown at once; the rest come in the next round."""
    room, taken = ROUND_CHARS, list[ChangeRequest]()
    for request in found:
        room -= len(request.text) + len(request.by) + len(request.key) + 8
        if taken and room < 0:
            break
        taken.append(request)
    return tuple(taken)


async def _excerpt(job: Job, body: str, key: str) -> str:
    return cut(await visible(job, body, key), REQUEST_CHARS)


async def _in_thread(job: Job, voices: Authors, thread: Thread) -> ChangeRequest | None:
    """What was said there since our own last word, by people who count."""
    if thread.resolved:
        return None
    fresh: list[Comment] = []
    for comment in thread.comments:
        if voices.ours(comment):
            fresh = []
        elif await voices.heard(comment):
            fresh.append(comment)
    if not fresh:
        return None
    said = [f"{c.author.login}: {await _excerpt(job, c.body, f'c{c.id}')}" for c in fresh]
    first = thread.comments[0].author
    return ChangeRequest(
        key=f"t{fresh[-1].id}",
        text=cut("\n".join([f"{thread.path}:{thread.line}", *said]), 2 * REQUEST_CHARS),
        by=fresh[-1].author.login,
        thread=thread.id,
        path=thread.path,
        resolvable=(job.policy.resolve_threads or first.kind == "bot" or first.id == voices.me.id),
    )


def _had(voices: Authors, thread: Thread) -> bool:
    return any(voices.ours(comment) for comment in thread.comments)


async def taken_up(job: Job, asked: tuple[ChangeRequest, ...]) -> Outcome:
    """Back to the worker with all of them; after so many rounds a person says how to go on."""
    rounds = await job.get(slots.REQUEST_ROUNDS) or ()
    this = ",".join(r.key for r in asked)
    before = [r for r in rounds if r != this]
    what = "\n".join(f"{r.by}: {r.text}" if not r.thread else r.text for r in asked)
    if len(before) >= job.policy.people_rounds:
        facts: dict[str, str | int | float] = {"times": len(before), "what": what}
        return ask_person(LocalizedText(key="follow.rounds_used", facts=facts))
    await job.put(slots.REQUESTS, asked)
    await job.put(slots.REQUEST_ROUNDS, (*before, this))
    await job.afresh()
    paths = "\n".join(sorted({r.path for r in asked if r.path}))
    await job.tell("review_requests", this, what=what, paths=paths)
    told = "\n\n".join(f"[{r.key}] {r.by}: {r.text}" for r in asked)
    return Return(
        stage=Stage.IMPLEMENT,
        why=LocalizedText(key="pipeline.people_ask", facts={"what": what}),
        told=job.prompt("messages/people_ask", requests=data(job, told, chars=ROUND_CHARS)),
    )


async def ask_about_argument(job: Job, reason: str) -> Outcome:
    """The worker changes nothing more on a pull request that is open: an argument against what
    was asked for; against a failing check only a person can accept it."""
    if await open_requests(job):
        return Advance()
    subject = f"checks:{job.run.head_sha}"
    if subject in job.run.approvals:
        return Advance()
    why = LocalizedText(key="follow.argued", facts={"reason": reason})
    return ask_person(why, ("approve", "retry", "cancel"), subject=subject)


async def answer(job: Job, commit: str) -> None:
    """Each request of the round hears once what came of it: the commit that takes it up, or why
    nothing was changed."""
    asked = await open_requests(job)
    if not asked:
        return
    said = await load_claim(job, Stage.IMPLEMENT)
    claim = said[0] if said is not None else None
    own = {a.request.strip("[] "): a for a in claim.answers} if isinstance(claim, Finished) else {}
    argued = claim.reason if isinstance(claim, NoChange) else ""
    for request in asked:
        mine = own.get(request.key)
        fixed = commit != request.head and not argued and (mine is None or mine.fixed)
        said_of_it = mine.text if mine is not None else argued
        text = (await scan(job.deps.guard.visible, said_of_it)).strip()
        await _reply(job, request, commit, fixed, text)
    people = {r.by for r in asked if r.key.startswith("r") and r.head != commit}
    if people:
        await invite(job, sorted(people), commit)
    done = [*(await job.get(slots.REQUESTS_DONE) or ()), *(r.key for r in asked)]
    await job.put(slots.REQUESTS_DONE, tuple(sorted(set(done))))
    await job.drop(slots.REQUESTS)


async def _reply(job: Job, request: ChangeRequest, commit: str, fixed: bool, text: str) -> None:
    key = "page.thread_answer" if fixed else "page.thread_argued"
    words = job.deps.words(key, commit=commit[:12])
    body = f"{words}\n\n{text}" if text else words
    marker = f"answer-{request.key}"
    if not request.thread:
        await put(job, job.run.pr, marker, body)
        return
    out = await scan(job.deps.guard.outgoing, body, job.run.issue)
    await job.deps.forge.reply(job.run.pr, request.thread, marker, out)
    if fixed and request.resolvable:
        await job.deps.forge.resolve(job.run.pr, request.thread)


async def standing(job: Job) -> tuple[tuple[str, ...], int]:
    """Trusted people whose last review asks for changes, and how many approve."""
    last = await _last_words(job, await Authors.of(job))
    against = tuple(r.author.login for r in last if r.state == "changes_requested")
    return against, sum(r.state == "approved" for r in last)


async def _last_words(job: Job, voices: Authors) -> list[Review]:
    """Each trusted person's newest review that says yes or no; never our own."""
    last: dict[int, Review] = {}
    for review in await job.deps.forge.reviews(job.run.pr):
        decided = review.state != "commented" and review.author.id != voices.me.id
        if decided and await voices.is_trusted(review.author):
            last[review.author.id] = review
    return list(last.values())

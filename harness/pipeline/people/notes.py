"""What harness writes on the forge: the one progress comment, questions, answers, the pull
request's text. Texts come from `report`, from recorded facts, and leave through the guard."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from harness.core.errors import ForgeError, GitError, HarnessError
from harness.core.types import Comment, Stage, Waiting
from harness.pipeline import slots
from harness.pipeline.agents.sessions import suspend_all
from harness.pipeline.job import Job
from harness.pipeline.outbound.authority import authorise
from harness.pipeline.outbound.house import for_people, rules_of, template_of
from harness.pipeline.outbound.leak_scan import refused_text
from harness.pipeline.outbound.wording import plainly
from harness.pipeline.page_facts import facts_of
from harness.pipeline.people.approvals import by_person, short
from harness.pipeline.scan import scan
from harness.pipeline.slots import HoldNotice, PostedAnswer, Shown
from harness.report import comment, plan_page, pr_body
from harness.report.diffs import only_files

log = logging.getLogger(__name__)
STAGES = list(Stage)
SAY_S = 20.0
WEAKENED = "pipeline.weakened"


async def progress(job: Job) -> Comment:
    """The issue's one maintained comment, edited in place (H7)."""
    facts = await facts_of(job)
    text = comment.progress(facts, job.words)
    return await put(job, job.run.issue, f"progress-{job.run.number}", text)


async def put(job: Job, number: int, marker: str, text: str) -> Comment:
    """One comment by its marker; the same marker again edits it."""
    body = await scan(job.deps.guard.outgoing, text, job.run.issue)
    return await job.deps.forge.put_comment(number, marker, body)


async def show(job: Job, wait: Waiting, *, brief: bool = False) -> None:
    """Why the run rests, where people read it; and which comment it is that shows what they may
    let through, so that a word of before is not taken for one about it. `brief`: a fault makes it
    pause, and what was asked before may be asked again at once."""
    decides = not {"approve", "agree"}.isdisjoint(wait.signals)
    if decides:
        # a kill, or a forge that does not answer, leaves it unshown
        await job.put(slots.SHOWN, Shown(subject=wait.subject))
    if not wait.person and not brief:
        await _end_question(job)
    asked = await question(job, wait) if wait.person else None
    said = await progress(job)
    if decides:
        where = asked or said
        shown = Shown(subject=wait.subject, comment=where.id, since=where.edited_at)
        await job.put(slots.SHOWN, shown)


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


async def question(job: Job, wait: Waiting) -> Comment:
    """A held run says on the issue what it needs, once a hold: one that rests again for the same
    reason, though nobody spoke to it, edits what it said."""
    named = short(wait.subject) if "approve" in wait.signals else ""
    text = comment.describe_held(
        job.deps.words(wait.reason.key, **wait.reason.facts),
        wait,
        job.words,
        how_to_say(job, "approve", named) if named else "",
    )
    text = "\n\n".join([text, *await _to_decide(job, wait)])
    hidden = job.run.snapshot.hidden_removed
    if hidden:
        text = f"{text}\n\n{job.words('view.hidden', count=hidden)}"
    told = await job.get(slots.HELD_TOLD)
    marker = f"held-{job.run.number}-{job.run.activation}"
    if told is not None and told.reason == wait.reason and not await _spoken(job):
        marker = told.marker
    await job.put(slots.HELD_TOLD, HoldNotice(reason=wait.reason, marker=marker))
    return await put(job, job.run.issue, marker, text)


def how_to_say(job: Job, *words: str) -> str:
    """The line of a comment that says this word to harness."""
    return " ".join((job.deps.guard.trigger_words()[1], *words))


async def ask_again(job: Job, wait: Waiting) -> None:
    """The same hold asks for something else now, a newer plan; best effort."""
    try:
        await show(job, wait)
    except ForgeError as fault:
        log.info("run %s: asked for the plan of before: %s", job.run.id, fault)


async def _to_decide(job: Job, wait: Waiting) -> list[str]:
    """What the person is asked to let through: the plan, or a change that no pull request shows.
    What must not leave is not shown here, and where it is."""
    words, issue = job.words, job.run.issue
    if wait.reason.key == "pipeline.plan_waits":
        plan = await job.plan()
        page = plan_page.render(plan, job.run.snapshot.title, job.deps.words)
        return [await _unless_secret(job, comment.shown_plan(page, words))]
    if wait.reason.key == WEAKENED:
        return await _weaker_tests(job)
    if "approve" not in wait.signals or job.run.pr or not job.run.tree:
        return []
    if STAGES.index(job.run.stage) < STAGES.index(Stage.VERIFY):
        return []
    workspace = job.deps.workspace
    try:
        base = await workspace.tree_of(job.run.base_sha)
        diff = await workspace.diff(base, job.run.tree)
    except GitError as fault:  # the question matters more than what it shows
        log.info("run %s: the held change cannot be shown: %s", job.run.id, fault)
        return []
    return [await _unless_secret(job, comment.shown_diff(diff, issue, words))] if diff else []


async def _weaker_tests(job: Job) -> list[str]:
    """The tests that demand less now, as they changed; and what the plan says of each."""
    words, plan = job.words, await job.deps.store.plan(job.run.id)
    found = [f for f in await job.get(slots.FINDINGS_SEEN) or () if f.source == "weakening"]
    paths = sorted({finding.path for finding in found if finding.path})
    said: list[str] = []
    for change in plan.test_changes if plan is not None else ():
        if change.test.strip().removeprefix("./").partition("::")[0] not in paths:
            continue
        approved = plan is not None and by_person(job.run, plan.hash)
        key = "page.plan_covers" if approved else "page.plan_names"
        said.append(f"- {words(key, test=change.test, why=change.why)}")
    shown = ["\n".join(said)] if said else []
    workspace = job.deps.workspace
    try:
        base = await workspace.tree_of(job.run.base_sha)
        diff = only_files(await workspace.diff(base, job.run.tree), paths)
    except GitError as fault:  # the question matters more than what it shows
        log.info("run %s: the weaker tests cannot be shown: %s", job.run.id, fault)
        return shown
    if diff:
        shown.append(comment.shown_diff(diff, job.run.issue, words, head="page.tests_weaker"))
    return [await _unless_secret(job, text) for text in shown]


async def _unless_secret(job: Job, text: str) -> str:
    """A part of a comment that alone is withheld, not the question with it."""
    if await refused_text(job.deps, job.run, "held", text) is None:
        return text
    return job.words("page.not_shown", issue=job.run.issue)


async def refresh(job: Job) -> None:
    """What stands on the issue is what is so: a hold that a person's word ended says that it is
    over, and the progress comment where the run is. Best effort: the forge's no is logged."""
    told = await job.get(slots.HELD_TOLD)
    if told is not None and not job.run.state.over and not await _answered(job):
        return
    try:
        await _end_question(job)
        await progress(job)
    except ForgeError as fault:
        log.info("run %s: what stands on the issue is of before: %s", job.run.id, fault)


async def _end_question(job: Job) -> None:
    """The comment that asked says that it is over. Nobody answered it: it is kept in mind, so
    that the same hold asks there again."""
    told = await job.get(slots.HELD_TOLD)
    if told is None:
        return
    if not told.over:
        why = job.deps.words(told.reason.key, **told.reason.facts)
        await put(job, job.run.issue, told.marker, comment.describe_released(why, job.words))
    if job.run.state.over or await _answered(job):
        await job.drop(slots.HELD_TOLD)
    elif not told.over:
        await job.put(slots.HELD_TOLD, told.model_copy(update={"over": True}))


async def said_on_issue(job: Job) -> None:
    """A person's word was heard: their question is over and work goes on, which the issue shows
    before work begins. Nobody waits long for that."""
    try:
        async with asyncio.timeout(SAY_S):
            await refresh(job)
    except (HarnessError, TimeoutError) as fault:
        log.info("run %s: a word that was heard is not shown yet: %s", job.run.id, fault)


async def _answered(job: Job) -> bool:
    """Whether a person's word came after the last hold."""
    kinds = [event.kind for event in await job.deps.store.events(job.run.id)]
    last = max((place for place, kind in enumerate(kinds) if kind == "held"), default=0)
    return any(kind in comment.WORDS for kind in kinds[last:])


async def _spoken(job: Job) -> bool:
    """Whether a person's word came between this hold and the one before."""
    kinds = [event.kind for event in await job.deps.store.events(job.run.id)]
    holds = [place for place, kind in enumerate(kinds) if kind == "held"]
    return len(holds) < 2 or any(kind in comment.WORDS for kind in kinds[holds[-2] :])


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
        # written down first: after a kill it is not taken for a person's doing
        await job.put(slots.CLOSING, True)
        await job.deps.forge.close(
            job.run.issue, "completed" if close == "completed" else "not_planned"
        )


async def pull_request_text(job: Job) -> str:
    """The pull request's body, with its evidence (F4)."""
    facts = await facts_of(job)
    asked = for_people(await rules_of(job), job.policy.sign_off)
    template = await template_of(job)
    text = pr_body.render(await plainly(job, facts), job.words, template, asked)
    return await scan(job.deps.guard.outgoing, text, job.run.issue)

"""A lesson that came a second time, as a pull request on the project's own files for agents.

It leaves as everything does, by the push gate and the write gate, on a branch of the run's own;
what its commit is made of is a row before it leaves, and the pull request is found by its branch.
A person merges it, or closes it, and then it is not proposed again.
"""

from __future__ import annotations

import logging
from typing import NamedTuple

from harness.core.errors import Conflict, NotFound, Unauthorised, WriteRefused
from harness.core.lesson_types import Lesson, LessonProposal, Sighting
from harness.pipeline.job import ENGLISH, Job
from harness.pipeline.lessons.following import follow_proposals, note_pull
from harness.pipeline.lessons.keeping import next_to_propose, sentence
from harness.pipeline.lessons.mechanism import skill_of
from harness.pipeline.lessons.page import file_for, is_page_of, with_line, with_line_in_skill
from harness.pipeline.outbound.house import rules_of
from harness.pipeline.outbound.leak_scan import of_tree
from harness.pipeline.outbound.push_gate import INSTRUCTIONS, SKILL_PAGES, lesson_branch
from harness.pipeline.outbound.wording import style_of
from harness.pipeline.scan import scan

log = logging.getLogger(__name__)
MOST_QUOTE = 300


async def propose(job: Job) -> None:
    """Look what became of those that are open, go on with what a kill broke off, then at most one
    more in this run's name."""
    store = job.deps.store
    await follow_proposals(job.deps)
    for lesson in await store.lessons(job.run.project, state="proposed"):
        made = lesson.proposal
        if made is not None and made.run == job.run.id and not made.pr:
            await _open(job, lesson, made)
    lessons = await store.lessons(job.run.project)
    if any(one.proposal is not None and one.proposal.run == job.run.id for one in lessons):
        return
    policy, now = job.policy, job.deps.clock.now()
    chosen = next_to_propose(lessons, now, policy.lessons_open, policy.lessons_week)
    if chosen is None:
        return
    made = await _draft(job, chosen)
    if made is None:
        return
    lesson = chosen.model_copy(update={"state": "proposed", "proposal": made})
    await store.put_lesson(lesson)
    await _open(job, lesson, made)


async def _draft(job: Job, lesson: Lesson) -> LessonProposal | None:
    """The tree with one line more, on today's default branch; None when there is no file that it
    could go into, it stands there already, or the house takes nothing of the kind."""
    workspace = job.deps.workspace
    await workspace.sync()
    base = await workspace.tip(job.policy.default_branch)
    tree = await workspace.tree_of(base)
    place = await _in_skill(job, base, tree, lesson) or await _in_instructions(job, tree)
    if place is None or await _refuses(job):
        return None
    now = job.deps.clock.now()
    say = sentence(lesson)
    what = ENGLISH(say.key, **say.facts)
    if what in place.text:
        await job.deps.store.put_lesson(lesson.model_copy(update={"state": "merged"}))
        return None
    issues = ", ".join(f"#{issue}" for issue in lesson.issues)
    blob = await workspace.put_blob(
        place.with_line(f"- {now.date().isoformat()}: {what} ({issues})").encode()
    )
    grown = await workspace.with_files(tree, {place.path: blob})
    # the path is the one that this is about; every other reason keeps it here
    if await of_tree(job.deps, base, grown, (place.path,)):
        return None
    return LessonProposal(
        run=job.run.id,
        issue=job.run.issue,
        branch=lesson_branch(job.run),
        base=base,
        path=place.path,
        tree=grown,
        at=now,
    )


async def _refuses(job: Job) -> bool:
    """Whether the house's own texts refuse what a machine made, or ask for a person's signature:
    nobody asked for this pull request, so nobody is asked to let it pass either."""
    rules = await rules_of(job)
    return bool(rules.refused_in) or (bool(rules.signed_in) and not job.policy.sign_off)


class _Place(NamedTuple):
    """A file for agents. `body`: what of it is a skill's; "": all of it is instructions."""

    path: str
    text: str
    body: str = ""

    def with_line(self, line: str) -> str:
        if self.body:
            return with_line_in_skill(self.text, self.body, line)
        return with_line(self.text, line)


async def _in_skill(job: Job, base: str, tree: str, lesson: Lesson) -> _Place | None:
    """The project's own skill for the work that the lesson is about, if agents are given it."""
    name = skill_of(lesson)
    body = (await job.deps.skill(base, name)).strip() if name else ""
    for path in (page.format(name) for page in SKILL_PAGES if body):
        entry = await job.deps.workspace.entry(tree, path)
        text = await _text(job, tree, path) if entry is not None else None
        if text is not None and is_page_of(entry, text, body):
            return _Place(path, text, body)
    return None


async def _in_instructions(job: Job, tree: str) -> _Place | None:
    entries = {path: await job.deps.workspace.entry(tree, path) for path in INSTRUCTIONS}
    root = await _text(job, tree, INSTRUCTIONS[0])
    path = file_for(entries, root or "")
    text = await _text(job, tree, path) if path is not None else None
    return _Place(path, text) if path is not None and text is not None else None


async def _text(job: Job, tree: str, path: str) -> str | None:
    """A file's text; "" when there is none, None when it is not UTF-8."""
    data = await job.deps.workspace.file(tree, path)
    try:
        return (data or b"").decode()
    except UnicodeDecodeError:
        return None


async def _open(job: Job, lesson: Lesson, made: LessonProposal) -> None:
    """Push and open, each looked up first. What may not leave is not tried again by this run."""
    deps = job.deps
    title, body = await _texts(job, lesson, made)
    try:
        pull = await deps.forge.find_pr(made.branch)
        if pull is None:
            told = [title, ENGLISH("lesson.commit"), *await _trailer(job)]
            message = "\n\n".join(told) + "\n"
            commit = await deps.workspace.commit(made.tree, [made.base], message, made.at)
            await deps.workspace.push(commit, made.branch, None)
            base = job.policy.default_branch
            pull = await deps.forge.open_pr(made.branch, base, title, body, draft=False)
    except (WriteRefused, Unauthorised, Conflict, NotFound) as no:
        log.info("lesson %s is not proposed: %s", lesson.id, no)
        await deps.store.put_lesson(lesson.model_copy(update={"state": "seen", "proposal": None}))
        return
    await note_pull(job.deps, lesson, made, pull)
    await job.tell("lesson_proposed", lesson.key, pr=pull.number, what=sentence(lesson))


async def _trailer(job: Job) -> tuple[str, ...]:
    """That a machine made it, where the house wants to be told."""
    rules = await rules_of(job)
    return (f"{rules.trailer}: harness",) if rules.trailer else ()


async def _texts(job: Job, lesson: Lesson, made: LessonProposal) -> tuple[str, str]:
    """Title and body; what runs said is data, and goes out powerless."""
    what = sentence(lesson)
    title = await _title(job, made.path)
    in_skill = [] if made.path in INSTRUCTIONS else [job.words("lesson.in_skill"), ""]
    lines = [
        job.words("lesson.body", what=what, path=made.path, times=len(lesson.issues)),
        "",
        *[await _seen(job, seen) for seen in lesson.sightings],
        "",
        *in_skill,
        job.words("lesson.decide"),
    ]
    return title, await scan(job.deps.guard.outgoing, "\n".join(lines), job.run.issue)


async def _title(job: Job, path: str) -> str:
    """In the repository's habit."""
    text, style = ENGLISH("lesson.title"), await style_of(job)
    paths = (path,)
    said = await scan(job.deps.guard.subject, text, job.run.issue, style, "docs", paths)
    return said or text


async def _seen(job: Job, seen: Sighting) -> str:
    """One run that taught it, and its recorded words as one line."""
    quote = seen.quote
    try:
        said = quote if isinstance(quote, str) else job.words(quote.key, **quote.facts)
    except (KeyError, IndexError):
        # of a release that said it in other words
        said = ""
    line = await scan(job.deps.guard.line, said[:MOST_QUOTE], seen.issue)
    facts = {"issue": seen.issue, "run": seen.run, "date": seen.at.date().isoformat()}
    return "- " + job.words("lesson.seen", **facts) + (f": {line}" if line else "")

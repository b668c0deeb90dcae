"""Whether what let a run begin still holds, asked at the forge at the moment something leaves (A4,
A7). One function, one table; an error of the forge is raised, never taken for a yes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal

from harness.core.base import Fact
from harness.core.errors import Unauthorised
from harness.core.trust_types import Trigger
from harness.core.types import Comment, Issue, LocalizedText, Run
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.people.drift import DRIFTED, edited_text

Effect = Literal["publish", "ready", "merge", "close"]
AREA = "authority."


class PendingWrite:
    """One effect that wants to happen, and the issue as it is now."""

    def __init__(self, deps: PipelineDeps, run: Run, effect: Effect, issue: Issue) -> None:
        self.deps = deps
        self.run = run
        self.effect = effect
        self.issue = issue

    def no(self, key: str, **facts: Fact) -> LocalizedText:
        return LocalizedText(key=key, facts={"issue": self.issue.number, **facts})


def inside(say: LocalizedText) -> LocalizedText:
    """Why an issue is held, as a part of another sentence."""
    return say.model_copy(update={"key": say.key.replace("guard.held_", "authority.why_")})


No = tuple[LocalizedText, str]
"""Why not, and what a person's approval would be about; "": none helps."""
Row = Callable[[PendingWrite], Awaitable[No | None]]


async def authority(deps: PipelineDeps, run: Run, effect: Effect) -> LocalizedText | None:
    """None: it may. Else the one sentence that says what changed and the way on."""
    no = await _no(deps, run, effect)
    return no[0] if no is not None else None


async def authorise(deps: PipelineDeps, run: Run, effect: Effect) -> None:
    """Raises Unauthorised when it may not."""
    no = await _no(deps, run, effect)
    if no is not None:
        raise Unauthorised(no[0].key, no[1], **no[0].facts)


def rests(say: LocalizedText) -> bool:
    """Whether a run that waits for this reason waits for what is decided here."""
    return say.key.startswith(AREA) or say.key == DRIFTED


# ---------------------------------------------------------------- the table


async def _open(asked: PendingWrite) -> No | None:
    return (asked.no("authority.closed"), "") if asked.issue.state != "open" else None


async def _not_locked(asked: PendingWrite) -> No | None:
    return (asked.no("authority.locked"), "") if asked.issue.locked else None


async def _passing(asked: PendingWrite) -> No | None:
    why = asked.deps.guard.why_excluded(asked.issue)
    return (asked.no("authority.left_out", why=inside(why)), "") if why else None


async def _approved_text(asked: PendingWrite) -> No | None:
    subject = await edited_text(asked.deps, asked.run, asked.issue)
    return (asked.no(DRIFTED), subject) if subject else None


async def _starter(asked: PendingWrite) -> No | None:
    """Whoever started it still may, and their act still stands; or a person has approved this
    very head since, which is a start of its own."""
    run, kind = asked.run, asked.run.snapshot.trigger_kind
    if kind == "word" or _started_by_approval(run):
        return None
    why = await (_acts(asked) if kind else _person(asked))
    return (why, _subject(run, asked.effect)) if why is not None else None


TABLE: tuple[Row, ...] = (_open, _not_locked, _passing, _approved_text, _starter)
"""What must hold, for every effect, in the order in which it is told. An issue that is closed
needs no closing, and after the merge what remains is tidying up: see `_no`."""


async def _no(deps: PipelineDeps, run: Run, effect: Effect) -> No | None:
    if run.merged_sha:
        return None
    issue = await deps.forge.issue(run.issue)
    if effect == "close" and issue.state == "closed":
        return None
    asked = PendingWrite(deps, run, effect, issue)
    for row in TABLE:
        no = await row(asked)
        if no is not None:
            return no
    return None


# ---------------------------------------------------------------- who started it


def _started_by_approval(run: Run) -> bool:
    heads = [f"merge:{run.head_sha}"] if run.head_sha else []
    return any(
        run.approvals.get(subject, "policy") != "policy" for subject in (*heads, _start(run))
    )


def _start(run: Run) -> str:
    return f"start:{run.tree or run.id}"


def _subject(run: Run, effect: Effect) -> str:
    """What is on its way has no head yet: its tree is named. That tree's head is meant too."""
    return f"merge:{run.head_sha}" if run.head_sha and effect != "publish" else _start(run)


async def _person(asked: PendingWrite) -> LocalizedText | None:
    """Of a run whose start was not written down: the person's permission."""
    who = asked.run.snapshot.trigger
    why = asked.deps.guard.may_trigger(who, await asked.deps.forge.permission(who))
    if why is None:
        return None
    return asked.no("authority.starter", login=who.login, why=inside(why))


async def _acts(asked: PendingWrite) -> LocalizedText | None:
    """The acts that ask for work now: one of the kind that started the run, or one that came
    after, by somebody who may."""
    forge, guard, taken = asked.deps.forge, asked.deps.guard, asked.run.snapshot
    me, issue = await forge.me(), asked.issue
    kinds = guard.trigger_kinds(issue, me)
    timeline = await forge.timeline(issue.number) if kinds & {"label", "assign"} else ()
    said = await forge.comments(issue.number) if "comment" in kinds else ()
    comments = {comment.id: comment for comment in said}
    refused: LocalizedText | None = None
    for act in guard.triggers(issue, timeline, said, me):
        later = act.at > taken.taken_at
        if not (act.kind == taken.trigger_kind or later) or _was_edited(act, comments, asked.run):
            continue
        why = guard.may_trigger(act.actor, await forge.permission(act.actor))
        if why is None:
            return None
        login = act.actor.login or "?"
        refused = refused or asked.no("authority.starter", login=login, why=inside(why))
    return refused or _missing(asked, me.login)


def _was_edited(act: Trigger, comments: dict[int, Comment], run: Run) -> bool:
    """A comment that was edited since the run began may be anybody's words."""
    comment = comments.get(act.comment)
    edited = comment.edited_at if comment is not None else None
    return edited is not None and edited > run.snapshot.taken_at


def _missing(asked: PendingWrite, me: str) -> LocalizedText:
    label, word = asked.deps.guard.trigger_words()
    match asked.run.snapshot.trigger_kind:
        case "label":
            return asked.no("authority.label", label=label)
        case "assign":
            return asked.no("authority.assignment", login=me)
        case "comment":
            return asked.no("authority.comment", word=word)
    who = asked.run.snapshot.trigger
    why = inside(LocalizedText(key="guard.held_waiting", facts={"label": label, "word": word}))
    return asked.no("authority.starter", login=who.login, why=why)

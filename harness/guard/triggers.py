"""What asks for work on an issue: a label, an assignment, a word in a comment, the author. Pure:
from what the forge told of the issue to the acts, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from harness.core.base import LocalizedText, Value
from harness.core.naming import fold_name
from harness.core.trust_types import Trigger, TriggerKind, is_ours
from harness.core.types import Actor, Comment, Issue, TimelineEvent
from harness.guard.speech import find_words

MOST_PEOPLE = 100
GHOST = 10137
"""The account that stands on GitHub for people who are gone."""
NOBODY = Actor(id=0, login="")


class TriggerPolicy(Value):
    """Which acts ask for work, and how they look."""

    kinds: tuple[TriggerKind, ...] = ("author",)
    label: str = "harness"
    word: str = "/harness"


def kinds_at(issue: Issue, policy: TriggerPolicy, me: Actor) -> frozenset[TriggerKind]:
    """The acts that may be found on this issue, by its face alone."""
    found: set[TriggerKind] = {kind for kind in policy.kinds if kind in ("comment", "author")}
    if "label" in policy.kinds and _has(issue.labels, policy.label):
        found.add("label")
    if "assign" in policy.kinds and _has(issue.assignees, me.login):
        found.add("assign")
    return frozenset(found)


def triggers(
    issue: Issue,
    timeline: Sequence[TimelineEvent],
    comments: Sequence[Comment],
    policy: TriggerPolicy,
    me: Actor,
) -> tuple[Trigger, ...]:
    """The acts that stand, newest first, one a person and kind. A label whose event is missing is
    an act of nobody."""
    kinds = kinds_at(issue, policy, me)
    found: list[Trigger] = []
    if "label" in kinds:
        found.append(_event(issue, timeline, "label", policy.label))
    if "assign" in kinds:
        found.append(_event(issue, timeline, "assign", me.login))
    if "comment" in kinds:
        found += _asking(comments, policy, me)
    found.sort(key=lambda trigger: trigger.at, reverse=True)
    if "author" in kinds:
        found.append(_author(issue))
    return tuple(found)


def why_stale(issue: Issue, trigger: Trigger) -> LocalizedText | None:
    """The text is not the one that was asked for. The second of the act counts as after it. An
    author asks for the text as it stands."""
    if trigger.kind == "author" or issue.edited_at is None:
        return None
    if issue.edited_at < second(trigger.at):
        return None
    return LocalizedText(key="guard.held_edited", facts={"login": trigger.actor.login})


def is_unknown(actor: Actor) -> bool:
    """True when the forge does not tell who it was."""
    return actor.id <= 0 or actor.id == GHOST


def second(at: datetime) -> datetime:
    """The beginning of its second: forges tell no more."""
    return at.replace(microsecond=0)


_EVENTS = {"label": "labeled", "assign": "assigned"}


def _event(
    issue: Issue, timeline: Sequence[TimelineEvent], kind: TriggerKind, subject: str
) -> Trigger:
    """The last time it was put on."""
    for event in reversed(timeline):
        if event.kind == _EVENTS[kind] and fold_name(event.subject) == fold_name(subject):
            return Trigger(kind=kind, actor=event.actor, at=event.at, key=f"{kind}:{event.id}")
    return Trigger(kind=kind, actor=NOBODY, at=issue.created_at, key=f"{kind}:0")


def _asking(comments: Sequence[Comment], policy: TriggerPolicy, me: Actor) -> list[Trigger]:
    """The newest comment of each person that says go."""
    newest: dict[int, Trigger] = {}
    for comment in comments:
        if is_ours(comment, me) or not _goes(comment.body, policy.word):
            continue
        newest[comment.author.id] = Trigger(
            kind="comment",
            actor=comment.author,
            at=comment.edited_at or comment.created_at,
            key=f"comment:{comment.id}",
            comment=comment.id,
        )
    return list(newest.values())[-MOST_PEOPLE:]


def _goes(body: str, word: str) -> bool:
    return any(said.verb == "go" for said in find_words(body, word))


def _author(issue: Issue) -> Trigger:
    return Trigger(kind="author", actor=issue.author, at=issue.created_at, key="author")


def _has(names: Sequence[str], wanted: str) -> bool:
    return fold_name(wanted) in {fold_name(name) for name in names}

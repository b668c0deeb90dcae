"""Who asked for work on an issue, and whether it may start. Pure values."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from harness.core.base import LocalizedText, Value
from harness.core.forge_types import Actor, Comment
from harness.core.naming import fold_name

TriggerKind = Literal["label", "assign", "comment", "author"]
OWN = "<!-- harness:"
"""What everything begins with that harness writes on a forge."""


class Trigger(Value):
    """Somebody's act that asks for work on an issue. Whether it counts is not said here."""

    kind: TriggerKind | Literal["word"]
    """`word`: a command on this machine, or one in a comment that was heard."""
    actor: Actor
    """Id 0: the forge does not tell who it was."""
    at: datetime
    key: str
    """Tells one act from another: "label:17"."""
    comment: int = 0
    """The comment that asks, for the kind `comment`."""


class Admission(Value):
    """Whether an issue may start now: `trigger` lets it, or `held` says the rule and the fact."""

    held: LocalizedText | None = None
    trigger: Trigger | None = None
    attempted: bool = False
    """Somebody asked for it by an act of their own; opening an issue is none."""
    hidden: int = 0
    """Characters of its text that no reader sees, and no agent."""


class Ordering(Value):
    """Which issues come first: labels by name, milestones in their order."""

    high: tuple[str, ...] = ("priority: high",)
    low: tuple[str, ...] = ("priority: low",)
    milestones: tuple[str, ...] = ()

    def priority(self, labels: tuple[str, ...]) -> Literal["high", "normal", "low"]:
        """By the labels; both: high. Case and spaces do not count."""
        said = {_bare(label) for label in labels}
        if said & {_bare(name) for name in self.high}:
            return "high"
        return "low" if said & {_bare(name) for name in self.low} else "normal"

    def milestone(self, name: str | None) -> int:
        """Its place, from 0; one that is not listed comes after all that are."""
        listed = [fold_name(one) for one in self.milestones]
        return listed.index(fold_name(name)) if name and fold_name(name) in listed else len(listed)


def is_ours(comment: Comment, me: Actor) -> bool:
    """True for what harness itself wrote: its account and its hidden mark. With a person's own
    token the account alone says nothing."""
    return comment.author.id == me.id and comment.body.startswith(OWN)


def _bare(label: str) -> str:
    return "".join(fold_name(label).split())

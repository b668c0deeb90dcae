"""What runs teach of the way they are worked on: lessons, the runs they come from, and what became
of the proposal to write one down. Pure values."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from harness.core.base import LocalizedText, Value

LessonKind = Literal[
    "sent_back",
    "people_changed",
    "people_asked",
    "set_aside",
    "ci_mended",
    "ci_flaky",
    "refused",
    "difficulty",
    "environment",
    "limits",
    "rejected",
    "plan_rejected",
]
LessonState = Literal["seen", "proposed", "merged", "declined"]
"""seen: known; proposed: its pull request is open, or about to be; merged: a person took it;
declined: a person closed it, and it is not proposed again."""
MOST_SIGHTINGS: Final = 8


class Learned(Value):
    """What one run teaches. `subject` is a word of ours, `place` a path or a check's name; both
    are checked: no sentence of an issue or a person fits in."""

    kind: LessonKind
    subject: str = ""
    place: str = ""
    at: datetime
    quote: LocalizedText | str = ""
    """The recorded fact itself, for people: it may hold words of others."""

    @property
    def key(self) -> str:
        """What makes two lessons the same one."""
        return f"{self.kind}:{self.subject}:{self.place}"


class Sighting(Value):
    """One run that taught it."""

    run: str
    issue: int
    at: datetime
    quote: LocalizedText | str = ""


class LessonProposal(Value):
    """A pull request that writes the lesson down. Everything that its commit is made of is kept
    before the push, so that a repeat makes the same one. `pr` 0: not known to be open yet."""

    run: str
    """In whose name it leaves."""
    issue: int
    branch: str
    base: str
    """The default branch's commit that it stands on."""
    path: str
    tree: str
    at: datetime
    pr: int = 0


class Lesson(Value):
    """A row. `id` 0: not stored yet."""

    id: int = 0
    project: str
    kind: LessonKind
    subject: str = ""
    place: str = ""
    sightings: tuple[Sighting, ...] = ()
    """Oldest first, at most MOST_SIGHTINGS: the first and the newest."""
    state: LessonState = "seen"
    proposal: LessonProposal | None = None

    @property
    def key(self) -> str:
        """What makes two lessons the same one."""
        return f"{self.kind}:{self.subject}:{self.place}"

    @property
    def issues(self) -> tuple[int, ...]:
        """The issues whose runs taught it, each once."""
        return tuple(sorted({seen.issue for seen in self.sightings}))

    @property
    def newest(self) -> datetime | None:
        """When it was taught last."""
        return max((seen.at for seen in self.sightings), default=None)

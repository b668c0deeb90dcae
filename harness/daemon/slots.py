"""What the daemon keeps beside the tables. Names are stored in databases: they stay."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from harness.core.base import Value
from harness.core.slot import Slot
from harness.core.types import LocalizedText
from harness.daemon.dispatch import Priority


class Word(Value):
    """A person's verb, good for the activation after this one."""

    verb: str
    activation: int


class Streak(Value):
    """Activations since `mark` was something else."""

    mark: str
    crashed: int = 0
    timed: int = 0


class Memory(Value):
    """What is remembered of open runs, by run id."""

    words: dict[str, Word] = {}
    streaks: dict[str, Streak] = {}


class BacklogEntry(Value):
    """One open issue. `text` is a hash of what starts a run: when it changes, a run that is over
    may be followed by another."""

    number: int
    title: str
    priority: Priority
    milestone: int = 0
    created_at: datetime
    changed_at: datetime
    depends: tuple[int, ...]
    text: str
    held: LocalizedText | None = None
    asked_at: datetime | None = None
    """When somebody asked for work by an act that counts; None: its author asks by its text."""
    attempted: bool = False
    """Somebody asked for it, whether that counts or not."""
    hidden: int = 0
    seen: str = ""
    """A hash of the issue as it was read: the same again is not looked into. "": it always is."""
    again: datetime | None = None
    """When it is asked again whether it may start, though nothing changed."""
    tries: int = 0
    """How often the forge did not say, in a row."""


class BacklogHead(Value):
    """Where the forge was read up to, and which parts of the entries there are."""

    cursor: str = ""
    parts: tuple[int, ...] = ()
    unheard: tuple[int, ...] = ()
    """Issues on which something may have been said that could not be read yet."""


class Started(Value):
    """What is stored of our own doing: the text each issue's last run began with and when it was
    asked for, the issues a person asked for by name since, and what was told on held issues."""

    texts: dict[int, str] = {}
    times: dict[int, datetime] = {}
    asked: tuple[int, ...] = ()
    told: dict[int, str] = {}


STANDINGS: Final = Slot("standings", "state", TypeAdapter(Memory), under="daemon")
"""Words that end a Wait, and how often a run was activated without getting further."""
DAY: Final = Slot("day", "state", TypeAdapter(str), under="daemon", unreadable="absent")
"""The day on which the daily work was done last."""
STARTED: Final = Slot("", "project", TypeAdapter(Started), under="started")
"""What was begun of the project's issues."""
ISSUES: Final = Slot("", "project", TypeAdapter(BacklogHead), under="issues")
"""Where the project's list of issues was read up to."""
ISSUES_PART: Final = Slot(
    "", "project", TypeAdapter(dict[int, BacklogEntry]), under="issues", sparse=True
)
"""By "project#part": so many of its open issues."""

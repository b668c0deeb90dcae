"""Lessons as rows: what one more run makes of one, and which is proposed next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from harness.core.base import Fact, LocalizedText
from harness.core.lesson_types import MOST_SIGHTINGS, Learned, Lesson, LessonState, Sighting
from harness.core.types import Run

WEEK = timedelta(days=7)
ENOUGH = 2
"""Issues that must have taught the same before it is proposed."""


def with_sighting(lesson: Lesson | None, learned: Learned, run: Run) -> Lesson:
    """The lesson once this run taught it; a run that taught it before teaches nothing new."""
    if lesson is None:
        lesson = Lesson(
            project=run.project, kind=learned.kind, subject=learned.subject, place=learned.place
        )
    if any(seen.run == run.id for seen in lesson.sightings):
        return lesson
    fresh = Sighting(run=run.id, issue=run.issue, at=learned.at, quote=learned.quote)
    first, rest = lesson.sightings[:1], lesson.sightings[1:]
    kept = (*first, *rest[-(MOST_SIGHTINGS - 2) :], fresh) if first else (fresh,)
    return lesson.model_copy(update={"sightings": kept})


def next_to_propose(
    lessons: Sequence[Lesson], now: datetime, most_open: int, most_a_week: int
) -> Lesson | None:
    """The one that most issues taught, the older first; None while a cap is reached or nothing
    came a second time."""
    made = [one.proposal for one in lessons if one.proposal is not None]
    if sum(one.state == "proposed" for one in lessons) >= most_open:
        return None
    # one of later than now was made before the clock was set back: it counts
    if sum(now - one.at < WEEK for one in made) >= most_a_week:
        return None
    due = [one for one in lessons if one.state == "seen" and len(one.issues) >= ENOUGH]
    return min(due, key=lambda one: (-len(one.issues), one.id), default=None)


ENDED: Final[dict[str, LessonState]] = {"merged": "merged", "closed": "declined"}
"""State of a proposal's pull request -> what becomes of the lesson."""


def sentence(lesson: Lesson | Learned) -> LocalizedText:
    """What it says."""
    facts: dict[str, Fact] = {"place": lesson.place}
    subject = lesson.subject
    match lesson.kind:
        case "sent_back" | "set_aside":
            named: dict[str, Fact] = {"place": lesson.place} if subject == "named" else {}
            facts = {"check": LocalizedText(key=f"lesson.check.{subject}", facts=named)}
        case "refused":
            facts["view"] = LocalizedText(key=f"view.reviewer.{subject}")
        case "difficulty":
            judged, _, real = subject.partition("_")
            sizes = {"judged": judged, "real": real}
            facts = {n: LocalizedText(key=f"lesson.size.{size}") for n, size in sizes.items()}
        case "limits":
            facts = {"limit": LocalizedText(key=f"lesson.limit.{subject}")}
        case "rejected" | "plan_rejected":
            facts = {"kind": LocalizedText(key=f"view.kind.{subject}")}
        case "environment":
            facts = {}
    return LocalizedText(key=f"lesson.line.{lesson.kind}", facts=facts)

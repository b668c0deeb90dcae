"""What a lesson belongs to, by the kind of what it says: the skill that a stage gives for such
work, where the project has it as its own; else the project's instructions for agents. Pure."""

from __future__ import annotations

from typing import Final

from harness.core.lesson_types import Learned, Lesson, LessonKind
from harness.pipeline.agents.skills import FIX_CI, RESOLVE_CONFLICTS, REVIEW_CHANGE, SPLIT_WORK

KINDS: Final[dict[LessonKind, str]] = {
    "ci_flaky": FIX_CI,
    "difficulty": "triage",
    "rejected": "triage",
    "plan_rejected": "write-plan",
    "limits": SPLIT_WORK,
}
"""Not here is what every agent should know before it begins: files that people changed, a check to
be run before work is done, what a reviewer looks for, the environment."""
CHECKS: Final = {
    "kind": "triage",
    "reproduction": "reproduce-bug",
    "unreproduced": "reproduce-bug",
    "plan": "write-plan",
    "criteria": "write-plan",
    "size": SPLIT_WORK,
    "conflicts": RESOLVE_CONFLICTS,
    "review": REVIEW_CHANGE,
    "named": FIX_CI,
    **dict.fromkeys(("tests", "kept_tests", "weakening", "proof", "independent"), "write-tests"),
    **dict.fromkeys(("unseen", "signs", "surroundings", "test_side"), "write-tests"),
}
"""A check's name in lessons -> the skill for those whose work it looks at."""


def skill_of(lesson: Lesson | Learned) -> str:
    """The name of the skill that says how such work is done; "": none does."""
    if lesson.kind in ("sent_back", "set_aside"):
        return CHECKS.get(lesson.subject, "")
    return KINDS.get(lesson.kind, "")

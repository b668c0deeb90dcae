"""What the checks of a run are called in lessons: by the key of what they hold against a change.
A key that is not here teaches nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.core.base import Json

EXACT: Final = {
    "pipeline.tests_fail": "tests",
    "pipeline.tests_exit": "tests",
    "pipeline.tests_lost": "kept_tests",
    "pipeline.tests_silenced": "kept_tests",
    "pipeline.outside_plan": "plan",
    "pipeline.nothing_changed": "nothing",
    "pipeline.frozen_changed": "reproduction",
    "pipeline.still_red": "reproduction",
    "pipeline.criterion_unmet": "criteria",
    "pipeline.conflict_marks": "conflicts",
    "guard.weak_frozen": "reproduction",
    "guard.protected": "protected",
    "guard.manifest": "manifest",
    "guard.secret_shape": "secrets",
    "guard.text_secret": "secrets",
    "unseen.unproven": "proof",
    "unseen.not_reproduced": "unreproduced",
    "unseen.kind": "kind",
    "unseen.expectation": "independent",
    "unseen.expectation_unclear": "independent",
}
BEGINNING: Final = (
    ("guard.weak_", "weakening"),
    ("guard.too_many_", "size"),
    ("proof.world_", "surroundings"),
    ("proof.sign_", "signs"),
    ("sides.", "test_side"),
    ("unseen.", "unseen"),
)
LIMITS: Final = {
    "agent.turns_used": "turns",
    "agent.context_full": "context",
    "agent.calls_used": "calls",
    "agent.time_used": "time",
    "pipeline.attempts_used": "attempts",
    "daemon.stalled": "stage",
}
BUDGETS: Final = ("engine.cap_session_", "engine.cap_run_", "engine.cap_issue_")
"""A day's cap says nothing of one run."""
SET_UP: Final = ("workspace.setup_", "workspace.service_", "workspace.image_")
HELD_MERGE: Final = "pipeline.merge_held"
SUBJECTS: Final = {"weakening": "weakening", "review": "review", "kind": "kind"}
"""What a person's approval is about, where its subject alone tells the check."""


def check_of(key: str) -> str | None:
    """The check that says this of a change."""
    if key in EXACT:
        return EXACT[key]
    return next((name for start, name in BEGINNING if key.startswith(start)), None)


def limit_of(key: str) -> str | None:
    """The limit that ended a session, by the reason of the hold."""
    return "budget" if key.startswith(BUDGETS) else LIMITS.get(key)


def said(fact: Json) -> Iterator[tuple[str, Json]]:
    """(key, the sentence) of each sentence among a stored fact, its place left out."""
    for one in fact if isinstance(fact, list) else [fact]:
        if not isinstance(one, dict) or not isinstance(one.get("key"), str):
            continue
        facts = one.get("facts")
        if one["key"] == "page.placed" and isinstance(facts, dict):
            yield from said(facts.get("what"))
        else:
            yield str(one["key"]), one

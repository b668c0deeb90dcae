"""What a person approved, and what follows from it. An approval by policy admits no exception."""

from __future__ import annotations

from collections.abc import Callable

from harness.core.globs import matches
from harness.core.types import ExpectationChange, Plan, Run

POLICY = "policy"
WIDE = frozenset(["*", "**", "**/*", "*/**", "**/**", "*.*", "**/*.*"])
"""Globs that name nothing in particular."""


def by_person(run: Run, subject: str) -> bool:
    """Whether a person approved exactly this."""
    return run.approvals.get(subject, POLICY) != POLICY


def approved_changes(run: Run, plan: Plan) -> tuple[ExpectationChange, ...]:
    """The tests whose expectation may change: those of a plan that a person approved."""
    return plan.test_changes if by_person(run, plan.hash) else ()


def named_by(run: Run, plan: Plan) -> Callable[[str], bool]:
    """Whether a plan that a person approved names a path; a glob that means every file names
    none."""
    if not by_person(run, plan.hash):
        return lambda path: False
    globs = [g for task in plan.tasks for g in task.files if g not in WIDE]
    files = {
        change.test.strip().removeprefix("./").partition("::")[0] for change in plan.test_changes
    }
    return lambda path: path in files or matches(path, globs)

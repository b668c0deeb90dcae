"""What a person approved, and what follows from it. An approval by policy admits no exception."""

from __future__ import annotations

import re
from collections.abc import Callable

from harness.core.globs import matches
from harness.core.types import ExpectationChange, Plan, Run

POLICY = "policy"
HASH = re.compile(r"[0-9a-f]{6,64}", re.IGNORECASE)
FIRST = re.compile(r"[0-9a-f]{4,64}", re.IGNORECASE)
LATER = re.compile(r"(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{7,64}", re.IGNORECASE)
SHORT = 12
WIDE = frozenset(["*", "**", "**/*", "*/**", "**/**", "*.*", "**/*.*"])
"""Globs that name nothing in particular."""


def short(subject: str) -> str:
    """The part of a subject that tells it from others of its kind, to be copied; "" for one
    without a hash."""
    tail = subject.rpartition(":")[2]
    return tail[:SHORT] if HASH.fullmatch(tail) else ""


def hash_in(text: str) -> str:
    """The hash that an approval names, "" when it names none. What may be one counts as one: a
    wrong name is asked about, a name that was passed over would approve what nobody saw."""
    words = [word.strip("`<>\"'.,;:()[]*_") for word in text.split()[:50]]
    if words and FIRST.fullmatch(words[0]):
        return words[0].casefold()
    return next((word.casefold() for word in words[1:] if LATER.fullmatch(word)), "")


def is_named(subject: str, name: str) -> bool:
    """Whether a hash, or its beginning, is the subject's."""
    tail = subject.rpartition(":")[2].casefold()
    return len(name) >= 6 and tail.startswith(name)


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

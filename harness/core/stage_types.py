"""The parts of a run, and how often each was tried. Pure values."""

from __future__ import annotations

from enum import StrEnum

from pydantic import ConfigDict

from harness.core.base import Value


class Stage(StrEnum):
    """The parts of a run, in order."""

    TRIAGE = "triage"
    REPRODUCE = "reproduce"
    PLAN = "plan"
    IMPLEMENT = "implement"
    VERIFY = "verify"
    REVIEW = "review"
    PUBLISH = "publish"
    FOLLOW_UP = "follow_up"
    MERGE = "merge"
    REPORT = "report"


class Attempts(Value):
    """Tries at each stage so far, and a run's other counters. Stored rows may hold counters that
    are gone: those are left out."""

    model_config = ConfigDict(extra="ignore")

    triage: int = 0
    reproduce: int = 0
    plan: int = 0
    implement: int = 0
    verify: int = 0
    review: int = 0
    publish: int = 0
    follow_up: int = 0
    merge: int = 0
    report: int = 0
    implement_from: int = 0
    """Tries at implement before the present round of them: only those since are capped."""
    worker: int = 0
    """Workers that were given up for a fresh one."""
    faults: int = 0
    """Faults outside, in a row: the pause grows with them."""

    def of(self, stage: Stage) -> int:
        """Tries at a stage."""
        tries: int = getattr(self, stage.value)
        return tries

    def again(self, stage: Stage) -> Attempts:
        """One more at that stage."""
        return self.having(**{stage.value: self.of(stage) + 1})

    def having(self, **counters: int) -> Attempts:
        """With these counters."""
        return self.model_copy(update=counters)

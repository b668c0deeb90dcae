"""Everything a page about one run is made from: recorded facts, nothing else."""

from __future__ import annotations

from itertools import pairwise

from harness.core.base import Value
from harness.core.change_proof import Independent, Proof, independent_session
from harness.core.types import (
    CallRecord,
    Event,
    Evidence,
    FileChange,
    Finding,
    LocalizedText,
    Plan,
    PullRequest,
    Run,
    Spend,
    Usage,
)


class StageCost(Value):
    """What one stage's model calls came to."""

    stage: str
    calls: int
    usage: Usage
    input_bytes: int
    cost_usd: float


class ReportFacts(Value):
    """One run. `plan` None: none was made. `findings` are of the last check of the change;
    `advice` is what reviewers said that holds nothing up."""

    run: Run
    plan: Plan | None = None
    events: tuple[Event, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    findings: tuple[Finding, ...] = ()
    advice: tuple[Finding, ...] = ()
    calls: tuple[CallRecord, ...] = ()
    spent: Spend = Spend()
    changes: tuple[FileChange, ...] = ()
    pr: PullRequest | None = None
    lessons: tuple[str, ...] = ()
    commit: str = ""
    """What the agent says of the change in the repository's language; "" nothing of its own."""
    notes: tuple[str, ...] = ()
    unseen: tuple[Finding, ...] = ()
    """What was not seen of the change, so that it is held."""
    proof: Proof | None = None
    """What running the newest change without its parts showed."""
    independent: Independent | None = None
    """What a test that was written from the issue alone did on the newest change."""
    test_side: tuple[tuple[str, LocalizedText], ...] = ()
    """(path, what it is) of each file of the test side that changed."""
    test_command: str = ""
    sandbox_warning: bool = False

    @property
    def took_s(self) -> float:
        """From the beginning to the last change, by what was recorded on the way: where the clock
        was set back between two records, no time passed for what can be known."""
        times = [self.run.created_at, *(event.at for event in self.events), self.run.updated_at]
        steps = ((after - before).total_seconds() for before, after in pairwise(times))
        return sum(step for step in steps if step > 0)

    @property
    def costs(self) -> tuple[StageCost, ...]:
        """Calls added up by stage, in the order stages were first paid for; those of the session
        that tests by the issue alone by themselves."""
        stages: dict[str, list[CallRecord]] = {}
        for call in self.calls:
            apart = call.session == independent_session(call.run)
            stages.setdefault("independent" if apart else call.stage, []).append(call)
        return tuple(_cost(stage, calls) for stage, calls in stages.items())

    @property
    def total_cost(self) -> StageCost:
        """All calls that gave a reply, added up: what the rows of `costs` come to."""
        return _cost("", list(self.calls))

    @property
    def lost(self) -> Spend:
        """What the books hold beyond that: calls that gave no reply, and what they took."""
        told, spent = self.total_cost, self.spent
        return Spend(
            calls=max(0, spent.calls - told.calls),
            tokens=max(0, spent.tokens - told.usage.total),
            cost_usd=max(0.0, spent.cost_usd - told.cost_usd),
            estimated=spent.estimated,
        )

    @property
    def criteria_met(self) -> dict[str, bool]:
        """Criterion -> whether it was met when it was last checked; {}: none was checked."""
        kinds = ("criterion_met", "criterion_unmet")
        told = (event for event in self.events if event.kind in kinds)
        return {str(event.facts.get("text")): event.kind == "criterion_met" for event in told}

    def of(self, kind: str) -> tuple[Event, ...]:
        """Events of one kind, oldest first."""
        return tuple(e for e in self.events if e.kind == kind)


def _cost(stage: str, calls: list[CallRecord]) -> StageCost:
    usage = Usage()
    for call in calls:
        usage = usage.plus(call.usage)
    return StageCost(
        stage=stage,
        calls=len(calls),
        usage=usage,
        input_bytes=sum(c.input_bytes for c in calls),
        cost_usd=sum(c.cost_usd for c in calls),
    )

"""What a proof of a change says. Pure values; the JSON of `harness prove` is `Proof`."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from harness.core.base import LocalizedText, Value
from harness.core.run_types import Finding, Tally

PartVerdict = Literal["noticed", "unproven", "unnoticed", "exempt", "broken", "unread", "untried"]
"""Of a part of the change, taken out. `noticed`: a test fails without it. `unproven`: none does,
and none runs it. `unnoticed`: none does, though one runs it (or it was not measured). `exempt`: the
code means the same without it. `broken`: what is left cannot be loaded, which proves nothing.
`unread`: its language cannot be taken apart. `untried`: the time was over."""


class Seen(Value):
    """What tests did on one tree. Without a `tally` nothing was named."""

    tally: Tally | None
    seconds: float
    timed_out: bool = False

    @property
    def passed(self) -> frozenset[str]:
        return self.tally.having("passed", "xfailed") if self.tally is not None else frozenset()

    def kept(self, tests: Collection[str]) -> Seen:
        """What it says of these tests."""
        if self.tally is None:
            return self
        outcomes = {t: outcome for t, outcome in self.tally.outcomes.items() if t in tests}
        return self.model_copy(
            update={"tally": self.tally.model_copy(update={"outcomes": outcomes})}
        )


Conclusion = Literal["proven", "notes", "held"]


class Place(Value):
    """Lines of a file, from 1, both ends included; (0, 0) for lines that are gone."""

    path: str
    first: int = 0
    last: int = 0


class ProvenPart(Value):
    """One part of a change, and what was seen without it."""

    id: str
    places: tuple[Place, ...]
    verdict: PartVerdict
    tests: tuple[str, ...] = ()
    """Some that noticed."""


class Survivor(Value):
    """A changed line, altered, and no test noticed."""

    path: str
    line: int
    kind: str
    before: str
    after: str


class SuiteCounts(Value):
    """What a whole suite did."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


class Proof(Value):
    """What is known of a change by running it. `form` counts up when a field changes its meaning.

    `red`: tests that fail on the base and pass on the change. `held`: what the gate holds against
    it; `notes`: what a person may weigh; `untried`: what was not looked at, and why."""

    form: int = 1
    base: str
    head: str
    tree: str
    asked: str = ""
    command: str = ""
    environment: str = ""
    red: tuple[str, ...] = ()
    suite_base: SuiteCounts | None = None
    suite_change: SuiteCounts | None = None
    parts: tuple[ProvenPart, ...] = ()
    altered: int = 0
    """Lines' alterations that were tried."""
    survivors: tuple[Survivor, ...] = ()
    held: tuple[Finding, ...] = ()
    notes: tuple[LocalizedText, ...] = ()
    untried: tuple[LocalizedText, ...] = ()
    seconds: float = 0.0
    """Beyond the gate's own runs."""

    def having(self, *verdicts: PartVerdict) -> tuple[ProvenPart, ...]:
        """Parts of these verdicts."""
        return tuple(part for part in self.parts if part.verdict in verdicts)

    @property
    def conclusion(self) -> Conclusion:
        """`held` when the gate holds it or a part that runs is unproven."""
        if self.held or self.having("unproven"):
            return "held"
        return "notes" if self.notes or self.survivors or self.untried else "proven"

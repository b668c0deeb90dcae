"""What a proof of a change says. Pure values; the JSON of `harness prove` is `Proof`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from harness.core.base import LocalizedText, Value
from harness.core.run_types import Difficulty, Finding, IssueKind
from harness.core.tally_types import Tally

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

IndependentVerdict = Literal["green", "red", "unclear", "none"]
"""Of a test written from the issue alone, and red on the base, when it is run on the change.
`unclear`: neither passed nor failed of itself. `none`: there is no such test."""


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
    number: int = 0
    """Which alteration it was, from 1, in the order in which they are tried."""


class SuiteCounts(Value):
    """What a whole suite did."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


class Independent(Value):
    """What a session that saw the issue and the base alone added. `quote`: the issue's own words
    that its test goes by; `answer`: what the maker of the change says against a red one."""

    tree: str
    base: str
    verdict: IndependentVerdict
    tests: tuple[str, ...] = ()
    quote: str = ""
    failure: str = ""
    """How it fails on the change, in the runner's words."""
    answer: str = ""
    why: LocalizedText | str = ""
    """Why there is none; a text is the session's own."""
    requests: int = 0
    input_bytes: int = 0
    """Of all its requests together."""


def independent_session(run: str) -> str:
    """The id of that session, by which its costs are told from the rest."""
    return f"{run}-independent"


class Proof(Value):
    """What is known of a change by running it. `form` counts up when a field changes its meaning.

    `head` is empty where the change was no commit yet: its `tree` is what was run. `red`: tests
    that fail on the base and pass on the change. `held`: what the gate holds against it;
    `let_through`: what it would hold without the plan and the words of people; `notes`: what a
    person may weigh; `untried`: what was not looked at, and why."""

    form: int = 1
    base: str
    head: str
    tree: str
    asked: str = ""
    criteria: tuple[str, ...] = ()
    """What was asked, point by point; no code judges it."""
    kind: IssueKind | None = None
    difficulty: Difficulty | None = None
    """As which it was judged."""
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
    let_through: tuple[LocalizedText, ...] = ()
    notes: tuple[LocalizedText, ...] = ()
    untried: tuple[LocalizedText, ...] = ()
    seconds: float = 0.0
    """Beyond the gate's own runs."""
    budget_s: float = 0.0
    """How many there were."""
    left_out: Mapping[str, int] = {}
    """Of a shortened copy: list -> how many of its last entries are not in it."""
    independent: Independent | None = None
    """A model wrote it, so it is not there when the proof is made again without one."""

    def count(self, name: Literal["red", "survivors"]) -> int:
        """Of that list, with what a shortened copy left out."""
        return len(getattr(self, name)) + self.left_out.get(name, 0)

    def having(self, *verdicts: PartVerdict) -> tuple[ProvenPart, ...]:
        """Parts of these verdicts."""
        return tuple(part for part in self.parts if part.verdict in verdicts)

    @property
    def conclusion(self) -> Conclusion:
        """`held` when the gate holds it or a part that runs is unproven."""
        if self.held or self.having("unproven"):
            return "held"
        return "notes" if self.notes or self.survivors or self.untried else "proven"


class Asked(Value):
    """What a proof is to be made of, beside its commits; empty: the usual."""

    title: str = ""
    criteria: tuple[str, ...] = ()
    kind: IssueKind | None = None
    difficulty: Difficulty | None = None
    budget_s: float = 0.0


class Comparison(Value):
    """A proof held to what making it again gave. `differs`: what is claimed and is not so;
    `excused`: what may differ (time, tests that do not end the same twice); `why`: what kept it
    from being compared."""

    verdict: Literal["agrees", "disagrees", "cannot"]
    differs: tuple[LocalizedText, ...] = ()
    excused: tuple[LocalizedText, ...] = ()
    why: LocalizedText | None = None

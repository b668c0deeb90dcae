"""What the readers of report formats share: bounds, and results gathered from one report. The files
were written by code that may be hostile: nothing here raises, and all is bounded. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from harness.core.base import Fact, LocalizedText
from harness.core.tally_types import Failure, Tally
from harness.testruns.failures import parse_failure

MOST_BYTES = 48 << 20
MOST_TESTS = 200_000
MOST_FAILURES = 300
MOST_TEXT = 4000
LONGEST_ID = 1000
# of two reports on one test the worse one counts
RANK = {"passed": 0, "skipped": 1, "xfailed": 2, "failed": 3, "error": 4}
BROKEN = ("failed", "error")


def printable_id(key: str) -> str:
    """A name as it is stored and shown: one line, no control characters, cut."""
    return "".join(c if c.isprintable() else " " for c in key[:LONGEST_ID]).strip()


def keep_worse(outcomes: dict[str, str], key: str, outcome: str) -> None:
    """The worse of two outcomes of one test stands."""
    key = printable_id(key)
    known = outcomes.get(key)
    if known is None or RANK[outcome] > RANK[known]:
        outcomes[key] = outcome


def first_failures(failures: Mapping[str, Failure]) -> dict[str, Failure]:
    """As many as are kept."""
    return {key: failures[key] for key in list(failures)[:MOST_FAILURES]}


def relative(path: str) -> str:
    """Relative to the tree where it can be told."""
    return path.replace("\\", "/").removeprefix("file://").removeprefix("/work/").removeprefix("./")


def disbelieve(key: str, **facts: Fact) -> Tally:
    """A report that is not believed at all, and the sentence that says why."""
    why = LocalizedText(key=key, facts=facts)
    return Tally(outcomes={}, collected=False, unseen={"": why})


class Results:
    """The results of one report as they are read."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}
        self.failures: dict[str, Failure] = {}
        self._unseen: dict[str, LocalizedText] = {}

    def add(
        self, key: str, outcome: str, judged: tuple[str, str] = ("", ""), text: str = ""
    ) -> None:
        """One test; `judged`: type and message of its failure. One without a name is none."""
        key = printable_id(key)
        if not key:
            return
        if len(self.outcomes) >= MOST_TESTS and key not in self.outcomes:
            self.lack("unseen.report_too_large")
            return
        keep_worse(self.outcomes, key, outcome)
        if outcome in BROKEN and key not in self.failures and len(self.failures) < MOST_FAILURES:
            self.failures[key] = parse_failure(key, outcome, judged, text)

    def lack(self, key: str, **facts: Fact) -> None:
        """The report is not whole; the first reason stands."""
        self._unseen.setdefault("", LocalizedText(key=key, facts=facts))

    def lack_in(self, part: str) -> None:
        """The report ends within this part, of which not all is known."""
        name = printable_id(part)
        why = LocalizedText(key="unseen.report_cut", facts={"where": name})
        if len(self._unseen) < MOST_FAILURES:
            self._unseen.setdefault(name, why)
        else:
            self.lack("unseen.report_broken")

    def has_broken(self) -> bool:
        """Whether any test failed or broke."""
        return any(outcome in BROKEN for outcome in self.outcomes.values())

    def tally(self) -> Tally:
        """What was read."""
        return Tally(outcomes=self.outcomes, failures=self.failures, unseen=self._unseen)

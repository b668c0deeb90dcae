"""The summary lines of common test runners, found in their output: advice for the agent, never
evidence."""

from __future__ import annotations

import re

_TOTALS = re.compile(
    r"""^\s*(?:
      =+\ .*\b(?:passed|failed|errors?|skipped|no\ tests\ ran|deselected)\b.*\ =+     # pytest
    | (?:\d+\ (?:passed|failed|errors?|skipped|xfailed|xpassed|warnings?|deselected)(?:,\ )?)+
        \ in\ [\d.]+s.*                                                               # pytest -q
    | no\ tests\ ran\ in\ .*
    | Ran\ \d+\ tests?\ in\ .*                                                        # unittest
    | (?:OK|FAILED)(?:\ \([a-z ]+=\d+.*\))?
    | (?:Tests|Test\ Suites|Test\ Files):?\s+.*\b(?:passed|failed|total|skipped)\b.*  # jest, vitest
    | [\#ℹ]\ (?:tests|pass|fail|cancelled|skipped|todo)\ \d+                          # node --test
    | \d+\ (?:passing|failing|pending)\b.*                                            # mocha
    | (?:ok|FAIL|---\ FAIL:|\?)\s+\S+.*(?:\d+\.\d+s\)?|\(cached\)|\[.*\])\s*          # go
    | test\ result:\ .*                                                               # cargo
    )$""",
    re.VERBOSE,
)
_FAILURES = re.compile(
    r"""^\s*(?:
      (?:FAILED|ERROR)\ \S+.*                    # pytest
    | (?:FAIL|ERROR):\ \S+.*                     # unittest
    | not\ ok\ \d+\ .*                           # tap
    | ✖\ .*                                      # node --test
    | FAIL\ +\S+.*                               # jest, vitest
    | test\ \S+\ \.\.\.\ FAILED                  # cargo
    )$""",
    re.VERBOSE,
)
_BAD = re.compile(
    r"\b[1-9]\d* (?:failed|failing|errors?)\b|^[#ℹ] (?:fail|cancelled) [1-9]|\bFAIL(?:ED|:)?\b",
)
_SHOWN_FAILURES = 12
_SHOWN_TOTALS = 8


def summary(output: str) -> tuple[str, ...]:
    """Totals first, then the failing tests, in the runner's own words; empty when no runner is
    recognised."""
    totals: list[str] = []
    failures: list[str] = []
    for row in output.split("\n"):
        if len(row) > 400:
            continue
        if _TOTALS.match(row):
            totals.append(row.strip().strip("=").strip())
        elif _FAILURES.match(row):
            failures.append(row.strip())
    if not totals:
        return ()
    failures = list(dict.fromkeys(failures))
    more = len(failures) - _SHOWN_FAILURES
    shown = failures[:_SHOWN_FAILURES] + ([f"and {more} more failing"] if more > 0 else [])
    return (*totals[-_SHOWN_TOTALS:], *shown)


def failing(lines: tuple[str, ...]) -> bool:
    """True when these summary lines tell of a failure."""
    return any(_BAD.search(line) for line in lines)

"""The JSON that jest writes, and vitest's reporter of that name. Pure."""

from __future__ import annotations

import json

from harness.core.tally_types import Failure, Tally
from harness.testruns.failures import parse_failure
from harness.testruns.formats.results import (
    BROKEN,
    MOST_BYTES,
    disbelieve,
    first_failures,
    keep_worse,
    printable_id,
    relative,
)

JEST = {
    "passed": "passed",
    "failed": "failed",
    "pending": "skipped",
    "skipped": "skipped",
    "todo": "skipped",
    "disabled": "skipped",
    "focused": "passed",
}


def read_jest(text: str) -> Tally:
    """The JSON of `jest --json` and of vitest's json reporter. Ids: `path::suite > name`; a file
    that could not be run is an `error` under its path."""
    unread = disbelieve("unseen.report_broken")
    if len(text) > MOST_BYTES:
        return disbelieve("unseen.report_too_large")
    try:
        report = json.loads(text)
    except (ValueError, RecursionError):
        return unread
    suites = report.get("testResults") if isinstance(report, dict) else None
    if not isinstance(suites, list):
        return unread
    outcomes: dict[str, str] = {}
    failures: dict[str, Failure] = {}
    for suite in suites:
        if not isinstance(suite, dict):
            return Tally(outcomes=outcomes, collected=False)
        _jest_suite(suite, outcomes, failures)
    return Tally(outcomes=outcomes, failures=first_failures(failures))


def _jest_suite(
    suite: dict[str, object], outcomes: dict[str, str], failures: dict[str, Failure]
) -> None:
    path = relative(str(suite.get("name", "")))
    tests = suite.get("assertionResults")
    cases = [t for t in tests if isinstance(t, dict)] if isinstance(tests, list) else []
    if not cases and suite.get("status") == "failed":
        keep_worse(outcomes, path, "error")
        failures[printable_id(path)] = parse_failure(
            printable_id(path), "error", ("", ""), str(suite.get("message", ""))
        )
    for case in cases:
        above = case.get("ancestorTitles")
        titles = [str(a) for a in above if a] if isinstance(above, list) else []
        outcome = JEST.get(str(case.get("status")), "error")
        key = printable_id(f"{path}::{' > '.join([*titles, str(case.get('title', ''))])}")
        keep_worse(outcomes, key, outcome)
        said = case.get("failureMessages")
        if outcome in BROKEN and isinstance(said, list):
            failures[key] = parse_failure(key, outcome, ("", ""), str(said[0]) if said else "")

"""RSpec's JSON, and what minitest prints when it names its tests. Pure."""

from __future__ import annotations

import json
import re

from harness.core.tally_types import Tally
from harness.testruns.formats.results import MOST_BYTES, Results, disbelieve, relative

STATUS = {"passed": "passed", "failed": "failed", "pending": "skipped"}
LONGEST_LINE = 20_000
LETTERS = {".": "passed", "F": "failed", "E": "failed", "S": "skipped"}
ENDS = re.compile(r" = \d{1,9}\.\d{1,9} s = ([.FES])$")
BEGINS = re.compile(r"^(\S[^#]{0,500}#\S.{0,2000}?) = (?!\d{1,9}\.\d{1,9} s = [.FES]$)")
"""A test that began and printed something before its result."""
RESULT = re.compile(r"(?:^|[^\d.])\d{1,9}\.\d{1,9} s = ([.FES])$")
SUMMARY = re.compile(
    r"(\d{1,9}) (?:runs|tests), \d{1,9} assertions, (\d{1,9}) failures, (\d{1,9}) errors, "
    r"(\d{1,9}) skips"
)


def read_rspec(text: str) -> Tally:
    """Ids: `path::full description`. What broke outside of examples leaves the rest unseen."""
    if len(text) > MOST_BYTES:
        return disbelieve("unseen.report_too_large")
    try:
        report = json.loads(text)
    except (ValueError, RecursionError):
        return disbelieve("unseen.report_broken")
    examples = report.get("examples") if isinstance(report, dict) else None
    if not isinstance(examples, list) or not all(isinstance(e, dict) for e in examples):
        return disbelieve("unseen.report_broken")
    results = Results()
    for example in examples:
        file = relative(str(example.get("file_path", "")))
        outcome = STATUS.get(str(example.get("status")), "error")
        thrown = example.get("exception")
        said = thrown if isinstance(thrown, dict) else {}
        judged = str(said.get("class", "")).rpartition("::")[2], str(said.get("message", ""))
        trace = said.get("backtrace")
        lines = [str(line) for line in trace[:60]] if isinstance(trace, list) else []
        name = str(example.get("full_description") or example.get("description") or "").strip()
        results.add(f"{file}::{name}" if name else "", outcome, judged, "\n".join(lines))
    summary = report.get("summary")
    counts = summary if isinstance(summary, dict) else {}
    if counts.get("errors_outside_of_examples_count"):
        results.lack("unseen.uncollected", why="an error outside of its examples")
    elif counts.get("failure_count") and not results.has_broken():
        results.lack("unseen.report_contradicts")
    return results.tally()


def read_minitest(text: str) -> Tally:
    """Ids: `Class#test_name`. The lines must add up to what the summary says."""
    if len(text) > MOST_BYTES:
        return disbelieve("unseen.report_too_large")
    results, told, said, begun = Results(), [0, 0, 0, 0], [0, 0, 0, 0], ""
    for line in text.split("\n"):
        line = line[:LONGEST_LINE].rstrip()
        if (found := ENDS.search(line)) and "#" in line[: found.start()]:
            name, begun = line[: found.start()], ""
        elif begun and (found := RESULT.search(line)):
            name, begun = begun, ""
        elif found := SUMMARY.match(line):
            said = [a + int(n) for a, n in zip(said, found.groups(), strict=True)]
            continue
        else:
            opened = BEGINS.match(f"{line} ")
            begun = opened[1] if opened and not begun else begun
            continue
        results.add(name, LETTERS[found[1]])
        told[0] += 1
        told[".FES".index(found[1])] += found[1] != "."
    if told != said:
        results.lack("unseen.report_contradicts")
    return results.tally() if results.outcomes else disbelieve("unseen.report_broken")

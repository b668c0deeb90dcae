"""`cargo nextest run`, by the JUnit XML that a profile of the project's configures."""

from __future__ import annotations

from harness.testruns.formats.suites import read_suites
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import insert_after

PROGRAM = r"(?<![\w.-])cargo(?:\s+\+[\w.-]+)?\s+nextest\s+(?:run|r)(?!\S)"


def add(call: Call) -> Added:
    """Every test runs although one failed."""
    return insert_after(call.command, PROGRAM, "--no-fail-fast"), {}


NEXTEST = Runner(
    name="nextest",
    mark=PROGRAM,
    read=read_suites,
    add=add,
    left=("target/nextest/*/*.xml", "target/nextest/*/*/*.xml"),
)

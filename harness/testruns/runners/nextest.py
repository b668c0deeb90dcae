"""`cargo nextest run`, by the JUnit XML that a profile of the project's configures."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.testruns.formats.suites import read_suites
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import insert_after, last_of

PROGRAM = r"(?<![\w.-])cargo(?:\s+\+[\w.-]+)?\s+nextest\s+(?:run|r)(?!\S)"


def add(call: Call) -> Added:
    """Every test runs although one failed."""
    return insert_after(call.command, PROGRAM, "--no-fail-fast"), {}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By the path of the test's function, in a filterset."""
    names = [test.rpartition("::")[2] if ".rs::" in test else test for test in tests]
    names = [test.partition(" ")[2] or test for test in names]
    plain = all(re.fullmatch(r"[\w:]+", name) for name in names)
    if not re.search(PROGRAM, last_of(command)) or not plain or " -- " in last_of(command):
        return command
    chosen = " + ".join(f"test(/(^|::){name}$/)" for name in dict.fromkeys(names))
    return f"{command.rstrip()} -E {shlex.quote(chosen)}"


NEXTEST = Runner(
    name="nextest",
    mark=PROGRAM,
    read=read_suites,
    add=add,
    single=single,
    left=("target/nextest/*/*.xml", "target/nextest/*/*/*.xml"),
)

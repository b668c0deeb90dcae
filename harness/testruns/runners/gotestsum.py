"""gotestsum, by its JUnit XML."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.testruns.formats.suites import read_suites
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import insert_after, last_of, one_of

PROGRAM = r"(?<![\w.-])gotestsum"


def add(call: Call) -> Added:
    """Beside what it prints."""
    report = call.file(f"gotestsum-{call.number}.xml")
    return insert_after(call.command, PROGRAM, f"--junitfile {report}"), {}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By the name of the test function, in what it hands to go."""
    names = [(test.partition("::")[2] or test).partition("/")[0] for test in tests]
    if not re.search(PROGRAM, last_of(command)) or not all(names):
        return command
    if " -- " in last_of(command):
        head, _, rest = command.rpartition(" -- ")
        return f"{head} -- -run {one_of(names)} {rest}"
    return f"{command.rstrip()} -- -run {one_of(names)} ./..."


GOTESTSUM = Runner(name="gotestsum", mark=PROGRAM, read=read_suites, add=add, single=single)

"""gotestsum, by its JUnit XML."""

from __future__ import annotations

from harness.testruns.formats.suites import read_suites
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import insert_after

PROGRAM = r"(?<![\w.-])gotestsum"


def add(call: Call) -> Added:
    """Beside what it prints."""
    report = call.file(f"gotestsum-{call.number}.xml")
    return insert_after(call.command, PROGRAM, f"--junitfile {report}"), {}


GOTESTSUM = Runner(name="gotestsum", mark=PROGRAM, read=read_suites, add=add)

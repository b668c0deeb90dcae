"""Gradle, by the reports that it leaves in each project. Read over written examples, not run."""

from __future__ import annotations

from harness.testruns.formats.suites import read_suites
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import insert_after

PROGRAM = r"(?<![\w.-])(?:\./)?gradlew?"


def add(call: Call) -> Added:
    """Projects that do not need a failed one run too."""
    return insert_after(call.command, PROGRAM, "--continue"), {}


GRADLE = Runner(
    name="gradle",
    mark=rf"{PROGRAM}\s(?:.*[\s:])?(?:test|check|build)(?!\S)",
    read=read_suites,
    add=add,
    left=("**/build/test-results/**/TEST-*.xml",),
)

"""Gradle, by the reports that it leaves in each project. Read over written examples, not run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.testruns.formats.suites import read_suites
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import insert_after, last_of

PROGRAM = r"(?<![\w.-])(?:\./)?gradlew?"
TASK = re.compile(r"(?<=[\s:])test(?!\S)")


def add(call: Call) -> Added:
    """Projects that do not need a failed one run too."""
    return insert_after(call.command, PROGRAM, "--continue"), {}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By class and method, which the task `test` alone can be told; all cases of a method run."""
    if not re.search(PROGRAM, last_of(command)) or len(TASK.findall(last_of(command))) != 1:
        return command
    chosen: dict[str, None] = {}
    for test in tests:
        group, _, name = test.partition("::")
        method = re.split(r"[(\[{]", name)[0].strip()
        chosen[f"{group}.{method}" if method else group] = None
    told = " ".join(f"--tests {shlex.quote(name)}" for name in chosen)
    return TASK.sub(lambda found: f"{found[0]} {told}", command)


GRADLE = Runner(
    name="gradle",
    mark=rf"{PROGRAM}\s(?:.*[\s:])?(?:test|check|build)(?!\S)",
    read=read_suites,
    add=add,
    single=single,
    left=("**/build/test-results/**/TEST-*.xml",),
)

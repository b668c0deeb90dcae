"""CTest (3.21 and later), by its JUnit XML."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.testruns.formats.suites import read_suites
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import last_of, one_of
from harness.testruns.words import options, program

PROGRAM = r"(?<![\w.-])ctest(?![\w.-])"
OPTIONS = options(
    "-V -VV -Q --verbose --quiet --output-on-failure --no-tests=error --schedule-random",
    "--test-dir -R -E -L -LE -j --parallel --timeout -C --build-config --preset --repeat",
)
SPECIAL = r"[.*+?^$()|\[\]\\]"
"""What CMake's regular expressions read as more than itself."""
STOPS = re.compile(r"\s--stop-on-failure(?=\s|$)")


def add(call: Call) -> Added:
    """Beside what it prints."""
    if not re.search(PROGRAM, last_of(call.command)):
        return call.command, {}
    command = STOPS.sub("", call.command).rstrip()
    report = call.file(f"ctest-{call.number}.xml")
    return f"{command} --output-on-failure --output-junit {report}", {}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By name."""
    if not re.search(PROGRAM, last_of(command)):
        return command
    return f"{command.rstrip()} -R {one_of(list(tests), SPECIAL)}"


CTEST = Runner(
    name="ctest",
    mark=PROGRAM,
    read=read_suites,
    add=add,
    is_plain=program("ctest", given=OPTIONS),
    single=single,
)

"""Maven, by the reports that surefire and failsafe leave in each module."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.testruns.formats.suites import read_thrown
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import last_of
from harness.testruns.words import options, program

PROGRAM = r"(?<![\w.-])(?:\./)?mvnw?\s"
OPTIONS = options(
    "-q -B -o -e -U -X -fae -ff -fn -am -amd -ntp --quiet --batch-mode --offline --fail-at-end "
    "--also-make --no-transfer-progress",
    "-pl --projects -P --activate-profiles -T --threads -Dtest -f",
)
GOALS = frozenset(("clean", "compile", "test", "verify"))
DIRECT = program("mvn", "mvnw", given=OPTIONS)
STOPS = re.compile(r"\s(?:-ff|--fail-fast)(?=\s|$)")


def add(call: Call) -> Added:
    """Modules that do not need a failed one run too; it leaves its reports by itself."""
    if not re.search(PROGRAM, last_of(call.command)):
        return call.command, {}
    return f"{STOPS.sub('', call.command).rstrip()} --fail-at-end", {}


def is_plain(words: list[str]) -> bool:
    """With goals that test, and no plugin's own."""
    goals = {word for word in words[1:] if not word.startswith("-")}
    return DIRECT(words) and bool(goals & {"test", "verify"}) and goals <= GOALS


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By class and method; all cases of a parametrised method run."""
    chosen: dict[str, None] = {}
    for test in tests:
        group, _, name = test.partition("::")
        method = re.split(r"[(\[{ ]", name)[0]
        chosen[f"{group}#{method}" if method else group] = None
    if not re.search(PROGRAM, last_of(command)):
        return command
    lenient = "-Dsurefire.failIfNoSpecifiedTests=false -DfailIfNoTests=false"
    return f"{command.rstrip()} -Dtest={shlex.quote(','.join(chosen))} {lenient}"


MAVEN = Runner(
    name="maven",
    mark=rf"{PROGRAM}(?:.*\s)?(?:test|verify|package|install)(?!\S)",
    read=read_thrown,
    add=add,
    left=("**/target/surefire-reports/TEST-*.xml", "**/target/failsafe-reports/TEST-*.xml"),
    is_plain=is_plain,
    single=single,
)

"""Every runner that harness knows: a row each, in the order in which their marks are looked for."""

from __future__ import annotations

import re

from harness.testruns.runner import Runner
from harness.testruns.runners import given
from harness.testruns.runners.ava import AVA
from harness.testruns.runners.cargo import CARGO
from harness.testruns.runners.ctest import CTEST
from harness.testruns.runners.dotnet import DOTNET
from harness.testruns.runners.go import GO
from harness.testruns.runners.gotestsum import GOTESTSUM
from harness.testruns.runners.gradle import GRADLE
from harness.testruns.runners.jest import JEST
from harness.testruns.runners.maven import MAVEN
from harness.testruns.runners.minitest import MINITEST
from harness.testruns.runners.mix import MIX
from harness.testruns.runners.mocha import MOCHA
from harness.testruns.runners.nextest import NEXTEST
from harness.testruns.runners.node import NODE
from harness.testruns.runners.phpunit import PHPUNIT
from harness.testruns.runners.pytest import PYTEST
from harness.testruns.runners.rspec import RSPEC
from harness.testruns.runners.tap import TAP
from harness.testruns.runners.tape import TAPE
from harness.testruns.runners.unittest import UNITTEST
from harness.testruns.runners.vitest import VITEST

RUNNERS = (
    *(PYTEST, VITEST, JEST, MOCHA, NODE, UNITTEST),
    *(GOTESTSUM, GO, NEXTEST, CARGO, CTEST, MAVEN, GRADLE),
    *(RSPEC, MINITEST, PHPUNIT, DOTNET, MIX, AVA, TAPE, TAP),
)
BY_NAME = {runner.name: runner for runner in RUNNERS}
GIVEN = "junit:"


def find_runner(reporter: str) -> Runner | None:
    """The runner of one reporter's name, or of "junit:PATH" ("none" and unknown ones: None)."""
    if reporter.startswith(GIVEN):
        return given.given(reporter.removeprefix(GIVEN))
    return BY_NAME.get(reporter)


def runners_of(reporter: str) -> tuple[Runner, ...]:
    """Of a reporter setting, which may join several by "+": the runners it names."""
    found = (find_runner(kind) for kind in reporter.split("+"))
    return tuple(runner for runner in found if runner is not None)


def marked_in(command: str) -> str:
    """The name of the first runner that shows in a command, whatever else it does; "" for none."""
    return next((runner.name for runner in RUNNERS if re.search(runner.mark, command)), "")


def runner_of_report(name: str) -> Runner | None:
    """The runner that wrote a report file of this name ("<runner>-<number>...")."""
    found = re.match(r"([a-z]+)-\d+(?=\W)", name)
    if found is None:
        return None
    return given.given("") if found[1] == given.NAME else BY_NAME.get(found[1])

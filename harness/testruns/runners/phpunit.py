"""PHPUnit, by its JUnit XML."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.testruns.formats.suites import read_thrown
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import last_of
from harness.testruns.words import options, program

PROGRAM = r"(?<![\w.-])phpunit(?![\w.-])"
OPTIONS = options(
    "--testdox --verbose -v --no-coverage --colors=never", "--filter --testsuite --group -c"
)
STOPS = re.compile(r"\s--stop-on-[a-z]+(?=\s|$)")


def add(call: Call) -> Added:
    """Beside what it prints."""
    if not re.search(PROGRAM, last_of(call.command)):
        return call.command, {}
    command = STOPS.sub("", call.command).rstrip()
    return f"{command} --log-junit {call.file(f'phpunit-{call.number}.xml')}", {}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By method; a case of a data provider runs with the others of its method."""
    if not re.search(PROGRAM, last_of(command)):
        return command
    methods = dict.fromkeys(re.split(r"\W", t.rpartition("::")[2])[0] for t in tests)
    return f"{command.rstrip()} --filter '/::({'|'.join(methods)})( with data set .*)?$/'"


PHPUNIT = Runner(
    name="phpunit",
    mark=PROGRAM,
    read=read_thrown,
    add=add,
    is_plain=program("phpunit", given=OPTIONS),
    single=single,
)

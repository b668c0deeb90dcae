"""RSpec, by its JSON."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.testruns.formats.ruby import read_rspec
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import last_of
from harness.testruns.words import options, program

PROGRAM = r"(?<![\w.-])(?:rspec|rake\s+spec)(?![\w-])"
OPTIONS = options(
    "-c --color --no-color -w --warnings --backtrace -b --no-fail-fast",
    "-e --example -E --example-matches -f --format -I -r --require -P --pattern -t --tag --seed",
)


def add(call: Call) -> Added:
    """By an environment variable, which reaches it through rake."""
    report = f"--format json --out {call.file(f'rspec-{call.number}.json')}"
    return call.command, {"SPEC_OPTS": f"--no-fail-fast --format progress {report}"}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By the full description."""
    if not re.search(r"(?<![\w.-])rspec(?![\w-])", last_of(command)):
        return command
    names = dict.fromkeys(test.partition("::")[2] or test for test in tests)
    return f"{command.rstrip()} {' '.join(f'-e {shlex.quote(name)}' for name in names)}"


RSPEC = Runner(
    name="rspec",
    mark=PROGRAM,
    read=read_rspec,
    add=add,
    is_plain=program("rspec", given=OPTIONS, prefix="bundle exec"),
    single=single,
    by_path=True,
)

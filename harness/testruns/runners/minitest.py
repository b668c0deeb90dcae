"""minitest, also by rake and Rails: what it prints when it is told to name its tests."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.testruns.formats.ruby import read_minitest
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import capture, last_of, one_of
from harness.testruns.words import options, program

RAKE = r"(?<![\w.-])rake\s+test(?![\w-])"
DIRECT = r"(?<![\w.-])(?:rails\s+test|ruby\s+(?:-\S+\s+)*-I\S*\s?\S*test)"


def add(call: Call) -> Added:
    """Each test by name; a variable where rake calls it."""
    command = call.command
    if re.search(DIRECT, last_of(command)):
        command = f"{command.rstrip()} -v"
    return capture(command, call.file(f"minitest-{call.number}.txt")), {"TESTOPTS": "-v"}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By class and method."""
    chosen = one_of(list(tests))
    pattern = shlex.quote(f"/{shlex.split(chosen)[0]}/")
    return f"{command.rstrip()} -n {pattern}" if re.search(DIRECT, last_of(command)) else command


MINITEST = Runner(
    name="minitest",
    mark=rf"{RAKE}|{DIRECT}",
    read=read_minitest,
    add=add,
    is_plain=program("rails test", "rake test", given=options("-v", "-n"), prefix="bundle exec"),
    single=single,
    captured=True,
)

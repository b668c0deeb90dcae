"""ava, by the TAP that it can print."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from harness.testruns.formats.tap import read_tap
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import add_options, capture
from harness.testruns.words import npx, options

PROGRAM = r"(?<![\w.-])ava(?![\w.-])"


def add(call: Call) -> Added:
    """What it prints is the report."""
    command = call.command
    if "--tap" not in command:
        command = add_options(command, "--tap", PROGRAM)
    return capture(command, call.file(f"ava-{call.number}.tap")), {}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By title; a file's name stands before it where there are several."""
    titles = dict.fromkeys(test.rpartition(" › ")[2] for test in tests)
    return add_options(command, " ".join(f"--match={shlex.quote(t)}" for t in titles), PROGRAM)


AVA = Runner(
    name="ava",
    mark=PROGRAM,
    read=read_tap,
    add=add,
    is_plain=npx("ava", options("--serial -s --tap -v --verbose", "-m --match -T --timeout -c")),
    single=single,
    script=True,
    captured=True,
)

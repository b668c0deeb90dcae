"""tape, which prints TAP: a test is what a comment names, its points are its assertions."""

from __future__ import annotations

from harness.testruns.formats.tap import read_tape
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import capture
from harness.testruns.words import npx, options


def add(call: Call) -> Added:
    """What it prints is the report."""
    return capture(call.command, call.file(f"tape-{call.number}.tap")), {}


TAPE = Runner(
    name="tape",
    mark=r"(?<![\w.-])tape(?![\w.-])",
    read=read_tape,
    add=add,
    is_plain=npx("tape", options("--no-only", "-r --require -i --ignore")),
    script=True,
    captured=True,
)

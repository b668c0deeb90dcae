"""Any command that prints TAP: named in the settings; bats is known by its option."""

from __future__ import annotations

from harness.testruns.formats.tap import read_tap
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import capture


def add(call: Call) -> Added:
    """What it prints is the report."""
    return capture(call.command, call.file(f"tap-{call.number}.tap")), {}


TAP = Runner(
    name="tap",
    mark=r"(?<![\w.-])bats\s(?:.*\s)?(?:--tap|-t)(?!\S)",
    read=read_tap,
    add=add,
    captured=True,
)

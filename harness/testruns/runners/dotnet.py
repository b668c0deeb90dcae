"""`dotnet test`, by its .trx files. Read over written examples, not run."""

from __future__ import annotations

from harness.testruns.formats.trx import read_trx
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import insert_after

PROGRAM = r"(?<![\w.-])dotnet\s+test"


def add(call: Call) -> Added:
    """Each project leaves one in a folder of its own."""
    return insert_after(call.command, PROGRAM, "--logger trx"), {}


DOTNET = Runner(
    name="dotnet", mark=PROGRAM, read=read_trx, add=add, left=("**/TestResults/**/*.trx",)
)

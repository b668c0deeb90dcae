"""`dotnet test`, by its .trx files. Read over written examples, not run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.testruns.formats.trx import read_trx
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import insert_after, last_of

PROGRAM = r"(?<![\w.-])dotnet\s+test"


def add(call: Call) -> Added:
    """Each project leaves one in a folder of its own."""
    return insert_after(call.command, PROGRAM, "--logger trx"), {}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By the whole name of the method, its cases with it."""
    last = last_of(command)
    if not re.search(PROGRAM, last) or " -- " in last or "--filter" in last:
        return command
    names = [re.split(r"[(<,]", test.replace("::", "."))[0].strip() for test in tests]
    chosen = "|".join(f"FullyQualifiedName~{name}" for name in dict.fromkeys(names))
    return f"{command.rstrip()} --filter {shlex.quote(chosen)}"


DOTNET = Runner(
    name="dotnet",
    mark=PROGRAM,
    read=read_trx,
    add=add,
    single=single,
    left=("**/TestResults/**/*.trx",),
)

"""`cargo test`, by the text that it prints: it has no other stable form."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.testruns.formats.libtest import read_libtest
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import capture, insert_after, last_of
from harness.testruns.words import options, program

PROGRAM = r"(?<![\w.-])cargo(?:\s+\+[\w.-]+)?\s+(?:test|t)(?!\S)"
OPTIONS = options(
    "--all --workspace --all-features --no-default-features --lib --bins --tests --examples --doc "
    "--release --locked --offline --frozen --no-fail-fast -v --verbose -r -- --exact --nocapture "
    "--ignored --include-ignored --all-targets",
    "-p --package --test --bin --features -F --manifest-path -j --jobs --test-threads --skip",
)
TERSE = re.compile(r"\s(?:-q|--quiet|--format[= ](?:terse|json))(?=\s|$)")


def add(call: Call) -> Added:
    """Every part runs although one failed; the parts' titles stand among its complaints."""
    command = insert_after(TERSE.sub("", call.command), PROGRAM, "--no-fail-fast")
    if "--no-fail-fast" not in command:
        return call.command, {}
    file = call.file(f"cargo-{call.number}.txt")
    return capture(command, file, errors=True), {"CARGO_TERM_COLOR": "never"}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By the path of the test's function; an example in a comment has no name of its own."""
    names = [test.rpartition(".rs::")[2] for test in tests]
    last = last_of(command)
    if not re.search(PROGRAM, last) or any(" - " in name or not name for name in names):
        return command
    apart = "" if " -- " in last else " --"
    chosen = " ".join(shlex.quote(name) for name in dict.fromkeys(names))
    return f"{command.rstrip()}{apart} --exact {chosen}"


CARGO = Runner(
    name="cargo",
    mark=PROGRAM,
    read=read_libtest,
    add=add,
    is_plain=program("cargo test", "cargo t", given=OPTIONS),
    single=single,
    captured=True,
)

"""`go test`, by its JSON events."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.testruns.formats.go import read_go
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import capture, insert_after, one_of
from harness.testruns.words import options, program

PROGRAM = r"(?<![\w./-])go\s+test"
OPTIONS = options(
    "-v -race -short -json -failfast -cover",
    "-run -count -timeout -p -parallel -cpu -tags -mod -shuffle -vet -C",
)
RUN = re.compile(r"\s--?run(?:=|\s+)(?:'[^']*'|\"[^\"]*\"|\S+)")
STOPS = re.compile(r"\s--?failfast(?:=true)?(?=\s|$)")


def add(call: Call) -> Added:
    """Events instead of text; a compiler's words stay where they are."""
    command = insert_after(STOPS.sub("", call.command), PROGRAM, "-json")
    if "-json" not in command:
        return call.command, {}
    return capture(command, call.file(f"go-{call.number}.json")), {}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By the name of the test function; its subtests run with it."""
    names = [(test.partition("::")[2] or test).partition("/")[0] for test in tests]
    if not re.search(PROGRAM, command) or not all(names):
        return command
    return insert_after(RUN.sub("", command), PROGRAM, f"-run {one_of(names)}")


GO = Runner(
    name="go",
    mark=PROGRAM,
    read=read_go,
    add=add,
    is_plain=program("go test", given=OPTIONS),
    single=single,
    captured=True,
)

"""mocha, by the XML of its xunit reporter, which names each test's file."""

from __future__ import annotations

from collections.abc import Sequence

from harness.testruns.formats.junit import read_junit
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.runners import scripts
from harness.testruns.shell import without_bail
from harness.testruns.words import npx


def add(call: Call) -> Added:
    """This reporter prints nothing: a person reads the failures from the file."""
    file = call.file(f"mocha-{call.number}.xml")
    command = without_bail(call.command)
    quiet = f" --require {call.file(scripts.QUIET)}" if call.probe else ""
    changed = scripts.add(command, f"--reporter xunit --reporter-option output={file}{quiet}")
    shown = f"code=$?; [ $code = 0 ] || head -c 20000 {file}; (exit $code)"
    return (f"{changed}; {shown}" if changed != command else command), {}


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By title."""
    return scripts.add(command, f"-g {scripts.titles_pattern(tests)}")


def by_file(command: str, files: Sequence[str], guarded: bool) -> str:
    """Its paths replaced, or added to npm's call."""
    changed = scripts.instead(command, r"(?:^|\s|/)mocha", files)
    return changed or scripts.add(command, scripts.paths(files))


MOCHA = Runner(
    name="mocha",
    mark=r"(?<![\w.-])mocha(?![\w-])",
    read=read_junit,
    add=add,
    is_plain=npx("mocha", scripts.OPTIONS),
    single=single,
    by_file=by_file,
    patterns=(*scripts.SPECS, *scripts.NODES),
    folders=("test", "tests"),
    script=True,
    quieted=True,
    exact=False,
)

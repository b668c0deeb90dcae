"""jest, by its JSON; also through react-scripts."""

from __future__ import annotations

from collections.abc import Sequence

from harness.testruns.formats.jest import read_jest
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.runners import scripts
from harness.testruns.shell import without_bail
from harness.testruns.words import npx


def add(call: Call) -> Added:
    """A reporter is loaded when the options were read, and before the tests are."""
    env = {"CI": "true"} if "react-scripts" in call.command else {}
    quiet = ""
    if call.probe:
        quiet = f" --reporters=default --reporters={call.file(scripts.QUIET)}"
    report = call.file(f"jest-{call.number}.json")
    given = f"--json --outputFile={report}{quiet}"
    return scripts.add(without_bail(call.command), given), env


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By path and title."""
    files = scripts.files_of(tests)
    chosen = f"--runTestsByPath {' '.join(files)} " if files else ""
    return scripts.add(command, f"{chosen}-t {scripts.titles_pattern(tests)}")


def by_file(command: str, files: Sequence[str], guarded: bool) -> str:
    """By path."""
    return scripts.add(command, f"--runTestsByPath {scripts.paths(files)}")


def order(command: str, tests: Sequence[str], guarded: bool) -> str:
    """By chance, within files; versions before 29.5 do not know it, and run nothing then."""
    files = " ".join(scripts.files_of(tests))
    return scripts.add(command, f"--runTestsByPath {files} --randomize --seed={scripts.SEED}")


JEST = Runner(
    name="jest",
    mark=r"(?<![\w.-])jest(?![\w-])",
    read=read_jest,
    add=add,
    is_plain=npx("jest", scripts.OPTIONS),
    single=single,
    by_file=by_file,
    order=order,
    by_path=True,
    patterns=scripts.SPECS,
    folders=("__tests__",),
    script=True,
    quieted=True,
    exact=False,
)

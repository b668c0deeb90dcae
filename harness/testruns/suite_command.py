"""Shell commands that run tests: several as one, one that also writes a report, one for named
tests alone. Pure text in, text out; a command whose shape is not understood stays as it is."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Sequence

from harness.testruns.registry import find_runner
from harness.testruns.runner import Call, Narrow, Runner, whole
from harness.testruns.runners.scripts import QUIET
from harness.testruns.test_ids import is_python

__all__ = [
    "QUIET",
    "by_file",
    "folders_of",
    "in_order",
    "instrument",
    "parts_of",
    "single",
    "together",
]

_PART = re.compile(r"\((.*)\) \|\| fail=\$\?$")


def together(commands: Sequence[str]) -> str:
    """One command that runs all of them and fails when any does, whatever the others did."""
    if len(commands) < 2:
        return "".join(commands)
    lines = [f"({command}) || fail=$?" for command in commands]
    return "\n".join(["fail=0", *lines, "exit $fail"])


def instrument(
    command: str, reporter: str, out: str, probe: str = ""
) -> tuple[str, dict[str, str]]:
    """The command and the extra environment that also leave machine-readable reports in the
    folder `out`. `reporter` names one kind, or one for each part of a joined command ("jest+pytest"
    in the order of the parts). What the command prints for people stays, where its tool can do
    both. `probe`: a module of ours for Python's runners, which their Python can import; with it
    jest and mocha load a file of `out` (QUIET), which may take our options off their argv."""
    if not _is_joined(command):
        return _instrument_part(command, reporter, (out, probe), 1)
    kinds = reporter.split("+")

    def part(text: str, number: int) -> str:
        kind = kinds[number] if number < len(kinds) else kinds[-1]
        changed, extra = _instrument_part(text, kind, (out, probe), number + 1)
        given = "".join(f"export {k}={shlex.quote(v)}; " for k, v in extra.items())
        return given + changed

    return _each(command, part), {}


def single(command: str, reporter: str, test_ids: Sequence[str]) -> str:
    """The command that runs these tests alone, by the ids that reports give; the command itself
    where the tool cannot be told."""
    if not test_ids:
        return command
    return _narrow_parts(command, reporter, test_ids, lambda runner: runner.single)


def by_file(command: str, reporter: str, files: Sequence[str]) -> str:
    """The command that runs the tests of these files of the tree alone; "" where none can be
    built from it."""
    if not files:
        return ""
    changed = _narrow_parts(command, reporter, files, lambda runner: runner.by_file)
    return "" if changed == command else changed


def in_order(command: str, reporter: str, test_ids: Sequence[str]) -> str:
    """The command that runs these tests in this order, or in one by chance that is always the
    same; "" where its runners would go on in their own."""
    runners = [find_runner(kind) for kind in reporter.split("+")]
    if not test_ids or any(runner is None or runner.order is whole for runner in runners):
        return ""
    changed = _narrow_parts(command, reporter, test_ids, lambda runner: runner.order)
    return "" if changed == command else changed


def _narrow_parts(
    command: str, reporter: str, tests: Sequence[str], way: Callable[[Runner], Narrow]
) -> str:
    """Each part with those of the tests that are its own, relative to its folder; a part that has
    none runs nothing."""
    kinds = reporter.split("+")

    def narrow(text: str, kind: str, own: Sequence[str], guarded: bool) -> str:
        runner = find_runner(kind)
        if runner is None:
            return text
        return way(runner)(text, own, guarded)

    if not _is_joined(command):
        folder = _folder(command)
        return narrow(command, kinds[0], _own(tests, folder, [folder]), False)
    folders = folders_of(command)

    def part(text: str, number: int) -> str:
        kind = kinds[number] if number < len(kinds) else kinds[-1]
        others = [f for f in folders if f and f != folders[number]]
        own = [t for t in _own(tests, folders[number], others) if _speaks(kind, t)]
        return narrow(text, kind, own, True) if own else "true"

    return _each(command, part)


def folders_of(command: str) -> tuple[str, ...]:
    """The folder of each part of a command, "" for the top of the tree."""
    return tuple(_folder(text) for text in parts_of(command))


def parts_of(command: str) -> list[str]:
    """The commands that a joined one was made of; of another itself."""
    if not _is_joined(command):
        return [command]
    return [found[1] for line in command.split("\n") if (found := _PART.match(line))]


def lacking_parts(command: str, reporter: str, files: Iterable[str]) -> str:
    """The first part of a joined command that left none of the report files, whose names begin
    with "<runner>-<number>"; "" when each did that is to leave one. A part that runs nothing is
    none, nor is one whose results a probe of ours tells."""
    names, kinds = tuple(files), reporter.split("+")
    for number, text in enumerate(parts_of(command)):
        runner = find_runner(kinds[number] if number < len(kinds) else kinds[-1])
        start = "" if runner is None else f"{runner.name}-{number + 1}"
        wanted = runner is not None and not runner.probe and text != "true"
        if wanted and not any(re.match(rf"{start}\W", name) for name in names):
            return text[:200]
    return ""


def _folder(command: str) -> str:
    """The folder of the tree that a command goes to before it runs its tests."""
    found = re.match(r"cd (\S+|'[^']*') && ", command)
    return found[1].strip("'").removeprefix("./").rstrip("/") if found else ""


def _own(tests: Sequence[str], folder: str, others: Sequence[str]) -> list[str]:
    found = []
    for test in tests:
        if folder and test.startswith(f"{folder}/"):
            found.append(test[len(folder) + 1 :])
        elif not any(test.startswith(f"{other}/") for other in others):
            found.append(test)
    return found


def _speaks(kind: str, test: str) -> bool:
    """Whether a runner of this kind can have a test of that name."""
    return is_python(test) == (kind in ("pytest", "unittest"))


def _is_joined(command: str) -> bool:
    return command.startswith("fail=0\n(")


def _each(command: str, change: Callable[[str, int], str]) -> str:
    lines, number = [], 0
    for line in command.split("\n"):
        if found := _PART.match(line):
            line = f"({change(found[1], number)}) || fail=$?"
            number += 1
        lines.append(line)
    return "\n".join(lines)


def _instrument_part(
    command: str, kind: str, place: tuple[str, str], number: int
) -> tuple[str, dict[str, str]]:
    runner = find_runner(kind)
    if runner is None:
        return command, {}
    return runner.add(Call(command=command, out=place[0], probe=place[1], number=number))

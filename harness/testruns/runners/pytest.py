"""pytest: a probe of ours tells results as they come; JUnit XML where that could not be loaded."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.testruns.formats.junit import read_junit
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import plain_words
from harness.testruns.words import is_fine, options, program

OPTIONS = options(
    "-q -qq -v -vv -vvv -s -x -l -ra -rA -rf -rfE --quiet --verbose --exitfirst --no-header "
    "--no-summary --no-cov --showlocals --full-trace --strict-markers --capture=no --runxfail "
    "--disable-warnings --continue-on-collection-errors",
    "-k -m -n --tb --maxfail --timeout --color -r",
)
PROGRAM = re.compile(r"(?:^|[\s/])(?:pytest|py\.test)(?=\s|$)")
# options whose value is the next word
VALUED = frozenset(("-k", "-m", "-n", "-c", "-p", "-o", "-r", "-W", "--tb", "--maxfail", "--cov"))
DIRECT = program("pytest", "py.test", given=OPTIONS)


def add(call: Call) -> Added:
    """By an environment variable, which reaches it through any script."""
    report = call.file(f"junit-{call.number}.xml")
    # its cache would be a change of the tree; without the plugin --lf is no option any more
    loaded = f" -p {call.probe}" if call.probe else ""
    rest = f"-o junit_family=xunit1 -o cache_dir={call.file('.cache')}{loaded}"
    return call.command, {"PYTEST_ADDOPTS": f"--junitxml={report} {rest}"}


def is_plain(words: list[str]) -> bool:
    """pytest itself, or as a module of Python whose options are gone."""
    if words[:2] in (["-m", "pytest"], ["-m", "py.test"]):
        return is_fine(words[2:], OPTIONS)
    return DIRECT(words)


def single(command: str, tests: Sequence[str], guarded: bool) -> str:
    """Ids in place of the paths the command names."""
    files = dict.fromkeys(test.partition("::")[0] for test in tests if "::" in test)
    return _instead(command, tests, tuple(files) if guarded else ())


def by_file(command: str, tests: Sequence[str], guarded: bool) -> str:
    """Paths in place of the paths the command names."""
    return _instead(command, tests, tests if guarded else ())


def _instead(command: str, tests: Sequence[str], guarded: Sequence[str]) -> str:
    """`guarded`: where none of these files is there it does not run."""
    found = list(PROGRAM.finditer(command))
    if not found:
        return command
    start, rest = command[: found[-1].end()], command[found[-1].end() :]
    words = plain_words(rest)
    if words is None:
        return command
    kept: list[str] = []
    for word in words:
        follows = bool(kept) and kept[-1] in VALUED
        if word.startswith("-") or follows:
            kept.append(word)
    line = " ".join([start, *map(shlex.quote, [*kept, *tests])])
    if not guarded:
        return line
    here = " && ".join(f"[ ! -e {shlex.quote(path)} ]" for path in guarded)
    folder, apart, command = line.partition(" && ")
    return f"{folder}{apart}{{ {here} || {command}; }}" if apart else f"{{ {here} || {line}; }}"


PYTEST = Runner(
    name="pytest",
    mark=r"(?<![\w.-])(?:pytest|py\.test)(?![\w-])",
    read=read_junit,
    add=add,
    is_plain=is_plain,
    single=single,
    order=single,
    by_file=by_file,
    by_path=True,
    patterns=("test_*.py", "*_test.py"),
    probe="pytest_probe.py",
    exact=False,
)

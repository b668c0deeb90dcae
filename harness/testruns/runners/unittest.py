"""unittest, and Django's runner on it: a probe of ours starts it and tells results as they come."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.testruns.formats.junit import read_junit
from harness.testruns.runner import Added, Call, Runner
from harness.testruns.shell import plain_words
from harness.testruns.words import is_fine, options

OPTIONS = options(
    "-v -q -f -b --verbose --quiet --failfast", "-k -s -p --start-directory --pattern"
)
DJANGO = options(
    "--keepdb --noinput --no-input --failfast --reverse --debug-mode --shuffle --timing",
    "-k -v --tag --exclude-tag --verbosity --settings",
)
# python -m unittest, python manage.py test, python runtests.py: Python, and the words before the
# command's own; or a program of the same that is started by its name
PROGRAM = re.compile(
    r"""(?P<python>(?:^|[\s/])python[\d.]*(?:\s+-[bBu]+|\s+-W\s*\w+)*\s+)(?:-m\s+)?
    (?P<what>unittest|django\s+test|\S*manage\.py\s+test|\S*\brun_?tests?\.py)(?=\s|$)
    |(?P<start>(?:^|[\s;&(]))
    (?P<alone>\./\S*manage\.py\s+test|\./\S*\brun_?tests?\.py|django-admin(?:\.py)?\s+test)(?=\s|$)""",
    re.X,
)
VALUED = frozenset(
    [
        *("-k", "-s", "-p", "-t", "--start-directory", "--pattern", "--top-level-directory"),
        *("--settings", "--tag", "--exclude-tag", "--testrunner", "--pythonpath", "--verbosity"),
    ]
)


def add(call: Call) -> Added:
    """Our probe in its place, which starts it."""
    if not call.probe:
        return call.command, {}

    def started(found: re.Match[str]) -> str:
        if found["python"] is not None:
            return f"{found['python']}-m {call.probe}_unittest {found['what']}"
        # what the package's own program runs is its `python -m django`
        what = re.sub(r"^django-admin(?:\.py)?", "django", found["alone"])
        return f"{found['start']}python3 -m {call.probe}_unittest {what}"

    return PROGRAM.sub(started, call.command), {}


def is_plain(words: list[str]) -> bool:
    """As a module of Python whose options are gone, or Django's program of the project."""
    if words[1:2] == ["test"] and words[0].endswith("manage.py"):
        return is_fine(words[2:], DJANGO)
    if words[:3] == ["-m", "django", "test"]:
        return is_fine(words[3:], DJANGO)
    if words[:2] != ["-m", "unittest"]:
        return False
    return is_fine(words[3:] if words[2:3] == ["discover"] else words[2:], OPTIONS)


def narrow(command: str, tests: Sequence[str], guarded: bool) -> str:
    """Django's and unittest's own command line, with these files or tests in place of its own."""
    found = PROGRAM.search(command)
    words = plain_words(command[found.end() :]) if found else None
    if found is None or words is None:
        return command
    kept: list[str] = []
    discovers = found["what"] == "unittest" and (
        not words or words[0] in ("discover", "-s", "-t", "-p")
    )
    for word in words:
        follows = bool(kept) and (kept[-1] in VALUED or (kept[-1] == "-v" and word.isdigit()))
        if word.startswith("-") or follows or (discovers and word == "discover"):
            kept.append(word)
    if not discovers or "-s" not in kept:
        names = [_dotted_id(test) for test in tests]
        kept = [word for word in kept if word != "discover"]
        return " ".join([command[: found.end()], *map(shlex.quote, [*kept, *names])])
    if len(tests) != 1:
        return command
    file, _, name = tests[0].partition("::")
    chosen = ["-p", file.rpartition("/")[2]]
    chosen += ["-k", f"*{name.replace('::', '.')}"] if name else []
    start = command[: found.end()] + ("" if kept[:1] == ["discover"] else " discover")
    return " ".join([start, *map(shlex.quote, [*kept, *chosen])])


def _dotted_id(test: str) -> str:
    """How unittest writes it: `a/test_b.py::C::test_d` is a.test_b.C.test_d."""
    file, _, name = test.partition("::")
    module = file.removesuffix(".py").replace("/", ".")
    return f"{module}.{name.replace('::', '.')}" if name else module


UNITTEST = Runner(
    name="unittest",
    mark=r"-m\s+(?:unittest|django\s+test)\b|manage\.py\s+test\b|django-admin(?:\.py)?\s+test\b"
    r"|(?:python[\d.]*(?:\s+-\S+)*\s+|\./)[^\s;|&]*\brun_?tests?\.py(?=\s|$)",
    read=read_junit,
    add=add,
    is_plain=is_plain,
    single=narrow,
    order=narrow,
    by_file=narrow,
    patterns=("test*.py",),
    probe="unittest_probe.py",
    exact=False,
)

"""What the descriptors of node's runners share: their options, and titles as they match them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.testruns.shell import add_options
from harness.testruns.words import options

QUIET = "probe/argv.cjs"
"""File of the reports' folder that jest and mocha load."""
SEED = 4711
OPTIONS = options(
    "--runTestsByPath --runInBand -i --ci --verbose --silent --run --no-coverage --bail -b "
    "--watch=false --watchAll=false --no-cache --no-color --no-colors --coverage=false",
    "-t --testNamePattern -g --grep -f --fgrep --test-name-pattern --testPathPattern "
    "--testPathPatterns --testTimeout --timeout --maxWorkers -w --retry",
)
PROGRAMS = r"\b(?:npx|jest|vitest|mocha|react-scripts)\b"
VALUED = frozenset(
    [
        *("--import", "--require", "-r", "--loader", "--timeout", "-t", "--ui", "-u", "-C"),
        *("--conditions", "--test-name-pattern", "--test-reporter", "--test-concurrency"),
    ]
)
SPECS = ("*.test.[jt]s", "*.test.[jt]sx", "*.spec.[jt]s", "*.spec.[jt]sx", "*.test.[cm]js")
NODES = ("*.test.[cm]js", "*.test.js", "*-test.js", "*_test.js", "test.js", "test-*.js")


def add(command: str, given: str) -> str:
    """Options added to the last command, where that is a runner of scripts or npm's call of one."""
    return add_options(command, given, PROGRAMS)


def pattern(text: str) -> str:
    """A JavaScript regular expression for this text."""
    return re.sub(r"[\\^$.*+?()\[\]{}|/]", r"\\\g<0>", text)


def titles_of(tests: Sequence[str]) -> list[str]:
    """Titles of ids, without their files."""
    return [test.partition("::")[2] or test for test in tests]


def files_of(tests: Sequence[str]) -> list[str]:
    """Files of ids, quoted for a shell, each once."""
    files = dict.fromkeys(test.partition("::")[0] for test in tests if "::" in test)
    return [shlex.quote(file) for file in files]


def titles_pattern(tests: Sequence[str]) -> str:
    """A pattern, quoted for a shell, that the whole titles of these tests match."""
    titles = titles_of(tests)
    either = "|".join(pattern(title.replace(" > ", " ")) for title in titles)
    return shlex.quote(f"^({either})$" if len(titles) > 1 else f"^{either}$")


def paths(files: Sequence[str]) -> str:
    """Paths, quoted for a shell."""
    return " ".join(map(shlex.quote, files))


def instead(command: str, begin: str, files: Sequence[str]) -> str:
    """Paths in place of those that a direct call (`begin`, a pattern) names; "" where that cannot
    be told."""
    found = re.search(rf"({begin})((?:\s+[^\s|;&<>`$()]+)*)\s*$", command)
    if found is None:
        return ""
    kept: list[str] = []
    for word in found[2].split():
        if word.startswith("-") or (kept and kept[-1] in VALUED):
            kept.append(word)
    return " ".join([command[: found.end(1)], *kept, paths(files)])

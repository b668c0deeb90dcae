"""Commands that run tests, read as text. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence

RUNNERS = (
    (r"(?<![\w.-])(?:pytest|py\.test)(?![\w-])", "pytest"),
    (r"(?<![\w.-])vitest(?![\w-])", "vitest"),
    (r"(?<![\w.-])jest(?![\w-])", "jest"),
    (r"(?<![\w.-])mocha(?![\w-])", "mocha"),
    (r"\bnode\b[^|;&]*\s--test(?![\w-])", "node"),
    (r"-m\s+unittest\b|manage\.py\s+test\b", "unittest"),
)
# what a shell does with more than words; a newline would begin another command
SHELL = re.compile(r"[|;&<>`$()\\{}\n\r!#~]")
GOING = re.compile(r"cd ([\w.][\w./-]*) && ")
HARMLESS = re.compile(
    r"(?:CI|FORCE_COLOR|NO_COLOR|TZ|LANG|LC_ALL|NODE_ENV|PYTHONDONTWRITEBYTECODE"
    r"|PYTHONUNBUFFERED|PYTHONHASHSEED|PYTHONUTF8|COLUMNS)=[\w.:/+-]*"
)
# where a package lies in its tree, before what is there already
SOURCES = re.compile(r"^PYTHONPATH=(\"?)(?:src|lib|\.)(?::\$PYTHONPATH)?\1 ")
PACKAGE = re.compile(r"@?\w[\w./-]*")
PYTHON = re.compile(r"(?:\.?[\w./-]*/)?python(?:3(?:\.\d+)?)?")
# option -> whether its value is the next word; "=" forms are taken for those with a value
Options = Mapping[str, bool]
PYTEST: Options = {
    **dict.fromkeys(
        [
            *("-q", "-qq", "-v", "-vv", "-vvv", "-s", "-x", "-l", "-ra", "-rA", "-rf", "-rfE"),
            *("--quiet", "--verbose", "--exitfirst", "--no-header", "--no-summary", "--no-cov"),
            *("--showlocals", "--full-trace", "--strict-markers", "--capture=no", "--runxfail"),
            *("--disable-warnings", "--continue-on-collection-errors"),
        ],
        False,
    ),
    **dict.fromkeys(["-k", "-m", "-n", "--tb", "--maxfail", "--timeout", "--color", "-r"], True),
}
UNITTEST: Options = {
    **dict.fromkeys(["-v", "-q", "-f", "-b", "--verbose", "--quiet", "--failfast"], False),
    **dict.fromkeys(["-k", "-s", "-p", "--start-directory", "--pattern"], True),
}
SCRIPT: Options = {
    **dict.fromkeys(
        [
            *("--runTestsByPath", "--runInBand", "-i", "--ci", "--verbose", "--silent", "--run"),
            *("--no-coverage", "--bail", "-b", "--watch=false", "--watchAll=false", "--no-cache"),
            *("--no-color", "--no-colors", "--coverage=false"),
        ],
        False,
    ),
    **dict.fromkeys(
        [
            *("-t", "--testNamePattern", "-g", "--grep", "-f", "--fgrep", "--test-name-pattern"),
            *("--testPathPattern", "--testPathPatterns", "--testTimeout", "--timeout"),
            *("--maxWorkers", "-w", "--retry"),
        ],
        True,
    ),
}
NODE: Options = {
    **dict.fromkeys(["--test", "--test-only", "--enable-source-maps", "--no-warnings"], False),
    **dict.fromkeys(["--import", "--test-name-pattern", "--test-concurrency"], True),
}


def likely_runner(command: str) -> str:
    """The runner whose name stands in a command, whatever else it does; "" for none."""
    return next((name for mark, name in RUNNERS if re.search(mark, command)), "")


def runner_of(command: str, script: str = "") -> str:
    """The runner ("pytest", "unittest", "node", "jest", "vitest", "mocha") of a command that is
    nothing but one run of it: a folder of the tree to go to, variables that do no harm, the
    runner, options from a list, paths and names of tests. `npm test` and the like run `script`,
    what the project's test script is known to run. "" for every other command."""
    text = command.strip()
    going = GOING.match(text)
    if going and (going[1].startswith("/") or ".." in going[1].split("/")):
        return ""
    rest = SOURCES.sub("", text[going.end() :] if going else text)
    if SHELL.search(_strip_quoted(rest)):
        return ""
    try:
        words = shlex.split(rest)
    except ValueError:
        return ""
    while words and HARMLESS.fullmatch(words[0]):
        words.pop(0)
    if words and words[0] in ("npm", "pnpm", "yarn"):
        return script if _package(words[1:]) else ""
    return _of(words)


def _strip_quoted(text: str) -> str:
    """The text without what stands in single quotes; what is in double quotes a shell reads."""
    plain = re.sub(r"'[^'\n\r]*'", "''", text)
    return re.sub(r'"[^"$`\\\n\r!]*"', '""', plain)


def _of(words: Sequence[str]) -> str:
    if not words:
        return ""
    program, rest = words[0], list(words[1:])
    if PYTHON.fullmatch(program):
        return _python(rest)
    if re.fullmatch(r"(?:\.?[\w./-]*/)?(?:pytest|py\.test)", program) and _inside(program):
        return "pytest" if _fine(rest, PYTEST) else ""
    if program == "node":
        return "node" if "--test" in rest and _fine(rest, NODE) else ""
    if program == "npx":
        return _npx(rest)
    return ""


def _inside(program: str) -> bool:
    return not program.startswith("/") and ".." not in program.split("/")


def _python(words: list[str]) -> str:
    while words and words[0] in ("-B", "-u", "-b"):
        words.pop(0)
    if words[:2] in (["-m", "pytest"], ["-m", "py.test"]):
        return "pytest" if _fine(words[2:], PYTEST) else ""
    if words[:2] == ["-m", "unittest"]:
        rest = words[3:] if words[2:3] == ["discover"] else words[2:]
        return "unittest" if _fine(rest, UNITTEST) else ""
    return ""


def _npx(words: list[str]) -> str:
    if words[:1] == ["--no-install"] or words[:1] == ["--no"]:
        words = words[1:]
    if not words or words[0] not in ("jest", "vitest", "mocha"):
        return ""
    runner, rest = words[0], words[1:]
    if runner == "vitest":
        rest = rest[1:] if rest[:1] == ["run"] else rest
    return runner if _fine(rest, SCRIPT) else ""


def _package(words: list[str]) -> bool:
    """Whether npm, pnpm or yarn run a test script by these words."""
    words = words[1:] if words[:1] == ["run"] else words
    if not words or not re.fullmatch(r"(?:test|t)(?::[\w:.-]+)?", words[0]):
        return False
    rest = words[2:] if words[1:2] == ["--"] else words[1:]
    return _fine(rest, SCRIPT)


def _fine(words: Sequence[str], options: Options) -> bool:
    """Only options of the list with their values, and what can be a path or a test's name."""
    at = 0
    while at < len(words):
        word = words[at]
        if word.startswith("-"):
            step = _option(words, at, options)
            if step == 0:
                return False
            at += step
        elif _name(word):
            at += 1
        else:
            return False
    return True


def _option(words: Sequence[str], at: int, options: Options) -> int:
    """How many words this option takes; 0 where it is none of the list."""
    word = words[at]
    if word in options:
        if not options[word]:
            return 1
        return 2 if at + 1 < len(words) and _value(word, words[at + 1]) else 0
    if (word, *words[at + 1 : at + 2]) == ("-p", "no:cacheprovider"):
        return 2
    name, mark, value = word.partition("=")
    long = bool(mark) and name.startswith("--") and options.get(name, False)
    if long and not _value(name, value):
        return 0
    short = re.fullmatch(r"-n(?:\d+|auto|logical)|-p?no:cacheprovider", word) is not None
    joined = short and options is PYTEST
    return 1 if long or joined else 0


def _value(option: str, value: str) -> bool:
    """Whether an option may have this value: a folder of the tree, a package to load before."""
    if option == "--import":
        return PACKAGE.fullmatch(value) is not None
    return option not in ("-s", "--start-directory") or _name(value)


def _name(word: str) -> bool:
    """A path inside the tree, with or without a test's name behind it; a name; a pattern."""
    path = word.partition("::")[0]
    return bool(word) and not path.startswith(("/", "@")) and ".." not in path.split("/")

"""Commands that run tests, read as text. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from harness.testruns.registry import RUNNERS, marked_in
from harness.testruns.runners.scripts import OPTIONS
from harness.testruns.words import is_fine

# what a shell does with more than words; a newline would begin another command
SHELL = re.compile(r"[|;&<>`$()\\{}\n\r!#~]")
GOING = re.compile(r"cd ([\w.][\w./-]*) && ")
HARMLESS = re.compile(
    r"(?:CI|FORCE_COLOR|NO_COLOR|TZ|LANG|LC_ALL|NODE_ENV|PYTHONDONTWRITEBYTECODE"
    r"|PYTHONUNBUFFERED|PYTHONHASHSEED|PYTHONUTF8|COLUMNS)=[\w.:/+-]*"
)
# where a package lies in its tree, before what is there already
SOURCES = re.compile(r"^PYTHONPATH=(\"?)(?:src|lib|\.)(?::\$PYTHONPATH)?\1 ")
MANAGE = re.compile(r"(?:\./)?(?:\w[\w-]*/){0,4}manage\.py")
"""Django's own program in a project: one of the tree's files, as its tests are."""
PYTHON = re.compile(r"(?:\.?[\w./-]*/)?python(?:3(?:\.\d+)?)?")


def likely_runner(command: str) -> str:
    """The runner whose name stands in a command, whatever else it does; "" for none."""
    return marked_in(command)


def runner_of(command: str, script: str = "") -> str:
    """The runner's name of a command that is nothing but one run of it: a folder of the tree to go
    to, variables that do no harm, the runner, options from a list, paths and names of tests.
    `npm test` and the like run `script`, what the project's test script is known to run. "" for
    every other command."""
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
    rest = list(words)
    if rest and PYTHON.fullmatch(rest[0]):
        rest.pop(0)
        while rest and rest[0] in ("-B", "-u", "-b"):
            rest.pop(0)
        if rest[:1] != ["-m"] and not MANAGE.fullmatch("".join(rest[:1])):
            return ""
    elif not rest or rest[0].startswith("-"):
        return ""
    return next((runner.name for runner in RUNNERS if runner.is_plain(rest)), "")


def _package(words: list[str]) -> bool:
    """Whether npm, pnpm or yarn run a test script by these words."""
    words = words[1:] if words[:1] == ["run"] else words
    if not words or not re.fullmatch(r"(?:test|t)(?::[\w:.-]+)?", words[0]):
        return False
    rest = words[2:] if words[1:2] == ["--"] else words[1:]
    return is_fine(rest, OPTIONS)

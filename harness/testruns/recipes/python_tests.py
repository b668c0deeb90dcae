"""pytest and coverage, without what is not for here: reports of their own, early ends, measures.
Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.testruns.recipes.builder import Builder, rest_of
from harness.testruns.recipes.script import Command

# of pytest: what writes files that nobody asks for here, ends early, or measures
_DROPPED = re.compile(
    r"--(?:cov(?:-.*|=.*)?|no-cov-on-fail|junit.*|basetemp.*|exitfirst|maxfail.*|lf|ff|last-failed"
    r"|failed-first|html.*|self-contained-html|report-log.*|codeblocks|stepwise|sw|looponfail"
    r"|color.*|debug|github-.*|splits?.*|group.*|store-durations|reruns.*|timeout.*|md-report.*)$"
    r"|-x$"
)
_WITH_VALUE = frozenset(
    [
        *("--cov-report", "--cov-config", "--cov-fail-under", "--junitxml", "--junit-xml"),
        *("--basetemp", "--maxfail", "--html", "--report-log", "--color", "--junit-prefix"),
        *("--splits", "--group", "--reruns", "--reruns-delay", "--timeout", "--timeout-method"),
    ]
)


def pytest(builder: Builder, command: Command, words: Sequence[str], start: str = "pytest") -> None:
    """`words`: its options and paths."""
    if {"--version", "--help", "-h", "--collect-only", "--co", "--fixtures"} & set(words):
        return
    rest, kept = list(words), []
    while rest:
        word = rest.pop(0)
        if (
            word in _WITH_VALUE
            or (word == "--cov" and rest and _is_package(builder, rest[0]))
            or (word == "-o" and rest and rest[0].startswith("junit"))
        ):
            del rest[:1]
        elif not _DROPPED.match(word):
            kept.append(word)
    builder.test(command, " ".join([start, rest_of(kept)]).strip(), "pytest")


def _is_package(builder: Builder, word: str) -> bool:
    """Whether a word behind `--cov` is what it measures, and not a path of tests."""
    return not word.startswith("-") and not word.startswith(("test", "./test"))


def coverage(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`coverage run X` is X: nothing is measured here."""
    if words[:1] != ("run",):
        return
    valued = ("--source", "--rcfile", "--data-file", "--include", "--omit", "--context")
    rest = list(words[1:])
    while rest and rest[0].startswith("-") and rest[0] != "-m":
        word = rest.pop(0)
        if word in valued:
            del rest[:1]
    told = ("python", *rest)
    builder.take(command.model_copy(update={"words": told, "text": rest_of(told)}))

"""What a CMakeLists.txt says of tests: which there are, and what their end means. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

WORD = re.compile(
    r"#\[(=*)\[(?s:.*?)\]\1\]|#[^\n]*|\[(=*)\[(?s:.*?)\]\2\]|\"(?:[^\"\\]|\\(?s:.))*\"|[()]"
    r"|(?:[^\s()#\"\\]|\\.)+"
)
ADDS = frozenset(
    (
        *("add_test", "gtest_discover_tests", "gtest_add_tests", "catch_discover_tests"),
        *("doctest_discover_tests", "enable_testing", "include", "add_subdirectory", "subdirs"),
        *("ctest_test", "set_tests_properties", "set_property", "set_directory_properties"),
    )
)
MEANS = frozenset(
    (
        *("WILL_FAIL", "DISABLED", "PASS_REGULAR_EXPRESSION", "SKIP_REGULAR_EXPRESSION"),
        *("SKIP_RETURN_CODE", "CTEST_CUSTOM_TESTS_IGNORE", "EXCLUDE_FROM_ALL"),
    )
)
"""What makes a test's bad end a good one, or none."""
OFF = frozenset(("FALSE", "OFF", "0", "NO"))
LEFT_OUT = re.compile(r"(?i)CTEST_CUSTOM_\w*IGNORE|CMAKE_SKIP_TEST|CTEST_\w*EXCLUDE\w*")
TESTING = re.compile(r"(?i)(?:^|[/\\\"])(?:unit_?)?tests?\b|^ctest$")


class _Call(NamedTuple):
    name: str
    given: tuple[str, ...]
    line: int
    around: tuple[str, ...]
    """The conditions that it stands under."""

    @property
    def said(self) -> str:
        return f"{self.name}({' '.join(self.given)})"


def is_cmake(path: str) -> bool:
    """Whether a file tells CMake or CTest which tests there are."""
    name = PurePosixPath(path).name
    return name in ("CMakeLists.txt", "CTestCustom.cmake", "CTestTestfile.cmake")


def weaker_lines(old: str, new: str) -> Iterator[tuple[int, str]]:
    """(line, what) of each that makes fewer tests count than before; a test that runs by another
    command is one of them. The text of a new file is compared with nothing."""
    before, after = [*_calls(old)], [*_calls(new)]
    kept = {(call.said, call.around) for call in after}
    anywhere = {call.said for call in after}
    for call in before:
        if _adds(call) and (call.said, call.around) not in kept:
            bare = call.said in anywhere
            inside = {c.around for c in after if c.said == call.said}
            if not bare or all(set(around) - set(call.around) for around in inside):
                yield call.line if not bare else _line_of(after, call.said), call.said
    known = {call.said for call in before}
    for call in after:
        if call.said not in known and _takes_away(call):
            yield call.line, call.said


def _adds(call: _Call) -> bool:
    """Whether tests are there by it."""
    if call.name in ("include", "add_subdirectory", "subdirs"):
        return bool(call.given) and TESTING.search(call.given[0]) is not None
    return call.name in ADDS and not call.name.startswith(("set_", "ctest_"))


def _takes_away(call: _Call) -> bool:
    words = [word.strip('"') for word in call.given]
    if call.name in ("set_tests_properties", "set_property", "gtest_discover_tests",
                     "catch_discover_tests"):  # fmt: skip
        found = [at for at, word in enumerate(words) if word in MEANS]
        return any("".join(words[at + 1 : at + 2]).upper() not in OFF for at in found)
    return (call.name in ("set", "list") and any(LEFT_OUT.search(word) for word in words)) or (
        call.name == "return"
    )


def _line_of(calls: list[_Call], said: str) -> int:
    return next((call.line for call in calls if call.said == said), 0)


def _calls(text: str) -> Iterator[_Call]:
    words = [w for w in WORD.finditer(text) if not w[0].startswith("#")]
    around: list[str] = []
    at = 0
    while at + 1 < len(words):
        name = words[at][0].lower()
        if not re.fullmatch(r"\w+", name) or words[at + 1][0] != "(":
            at += 1
            continue
        end, depth = at + 2, 1
        while end < len(words) and depth:
            depth += (words[end][0] == "(") - (words[end][0] == ")")
            end += 1
        given = tuple(word[0] for word in words[at + 2 : end - 1])
        line = text.count("\n", 0, words[at].start()) + 1
        said = f"{name} {' '.join(given)}".strip()
        if name.startswith("end") and around:
            around.pop()
        elif name in ("else", "elseif") and around:
            around[-1] = f"{around[-1]} {said}"
        yield _Call(name, given, line, tuple(around))
        if name in ("if", "foreach", "while", "function", "macro", "block"):
            around.append(said)
        at = end

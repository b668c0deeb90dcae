from __future__ import annotations

from fnmatch import fnmatchcase

import pytest

from harness.core.globs import any_of


@pytest.mark.parametrize(
    "patterns",
    [(), ("*.py",), ("a", "b*", "[!x]?"), ("pom.xml", "*/pom.xml"), ("a|b", "(", "a\n*")],
)
def test_one_question_says_what_many_say(patterns: tuple[str, ...]) -> None:
    for path in ("", "a", "b.py", "xy", "pom.xml", "d/pom.xml", "a|b", "(", "a\nb", "한.py", "A"):
        wanted = any(fnmatchcase(path, pattern) for pattern in patterns)
        assert (any_of(patterns).match(path) is not None) is wanted

"""Which lines a test must have run to be touched by a part: by texts alone."""

from __future__ import annotations

import pytest

from harness.proof.groups import groups_of
from harness.proof.reach import Reach, reach_of, reach_of_line

OLD = """\
import os

LIMIT = 3


def first(n):
    a = n
    if a > LIMIT:
        return 0
    return a


class Box:
    size = 1

    def put(self, n):
        self.n = n
        return self
"""
FIRST, PUT = ((7, 10),), ((17, 18),)


def reach(new: str, old: str = OLD, path: str = "a.py") -> list[Reach | None]:
    texts = {path: (old, new)}
    return [reach_of(texts, group) for group in groups_of(texts)]


@pytest.mark.parametrize(
    ("new", "around", "own"),
    [
        (OLD.replace("    a = n\n", "    a = n\n    a += 1\n"), ((7, 11),), ((8, 8),)),
        (OLD.replace("a > LIMIT", "a >= LIMIT"), FIRST, ()),
        (OLD.replace("    if a > LIMIT:\n        return 0\n", ""), ((7, 8),), ()),
        (OLD.replace("self.n = n", "self.n = n + 1"), PUT, ()),
        (OLD.replace("        return self\n", ""), ((17, 17),), ()),
    ],
    ids=["added", "replaced", "gone", "method", "last line gone"],
)
def test_a_part_in_a_function(
    new: str, around: tuple[tuple[int, int], ...], own: tuple[tuple[int, int], ...]
) -> None:
    (found,) = reach(new)
    assert found is not None
    assert found.around == {"a.py": around}
    assert found.own.get("a.py", ()) == own


@pytest.mark.parametrize(
    "new",
    [
        OLD.replace("LIMIT = 3", "LIMIT = 4"),
        OLD.replace("size = 1", "size = 2"),
        OLD.replace("def first(n):", "def first(n, m=os.sep):"),
        OLD.replace("    def put", "    @staticmethod\n    def put"),
        OLD.replace("LIMIT = 3\n", ""),
        OLD.replace("class Box:", "class Box(dict):"),
    ],
    ids=["module", "class", "head", "decorator", "module's gone", "bases"],
)
def test_what_runs_without_a_call_touches_every_test(new: str) -> None:
    assert None in reach(new)


def test_a_whole_function_that_is_new_touches_those_that_run_it() -> None:
    (found,) = reach(OLD + "\n\ndef second(n):\n    return n\n")
    assert found is not None
    assert found.around == {"a.py": ((22, 22),)}


def test_a_function_that_changes_its_name_is_not_told() -> None:
    assert None in reach(OLD.replace("def first(n):\n    a = n", "def other(n):\n    b = n"))


def test_a_script_is_told_from_definition_to_definition() -> None:
    old = "function a(n) {\n  return n;\n}\nfunction b(n) {\n  return n + 1;\n}\n"
    (found,) = reach(old.replace("n + 1", "n + 2"), old, "a.js")
    assert found is not None
    assert found.around == {"a.js": ((4, 6),)}


@pytest.mark.parametrize(("line", "there"), [(8, True), (17, True), (3, False), (14, False)])
def test_a_line_that_is_altered(line: int, there: bool) -> None:
    assert (reach_of_line(OLD, "a.py", line) is not None) == there

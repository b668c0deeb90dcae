"""Lines that a change wrote."""

from __future__ import annotations

import pytest

from harness.testruns.changed_lines import changed_ranges, each, ranges

OLD = "a\nb\nc\nd\n"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (OLD, OLD, ()),
        (OLD, "a\nB\nc\nd\n", ((2, 2),)),
        (OLD, "a\nb\nx\ny\nc\nd\n", ((3, 4),)),
        (OLD, "a\nc\nd\n", ()),  # what is gone has no line
        (OLD, "A\nb\nc\nD\n", ((1, 1), (4, 4))),
        (None, "a\nb\n", ((1, 2),)),
        ("", "a\n", ((1, 1),)),
        (OLD, "", ()),
        ("x\n" * 20_001, "y\n" * 3, ((1, 3),)),
    ],
)
def test_changed(old: str | None, new: str, found: tuple[tuple[int, int], ...]) -> None:
    assert changed_ranges(old, new) == found


def test_ranges_and_lines_say_the_same() -> None:
    assert ranges(frozenset({1, 2, 5})) == ((1, 2), (5, 5))
    assert each(((1, 2), (5, 5))) == {1, 2, 5}
    assert ranges(frozenset()) == ()

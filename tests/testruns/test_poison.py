"""Which lines a call can run, and a raise at the head of what holds them."""

from __future__ import annotations

import pytest

from harness.testruns.poison import RAISE, executable, insert_raises

TEXT = '''"""A module."""
LIMIT = 1


def top(a):
    """What it gives."""
    if a:
        return 1
    # why
    return 2


class Held:
    size = 2

    def one(self): return 3

    async def two(self):
        def inner():
            return 4

        return inner


def kinds(x):
    match x:
        case 1:
            return "a"
        case _:
            return "b"
'''


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([1, 2, 3], set()),
        ([6], set()),  # a docstring is text
        ([7, 8, 9, 10], {7, 8, 10}),
        ([13, 14], set()),  # a class body runs when it is imported
        ([16], {16}),
        ([19, 20, 22], {19, 20, 22}),
        ([26, 28, 30], {26, 28, 30}),
        ([900], set()),
    ],
)
def test_lines_that_a_call_can_run(lines: list[int], found: set[int]) -> None:
    assert executable(TEXT, lines) == frozenset(found)


@pytest.mark.parametrize(
    ("line", "heads"),
    [(8, 1), (16, 1), (20, 1), (22, 1), (30, 1)],
)
def test_a_raise_stands_at_the_head_of_the_function(line: int, heads: int) -> None:
    made = insert_raises(TEXT, [line])
    assert made is not None
    assert made.count(RAISE) == heads
    assert executable(made, range(1, 60)) is not None


def test_a_call_of_it_raises() -> None:
    made = insert_raises(TEXT, [10])
    assert made is not None
    space: dict[str, object] = {}
    exec(compile(made, "m", "exec"), space)
    with pytest.raises(RuntimeError, match="harness asks"):
        space["top"](1)  # type: ignore[operator]
    assert space["kinds"](1) == "a"  # type: ignore[operator]


@pytest.mark.parametrize(("text", "line"), [(TEXT, 2), (TEXT, 14), ("not python (", 1), ("", 1)])
def test_nothing_to_ask(text: str, line: int) -> None:
    assert insert_raises(text, [line]) is None

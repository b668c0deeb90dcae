"""Which tasks meet, and in which order they then run."""

from __future__ import annotations

import pytest

from harness.core.errors import RefusedError
from harness.core.globs import matches
from harness.core.types import Task
from harness.pipeline.overlap import collide, order_tasks, waves


def task(name: str, *files: str, depends: tuple[str, ...] = ()) -> Task:
    return Task(id=name, title=name, files=files, depends=depends)


@pytest.mark.parametrize(
    ("path", "globs", "covered"),
    [
        ("src/a.py", ("src/a.py",), True),
        ("src/a.py", ("src",), True),
        ("src/a.py", ("src/",), True),
        ("src/a.py", ("./src/a.py",), True),
        ("src/a.py", ("src/*.py",), True),
        ("src/b/a.py", ("src/*.py",), False),
        ("src/b/a.py", ("src/**",), True),
        ("src/b/a.py", ("src/**/*.py",), True),
        ("src/a.py", ("src/**/*.py",), True),
        ("srcs/a.py", ("src",), False),
        ("a.py", ("**",), True),
        ("deep/down/a.py", ("*",), True),
        ("A.py", ("a.py",), False),
        ("src/a.py", (), False),
    ],
)
def test_globs_cover_paths(path: str, globs: tuple[str, ...], covered: bool) -> None:
    assert matches(path, globs) is covered


@pytest.mark.parametrize(
    ("one", "two", "meet"),
    [
        (("a.py",), ("b.py",), False),
        (("a.py",), ("a.py",), True),
        (("src/**",), ("src/x/y.py",), True),
        (("src/*.py",), ("src/*.md",), False),
        (("src/*.py",), ("src/a*",), True),
        (("src/**",), ("tests/**",), False),
        (("**",), ("x.py",), True),
    ],
)
def test_tasks_that_share_a_file_collide(
    one: tuple[str, ...], two: tuple[str, ...], meet: bool
) -> None:
    assert collide(task("1", *one), task("2", *two)) is meet
    assert collide(task("2", *two), task("1", *one)) is meet


def test_colliding_tasks_are_ordered_not_raced() -> None:
    tasks = order_tasks([task("1", "a.py"), task("2", "a.py"), task("3", "b.py")])
    assert [[t.id for t in layer] for layer in waves(tasks)] == [["1", "3"], ["2"]]


def test_a_declared_dependency_is_not_turned_round() -> None:
    tasks = order_tasks([task("1", "a.py", depends=("2",)), task("2", "a.py")])
    assert [[t.id for t in layer] for layer in waves(tasks)] == [["2"], ["1"]]


def test_a_cycle_and_an_unknown_dependency_are_named() -> None:
    with pytest.raises(RefusedError, match=r"circle.*1, 2"):
        waves([task("1", "a", depends=("2",)), task("2", "b", depends=("1",))])
    with pytest.raises(RefusedError, match=r"unknown.*9"):
        waves([task("1", "a", depends=("9",))])

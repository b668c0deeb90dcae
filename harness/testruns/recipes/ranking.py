"""Which recipe is tried first. By what it rests on, in this order:

1. a CI job that runs on pull requests, all of whose steps were understood;
2. the project's own tools: tox, nox, hatch, a Makefile, a justfile;
3. other CI jobs of which at most two steps were not understood, the fewest first;
4. what the manifests show by themselves;
5. CI jobs that were understood less;
6. what is written for people and editors: a container's file, code blocks of a guide.

In all of them what leaves no named results comes last. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from harness.testruns.detect.python import PIP, VENV
from harness.testruns.recipes.recipe import Recipe


class Basis(IntEnum):
    """What a recipe rests on; the smaller, the better."""

    ASKED = 1
    TOOL = 2
    CI = 3
    MANIFEST = 4
    DOUBTED = 5
    TOLD = 6


MOST_DOUBTS = 2
MADE = f"test -d {VENV} || python3 -m venv {VENV}"
GIVEN = frozenset(("pytest", "pip", "setuptools", "wheel", "-U", "--upgrade"))
"""What a set-up may ask for in vain."""


class Found(NamedTuple):
    """A recipe, whether it is what CI runs on pull requests (`asked`), how many of its steps were
    not understood, and whether its job is called as the plain one usually is."""

    recipe: Recipe
    asked: bool = True
    doubts: int = 0
    plain: bool = False

    @property
    def basis(self) -> Basis:
        """That of a CI job."""
        if self.asked and not self.doubts:
            return Basis.ASKED
        return Basis.CI if self.doubts <= MOST_DOUBTS else Basis.DOUBTED


def rank(found: Iterable[tuple[Basis, Found]]) -> tuple[Recipe, ...]:
    """In the order in which they are tried; of equal set-ups and tests the first."""
    ordered = sorted(
        found,
        key=lambda one: (
            "none" in one[1].recipe.reporter.split("+"),
            one[0],
            not one[1].asked,
            one[1].doubts,
            not one[1].plain,
        ),
    )
    kept: dict[tuple[object, ...], Recipe] = {}
    for _, one in ordered:
        recipe = without_needless(one.recipe)
        kept.setdefault((recipe.setup, recipe.test), recipe)
    return tuple(kept.values())


def without_needless(recipe: Recipe) -> Recipe:
    """Without a set-up that would only fetch what every environment has: a pytest of any version.
    A project that needs nothing else works without a network."""
    if recipe.setup and all(map(_brings_nothing, recipe.setup)):
        return recipe.model_copy(update={"setup": ()})
    return recipe


def _brings_nothing(command: str) -> bool:
    if command == MADE:
        return True
    start, found, words = command.partition(f"{PIP} ")
    return bool(found) and not start and GIVEN.issuperset(words.split())

"""Recipes of trees that are written down as a table of files."""

from __future__ import annotations

import textwrap

from harness.testruns.recipes.candidates import candidates
from harness.testruns.recipes.recipe import Recipe

PACKAGE = '[project]\nname = "x"\nversion = "1"\n'
CI = ".github/workflows/ci.yml"


def recipes(files: dict[str, str]) -> tuple[Recipe, ...]:
    """Every recipe of a tree with these files."""
    told = {path: textwrap.dedent(text) for path, text in files.items()}
    return candidates(tuple(told), told.get)


def first(files: dict[str, str]) -> Recipe:
    """The likeliest one."""
    return recipes(files)[0]


def job(*steps: str, head: str = "") -> str:
    """A workflow with one job of these steps, each a line or a script."""
    lines = ["on: [push, pull_request]", "jobs:", "  tests:", "    runs-on: ubuntu-latest"]
    lines += [f"    {line}" for line in head.splitlines()]
    lines.append("    steps:")
    for step in steps:
        if step.startswith(("uses:", "if:")):
            inner = step.splitlines()
            lines += [f"      - {inner[0]}", *(f"        {line}" for line in inner[1:])]
        else:
            lines.append("      - run: |")
            lines += [f"          {line}" for line in step.splitlines()]
    return "\n".join(lines) + "\n"


def installed(recipe: Recipe) -> str:
    """What its set-up asks for, without how."""
    return "\n".join(line.partition("--no-input ")[2] for line in recipe.setup[1:])

"""The honest set: sixty bug fixes of twenty public projects, in two halves. The rules of proof may
be mended by what is seen on `tuned`; `untouched` was chosen, and committed, before any of it was
run. What it showed was mended too, so `later` came beside: one more commit of each of its projects,
chosen and committed after that and before any of it was run.

Which: the newest three of each project whose subject speaks of a fix and that are small, touch a
test and touch the product (`python -m benchmarks.honest_proof --choose` makes the list again).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

from benchmarks.honest_commits import PROJECTS as PLAYED
from benchmarks.honest_history import History, Project, unfit

Half = Literal["tuned", "untouched", "later"]
EACH = 3
LIST = Path(__file__).with_name("honest_set.txt")
NO_BUG = re.compile(
    r"\btypos\b|\blint|pre-commit|\btypings?\b|return type|error message|space in", re.I
)
TUNED = (
    *PLAYED,
    Project("fastify/fast-uri", "", EACH),
    Project("iamkun/dayjs", "src/", EACH),
)
UNTOUCHED = (
    # in the place of pypa/packaging, whose suite takes longer than a minute
    Project("pytest-dev/pluggy", "src/pluggy/", EACH),
    Project("python-attrs/attrs", "src/", EACH),
    Project("python-poetry/tomlkit", "tomlkit/", EACH),
    Project("frostming/marko", "marko/", EACH),
    Project("pallets/flask", "src/flask/", EACH),
    Project("expressjs/express", "lib/", EACH),
    # in the place of ljharb/qs, whose set-up fetches from more than its package index
    Project("sindresorhus/p-map", "", EACH),
    Project("unjs/ufo", "src/", EACH),
    Project("koajs/koa", "lib/", EACH),
    # in the place of immerjs/immer, whose set-up refuses every Node but the newest, and of
    # micromark/micromark, which today's packages do not build
    Project("unjs/pathe", "src/", EACH),
)
BORROWED = {"tomlkit": ("tests/toml-test", "toml-lang/toml-test")}
"""Project -> its submodule's section and repository: where a history of that is at hand, a person's
clone of the project has it."""
HALVES: dict[Half, tuple[Project, ...]] = {"tuned": TUNED, "untouched": UNTOUCHED}
LATER = 1
"""Commits of each of the untouched projects beyond its first ones."""
ALL = (*TUNED, *UNTOUCHED)


@dataclass(frozen=True)
class Chosen:
    """One commit of the set."""

    half: Half
    project: Project
    commit: str


def choose(half: Half, project: Project, history: History) -> Iterator[Chosen]:
    """The newest that fit, by what their history says alone: nothing is run."""
    for commit in history.fixes(project):
        change = history.change(commit)
        if not NO_BUG.search(change.subject) and not unfit(project, change):
            yield Chosen(half, project, commit[:10])


def choose_all(places: dict[str, Path]) -> list[Chosen]:
    """In the order in which they are run: a commit of each project before the second of any, and
    the halves in turn, so that what is run by any time speaks of all."""
    found: list[list[Chosen]] = []
    for pair in zip(TUNED, UNTOUCHED, strict=True):
        for half, project in zip(HALVES, pair, strict=True):
            history = History(places[project.name])
            found.append(list(islice(choose(half, project, history), EACH)))
    first = [of[place] for place in range(EACH) for of in found if place < len(of)]
    more = [choose("later", p, History(places[p.name])) for p in UNTOUCHED]
    return [*first, *(one for of in more for one in islice(of, EACH, EACH + LATER))]


def write(chosen: list[Chosen]) -> None:
    """The list that is committed."""
    rows = [f"{one.half} {one.project.name} {one.commit}\n" for one in chosen]
    LIST.write_text("".join(rows))


def listed() -> list[Chosen]:
    """As it was committed."""
    found = []
    for row in LIST.read_text().splitlines():
        word, name, commit = row.split(" ")
        half: Half = next(one for one in get_args(Half) if one == word)
        found.append(Chosen(half, next(p for p in ALL if p.name == name), commit))
    return found

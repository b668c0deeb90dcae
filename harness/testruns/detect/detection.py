"""How a project is set up and tested, and how its people write commits. Pure: a list of paths
and a function that reads one (None: not there). What a person configured goes before it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from harness.core.base import Value
from harness.core.globs import any_of
from harness.testruns.detect import manifests, node, python
from harness.testruns.detect.part import OUTSIDE, ProjectPart, Read, Unsourced
from harness.testruns.recipes.versions import FILES as VERSION_FILES
from harness.testruns.suite_command import instrument, single, together

__all__ = [
    "Detected",
    "Habits",
    "ProjectPart",
    "detect",
    "instrument",
    "manifest_files",
    "single",
    "style",
]

MANIFESTS = (
    *("pyproject.toml", "setup.py", "setup.cfg", "*requirements*.txt", "*requirements*.in"),
    *("constraints*.txt", "Pipfile", "Pipfile.lock", "poetry.lock", "uv.lock", "pdm.lock"),
    *("pylock*.toml", "tox.ini", "pytest.ini", ".python-version", "environment.y*ml"),
    *("package.json", "package-lock.json", "npm-shrinkwrap.json", "yarn.lock", ".yarnrc*"),
    *("pnpm-lock.yaml", "pnpm-workspace.yaml", "bun.lock*", ".npmrc"),
    *(name for name, _ in VERSION_FILES),
)
CONVENTIONAL = re.compile(
    r"(?:feat|fix|docs|chore|refactor|test|tests|ci|build|perf|style|revert)(?:\([^)]*\))?!?: "
)
SHARE = 0.6  # of the commits looked at, to be a habit


class Detected(Value):
    """What the tree shows. `setup` and `test_command` are shell, run at the top of the tree and
    covering every part; empty where nothing was found, or a dependency is `unsourced`. `reporter`
    says how results are read."""

    parts: tuple[ProjectPart, ...] = ()
    setup: tuple[str, ...] = ()
    unsourced: tuple[Unsourced, ...] = ()
    test_command: str = ""
    reporter: str = "none"
    manifests: tuple[str, ...] = ()
    test_globs: tuple[str, ...] = ()


def detect(files: Sequence[str], read: Read) -> Detected:
    """A part at the top stands for the whole; without one, every directory's part counts."""
    parts = (*python.parts(files, read), *node.parts(files, read))
    if not any(part.test for part in parts):
        parts = (*parts, *manifests.parts(files, read))
    top = tuple(part for part in parts if part.folder == "")
    tested = tuple(part for part in (top or parts) if part.test) or tuple(
        part for part in parts if part.test
    )
    chosen = tested or parts
    lost = tuple(dict.fromkeys(one for part in chosen for one in part.unsourced))
    lines = tuple(dict.fromkeys(line for part in chosen for line in part.setup))
    return Detected(
        parts=parts,
        setup=() if lost else lines,
        unsourced=lost,
        test_command=together(tuple(part.test for part in tested)),
        reporter=_reporter(tested),
        manifests=manifest_files(files),
        test_globs=tuple(dict.fromkeys(glob for part in parts for glob in part.test_globs)),
    )


def _reporter(tested: Sequence[ProjectPart]) -> str:
    """One name when all parts agree; else one for each part, in the order of the command."""
    kinds = [part.reporter for part in tested]
    return "+".join(kinds) if len(set(kinds)) > 1 else (kinds[0] if kinds else "none")


def manifest_files(files: Sequence[str]) -> tuple[str, ...]:
    """Paths whose content decides what an environment holds."""
    found, manifest = [], any_of(tuple(MANIFESTS))
    for path in files:
        *folders, name = path.split("/")
        known = manifest.match(name) is not None
        listed = bool(folders) and folders[-1] == "requirements" and name.endswith(".txt")
        if (known or listed) and OUTSIDE.isdisjoint(folders):
            found.append(path)
    return tuple(found)


class Habits(Value):
    """How a repository's people commit. `author` is who writes most, "Name <email>"."""

    sign_off: bool = False
    style: Literal["plain", "conventional"] = "plain"
    author: str = ""


def style(commits: Sequence[tuple[str, str, str]]) -> Habits:
    """From (author, email, message) of recent commits; merges and bots say nothing."""
    people = [
        (f"{author} <{email}>", message)
        for author, email, message in commits
        if not message.startswith("Merge ") and "[bot]" not in author + email
    ]
    if not people:
        return Habits()
    signed = sum("\nSigned-off-by: " in message for _, message in people)
    marked = sum(bool(CONVENTIONAL.match(message)) for _, message in people)
    return Habits(
        sign_off=signed >= SHARE * len(people),
        style="conventional" if marked >= SHARE * len(people) else "plain",
        author=Counter(author for author, _ in people).most_common(1)[0][0],
    )

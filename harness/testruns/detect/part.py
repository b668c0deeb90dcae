"""What detection finds in one directory, and the questions both languages ask of a file list."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import Literal

from harness.core.base import Value
from harness.core.globs import any_of

Read = Callable[[str], str | None]
Scripted = Literal["node", "jest", "vitest", "mocha", "tape", "ava"]
Compiled = Literal["go", "cargo", "maven", "gradle", "phpunit", "rspec", "minitest", "ctest"]
Reporter = Literal["pytest", "unittest", Scripted, Compiled, "none"]
Language = Literal["python", "node", "go", "rust", "java", "php", "ruby", "cpp"]
OUTSIDE = frozenset(
    ["node_modules", "vendor", "third_party", "site-packages", ".git", ".venv", "venv", "dist"]
)
ASIDE = frozenset(
    ["doc", "docs", "example", "examples", "fixtures", "testdata", "benchmarks", "benchmark"]
)
DEPTH = 2


class Unsourced(Value):
    """A dependency that set-up cannot have from where the project says it comes from ("*": all of
    them), in the project's own words."""

    name: str
    source: str


class ProjectPart(Value):
    """One directory with a project of its own; `folder` "" is the top. Commands are shell, run
    at the top of the tree; an empty `test` means that no test was found."""

    folder: str
    language: Language
    setup: tuple[str, ...] = ()
    unsourced: tuple[Unsourced, ...] = ()
    """With one of them there is no set-up: the usual index would give a stranger's."""
    test: str = ""
    reporter: Reporter = "none"
    manifests: tuple[str, ...] = ()
    test_globs: tuple[str, ...] = ()


def inside(folder: str, files: Sequence[str]) -> tuple[str, ...]:
    """Paths below a folder, relative to it, without what tools or vendors put there."""
    start = f"{folder}/" if folder else ""
    found = (path[len(start) :] for path in files if path.startswith(start))
    return tuple(path for path in found if OUTSIDE.isdisjoint(path.split("/")))


def folders_with(files: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Folders, at most `DEPTH` deep, that hold a file of such a name; the top first."""
    found, wanted = set(), any_of(tuple(names))
    for path in files:
        folder, _, name = path.rpartition("/")
        parts = folder.split("/") if folder else []
        if wanted.match(name) and len(parts) <= DEPTH and (OUTSIDE | ASIDE).isdisjoint(parts):
            found.add(folder)
    return tuple(sorted(found, key=lambda f: (f.count("/") + bool(f), f)))


def within(folder: str, command: str) -> str:
    """The command as run from the top of the tree."""
    return f"cd {shlex.quote(folder)} && {command}" if folder else command

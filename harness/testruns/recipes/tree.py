"""The files of a tree as a recipe's readers see them: paths, and the text of those that are text
and not too large to be written by people. Pure."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Any

from harness.testruns.detect.part import OUTSIDE, Read
from harness.testruns.detect.python import PythonProject

LARGEST = 256 << 10
"""Characters of a file that is read."""


class Tree:
    """A list of paths and what reads one (None: not there); each is read once."""

    def __init__(self, files: Sequence[str], read: Read) -> None:
        self.files = tuple(files)
        self.there = frozenset(files)
        self.kept: dict[str, Any] = {}
        """What a reader made of a file, by its path."""
        self._read = read
        self._texts: dict[str, str] = {}
        self._projects: dict[str, PythonProject] = {}
        self._inside: dict[tuple[str, str], tuple[str, ...]] = {}

    def text(self, path: str) -> str:
        """The file's text, "" for what is not there, no text, or too large."""
        path = posixpath.normpath(path)
        if path not in self._texts:
            found = (self._read(path) or "") if path in self.there else ""
            self._texts[path] = "" if len(found) > LARGEST or "\0" in found else found
        return self._texts[path]

    def read(self, path: str) -> str | None:
        """As a reader of detection reads: None for what is not there."""
        return self._read(path)

    def project(self, folder: str) -> PythonProject:
        """What a folder's files say of a Python project."""
        if folder not in self._projects:
            self._projects[folder] = PythonProject(folder, self.files, self.read)
        return self._projects[folder]

    def has(self, path: str) -> bool:
        """Whether a file of that path is there."""
        return posixpath.normpath(path) in self.there

    def has_folder(self, folder: str) -> bool:
        """Whether a file lies in that folder ("" is the top)."""
        start = f"{folder}/" if folder else ""
        return any(path.startswith(start) for path in self.files)

    def inside(self, folder: str, ending: str = "") -> tuple[str, ...]:
        """Paths below a folder with that ending, without what tools or vendors put there."""
        start, key = f"{folder}/" if folder else "", (folder, ending)
        if key not in self._inside:
            own = (path for path in self.files if path.endswith(ending) and path.startswith(start))
            self._inside[key] = tuple(p for p in own if OUTSIDE.isdisjoint(p.split("/")))
        return self._inside[key]


def join(folder: str, path: str) -> str | None:
    """A path of the tree as seen from a folder of it, "" for the top; None for what is outside."""
    if path.startswith(("/", "~")) or "$" in path:
        return None
    found = posixpath.normpath(posixpath.join(folder, path))
    if found == ".." or found.startswith("../"):
        return None
    return "" if found == "." else found

"""A work tree that a stranger filled, taken as a tree: with our gitdir and our index.

Which files count is decided by the ignore rules of the base commit, not by those in the tree.
No file is opened but regular ones that changed; no link is followed; an attribute converts only as
the gitdir's own rules say (converting.py).
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from harness.core.errors import RefusedError
from harness.system.git import Git, split_names, storable_name

_NOTHING = "0" * 40
_LINK = "160000"


class TreeTaker:
    """Takes snapshots of one work tree. `git` has our gitdir, that work tree and an index of
    ours; `exclude` is the file of ignore rules."""

    def __init__(self, git: Git, exclude: Path) -> None:
        if git.work_tree is None or git.index is None:
            raise ValueError("a work tree and an index are needed")
        self._git = git
        self._root = git.work_tree
        self._index = git.index
        self._exclude = exclude
        self._tracked: tuple[str, ...] = ()
        self._tree = ""

    async def take(self) -> tuple[str, tuple[str, ...]]:
        """(tree id, folders that hold a `.git` of their own). Such a repository is left out
        whole when it is new; in a folder of the project only its `.git` is. RefusedError for a
        changed file that cannot be read."""
        await asyncio.to_thread(self._index.with_name(f"{self._index.name}.lock").unlink, True)
        if not self._tree:
            self._tracked = await self._git.names("ls-files", "-z")
        own = folders(self._tracked)
        nested = await asyncio.to_thread(self._look, own)
        others, differing = await asyncio.gather(
            self._git.names("ls-files", "-z", "--others", f"--exclude-from={self._exclude}"),
            self._git.run(
                *("diff-files", "-z", "--raw", "--no-renames", "--no-abbrev"),
                *("--ignore-submodules=all", "--no-ext-diff", "--no-textconv"),
            ),
        )
        new = [path for path in others if not path.endswith("/") and not _in_git(path)]
        nested |= {path.rstrip("/") for path in others if path.endswith("/")}
        nested |= {_outside_git(path) or "." for path in others if _in_git(path)}
        nested |= await asyncio.to_thread(self._look, folders(new) - own)
        new = [path for path in new if not _within(path, nested - own)]
        gone, changed = await asyncio.to_thread(self._sort, differing.stdout)
        nested |= await asyncio.to_thread(self._look, gone)
        if gone or changed or new or not self._tree:
            self._tree = ""
            await self._update(gone, [*changed, *new])
            if gone or new:
                self._tracked = await self._git.names("ls-files", "-z")
            self._tree = await self._git.text("write-tree")
        return self._tree, tuple(sorted(nested))

    async def _update(self, gone: list[str], present: list[str]) -> None:
        if gone:
            lines = b"".join(
                f"0 {_NOTHING}\t".encode() + os.fsencode(path) + b"\0" for path in gone
            )
            await self._git.run("update-index", "-z", "--index-info", input=lines)
        if present:
            paths = b"".join(os.fsencode(path) + b"\0" for path in present)
            await self._git.run(
                "update-index", "-z", "--add", "--remove", "--replace", "--stdin", input=paths
            )

    def _look(self, places: Iterable[str]) -> set[str]:
        """Which of these folders hold a repository. Also refuses an attribute file that git
        would wait on for ever (a pipe) or that it could not read."""
        found = set()
        for place in places:
            folder = self._root / place
            if place and os.path.lexists(folder / ".git"):
                found.add(place)
            try:
                about = (folder / ".gitattributes").lstat()
            except OSError:
                continue
            if not (stat.S_ISREG(about.st_mode) or stat.S_ISLNK(about.st_mode)):
                raise RefusedError(
                    "git.unreadable", path=storable_name(f"{place}/.gitattributes".lstrip("/"))
                )
        return found

    def _sort(self, differing: bytes) -> tuple[list[str], list[str]]:
        """(paths that are no file any more, paths whose file differs)."""
        gone, changed = [], []
        words = iter(split_names(differing))
        for word in words:
            _, new_mode, _, _, letter = word[1:].split()
            path = next(words)
            if letter == "D" or new_mode == _LINK or not self._is_file(path):
                gone.append(path)
            else:
                changed.append(path)
        return gone, changed

    def _is_file(self, path: str) -> bool:
        try:
            about = (self._root / path).lstat()
        except OSError:
            return False
        return stat.S_ISREG(about.st_mode) or stat.S_ISLNK(about.st_mode)


def folders(paths: Iterable[str]) -> set[str]:
    """Every folder on the way to these paths; "" is the root."""
    found = {""}
    for path in paths:
        place = path.rpartition("/")[0]
        while place not in found:
            found.add(place)
            place = place.rpartition("/")[0]
    return found


def _in_git(path: str) -> bool:
    return any(part.lower() == ".git" for part in path.split("/"))


def _outside_git(path: str) -> str:
    parts = path.split("/")
    return "/".join(parts[: next(i for i, part in enumerate(parts) if part.lower() == ".git")])


def _within(path: str, places: set[str]) -> bool:
    place = path.rpartition("/")[0]
    while place:
        if place in places:
            return True
        place = place.rpartition("/")[0]
    return False

"""Reports that a runner leaves in the tree itself. Only those that this very run wrote count: one
that was there before (committed, of an earlier run) is nobody's result."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.core.errors import RefusedError
from harness.core.globs import matches
from harness.system.files import read_beneath, walk
from harness.testruns.registry import find_runner

MOST_ENTRIES = 200_000
MOST_REPORTS = 5_000
MOST_BYTES = 48 << 20
MOST_OF_ONE = 32 << 20
OUTSIDE = frozenset((".git", "node_modules"))
Mark = tuple[int, int, int]


class LeftReports:
    """The reports below one tree's copy of the runners that `reporter` names, each looked for in
    the folder where its part of the command runs. Made before the run."""

    def __init__(self, root: Path, reporter: str, folders: Sequence[str]) -> None:
        self._root = root
        self._wanted: list[tuple[str, tuple[str, ...]]] = []
        for number, kind in enumerate(reporter.split("+")):
            runner = find_runner(kind)
            if runner is not None and runner.left:
                folder = folders[number] if number < len(folders) else ""
                start = f"{folder}/" if folder else ""
                globs = tuple(start + glob for glob in runner.left)
                self._wanted.append((f"{runner.name}-{number + 1}", globs))
        self._before = {name: mark for name, _, mark in self._reports()}

    def written(self) -> dict[str, bytes]:
        """Name ("<runner>-<number>-<path>") -> content of each that is new or was written anew. One
        that is a link, or beyond what is read, is there without content: none is passed over."""
        found: dict[str, bytes] = {}
        left = MOST_BYTES
        for name, path, mark in self._reports():
            if self._before.get(name) == mark:
                continue
            found[name] = b""
            if len(found) > MOST_REPORTS:
                break
            with contextlib.suppress(OSError, RefusedError):
                data = read_beneath(self._root, path, limit=min(MOST_OF_ONE, left))
                left -= len(data)
                found[name] = data
        return found

    def _reports(self) -> Iterator[tuple[str, str, Mark]]:
        """(name, path in the tree, what changes when it is written anew)."""
        for path in self._files() if self._wanted else ():
            for prefix, globs in self._wanted:
                if matches(path, globs):
                    with contextlib.suppress(OSError):
                        told = (self._root / path).lstat()
                        mark = (told.st_mtime_ns, told.st_ctime_ns, told.st_ino)
                        yield f"{prefix}-{path}", path, mark

    def _files(self) -> Iterator[str]:
        """Paths in the copy; links are not followed."""
        count = 0
        for folder, folders, files in walk(self._root):
            folders[:] = sorted(name for name in folders if name not in OUTSIDE)
            for name in sorted(files):
                count += 1
                if count > MOST_ENTRIES:
                    return
                yield (folder / name).relative_to(self._root).as_posix()

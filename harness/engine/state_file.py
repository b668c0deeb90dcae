"""The file behind a path, as long as it is open: an older copy in its place, a removal or a move is
noticed before anything more is written, and what was known is kept beside it."""

from __future__ import annotations

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from itertools import count
from pathlib import Path

from harness.core.errors import StateReplaced

_GENERATION = slice(60, 64)
"""Where SQLite keeps `user_version` in its first page: how often we have written to the file."""
_WRAP = 2**31 - 1
Identity = tuple[int, int]
_open: dict[Identity, tuple[int, int]] = {}
"""Of each file that this process holds: its descriptor, and how many hold it. Opened once, closed
after all else: to close any descriptor of a file gives up all of SQLite's locks on it, and another
process that closes it then takes its log away."""
_open_lock = threading.Lock()


class StateFile:
    """Call `hold` when the file is whole, `check` around each transaction, from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._held: sqlite3.Connection | None = None
        """Reads nothing as long as all is well: what it opened stays open whatever the path is."""
        self._fault: StateReplaced | None = None
        self._identity: Identity = (0, 0)
        self._header = -1
        self._changed = 0
        self._generation = 0

    def hold(self) -> None:
        """This is the file."""
        held = sqlite3.connect(self.path, check_same_thread=False)
        held.execute("SELECT count(*) FROM sqlite_master").fetchone()
        self._held = held
        self._identity, self._header = _take(self.path)
        self._changed = os.fstat(self._header).st_mtime_ns
        self._generation = self._read_generation()

    def check(self) -> None:
        """StateReplaced when the path does not lead to what was opened, or to an older state of
        it than was seen; what was known is kept then. Nothing before `hold`."""
        with self._lock:
            if self._held is not None and self._fault is None and not self._is_ours():
                self._fault = self._keep(self._held)
            if self._fault is not None:
                raise self._fault

    def close(self) -> None:
        """After every other connection of ours. May be called twice."""
        if self._held is not None:
            self._held.close()
            self._held = None
            _give_back(self._identity)

    def _is_ours(self) -> bool:
        try:
            found = self.path.stat()
        except OSError:
            return False
        if (found.st_dev, found.st_ino) != self._identity:
            return False
        if found.st_mtime_ns == self._changed:
            return True
        # moved into the file by us or another process, or another file's contents
        generation = self._read_generation()
        if generation < self._generation:
            return False
        self._changed, self._generation = found.st_mtime_ns, generation
        return True

    def _keep(self, held: sqlite3.Connection) -> StateReplaced:
        """Writes what the open file holds beside the path; the error that says where."""
        facts = {"path": str(self.path)}
        if not self.path.parent.is_dir():
            return StateReplaced("engine.state_gone", **facts)
        names = (self.path.with_name(f"{self.path.name}.kept-{n}") for n in count(1))
        kept = next(path for path in names if not path.exists())
        if self.path.exists() and self._is_same_inode():
            self._keep_log(kept)
        else:
            try:
                with closing(sqlite3.connect(kept)) as copy:
                    held.backup(copy)
                kept.chmod(0o600)
            except sqlite3.Error as fault:
                kept.unlink(missing_ok=True)
                return StateReplaced("engine.state_lost", why=str(fault), **facts)
        return StateReplaced("engine.state_replaced", kept=str(kept), **facts)

    def _is_same_inode(self) -> bool:
        found = self.path.stat()
        return (found.st_dev, found.st_ino) == self._identity

    def _keep_log(self, kept: Path) -> None:
        """Written over in its place: only the log is still ours. It must not be moved into what
        somebody put there, so it is taken out of the way."""
        log = self.path.with_name(f"{self.path.name}-wal")
        if log.exists():
            shutil.copyfile(log, kept)
            kept.chmod(0o600)
            os.truncate(log, 0)
        else:
            kept.touch(0o600)

    def _read_generation(self) -> int:
        return int.from_bytes(os.pread(self._header, 100, 0)[_GENERATION])


def _take(path: Path) -> tuple[Identity, int]:
    """The file that is there now, and a descriptor of it for as long as this process holds it."""
    with _open_lock:
        about = path.stat()
        known = _open.get((about.st_dev, about.st_ino))
        descriptor, holders = known or (os.open(path, os.O_RDONLY | os.O_CLOEXEC), 0)
        opened = os.fstat(descriptor)
        identity = (opened.st_dev, opened.st_ino)
        _open[identity] = descriptor, holders + 1
        return identity, descriptor


def _give_back(identity: Identity) -> None:
    with _open_lock:
        descriptor, holders = _open.pop(identity)
        if holders > 1:
            _open[identity] = descriptor, holders - 1
        else:
            os.close(descriptor)


def next_generation(before: int) -> int:
    """One more; from the greatest back to one."""
    return before + 1 if before < _WRAP else 1

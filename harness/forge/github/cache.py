"""What GitHub answered last, kept on the disk, so that "not modified" is enough after a restart
too. It may vanish or break at any time: then the next question is an ordinary one. Blocking."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from harness.system.files import private_dir

T = TypeVar("T")
BOUND: Final = 64 << 20
LARGEST: Final = 4 << 20
_TABLE: Final = """
create table if not exists answers (
    key text primary key, turn integer not null, size integer not null, etag text not null,
    modified text not null, link text not null, body blob not null
)
"""
_INDEX: Final = "create index if not exists answers_by_turn on answers (turn, size)"


@dataclass(frozen=True)
class CachedAnswer:
    """One answer. `etag` or `modified` is what to ask with."""

    etag: str
    modified: str
    link: str
    body: bytes


class Cache:
    """At most `bound` bytes on the disk; what was written longest ago goes first. Threads may use
    it at once. `path` None: in memory."""

    def __init__(self, path: Path | None, *, bound: int = BOUND) -> None:
        self._path = path
        self._bound = bound
        self._lock = threading.Lock()
        self._base: sqlite3.Connection | None = None

    def get(self, key: str) -> CachedAnswer | None:
        """What is kept under the key."""

        def work(base: sqlite3.Connection) -> CachedAnswer | None:
            row = base.execute(
                "select etag, modified, link, body from answers where key = ?", (key,)
            ).fetchone()
            return CachedAnswer(row[0], row[1], row[2], zlib.decompress(row[3])) if row else None

        return self._with(work)

    def put(self, key: str, kept: CachedAnswer) -> None:
        """Kept under the key in place of what was there; a body that is too large is not."""
        packed = zlib.compress(kept.body, 1)
        if len(packed) > min(LARGEST, self._bound):
            self.drop(key)
            return

        def work(base: sqlite3.Connection) -> None:
            base.execute(
                "insert or replace into answers values "
                "(?, (select coalesce(max(turn), 0) + 1 from answers), ?, ?, ?, ?, ?)",
                (key, len(packed) + len(key), kept.etag, kept.modified, kept.link, packed),
            )
            self._shrink(base)

        self._with(work)

    def drop(self, key: str) -> None:
        """Nothing is kept under the key."""
        self._with(lambda base: base.execute("delete from answers where key = ?", (key,)))

    def close(self) -> None:
        with self._lock:
            self._shut()

    def _shut(self) -> None:
        base, self._base = self._base, None
        if base is not None:
            with contextlib.suppress(sqlite3.Error):
                base.close()

    def _with(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        with self._lock:
            try:
                if self._base is None:
                    self._base = self._connect()
                return work(self._base)
            except sqlite3.OperationalError:
                # a lock or a full disk passes: this time there is no cache
                self._shut()
            except (sqlite3.Error, OSError, zlib.error):
                self._shut()
                self._start_anew()
        return None

    def _start_anew(self) -> None:
        if self._path is not None:
            for end in ("", "-wal", "-shm"):
                with contextlib.suppress(OSError):
                    self._path.with_name(self._path.name + end).unlink()

    def _connect(self) -> sqlite3.Connection:
        if self._path is not None:
            private_dir(self._path.parent)
            self._path.touch(mode=0o600)
        base = sqlite3.connect(
            self._path or ":memory:", timeout=1, isolation_level=None, check_same_thread=False
        )
        try:
            base.execute("pragma journal_mode=wal")
            base.execute("pragma synchronous=off")
            base.execute(_TABLE)
            base.execute(_INDEX)
        except sqlite3.Error:
            base.close()
            raise
        return base

    def _shrink(self, base: sqlite3.Connection) -> None:
        (size,) = base.execute("select coalesce(sum(size), 0) from answers").fetchone()
        while size > self._bound:
            row = base.execute("select key, size from answers order by turn limit 1").fetchone()
            base.execute("delete from answers where key = ?", (row[0],))
            size -= row[1]

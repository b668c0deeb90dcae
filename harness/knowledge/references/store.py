"""The store of references: one SQLite file with full-text search for every process of the machine,
and a Markdown file beside it for each source. The database is the truth, files are for people."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, TypeVar

from harness.core.errors import EngineError, StorageError
from harness.core.reference_types import Reference, ReferenceHit, Validators
from harness.knowledge.references.page_files import file_of, written
from harness.knowledge.references.words import excerpt, pairs, terms
from harness.system.files import atomic_write, private_dir
from harness.system.storage import storage_fault

T = TypeVar("T")
FILE: Final = "references.db"
FOLDER: Final = "references"
BUSY_S: Final = 30
USED_S: Final = 60
"""A source that is read again within this time is not marked as used again."""
MOST_BYTES: Final = 1 << 30
_VERSION: Final = 1
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS kept (
    id INTEGER PRIMARY KEY, source TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, title TEXT NOT NULL,
    sha256 TEXT NOT NULL, published TEXT NOT NULL, fetched_at REAL NOT NULL,
    checked_at REAL NOT NULL, max_age_s REAL NOT NULL, etag TEXT NOT NULL,
    last_modified TEXT NOT NULL, links TEXT NOT NULL, gone INTEGER NOT NULL,
    size INTEGER NOT NULL, used_at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS kept_used ON kept (used_at, size);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    title, body, pairs, tokenize = 'unicode61 remove_diacritics 2');
"""
_COLUMNS: Final = (
    *("source", "kind", "title", "sha256", "published", "fetched_at", "checked_at", "max_age_s"),
    *("etag", "last_modified", "links", "gone"),
)
_SHOWN: Final = ", ".join(f"kept.{name}" for name in _COLUMNS)
_MATCHES: Final = (
    "SELECT kept.source, kept.title, kept.kind, kept.fetched_at, words.body FROM words"
    " JOIN kept ON kept.id = words.rowid WHERE words MATCH ?"
)
_BEST: Final = " ORDER BY bm25(words, 6.0, 1.0, 1.0), kept.id LIMIT ?"


class KeptReferences:
    """`folder`: the state folder. `most_bytes` of text are kept: what was not used for the longest
    time goes first. StorageError for a disk that takes nothing, EngineError for a torn file."""

    def __init__(
        self,
        folder: Path,
        most_bytes: int = MOST_BYTES,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._file = folder / FILE
        self._pages = folder / FOLDER
        self._most_bytes = most_bytes
        self._now = now

    async def get(self, source: str) -> Reference | None:
        return await self._read(lambda c: _get(c, source, self._now()), None)

    async def put(self, reference: Reference) -> None:
        await self._write(lambda c: self._put(c, reference))

    async def search(
        self, query: str, limit: int = 8, *, near: Sequence[str] = ()
    ) -> tuple[ReferenceHit, ...]:
        return await self._read(lambda c: _search(c, query, limit, near), ())

    async def sources(self) -> tuple[Reference, ...]:
        return await self._read(_sources, ())

    async def remove(self, sources: Sequence[str]) -> None:
        if self._file.exists():
            await self._write(lambda c: self._remove(c, sources))

    async def trim(self, most_bytes: int) -> int:
        """Removes what was not used for longest until so much is left; how many."""
        if not self._file.exists():
            return 0
        return await self._write(lambda c: self._trim(c, most_bytes))

    async def _read(self, work: Callable[[sqlite3.Connection], T], nothing: T) -> T:
        if not self._file.exists():
            return nothing
        return await asyncio.to_thread(self._transact, work, "DEFERRED")

    async def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        return await asyncio.to_thread(self._transact, work, "IMMEDIATE")

    def _transact(self, work: Callable[[sqlite3.Connection], T], begin: str) -> T:
        try:
            private_dir(self._file.parent)
            with closing(self._opened()) as connection:
                connection.execute(f"BEGIN {begin}")
                done = work(connection)
                connection.execute("COMMIT")
                return done
        except sqlite3.Error as error:
            raise _explained(error, self._file) from error
        except OSError as error:
            if (fault := storage_fault(error, self._file)) is not None:
                raise fault from error
            why = error.strerror or str(error)
            raise StorageError("engine.cannot_write", path=str(self._file), why=why) from error

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file, timeout=BUSY_S, isolation_level=None)
        try:
            if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.executescript(f"BEGIN IMMEDIATE; {_SCHEMA}; COMMIT;")
                connection.execute(f"PRAGMA user_version={_VERSION}")
            connection.execute("PRAGMA synchronous=NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _put(self, connection: sqlite3.Connection, reference: Reference) -> None:
        row = _row(reference)
        size = len(reference.text.encode("utf-8", "replace"))
        names = [*row, "size", "used_at"]
        marks = ", ".join("?" for _ in names)
        said = ", ".join(f"{name} = excluded.{name}" for name in names if name != "source")
        number = connection.execute(
            f"INSERT INTO kept ({', '.join(names)}) VALUES ({marks})"
            f" ON CONFLICT (source) DO UPDATE SET {said} RETURNING id",
            (*row.values(), size, self._now()),
        ).fetchone()[0]
        title, text = _storable(reference.title), _storable(reference.text)
        connection.execute("DELETE FROM words WHERE rowid = ?", (number,))
        connection.execute(
            "INSERT INTO words (rowid, title, body, pairs) VALUES (?, ?, ?, ?)",
            (number, title, text, pairs(f"{title}\n{text}")),
        )
        self._write_page(reference)
        self._remove(connection, [*_too_much(connection, self._most_bytes, reference.source)])

    def _write_page(self, reference: Reference) -> None:
        path = self._pages / file_of(reference.source)
        # what a package says of itself lies in the environment already
        if reference.text and reference.kind != "package":
            private_dir(path.parent)
            atomic_write(path, _storable(written(reference)))
        else:
            self._unlink(reference.source)

    def _trim(self, connection: sqlite3.Connection, most_bytes: int) -> int:
        chosen = [*_too_much(connection, most_bytes, "")]
        self._remove(connection, chosen)
        return len(chosen)

    def _remove(self, connection: sqlite3.Connection, sources: Sequence[str]) -> None:
        for source in sources:
            row = connection.execute(
                "DELETE FROM kept WHERE source = ? RETURNING id", (source,)
            ).fetchone()
            if row is not None:
                connection.execute("DELETE FROM words WHERE rowid = ?", row)
                self._unlink(source)

    def _unlink(self, source: str) -> None:
        path = self._pages / file_of(source)
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # others are still in it
            path.parent.rmdir()


def _get(connection: sqlite3.Connection, source: str, now: float) -> Reference | None:
    row = connection.execute(
        f"SELECT {_SHOWN}, words.body, kept.used_at FROM kept"
        " JOIN words ON words.rowid = kept.id WHERE kept.source = ?",
        (source,),
    ).fetchone()
    if row is None:
        return None
    if now - row[-1] > USED_S:
        # a store that cannot be written to can be read
        with contextlib.suppress(sqlite3.OperationalError):
            connection.execute("UPDATE kept SET used_at = ? WHERE source = ?", (now, source))
    return _reference(row[: len(_COLUMNS)], row[-2])


def _search(
    connection: sqlite3.Connection, query: str, limit: int, near: Sequence[str]
) -> tuple[ReferenceHit, ...]:
    """All words before any of them."""
    wanted = terms(query)
    if not wanted or limit < 1:
        return ()
    beginning = " OR ".join("substr(kept.source, 1, ?) = ?" for _ in near)
    where = f" AND ({beginning})" if near else ""
    starts = [part for start in near for part in (len(start), start)]
    found: dict[str, ReferenceHit] = {}
    for join in (" AND ", " OR ") if len(wanted) > 1 else (" OR ",):
        rows = connection.execute(
            f"{_MATCHES}{where}{_BEST}", (join.join(wanted), *starts, limit)
        ).fetchall()
        for source, title, kind, fetched_at, body in rows:
            if source not in found and len(found) < limit:
                found[source] = ReferenceHit(
                    source=source,
                    title=title,
                    excerpt=excerpt(body, query),
                    kind=kind,
                    fetched_at=fetched_at,
                )
        if len(found) >= limit:
            break
    return tuple(found.values())


def _sources(connection: sqlite3.Connection) -> tuple[Reference, ...]:
    rows = connection.execute(f"SELECT {_SHOWN} FROM kept ORDER BY used_at DESC, id DESC")
    return tuple(_reference(row, "") for row in rows)


def _too_much(connection: sqlite3.Connection, most: int, but: str) -> Iterator[str]:
    """What has to go, the source that was just put aside."""
    left = connection.execute("SELECT COALESCE(SUM(size), 0) FROM kept").fetchone()[0]
    if left <= most:
        return
    rows = connection.execute("SELECT source, size FROM kept ORDER BY used_at, id").fetchall()
    for source, size in rows:
        if left <= most:
            return
        if source != but:
            left -= size
            yield source


def _row(reference: Reference) -> dict[str, Any]:
    own = reference.model_dump(exclude={"text", "validators", "links", "gone"})
    row: dict[str, Any] = {
        **own,
        **reference.validators.model_dump(),
        "links": json.dumps(reference.links),
        "gone": int(reference.gone),
    }
    return {
        key: _storable(value) if isinstance(value, str) else value for key, value in row.items()
    }


def _reference(row: Sequence[Any], text: str) -> Reference:
    said = dict(zip(_COLUMNS, row, strict=True))
    validators = Validators(etag=said.pop("etag"), last_modified=said.pop("last_modified"))
    links, gone = tuple(json.loads(said.pop("links"))), bool(said.pop("gone"))
    return Reference(**said, validators=validators, links=links, gone=gone, text=text)


def _storable(text: str) -> str:
    """A lone half of a surrogate pair is no text."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _explained(error: sqlite3.Error, path: Path) -> EngineError:
    name = str(getattr(error, "sqlite_errorname", ""))
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return EngineError("refs.torn", path=str(path), why=str(error))
    key = "engine.disk_full" if name.startswith("SQLITE_FULL") else "engine.cannot_write"
    return StorageError(key, path=str(path), why=str(error))

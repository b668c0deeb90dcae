"""The state database: one SQLite file, one writer, nothing lost by a kill or a full disk.

Refuses to open a torn file or one of a newer harness. No reader holds a transaction across an
await: a read or a write is one plain function run in a thread.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, nullcontext
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy import event

from harness.core.errors import EngineError, RefusedError, StorageError
from harness.engine.history import OURS, History, revision_of
from harness.engine.state_file import StateFile, next_generation
from harness.engine.trouble import Told, Trouble, explain, silently
from harness.system.files import sync_dir, sync_file

log = logging.getLogger(__name__)
T = TypeVar("T")
AGAIN_S = (0.1, 0.5)
"""Pauses before a transaction that the disk failed is tried again."""
Alone = Callable[[], AbstractContextManager[None]]
BUSY_S = 30
TRIES, PAUSE_S = 50, 0.1
"""For another process that moves the schema already."""
MIGRATING = "harness.engine.migrating"
"""Loads Alembic, which costs as much as all else of a start: only where there is need."""


class Database:
    """Open before use. `path` is the file; its folder is made when missing. The schema is moved
    inside `alone`, which raises RefusedError while another process may be at work. `told` hears
    at once, and once, of a disk that takes nothing."""

    def __init__(
        self,
        path: Path,
        history: History = OURS,
        alone: Alone = nullcontext,
        told: Told = silently,
    ) -> None:
        self.path = path
        self._history = history
        self._alone = alone
        self._trouble = Trouble(told)
        self._file = StateFile(path)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="harness-writer")
        self._write_engine = _engine(path, "BEGIN IMMEDIATE", read_only=False)
        self._read_engine = _engine(path, "BEGIN", read_only=True)

    async def open(self) -> None:
        """Creates or checks and migrates the file. EngineError says what to do."""
        await self._in_writer(self._prepare)
        await self._in_writer(self._file.hold)

    async def write(self, work: Callable[[sa.Connection], T]) -> T:
        """One transaction, committed to the disk when this returns. May be called from many
        tasks: they are served in order."""
        done = await self._tell_of(self._in_writer(lambda: self._insist(self._write_engine, work)))
        self._trouble.over()
        return done

    async def read(self, work: Callable[[sa.Connection], T]) -> T:
        """One consistent view; writing in it is an error."""
        return await self._tell_of(asyncio.to_thread(self._insist, self._read_engine, work))

    async def backup(self, folder: Path, day: str, keep: int = 7) -> Path:
        """A whole copy `state-<day>.db` in the folder, made while others write; the newest
        `keep` stay."""
        return await asyncio.to_thread(self._backup, folder, day, keep)

    async def close(self) -> None:
        """Waits for writes under way. May be called twice."""
        await asyncio.to_thread(self._writer.shutdown)
        self._read_engine.dispose()
        self._write_engine.dispose()
        self._file.close()

    async def _in_writer(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    async def _tell_of(self, work: Awaitable[T]) -> T:
        try:
            return await work
        except StorageError as fault:
            self._trouble.tell(fault)
            raise

    def _insist(self, engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
        """An error of the disk, which rolls back, is met by the same again after a check: the
        next try writes all of it anew."""
        for pause_s in AGAIN_S:
            try:
                return self._checked(engine, work)
            except StorageError as fault:
                if fault.key != "engine.cannot_write":
                    raise
                log.warning("%s", fault)
            time.sleep(pause_s)
            self._check_sound()
        return self._checked(engine, work)

    def _checked(self, engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
        """On the file that was opened, and on no other, also when it is replaced meanwhile."""
        self._file.check()
        if engine is self._read_engine:
            return self._transact(engine, work)
        done = self._transact(engine, lambda connection: _counted(connection, work))
        self._file.check()
        return done

    def _check_sound(self) -> None:
        """What is on the disk is whole, seen through a connection that knows nothing."""
        try:
            with closing(
                sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro", uri=True)
            ) as fresh:
                found = [row[0] for row in fresh.execute("PRAGMA quick_check(1)")]
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        if found != ["ok"]:
            raise EngineError("engine.torn", path=str(self.path), why=found[0])

    def _transact(self, engine: sa.Engine, work: Callable[[sa.Connection], T]) -> T:
        try:
            with engine.begin() as connection:
                return work(connection)
        except sa.exc.IntegrityError:
            raise
        except sa.exc.DBAPIError as error:
            raise explain(error.orig, self.path) from error

    def _prepare(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EngineError(
                "engine.cannot_open", path=str(self.path), why=error.strerror or ""
            ) from error
        try:
            with closing(sqlite3.connect(self.path, timeout=BUSY_S)) as raw:
                raw.execute("PRAGMA journal_mode=WAL")
                found = [row[0] for row in raw.execute("PRAGMA integrity_check(3)")]
        except sqlite3.Error as error:
            raise explain(error, self.path) from error
        if found != ["ok"]:
            raise EngineError("engine.torn", path=str(self.path), why=found[0])
        for left in reversed(range(TRIES)):
            if self._transact(self._read_engine, self._revision) == self._history.head:
                return
            try:
                with self._alone():
                    self._move()
            except RefusedError:
                # whoever is at work may be doing just that
                if not left:
                    raise
                time.sleep(PAUSE_S)

    def _move(self) -> None:
        migrate = import_module(MIGRATING).migrate
        self._transact(self._write_engine, lambda c: migrate(c, self._history))

    def _revision(self, connection: sa.Connection) -> str | None:
        return revision_of(connection, self._history)

    def _backup(self, folder: Path, day: str, keep: int) -> Path:
        target = folder / f"state-{day}.db"
        half = target.with_suffix(".part")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            half.unlink(missing_ok=True)
            with (
                closing(sqlite3.connect(self.path, timeout=BUSY_S)) as source,
                closing(sqlite3.connect(half)) as copy,
            ):
                source.backup(copy)
            sync_file(half)
            half.replace(target)
            sync_dir(folder)
        except sqlite3.Error as error:
            half.unlink(missing_ok=True)
            raise explain(error, target) from error
        except OSError as error:
            path = os.fsdecode(error.filename or target)
            raise StorageError(
                "engine.cannot_write", path=path, why=error.strerror or ""
            ) from error
        for old in sorted(folder.glob("state-*.db"))[:-keep]:
            old.unlink()
        return target


def _counted(connection: sa.Connection, work: Callable[[sa.Connection], T]) -> T:
    """The work, and the file's number one higher."""
    before = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    done = work(connection)
    connection.exec_driver_sql(f"PRAGMA user_version={next_generation(before)}")
    return done


def _engine(path: Path, begin: str, *, read_only: bool) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": BUSY_S})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # transactions are begun by us: the driver's own come too late and are deferred
        connection.isolation_level = None
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine

"""The embedded forge's tables and how its database is opened.

One SQLite file for all repositories of a root, used by several processes at once.
"""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Dialect,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, NullPool
from sqlalchemy.types import TypeDecorator

from harness.core.errors import RefusedError, Unavailable

BUSY_S = 30.0
META = MetaData()


class UtcText(TypeDecorator[datetime]):
    """An aware UTC time as text that sorts."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def _repo(*, primary: bool = False) -> Column[int]:
    return Column("repo", ForeignKey("repositories.id"), primary_key=primary, nullable=False)


REPOSITORIES = Table(
    "repositories",
    META,
    Column("id", Integer, primary_key=True),
    Column("name", String(200), nullable=False, unique=True),
    Column("default_branch", Text, nullable=False),
    Column("numbers", Integer, nullable=False, default=0),
    Column("changes", Integer, nullable=False, default=0),
    Column("created_at", UtcText, nullable=False),
)
USERS = Table(
    "users",
    META,
    Column("id", Integer, primary_key=True),
    Column("login", String(64, collation="NOCASE"), nullable=False, unique=True),
    Column("kind", String(8), nullable=False),
)
MEMBERS = Table(
    "members",
    META,
    _repo(primary=True),
    Column("user", ForeignKey("users.id"), primary_key=True),
    Column("permission", String(16), nullable=False),
)
ITEMS = Table(
    "items",
    META,
    _repo(primary=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", String(8), nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("author", ForeignKey("users.id"), nullable=False),
    Column("key", Text, nullable=False, default=""),
    Column("state", String(8), nullable=False, default="open"),
    Column("state_reason", String(16)),
    Column("labels", JSON, nullable=False, default=list),
    Column("assignees", JSON, nullable=False, default=list),
    Column("milestone", Text),
    Column("locked", Boolean, nullable=False, default=False),
    Column("created_at", UtcText, nullable=False),
    Column("updated_at", UtcText, nullable=False),
    Column("edited_at", UtcText),
    Column("change", Integer, nullable=False, index=True),
)
COMMENTS = Table(
    "comments",
    META,
    Column("id", Integer, primary_key=True),
    _repo(),
    Column("number", Integer, nullable=False, index=True),
    Column("thread", Integer),
    Column("marker", Text, nullable=False, default=""),
    Column("author", ForeignKey("users.id"), nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", UtcText, nullable=False),
    Column("edited_at", UtcText),
)
TIMELINE = Table(
    "timeline",
    META,
    Column("id", Integer, primary_key=True),
    _repo(),
    Column("number", Integer, nullable=False, index=True),
    Column("kind", String(32), nullable=False),
    Column("actor", ForeignKey("users.id"), nullable=False),
    Column("subject", Text, nullable=False, default=""),
    Column("at", UtcText, nullable=False),
)
PULLS = Table(
    "pulls",
    META,
    _repo(primary=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("head", Text, nullable=False, index=True),
    Column("head_sha", String(64), nullable=False),
    Column("base", Text, nullable=False),
    Column("base_sha", String(64), nullable=False),
    Column("draft", Boolean, nullable=False),
    Column("merged_sha", String(64)),
    # written before git's ref moves: a merge cut in between is known by it
    Column("merging_sha", String(64)),
    Column("merging_by", ForeignKey("users.id")),
    Column("requested", JSON, nullable=False, default=list),
)
REVIEWS = Table(
    "reviews",
    META,
    Column("id", Integer, primary_key=True),
    _repo(),
    Column("number", Integer, nullable=False, index=True),
    Column("author", ForeignKey("users.id"), nullable=False),
    Column("state", String(20), nullable=False),
    Column("body", Text, nullable=False),
    Column("commit", String(64), nullable=False),
    Column("at", UtcText, nullable=False),
)
THREADS = Table(
    "threads",
    META,
    Column("id", Integer, primary_key=True),
    _repo(),
    Column("number", Integer, nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("line", Integer, nullable=False),
    Column("resolved", Boolean, nullable=False, default=False),
)
CHECKS = Table(
    "checks",
    META,
    Column("id", Integer, primary_key=True),
    _repo(),
    Column("commit", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("conclusion", String(20)),
    Column("summary", Text, nullable=False, default=""),
    Column("log", Text, nullable=False, default=""),
    UniqueConstraint("repo", "commit", "name"),
)
LEASES = Table(
    "leases",
    META,
    _repo(primary=True),
    Column("issue", Integer, primary_key=True, autoincrement=False),
    Column("holder", Text, nullable=False),
    Column("token", Integer, nullable=False),
    Column("expires_at", UtcText, nullable=False),
)

GIT_USER = 1
"""Who did what only git shows: a merge that somebody pushed, a branch that is gone."""


def _first(conn: Connection) -> None:
    META.create_all(conn)
    conn.execute(USERS.insert().values(id=GIT_USER, login="git", kind="bot"))


def _locks(conn: Connection) -> None:
    if "locked" not in {row[1] for row in conn.exec_driver_sql("PRAGMA table_info(items)")}:
        conn.exec_driver_sql("ALTER TABLE items ADD COLUMN locked BOOLEAN NOT NULL DEFAULT 0")


MIGRATIONS: tuple[Callable[[Connection], None], ...] = (_first, _locks)


class ForgeDatabase:
    """The file at `path`. Each transaction opens and closes its own connection, so nothing has
    to be shut down and any thread may ask."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ready = False
        self._lock = threading.Lock()
        self._engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
        event.listen(self._engine, "connect", _prepare_connection)
        event.listen(self._engine, "begin", _begin)

    @contextmanager
    def transaction(self, *, write: bool) -> Iterator[Connection]:
        """Commits at the end, rolls back on an error. A writer waits for the others, at most
        BUSY_S. Unavailable when the database cannot be used."""
        try:
            self._prepare()
            options = {"writes": write}
            with self._engine.connect().execution_options(**options) as conn, conn.begin():
                yield conn
        except DBAPIError as error:
            raise Unavailable(
                "forge.database", path=str(self.path), detail=str(error.orig)
            ) from error

    def make_folder(self) -> None:
        """The folder of the file, for us alone. Unavailable when it cannot be made."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            detail = error.strerror or str(error)
            raise Unavailable("forge.database", path=str(self.path), detail=detail) from error

    def _prepare(self) -> None:
        with self._lock:
            if self._ready:
                return
            with self._engine.connect() as conn:
                version = _version(conn)
            if version > len(MIGRATIONS):
                raise RefusedError("forge.newer_database", path=str(self.path))
            if version < len(MIGRATIONS):
                self._migrate()
            self._ready = True

    def _migrate(self) -> None:
        # a file lock, because turning WAL on does not wait for another process doing the same
        with self.path.with_suffix(".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with self._engine.connect() as conn:
                conn.exec_driver_sql("COMMIT")
                conn.exec_driver_sql("PRAGMA journal_mode=WAL")
            with self._engine.connect().execution_options(writes=True) as conn, conn.begin():
                for step in MIGRATIONS[_version(conn) :]:
                    step(conn)
                conn.exec_driver_sql(f"PRAGMA user_version={len(MIGRATIONS)}")


def _version(conn: Connection) -> int:
    return int(conn.exec_driver_sql("PRAGMA user_version").scalar_one())


def _prepare_connection(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    # sqlite3 would begin too late and upgrade a read to a write without waiting: _begin does it
    connection.isolation_level = None
    cursor = connection.cursor()
    for setting in (
        f"busy_timeout={int(BUSY_S * 1000)}",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin(conn: Connection) -> None:
    writes = conn.get_execution_options().get("writes", False)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

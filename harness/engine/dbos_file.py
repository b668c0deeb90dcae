"""DBOS's own SQLite file, as we want it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from harness.core.errors import EngineError


def prepare(path: Path) -> None:
    """WAL is a property of the file: set before DBOS opens it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=30)) as raw:
            raw.execute("PRAGMA journal_mode=WAL")
            found = raw.execute("PRAGMA integrity_check(1)").fetchone()[0]
    except (OSError, sqlite3.Error) as error:
        raise EngineError("engine.cannot_open", path=str(path), why=str(error)) from error
    if found != "ok":
        raise EngineError("engine.torn", path=str(path), why=found)


def connect(path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        # DBOS expects this of an engine it did not make
        connection.isolation_level = "IMMEDIATE"
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine

"""How DBOS is opened on an SQLite file of ours."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dbos import DBOSConfig
from sqlalchemy import event

from harness.core.errors import EngineError
from harness.engine.recorded import RecordSerializer

EXECUTOR = "harness"


def quiet() -> None:
    """Its sentences are for its own developers; what goes wrong reaches us as an exception."""
    log = logging.getLogger("dbos")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    log.propagate = False


def config(path: Path, engine: sa.Engine, version: str) -> DBOSConfig:
    """Everything it is told."""
    return {
        "name": "harness",
        "system_database_url": f"sqlite:///{path}",
        "system_database_engine": engine,
        "application_version": version,
        "executor_id": EXECUTOR,
        "serializer": RecordSerializer(),
        "enable_otlp": False,
        "log_level": "CRITICAL",
        "max_executor_threads": 32,
        "notification_listener_polling_interval_sec": 0.2,
        "scheduler_polling_interval_sec": 3600.0,
    }


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
    """Connections that lose nothing in a power cut."""
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: object) -> None:
        # DBOS expects this of an engine it did not make
        connection.isolation_level = "IMMEDIATE"
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    return engine

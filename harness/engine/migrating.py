"""Brings a database to the newest revision, by Alembic. Loaded by name, when there is need."""

from __future__ import annotations

import threading

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from harness.engine.history import History, alembic_revision, revision_of

_ONE_AT_A_TIME = threading.Lock()
"""Alembic's `op` and `context` are one a process."""


def migrate(connection: sa.Connection, history: History) -> None:
    """All of it in the caller's transaction. A database of before Alembic is taken to be at the
    revision that its own count names. NewerDatabase: see `revision_of`."""
    config = Config()
    config.set_main_option("script_location", str(history.folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    found = revision_of(connection, history)
    with _ONE_AT_A_TIME:
        if found is not None and alembic_revision(connection) is None:
            command.stamp(config, found)
        command.upgrade(config, "head")

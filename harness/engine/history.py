"""Which revision of the schema a database has. Read without Alembic, which takes long to load and
is wanted only where something must change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from harness.core.errors import NewerDatabase

ALEMBIC = sa.table("alembic_version", sa.column("version_num", sa.Text()))
BEFORE = sa.table("schema_version", sa.column("version", sa.Integer()))
"""What told the version before Alembic did: n is what is revision n now."""


@dataclass(frozen=True)
class History:
    """Alembic's folder of the schema's revisions, and their ids, oldest first."""

    folder: Path
    revisions: tuple[str, ...]

    @property
    def head(self) -> str:
        """The newest."""
        return self.revisions[-1]


OURS = History(
    Path(__file__).parent / "migrations", ("0001", "0002", "0003", "0004", "0005", "0006")
)


def revision_of(connection: sa.Connection, history: History = OURS) -> str | None:
    """The database's revision; None for a new one. NewerDatabase for one that is not in the
    history: a newer harness wrote it."""
    found = alembic_revision(connection) or _counted_before(connection)
    if found is not None and found not in history.revisions:
        raise NewerDatabase("engine.newer_database", found=found, known=history.head)
    return found


def alembic_revision(connection: sa.Connection) -> str | None:
    """What Alembic's own table says; None where Alembic was never at work."""
    if not sa.inspect(connection).has_table(ALEMBIC.name):
        return None
    return connection.execute(sa.select(ALEMBIC.c.version_num)).scalar()


def _counted_before(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(BEFORE.name):
        return None
    number = connection.execute(sa.select(BEFORE.c.version)).scalar()
    return None if number is None else f"{number:04}"

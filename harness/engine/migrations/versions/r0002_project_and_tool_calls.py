"""Whose day a call was on, and the tool calls of its reply (schema version 2)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Those tool calls that were answered are counted from the turns."""
    op.add_column("spending", sa.Column("project", sa.Text(), nullable=False, server_default=""))
    count = sa.Column("tool_calls", sa.Integer(), nullable=False, server_default="0")
    op.add_column("spending", count)
    version = sa.table("schema_version", sa.column("version", sa.Integer()))
    op.execute(version.update().values(version=2))
    if not op.get_context().as_sql:
        _fill(op.get_bind())


def _fill(c: sa.Connection) -> None:
    names = ("session", "turn", "issue", "project", "tool_calls")
    spending = sa.table("spending", *(sa.column(name) for name in names))
    turns = sa.table("turns", *map(sa.column, ("session", "number")), sa.column("data", sa.JSON))
    for issue in c.execute(sa.select(spending.c.issue).distinct()).scalars().all():
        named = {"project": str(issue).rpartition("/")[0]}
        c.execute(spending.update().where(spending.c.issue == issue).values(named))
    for session in c.execute(sa.select(spending.c.session).distinct()).scalars().all():
        said = sa.select(turns.c.number, turns.c.data).where(turns.c.session == session)
        answered = {number: len(data.get("results", ())) for number, data in c.execute(said)}
        for number, tools in answered.items():
            same = (spending.c.session == session) & (spending.c.turn == number)
            c.execute(spending.update().where(same).values(tool_calls=tools))

"""Which calls' tokens a server did not tell, so that they were estimated."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Of calls that were recorded, their record says it."""
    op.add_column(
        "spending", sa.Column("estimated", sa.Integer(), nullable=False, server_default="0")
    )
    if not op.get_context().as_sql:
        _fill(op.get_bind())


def _fill(c: sa.Connection) -> None:
    spending = sa.table("spending", *map(sa.column, ("session", "turn", "estimated")))
    calls = sa.table("calls", *map(sa.column, ("session", "turn")), sa.column("data", sa.JSON))
    said = c.execute(sa.select(calls.c.session, calls.c.turn, calls.c.data))
    guessed = [(s, t) for s, t, data in said if data.get("usage", {}).get("estimated")]
    for session, turn in guessed:
        same = (spending.c.session == session) & (spending.c.turn == turn)
        c.execute(spending.update().where(same).values(estimated=1))

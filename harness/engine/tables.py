"""Our tables as they are now; how they came to be is in `migrations`. Portable SQLAlchemy: SQLite
here, PostgreSQL for many machines. Columns hold what is searched; the value itself is a pydantic
dump in a JSON column.
"""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()
# SQLite numbers rows by itself only for INTEGER; PostgreSQL wants eight bytes
ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# what told the version before Alembic did; kept so that an older harness refuses
sa.Table("schema_version", METADATA, sa.Column("version", sa.Integer, primary_key=True))

RUNS = sa.Table(
    "runs",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("issue", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("over", sa.Boolean, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.UniqueConstraint("project", "issue", "number"),
    sa.Index("runs_by_state", "state"),
)
sa.Index(
    "one_open_run",
    RUNS.c.project,
    RUNS.c.issue,
    unique=True,
    sqlite_where=RUNS.c.over.is_(sa.false()),
    postgresql_where=RUNS.c.over.is_(sa.false()),
)

EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.UniqueConstraint("run", "key"),
    sa.Index("events_in_order", "run", "id"),
)

PLANS = sa.Table(
    "plans",
    METADATA,
    sa.Column("run", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
)

EVIDENCE = sa.Table(
    "evidence",
    METADATA,
    sa.Column("seq", ROW_ID, primary_key=True, autoincrement=True),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.UniqueConstraint("run", "id"),
)

CACHED_TESTS = sa.Table(
    "cached_tests",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("data", sa.JSON, nullable=False),
)

KEPT_TRIALS = sa.Table(
    "kept_trials",
    METADATA,
    sa.Column("seq", ROW_ID, primary_key=True, autoincrement=True),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("data", sa.Text, nullable=False),
)

LESSONS = sa.Table(
    "lessons",
    METADATA,
    sa.Column("seq", ROW_ID, primary_key=True, autoincrement=True),
    sa.Column("project", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    # of how many issues: those of the fewest go first
    sa.Column("issues", sa.Integer, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.UniqueConstraint("project", "key"),
)

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("seq", ROW_ID, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("run", sa.Text, nullable=False, index=True),
    sa.Column("data", sa.JSON, nullable=False),
)

TURNS = sa.Table(
    "turns",
    METADATA,
    sa.Column("session", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.JSON, nullable=False),
)

TASK_RESULTS = sa.Table(
    "task_results",
    METADATA,
    sa.Column("session", sa.Text, primary_key=True),
    sa.Column("data", sa.JSON, nullable=False),
)

INBOX = sa.Table(
    "inbox",
    METADATA,
    sa.Column("id", ROW_ID, primary_key=True, autoincrement=True),
    sa.Column("done", sa.Boolean, nullable=False, index=True),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("answer", sa.JSON, nullable=False),
)

KEPT = sa.Table(
    "kept",
    METADATA,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("value", sa.JSON, nullable=False),
)

CALLS = sa.Table(
    "calls",
    METADATA,
    sa.Column("seq", ROW_ID, primary_key=True, autoincrement=True),
    sa.Column("session", sa.Text, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("run", sa.Text, nullable=False, index=True),
    sa.Column("request_hash", sa.Text, nullable=False),
    sa.Column("message", sa.JSON, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.UniqueConstraint("session", "turn"),
)

SPENDING = sa.Table(
    "spending",
    METADATA,
    sa.Column("session", sa.Text, primary_key=True),
    sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run", sa.Text, nullable=False),
    sa.Column("issue", sa.Text, nullable=False),
    sa.Column("project", sa.Text, nullable=False, server_default=""),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("in_flight", sa.Boolean, nullable=False),
    sa.Column("held_tokens", sa.BigInteger, nullable=False),
    sa.Column("held_cost_usd", sa.Float(53), nullable=False),
    sa.Column("held_calls", sa.Integer, nullable=False),
    sa.Column("tokens", sa.BigInteger, nullable=False),
    sa.Column("cost_usd", sa.Float(53), nullable=False),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("tool_calls", sa.Integer, nullable=False, server_default="0"),
    # 1: a server did not tell all of it, or a kill cut the call off
    sa.Column("estimated", sa.Integer, nullable=False, server_default="0"),
    sa.Index("spending_by_run", "run"),
    sa.Index("spending_by_issue", "issue"),
    sa.Index("spending_by_day", "day"),
)

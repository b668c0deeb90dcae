"""The schema: portable, and moved forward only."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from harness.core.errors import CapReached, EngineError
from harness.core.types import Spend, ToolResult, Turn
from harness.engine.database import Database
from harness.engine.ledger import Cap, Caps, SqlLedger
from harness.engine.store import SqlStore
from harness.engine.tables import METADATA, MIGRATIONS, VERSION, Migration
from tests.engine.values import AT, reply, snapshot

RELEASED = """
ALTER TABLE spending RENAME TO later;
CREATE TABLE spending (
    session TEXT NOT NULL, turn INTEGER NOT NULL, run TEXT NOT NULL, issue TEXT NOT NULL,
    day TEXT NOT NULL, in_flight BOOLEAN NOT NULL, held_tokens BIGINT NOT NULL,
    held_cost_usd FLOAT NOT NULL, held_calls INTEGER NOT NULL, tokens BIGINT NOT NULL,
    cost_usd FLOAT NOT NULL, calls INTEGER NOT NULL, PRIMARY KEY (session, turn)
);
DROP TABLE later;
CREATE INDEX spending_by_run ON spending (run);
CREATE INDEX spending_by_issue ON spending (issue);
CREATE INDEX spending_by_day ON spending (day);
INSERT INTO spending VALUES
    ('o/p/1/1-worker', 1, 'o/p/1/1', 'o/p/1', '2026-01-02', 0, 0, 0.0, 0, 40, 0.5, 1),
    ('o/p/1/1-worker', 2, 'o/p/1/1', 'o/p/1', '2026-01-02', 1, 60, 0.2, 1, 0, 0.0, 0),
    ('q/7/1-worker', 1, 'q/7/1', 'q/7', '2026-01-02', 0, 0, 0.0, 0, 5, 0.1, 1);
UPDATE schema_version SET version = 1;
"""
"""What the first release's database differs in."""
POSTGRESQL = sa.make_url("postgresql+psycopg://").get_dialect()()


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda t: str(t.name))
def test_the_schema_compiles_for_postgresql(table: sa.Table) -> None:
    assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=POSTGRESQL))
    for index in table.indexes:
        assert "INDEX" in str(CreateIndex(index).compile(dialect=POSTGRESQL))


def test_the_rule_of_one_open_run_is_a_partial_index_there_too() -> None:
    index = next(i for i in METADATA.tables["runs"].indexes if i.name == "one_open_run")
    text = str(CreateIndex(index).compile(dialect=POSTGRESQL))
    assert "UNIQUE" in text
    assert 'WHERE "over" IS false' in text


def test_an_older_database_is_moved_forward_with_its_rows(tmp_path: Path) -> None:
    def add_column(connection: sa.Connection) -> None:
        connection.execute(sa.text("ALTER TABLE runs ADD COLUMN colour TEXT"))

    async def old() -> None:
        database = Database(tmp_path / "state.db")
        await database.open()
        await SqlStore(database).open_run("p", snapshot(), AT)
        await database.close()

    async def new() -> None:
        for _ in range(2):
            database = Database(tmp_path / "state.db", [*MIGRATIONS, add_column])
            await database.open()
            rows = await database.read(
                lambda c: c.execute(sa.text("SELECT id, colour FROM runs")).all()
            )
            assert [tuple(row) for row in rows] == [("p/1/1", None)]
            await database.close()

    asyncio.run(old())
    asyncio.run(new())


def test_the_first_releases_ledger_goes_on_counting(tmp_path: Path) -> None:
    path = tmp_path / "state.db"

    async def old() -> None:
        database = Database(path)
        await database.open()
        store = SqlStore(database)
        await store.open_run("o/p", snapshot(), AT)
        result = ToolResult(call_id="c1", text="done")
        turn = Turn(
            session="o/p/1/1-worker",
            number=1,
            reply=reply(),
            tree_before="t",
            results=(result, result, result),
        )
        await store.put_turn(turn)
        await database.close()
        with closing(sqlite3.connect(path)) as raw:
            raw.executescript(RELEASED)

    async def new() -> None:
        database = Database(path)
        await database.open()
        caps = Caps(project_day=Cap(tokens=150), session=Cap(tool_calls=5))
        ledger = SqlLedger(database, caps)
        both = Spend(tokens=100, cost_usd=0.7, calls=2, tool_calls=3)
        assert await ledger.spent("project_day", "o/p/2026-01-02") == both
        assert await ledger.spent("session", "o/p/1/1-worker") == both
        assert (await ledger.spent("project_day", "q/2026-01-02")).tokens == 5
        assert (await ledger.spent("day", "2026-01-02")).tokens == 105
        run = await SqlStore(database).run("o/p/1/1")
        with pytest.raises(CapReached) as raised:
            await ledger.reserve(run, "s", 1, Spend(tokens=51, calls=1), "2026-01-02")
        assert raised.value.facts["spent"] == 100
        granted = await ledger.settle("o/p/1/1-worker", 2, Spend(calls=1, tool_calls=4))
        assert granted.calls == 2
        await database.close()

    asyncio.run(old())
    asyncio.run(new())


def test_a_new_and_a_migrated_ledger_have_the_same_columns(tmp_path: Path) -> None:
    async def opened(path: Path) -> None:
        database = Database(path)
        await database.open()
        await database.close()

    def columns(path: Path) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(path)) as raw:
            rows = raw.execute("PRAGMA table_info(spending)").fetchall()
        return sorted((name, kind, null, usual) for _, name, kind, null, usual, _ in rows)

    fresh, moved = tmp_path / "fresh.db", tmp_path / "moved.db"
    for path in (fresh, moved):
        asyncio.run(opened(path))
    with closing(sqlite3.connect(moved)) as raw:
        raw.executescript(RELEASED)
    asyncio.run(opened(moved))
    assert columns(moved) == columns(fresh)


def test_a_step_that_breaks_leaves_the_database_as_it_was(tmp_path: Path) -> None:
    def breaks(connection: sa.Connection) -> None:
        connection.execute(sa.text("ALTER TABLE runs ADD COLUMN colour TEXT"))
        raise RuntimeError("half way")

    async def move(migrations: list[Migration]) -> int:
        database = Database(tmp_path / "state.db", migrations)
        try:
            await database.open()
            return await database.read(lambda c: c.execute(sa.select(VERSION)).scalar_one())
        finally:
            await database.close()

    assert asyncio.run(move([])) == 1
    with pytest.raises(RuntimeError):
        asyncio.run(move([breaks]))
    assert asyncio.run(move([])) == 1


def test_a_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    async def open_with(migrations: list[Migration]) -> None:
        database = Database(tmp_path / "state.db", migrations)
        try:
            await database.open()
        finally:
            await database.close()

    asyncio.run(open_with([lambda c: None, lambda c: None]))
    with pytest.raises(EngineError) as raised:
        asyncio.run(open_with([]))
    assert raised.value.key == "engine.newer_database"
    assert raised.value.facts == {"found": 3, "known": 1}
    asyncio.run(open_with([lambda c: None, lambda c: None]))

"""The schema: portable, and moved forward only."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.schema import CreateIndex, CreateTable

from harness.core.errors import EngineError
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.engine.tables import METADATA, VERSION, Migration
from tests.engine.values import AT, snapshot

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
            database = Database(tmp_path / "state.db", [add_column])
            await database.open()
            rows = await database.read(
                lambda c: c.execute(sa.text("SELECT id, colour FROM runs")).all()
            )
            assert [tuple(row) for row in rows] == [("p/1/1", None)]
            await database.close()

    asyncio.run(old())
    asyncio.run(new())


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

"""Rows of small facts that are not what they should be."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from harness.core.errors import EngineError
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.pipeline.slots import CI_FIXED, NOT_SEEN
from tests.engine.values import FACT, with_database


async def test_a_row_that_cannot_be_read_is_an_error_where_absence_would_let_something_pass(
    tmp_path: Path,
) -> None:
    async def work(database: Database) -> None:
        store = SqlStore(database)
        await store.put(FACT, "p/1/1", "x")
        renamed = "UPDATE kept SET scope = 'p/1/1', key = 'ci_fixed', value = '{\"a\": 1}'"
        await database.write(lambda c: c.exec_driver_sql(renamed).rowcount)
        with pytest.raises(EngineError) as raised:
            await store.get(CI_FIXED, "p/1/1")
        assert raised.value.key == "engine.unreadable"
        assert raised.value.facts["place"] == "p/1/1/ci_fixed"
        await store.put(CI_FIXED, "p/1/1", ("h:1",))
        assert await store.get(CI_FIXED, "p/1/1") == ("h:1",)

    await with_database(tmp_path / "state.db", work)


async def test_where_absence_is_the_careful_answer_it_is_absent_and_told_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(database: Database) -> None:
        store = SqlStore(database)
        await store.put(FACT, "p/1/1", "x")
        renamed = "UPDATE kept SET scope = 'p/1/1', key = 'unseen', value = '{\"tree\": \"t@b\"}'"
        await database.write(lambda c: c.exec_driver_sql(renamed).rowcount)
        with caplog.at_level(logging.WARNING):
            assert await store.get(NOT_SEEN, "p/1/1") is None
        assert "p/1/1/unseen" in caplog.text
        assert "t@b" not in caplog.text

    await with_database(tmp_path / "state.db", work)

"""What every Journal does: a recorded reply answers the same request and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.errors import JournalMismatch
from harness.core.types import CallRecord, Usage
from harness.engine.database import Database
from harness.engine.journal import SqlJournal
from tests.engine.values import AT, ODD, reply, with_database


def call(turn: int, run: str = "r") -> CallRecord:
    return CallRecord(
        session="s",
        turn=turn,
        run=run,
        stage="plan",
        model="m",
        usage=Usage(fresh=10, output=2),
        cost_usd=0.1,
        input_bytes=100,
        latency_s=0.5,
        at=AT,
    )


async def test_a_recorded_reply_answers_after_a_restart(tmp_path: Path) -> None:
    async def write(database: Database) -> None:
        journal = SqlJournal(database)
        assert await journal.lookup("s", 1, "h") is None
        await journal.record("s", 1, "h", reply(ODD), call(1))

    async def read(database: Database) -> None:
        journal = SqlJournal(database)
        assert await journal.lookup("s", 1, "h") == reply(ODD)
        assert await journal.lookup("s", 2, "h") is None

    await with_database(tmp_path / "state.db", write)
    await with_database(tmp_path / "state.db", read)


async def test_the_first_reply_stands_and_another_request_is_a_mismatch(tmp_path: Path) -> None:
    async def work(database: Database) -> None:
        journal = SqlJournal(database)
        await journal.record("s", 1, "h", reply("first"), call(1))
        await journal.record("s", 1, "h", reply("second"), call(1))
        assert await journal.lookup("s", 1, "h") == reply("first")
        with pytest.raises(JournalMismatch) as raised:
            await journal.lookup("s", 1, "other")
        assert raised.value.facts == {"session": "s", "turn": 1}
        with pytest.raises(JournalMismatch):
            await journal.record("s", 1, "other", reply(), call(1))

    await with_database(tmp_path / "state.db", work)


async def test_calls_of_a_run_come_in_the_order_they_were_made(tmp_path: Path) -> None:
    async def work(database: Database) -> None:
        journal = SqlJournal(database)
        for turn in (2, 1):
            await journal.record("s", turn, "h", reply(), call(turn))
        await journal.record("other", 1, "h", reply(), call(1, run="x"))
        assert await journal.calls("r") == (call(2), call(1))

    await with_database(tmp_path / "state.db", work)

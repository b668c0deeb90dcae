"""What durability adds to a turn: reservation, journal, transcript, settlement, the two reads."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Benchmark, Figure, Result, Sizes, median_ms
from benchmarks.parts import NOW, record_of, snapshot_of, turn_of
from harness.core.types import Run, Spend
from harness.engine.database import Database
from harness.engine.journal import SqlJournal
from harness.engine.ledger import SqlLedger
from harness.engine.store import SqlStore
from tests.engine.values import NO_CAPS

SESSION = "bench/1/1-worker"
DAY = "2026-01-02"


async def _turns(path: Path, turns: int, chars: int) -> tuple[list[float], list[float]]:
    """(time that a turn waits, the part of it that settles the call and counts its tool calls: a
    snapshot under way hides that part)."""
    database = Database(path)
    await database.open()
    try:
        store, journal = SqlStore(database), SqlJournal(database)
        ledger = SqlLedger(database, NO_CAPS)
        run, _ = await store.open_run("bench", snapshot_of(1), NOW)
        waits, settled = [], []
        for number in range(1, turns + 1):
            began = time.monotonic()
            await _turn(store, journal, ledger, run, number, chars)
            waits.append(time.monotonic() - began)
            began = time.monotonic()
            await ledger.settle(SESSION, number, Spend(tokens=20, calls=1, tool_calls=3), DAY)
            settled.append(time.monotonic() - began)
            waits[-1] += settled[-1]
        return waits, settled
    finally:
        await database.close()


async def _turn(
    store: SqlStore, journal: SqlJournal, ledger: SqlLedger, run: Run, number: int, chars: int
) -> None:
    """As the loop does it: reserve, record the reply, store the results, may it go on."""
    turn = turn_of(SESSION, number, chars)
    await ledger.reserve(run, SESSION, number, Spend(tokens=100, calls=1), DAY)
    call = record_of(run, SESSION, number)
    await journal.record(SESSION, number, f"hash{number}", turn.reply, call)
    await store.put_turn(turn)
    await store.run(run.id)


def _fsync_ms(folder: Path, times: int) -> float:
    """What the disk itself asks for one durable write."""
    taken = []
    with (folder / "floor").open("wb") as file:
        for _ in range(times):
            began = time.monotonic()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            taken.append(time.monotonic() - began)
    return median_ms(taken)


def measure(sizes: Sizes) -> Result:
    turns = int(sizes["turns"])
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        floor = _fsync_ms(Path(folder), turns)
        waits, settled = asyncio.run(
            _turns(Path(folder) / "state.db", turns, int(sizes["output_chars"]))
        )
    late = median_ms(waits[-(turns // 10 or 1) :])
    return Result(
        (
            Figure("a turn waits for the engine", median_ms(waits), "ms", 5, "4 writes, 1 read"),
            Figure("the same, last tenth of the session", late, "ms", 5),
            Figure("of it, settled before the tool calls", median_ms(settled), "ms"),
            Figure("one fsync of 4 KiB on this disk", floor, "ms", None, "the floor, four a turn"),
        )
    )


BENCHMARK = Benchmark(
    "durability on SQLite, every write on the disk",
    measure,
    sizes={"turns": 300, "output_chars": 2_000},
    tiny={"turns": 10},
)

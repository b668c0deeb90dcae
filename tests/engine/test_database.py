"""The state file under bad luck: torn, full, read-only, killed, crowded."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from harness.core.errors import EngineError
from harness.engine.database import Database
from harness.engine.store import SqlStore
from tests.engine.values import AT, FACT, make_event, snapshot, with_database

WRITE = """
import asyncio, sys
from pathlib import Path
from harness.engine.database import Database
from harness.engine.store import SqlStore
from tests.engine.values import FACT
async def main():
    database = Database(Path(sys.argv[1]))
    await database.open()
    store = SqlStore(database)
    n = 0
    while True:
        n += 1
        await store.put(FACT.at(n), "n", n)
        print(n, flush=True)
asyncio.run(main())
"""

FULL = """
import asyncio, resource, sys
from pathlib import Path
from harness.core.errors import EngineError
from harness.engine.database import Database
from harness.engine.store import SqlStore
from tests.engine.values import FACT
async def main():
    database = Database(Path(sys.argv[1]))
    await database.open()
    store = SqlStore(database)
    await store.put(FACT.at("before"), "a", "x")
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
    stored = 0
    try:
        while True:
            await store.put(FACT.at(stored), "a", "x" * 20_000)
            stored += 1
    except EngineError as error:
        print(error.key)
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert await store.get(FACT.at("before"), "a") == "x"
    for n in range(stored):
        assert await store.get(FACT.at(n), "a") == "x" * 20_000
    assert await store.get(FACT.at(stored), "a") is None
    await store.put(FACT.at("after"), "a", "x" * 400_000)
    await database.close()
    again = Database(Path(sys.argv[1]))
    await again.open()
    assert await SqlStore(again).get(FACT.at("after"), "a") == "x" * 400_000
    await again.close()
    print("went on")
asyncio.run(main())
"""


async def fill(database: Database) -> None:
    store = SqlStore(database)
    run, _ = await store.open_run("p", snapshot(), AT)
    for n in range(20):
        await store.record(make_event(run, str(n)))


async def test_every_commit_is_in_the_write_ahead_log_and_synced(tmp_path: Path) -> None:
    async def work(database: Database) -> None:
        def modes(connection: sa.Connection) -> list[object]:
            names = ("journal_mode", "synchronous")
            return [connection.exec_driver_sql(f"PRAGMA {n}").scalar() for n in names]

        assert await database.write(modes) == ["wal", 2]

    await with_database(tmp_path / "state.db", work)


async def test_a_reader_cannot_write_and_sees_one_moment(tmp_path: Path) -> None:
    async def work(database: Database) -> None:
        with pytest.raises(EngineError, match=r"engine\.read_only"):
            await database.read(lambda c: c.exec_driver_sql("DELETE FROM runs"))

        def half(connection: sa.Connection) -> None:
            connection.exec_driver_sql("INSERT INTO kept VALUES ('a', 'b', '1')")
            raise RuntimeError("changed my mind")

        with pytest.raises(RuntimeError):
            await database.write(half)
        assert await SqlStore(database).get(FACT.at("b"), "a") is None

    await with_database(tmp_path / "state.db", work)


async def test_a_killed_writer_lost_nothing_it_had_reported(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    child = subprocess.Popen(
        [sys.executable, "-c", WRITE, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    reported = 0
    while reported < 50:
        reported = int(child.stdout.readline())
    os.kill(child.pid, signal.SIGKILL)
    rest = child.stdout.read().split("\n")
    child.stdout.close()
    child.wait()
    reported = max([reported, *(int(line) for line in rest[:-1])])

    async def work(database: Database) -> None:
        for n in range(1, reported + 1):
            assert await SqlStore(database).get(FACT.at(n), "n") == n

    await with_database(path, work)


async def test_a_log_cut_anywhere_opens_with_a_whole_past(tmp_path: Path) -> None:
    """The log is copied while it is alive, then cut at and between its frames."""

    async def work(database: Database) -> None:
        await fill(database)
        for part in ("state.db", "state.db-wal"):
            shutil.copy(tmp_path / part, tmp_path / f"copy-{part}")

    await with_database(tmp_path / "state.db", work)
    log = (tmp_path / "copy-state.db-wal").read_bytes()
    frame, counts = 24 + 4096, []
    places = range(0, len(log) // frame, 6)
    cuts = [0, 10, *(32 + n * frame + extra for n in places for extra in (0, 99))]
    for cut in cuts:
        shutil.copy(tmp_path / "copy-state.db", tmp_path / "torn.db")
        (tmp_path / "torn.db-wal").write_bytes(log[:cut])
        (tmp_path / "torn.db-shm").unlink(missing_ok=True)
        counts.append(await events_in(tmp_path / "torn.db"))
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[-1] > 10


async def events_in(path: Path) -> int:
    database = Database(path)
    await database.open()
    try:
        return len(await SqlStore(database).events("p/1/1"))
    finally:
        await database.close()


@pytest.mark.parametrize("damage", ["zeros", "text", "half"])
async def test_a_torn_file_is_refused_with_what_to_do_and_left_alone(
    tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "state.db"
    await with_database(path, fill)
    whole = path.read_bytes()
    torn = {
        "zeros": whole[:4096] + bytes(4096 * 4) + whole[4096 * 5 :],
        "text": b"{}" * 4096,
        "half": whole[: len(whole) // 2],
    }[damage]
    path.write_bytes(torn)
    with pytest.raises(EngineError) as raised:
        await with_database(path, fill)
    assert raised.value.key == "engine.torn"
    assert raised.value.facts["path"] == str(path)
    assert path.read_bytes() == torn


def test_a_full_disk_is_said_loses_nothing_and_work_goes_on_after(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "state.db")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said, went_on = done.stdout.split("\n")[:2]
    assert said in ("engine.disk_full", "engine.cannot_write")
    assert went_on == "went on"


async def test_a_place_that_cannot_hold_it_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "state.db", tmp_path):
        with pytest.raises(EngineError, match=r"engine\.cannot_open"):
            await with_database(path, fill)


async def test_another_program_with_the_lock_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "state.db"

    async def work(database: Database) -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            held = asyncio.create_task(SqlStore(database).put(FACT.at("b"), "a", 1))
            await asyncio.sleep(0.1)
            assert not held.done()
            other.execute("COMMIT")
            await held
        assert await SqlStore(database).get(FACT.at("b"), "a") == 1

    await with_database(path, work)


async def test_a_backup_is_whole_made_while_others_write_and_old_ones_go(tmp_path: Path) -> None:
    backups = tmp_path / "backups"

    async def work(database: Database) -> None:
        await fill(database)
        writes = asyncio.gather(*(SqlStore(database).put(FACT.at(n), "a", n) for n in range(50)))
        made = [await database.backup(backups, f"2026-01-0{n}", keep=2) for n in range(1, 5)]
        await writes
        assert made[-1].name == "state-2026-01-04.db"
        assert sorted(p.name for p in backups.iterdir()) == [p.name for p in made[-2:]]

    await with_database(tmp_path / "state.db", work)
    assert await events_in(backups / "state-2026-01-04.db") == 20


async def test_a_backup_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    async def work(database: Database) -> None:
        with pytest.raises(EngineError, match=r"engine\.cannot_write"):
            await database.backup(tmp_path / "file", "2026-01-01")

    await with_database(tmp_path / "state.db", work)

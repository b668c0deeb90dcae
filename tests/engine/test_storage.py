"""The state file under our feet: an error of the disk that passes, one that stays, another file in
its place. What is raised in a transaction stands for the disk: the transaction rolls back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from harness.core.errors import EngineError, StateReplaced, StorageError
from harness.core.types import LocalizedText
from harness.engine.database import Database
from harness.engine.store import SqlStore
from tests.engine.values import FACT


class DiskError(sqlite3.OperationalError):
    """As sqlite3 raises it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.sqlite_errorname = name


class Disk:
    """A write whose disk fails the first `times`."""

    def __init__(self, name: str, times: int) -> None:
        self.name = name
        self.left = times

    def __call__(self, connection: sa.Connection) -> str:
        connection.exec_driver_sql("INSERT OR REPLACE INTO kept VALUES ('once', 'a', '1')")
        if self.left:
            self.left -= 1
            raise sa.exc.OperationalError("COMMIT", None, DiskError(self.name))
        return "stored"


async def opened(path: Path, told: list[str]) -> Database:
    def hear(said: LocalizedText) -> None:
        told.append(f"{said.key} {said.facts['path']}")

    database = Database(path, told=hear)
    await database.open()
    return database


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    "name", ["SQLITE_IOERR_FSYNC", "SQLITE_IOERR_WRITE", "SQLITE_IOERR_DIR_FSYNC", "SQLITE_IOERR"]
)
async def test_an_error_of_the_disk_that_passes_costs_nothing(
    tmp_path: Path, name: str, times: int
) -> None:
    told: list[str] = []
    database = await opened(tmp_path / "state.db", told)
    assert await database.write(Disk(name, times)) == "stored"
    assert told == []
    await database.close()


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("SQLITE_IOERR_FSYNC", "engine.cannot_write"),
        ("SQLITE_FULL", "engine.disk_full"),
        ("SQLITE_READONLY_ROLLBACK", "engine.read_only"),
        ("SQLITE_CANTOPEN", "engine.cannot_open"),
    ],
)
async def test_one_that_stays_is_told_at_once_and_once(tmp_path: Path, name: str, key: str) -> None:
    told: list[str] = []
    path = tmp_path / "state.db"
    database = await opened(path, told)
    for _ in range(2):
        with pytest.raises(StorageError, match=key):
            await database.write(Disk(name, 99))
        assert told == [f"{key} {path}"]
    assert await database.write(Disk("", 0)) == "stored"
    with pytest.raises(StorageError):
        await database.write(Disk(name, 99))
    assert len(told) == 2, "told again after it was well"
    await database.close()


async def test_a_file_that_the_error_tore_is_not_written_again(tmp_path: Path) -> None:
    path, disk = tmp_path / "state.db", Disk("SQLITE_IOERR_FSYNC", 1)
    await (await opened(path, [])).close()
    database = await opened(path, [])

    def tear(connection: sa.Connection) -> str:
        whole = path.read_bytes()
        path.write_bytes(whole[:4096] + bytes(4096 * 4) + whole[4096 * 5 :])
        return disk(connection)

    with pytest.raises(EngineError, match=r"engine\.(torn|state_)"):
        await database.write(tear)
    assert disk.left == 0
    await database.close()


# ---- another file


def older(path: Path) -> Path:
    """A copy as people and backups make it."""
    copy = path.with_name("older.db")
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)
    return copy


def renamed_over(path: Path) -> None:
    path.with_name("older.db").replace(path)


def removed(path: Path) -> None:
    path.unlink()


def removed_with_its_log(path: Path) -> None:
    for part in path.parent.glob("state.db*"):
        part.unlink()


def moved_away(path: Path) -> None:
    path.rename(path.with_name("elsewhere.db"))


def a_folder_in_its_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_link_in_its_place(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.with_name("older.db"))


@pytest.mark.parametrize(
    "change",
    [
        renamed_over,
        removed,
        removed_with_its_log,
        moved_away,
        a_folder_in_its_place,
        a_link_in_its_place,
    ],
)
async def test_another_file_is_noticed_and_what_we_knew_is_kept(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = tmp_path / "state.db"
    database = await opened(path, [])
    store = SqlStore(database)
    await store.put(FACT.at("old"), "a", 1)
    older(path)
    await store.put(FACT.at("new"), "a", 2)
    change(path)
    for work in (store.get(FACT.at("new"), "a"), store.put(FACT.at("lost"), "a", 3)):
        with pytest.raises(StateReplaced) as raised:
            await work
        assert raised.value.facts["path"] == str(path)
    kept = Path(str(raised.value.facts["kept"]))
    assert [p.name for p in tmp_path.glob("*.kept-*")] == [kept.name]
    await database.close()
    again = await opened(kept, [])
    assert await SqlStore(again).get(FACT.at("old"), "a") == 1
    assert await SqlStore(again).get(FACT.at("new"), "a") == 2
    assert await SqlStore(again).get(FACT.at("lost"), "a") is None
    await again.close()


async def test_an_older_copy_written_over_it_stays_as_somebody_put_it(tmp_path: Path) -> None:
    """The same file, with what it held before: our log must not be moved into it."""
    path = tmp_path / "state.db"
    database = await opened(path, [])
    await SqlStore(database).put(FACT.at("old"), "a", 1)
    copy = older(path)
    for n in range(400):
        # so much that the log has been moved into the file
        await SqlStore(database).put(FACT.at(f"new{n}"), "a", "x" * 9000)
    shutil.copyfile(copy, path)
    with pytest.raises(StateReplaced):
        await SqlStore(database).put(FACT.at("lost"), "a", 3)
    await database.close()
    again = await opened(path, [])
    assert await SqlStore(again).get(FACT.at("old"), "a") == 1
    assert await SqlStore(again).get(FACT.at("new1"), "a") is None
    await again.close()


async def test_a_folder_that_is_moved_takes_everything_along(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    database = await opened(folder / "state.db", [])
    await SqlStore(database).put(FACT.at("new"), "a", 2)
    folder.rename(tmp_path / "elsewhere")
    with pytest.raises(StateReplaced, match="state_gone"):
        await SqlStore(database).put(FACT.at("lost"), "a", 3)
    await database.close()
    again = await opened(tmp_path / "elsewhere" / "state.db", [])
    assert await SqlStore(again).get(FACT.at("new"), "a") == 2
    await again.close()


async def test_what_others_write_and_move_into_the_file_is_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    one, two = await opened(path, []), await opened(path, [])
    for n in range(600):
        await SqlStore((one, two)[n % 2]).put(FACT.at(str(n)), "a", "x" * 9000)
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.utime(path)
    assert await SqlStore(one).get(FACT.at("599"), "a") == "x" * 9000
    await one.close()
    await SqlStore(two).put(FACT.at("last"), "a", 1)
    await two.close()


LOOK = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as there:
    there.execute("INSERT INTO kept VALUES ('beside', ?, '1')", (sys.argv[2],))
there.close()
"""


BESIDE = sa.text("SELECT count(*) FROM kept WHERE scope = 'beside'")


async def test_another_process_that_comes_and_goes_leaves_our_log_in_its_place(
    tmp_path: Path,
) -> None:
    """SQLite's locks are the process's own: to close any descriptor of the file gives them up."""
    path = tmp_path / "state.db"
    database, twin = Database(path), Database(path)
    await database.open()
    await twin.open()
    log = path.with_name("state.db-wal")
    for number in range(3):
        await database.write(Disk("", 0))
        before = log.stat().st_ino
        if number == 1:
            await twin.close()
        subprocess.run([sys.executable, "-c", LOOK, str(path), str(number)], check=True)
        assert log.stat().st_ino == before
        assert await database.read(lambda c: c.execute(BESIDE).scalar()) == number + 1
    await database.close()

"""The schema: portable, and moved forward only."""

from __future__ import annotations

import asyncio
import hashlib
import io
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.schema import CreateIndex, CreateTable

from harness.core.errors import CapReached, NewerDatabase, RefusedError
from harness.core.types import Spend, ToolResult, Turn
from harness.engine.database import Database
from harness.engine.history import OURS, History
from harness.engine.ledger import Cap, SqlLedger
from harness.engine.lock import StateLock
from harness.engine.store import SqlStore
from harness.engine.tables import METADATA
from tests.engine.values import AT, make_caps, reply, snapshot
from tests.old_state import old_state

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
DROP TABLE alembic_version;
DROP TABLE kept_trials;
DROP TABLE lessons;
"""
"""What the first release's database differs in."""
NEXT = f"{int(OURS.head) + 1:04}"
"""The revision of a later release."""
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


def scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(OURS.folder))
    return ScriptDirectory.from_config(config)


def longer(folder: Path, name: str, body: str) -> History:
    """Our history and one revision more."""
    copied = folder / "migrations"
    shutil.copytree(OURS.folder, copied, ignore=shutil.ignore_patterns("__pycache__"))
    head = f"from alembic import op\nrevision = {name!r}\ndown_revision = {OURS.head!r}\n"
    (copied / "versions" / f"r{name}.py").write_text(f"{head}def upgrade():\n    {body}\n")
    return History(copied, (*OURS.revisions, name))


async def open_database(path: Path, history: History = OURS) -> None:
    database = Database(path, history)
    try:
        await database.open()
    finally:
        await database.close()


def revision(path: Path) -> str:
    with closing(sqlite3.connect(path)) as raw:
        return str(raw.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def bytes_of(folder: Path) -> Mapping[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def test_the_known_revisions_are_those_in_the_folder_in_their_order() -> None:
    steps = [step.revision for step in scripts().walk_revisions()]
    assert tuple(reversed(steps)) == OURS.revisions


def test_the_revisions_compile_for_postgresql() -> None:
    told = io.StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": told}
    )
    with Operations.context(context):
        for step in reversed(list(scripts().walk_revisions())):
            step.module.upgrade()
    text = told.getvalue()
    assert text.count("CREATE TABLE") == len(METADATA.tables)
    assert 'WHERE "over" IS false' in text
    assert "SERIAL" in text


def shape(path: Path) -> dict[str, object]:
    """Each table's columns and indexes, in whatever order they were made."""
    with closing(sqlite3.connect(path)) as raw:
        tables = [
            name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        return {
            name: (
                sorted(row[1:] for row in raw.execute(f"PRAGMA table_info({name})")),
                sorted(
                    (unique, partial, [c for *_, c in raw.execute(f"PRAGMA index_info({index})")])
                    for _, index, unique, _, partial in raw.execute(f"PRAGMA index_list({name})")
                ),
            )
            for name in tables
            if name != "alembic_version"
        }


async def test_the_revisions_lead_to_the_tables_as_the_code_knows_them(tmp_path: Path) -> None:
    wanted, new, old, first = (tmp_path / f"{name}.db" for name in ("now", "new", "old", "first"))
    engine = sa.create_engine(f"sqlite:///{wanted}")
    METADATA.create_all(engine)
    engine.dispose()
    old_state(old)
    await open_database(first)
    with closing(sqlite3.connect(first)) as raw:
        raw.executescript(RELEASED)
    for path in (new, old, first):
        await open_database(path)
        assert revision(path) == OURS.head
        assert shape(path) == shape(wanted), path.name


async def test_a_database_at_the_newest_revision_opens_without_alembic(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await open_database(path)
    code = (
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from harness.engine.database import Database\n"
        f"database = Database(Path({str(path)!r}))\n"
        "asyncio.run(database.open())\nasyncio.run(database.close())\n"
        "print('alembic' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"


async def test_an_older_database_is_moved_forward_with_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    grown = longer(tmp_path, NEXT, "op.execute('ALTER TABLE runs ADD COLUMN colour TEXT')")
    database = Database(path)
    await database.open()
    await SqlStore(database).open_run("p", snapshot(), AT)
    await database.close()
    for _ in range(2):
        await open_database(path, grown)
        with closing(sqlite3.connect(path)) as raw:
            assert raw.execute("SELECT id, colour FROM runs").fetchall() == [("p/1/1", None)]
    assert revision(path) == NEXT


async def test_the_first_releases_ledger_goes_on_counting(tmp_path: Path) -> None:
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
        caps = make_caps(project_day=Cap(tokens=150), session=Cap(tool_calls=5))
        ledger = SqlLedger(database, caps)
        both = Spend(tokens=100, cost_usd=0.7, calls=2, tool_calls=3)
        assert await ledger.spend_of("project_day", "o/p/2026-01-02") == both
        assert await ledger.spend_of("session", "o/p/1/1-worker") == both
        assert (await ledger.spend_of("project_day", "q/2026-01-02")).tokens == 5
        assert (await ledger.spend_of("day", "2026-01-02")).tokens == 105
        run = await SqlStore(database).run("o/p/1/1")
        with pytest.raises(CapReached) as raised:
            await ledger.reserve(run, "s", 1, Spend(tokens=51, calls=1), "2026-01-02")
        assert raised.value.facts["spent"] == 100
        granted = await ledger.settle("o/p/1/1-worker", 2, Spend(calls=1, tool_calls=4))
        assert granted.calls == 2
        await database.close()

    await old()
    await new()


@pytest.mark.parametrize("kind", ["new", "old"])
async def test_a_step_that_breaks_leaves_the_database_as_it_was(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "state.db"
    broken = longer(tmp_path, NEXT, "op.execute('ALTER TABLE runs ADD COLUMN colour TEXT'); 1 / 0")
    if kind == "old":
        old_state(path)
    else:
        await open_database(path)
    with closing(sqlite3.connect(path)) as raw:
        before = list(raw.iterdump())
    with pytest.raises(ZeroDivisionError):
        await open_database(path, broken)
    with closing(sqlite3.connect(path)) as raw:
        assert list(raw.iterdump()) == before
    await open_database(path)
    assert revision(path) == OURS.head


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (f"UPDATE alembic_version SET version_num = '{NEXT}'", NEXT),
        ("UPDATE alembic_version SET version_num = 'ab12'", "ab12"),
        ("DROP TABLE alembic_version; UPDATE schema_version SET version = 9", "0009"),
    ],
)
async def test_a_newer_database_is_refused_untouched(
    tmp_path: Path, change: str, found: str
) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    path = folder / "state.db"
    await open_database(path)
    with closing(sqlite3.connect(path)) as raw:
        raw.executescript(change)
    before = bytes_of(folder)
    with pytest.raises(NewerDatabase) as raised:
        await open_database(path)
    assert raised.value.key == "engine.newer_database"
    assert raised.value.facts == {"found": found, "known": OURS.head}
    assert raised.value.exit_code == 3
    assert bytes_of(folder) == before


async def test_databases_opened_at_once_do_not_meet(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.db" for n in range(8)]
    for path in paths[::2]:
        old_state(path)
    await asyncio.gather(*(open_database(path) for path in paths))
    assert {revision(path) for path in paths} == {OURS.head}


async def test_the_schema_moves_under_the_state_lock_only(tmp_path: Path) -> None:
    path, lock = tmp_path / "state.db", tmp_path / "lock"

    @contextmanager
    def alone() -> Iterator[None]:
        with StateLock(lock) as mine:
            mine.acquire(AT)
            yield

    async def work() -> None:
        database = Database(path, alone=alone)
        try:
            await database.open()
        finally:
            await database.close()

    old_state(path)
    with closing(sqlite3.connect(path)) as raw:
        before = list(raw.iterdump())
    with StateLock(lock) as other:
        other.acquire(AT)
        with pytest.raises(RefusedError) as raised:
            await work()
        assert raised.value.key == "engine.locked"
        with closing(sqlite3.connect(path)) as raw:
            assert list(raw.iterdump()) == before
    await work()
    assert revision(path) == OURS.head
    with StateLock(lock) as other:
        other.acquire(AT)
        # nothing to move: who only reads or posts a word is let in
        await work()


async def test_a_harness_of_before_refuses_what_alembic_counts(tmp_path: Path) -> None:
    for path in (tmp_path / "new.db", tmp_path / "old.db"):
        if path.name == "old.db":
            old_state(path)
        await open_database(path)
        with closing(sqlite3.connect(path)) as raw:
            assert raw.execute("SELECT version FROM schema_version").fetchall() == [(3,)]


async def test_calls_of_before_that_were_estimated_are_marked(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await open_database(path)
    spent = "INSERT INTO spending VALUES (?, 1, 'r', 'p/1', 'p', 'd', 0, 0, 0, 0, 5, 0, 1, 0, 0)"
    called = "INSERT INTO calls (session, turn, run, request_hash, message, data) VALUES (?, 1, 'r', '', '{}', ?)"  # noqa: E501
    usages = {"a": '{"usage": {"estimated": true}}', "b": '{"usage": {}}', "c": "{}"}
    with closing(sqlite3.connect(path)) as raw, raw:
        for session, data in usages.items():
            raw.execute(spent, (session,))
            raw.execute(called, (session, data))
        raw.execute(spent, ("lost",))
        raw.execute("ALTER TABLE spending DROP COLUMN estimated")
        raw.execute("DROP TABLE kept_trials")
        raw.execute("DROP TABLE lessons")
        raw.execute("UPDATE alembic_version SET version_num = '0003'")
    await open_database(path)
    with closing(sqlite3.connect(path)) as raw:
        found = raw.execute("SELECT session FROM spending WHERE estimated").fetchall()
    assert found == [("a",)]

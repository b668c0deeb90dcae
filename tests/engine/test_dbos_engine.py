"""kill -9 of a process that runs workflows: what was recorded is never run again."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from harness.core.base import Json
from harness.core.errors import EngineError
from harness.engine.dbos_engine import DbosDurable
from harness.ports.durable import Flow

FLOW = """
import asyncio, os, sys
from pathlib import Path
from harness.engine.dbos_engine import DbosDurable

home = Path(sys.argv[1])

def step(flow, name, pause):
    async def work():
        handle = os.open(home / "ran", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.write(handle, f"begin {flow.id} {name}\\n".encode())
        await asyncio.sleep(pause)
        os.write(handle, f"end {flow.id} {name}\\n".encode())
        os.close(handle)
        return f"{flow.id} {name}"
    return work

async def child(flow, argument):
    answers = [await flow.step(f"s{n}", step(flow, f"s{n}", 0.01)) for n in range(4)]
    return [argument, answers[-1]]

async def parent(flow, argument):
    answers = [await flow.step("before", step(flow, "before", 0.01))]
    for n in range(5):
        await flow.start("child", f"{flow.id}/c{n}", n)
    answers += [await flow.join(f"{flow.id}/c{n}") for n in range(5)]
    return [*answers, await flow.step("after", step(flow, "after", 0.01))]

async def main():
    durable = DbosDurable(home / "flow.db")
    durable.define("child", child)
    durable.define("parent", parent)
    await durable.launch()
    print("launched", flush=True)
    await durable.start("parent", "p/1/1/1", None)
    print("answer", await durable.join("p/1/1/1"), flush=True)
    await durable.close()

asyncio.run(main())
"""
EXPECTED = [
    "p/1/1/1 before",
    *([n, f"p/1/1/1/c{n} s3"] for n in range(5)),
    "p/1/1/1 after",
]


def recorded_steps(home: Path) -> set[tuple[str, str]]:
    """Steps that the engine's own history holds."""
    with closing(sqlite3.connect(home / "flow.db", timeout=30)) as database:
        try:
            rows = database.execute("SELECT workflow_uuid, function_name FROM operation_outputs")
            return {(w, n) for w, n in rows if n not in ("child", "parent")}
        except sqlite3.OperationalError:
            return set()


def begun_steps(home: Path) -> Counter[tuple[str, str]]:
    ran = home / "ran"
    lines = ran.read_text().split("\n")[:-1] if ran.exists() else []
    return Counter((w, n) for kind, w, n in (line.split() for line in lines) if kind == "begin")


def killed_after(home: Path, pause_s: float) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", FLOW, str(home)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "launched\n"
    time.sleep(pause_s)
    os.kill(child.pid, signal.SIGKILL)
    child.stdout.close()
    child.wait()


def finish(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FLOW, str(home)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"launched\nanswer {EXPECTED}\n"


@pytest.mark.parametrize("seed", range(3))
def test_recorded_steps_never_run_again_and_children_survive(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for life in range(3):
        settled, before = recorded_steps(tmp_path), begun_steps(tmp_path)
        if life < 2:
            killed_after(tmp_path, chance.uniform(0, 0.2))
        else:
            finish(tmp_path)
        after = begun_steps(tmp_path)
        for step in settled:
            assert after[step] == before[step], f"{step} was recorded and ran again"
        for step, count in after.items():
            assert count <= before[step] + 1, f"{step} ran twice in one life"
    assert len(begun_steps(tmp_path)) == 2 + 5 * 4


def test_what_is_recorded_is_json(tmp_path: Path) -> None:
    finish(tmp_path)
    with closing(sqlite3.connect(tmp_path / "flow.db")) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        rows = database.execute(
            "SELECT output, serialization FROM operation_outputs WHERE output IS NOT NULL"
        ).fetchall()
        versions = database.execute(
            "SELECT DISTINCT application_version, executor_id FROM workflow_status"
        ).fetchall()
    assert len(rows) == 22
    assert all(kind == "harness_json" for _, kind in rows)
    assert "p/1/1/1 before" in {json.loads(output) for output, _ in rows}
    assert versions == [("harness-flow-1", "harness")]


async def test_ended_workflows_are_forgotten_after_a_while(tmp_path: Path) -> None:
    async def body(flow: Flow, argument: Json) -> Json:
        return argument

    durable = DbosDurable(tmp_path / "flow.db")
    durable.define("body", body)
    await durable.launch()
    await durable.start("body", "w", 1)
    await durable.join("w")
    assert await durable.purge() == 0
    await asyncio.sleep(0.01)
    assert await durable.purge(timedelta(0)) == 1
    with pytest.raises(EngineError, match=r"engine\.no_workflow"):
        await durable.join("w")
    await durable.close()
    await durable.close()


async def test_a_torn_file_is_refused_before_anything_starts(tmp_path: Path) -> None:
    (tmp_path / "flow.db").write_text("no database" * 1000)
    with pytest.raises(EngineError, match=r"engine\.(torn|cannot_open)"):
        await DbosDurable(tmp_path / "flow.db").launch()


FULL = """
import asyncio, resource, sys
from pathlib import Path
from harness.engine.dbos_engine import DbosDurable

async def main():
    home, ran = Path(sys.argv[1]), []
    durable = DbosDurable(home / "flow.db")

    async def body(flow, argument):
        for n in range(20):
            async def step():
                ran.append(n)
                return "x" * 20_000
            await flow.step(f"s{n}", step)
        return "done"

    durable.define("body", body)
    await durable.launch()
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    size = (home / "flow.db-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 150_000, hard))
    await durable.start("body", "w", None)
    await asyncio.sleep(1)
    assert 0 < len(ran) < 20 and await durable.active() == ("w",), ran
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    print(await durable.join("w"), len(ran) - 20, sorted(set(ran)) == list(range(20)))
    await durable.close()

asyncio.run(main())
"""


def test_a_full_disk_stops_a_workflow_until_there_is_room_again(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    answer, again, whole = done.stdout.split()
    assert (answer, whole) == ("done", "True")
    assert 1 <= int(again) <= 2, "only what could not be recorded ran again"


async def test_work_of_another_version_is_left_to_our_own_rows(tmp_path: Path) -> None:
    gate = asyncio.Event()
    ran: list[str] = []

    async def body(flow: Flow, argument: Json) -> Json:
        ran.append(flow.id)
        await gate.wait()
        return argument

    old = DbosDurable(tmp_path / "flow.db", "harness-flow-0")
    old.define("body", body)
    old.define("gone", body)
    await old.launch()
    await old.start("body", "w1", 1)
    await old.start("gone", "w2", 1)
    await asyncio.sleep(0.1)
    assert sorted(await old.active()) == ["w1", "w2"]
    await old.close(grace_s=0)
    new = DbosDurable(tmp_path / "flow.db")
    new.define("body", body)
    await new.launch()
    assert await new.active() == ()
    gate.set()
    await new.start("body", "w3", 3)
    assert await new.join("w3") == 3
    assert ran == ["w1", "w2", "w3"]
    await new.close()

"""A real process with the real engine: SIGTERM, Ctrl-C, kill -9, a start in between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.core.types import RunState
from harness.engine.database import Database
from harness.engine.store import SqlStore
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.crash
ROOT = Path(__file__).parent.parent.parent
DAEMON = """
import asyncio, sys
from pathlib import Path
from harness.core.types import RunState
from harness.daemon.service import Daemon, Hooks
from harness.engine.database import Database
from harness.engine.dbos_engine import DbosDurable
from harness.engine.store import SqlStore
from tests.daemon.fakes import HandClock, FakeProject

home, way, pause = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])

class Slow(FakeProject):
    async def _activation(self, flow, argument):
        for name in ("a", "b", "c"):
            async def step(name=name):
                print("step", name, flow.id, flush=True)
                await asyncio.sleep(pause)
                return name
            await flow.step(name, step)
        run = await self._store.run(argument)
        await self._store.save_run(run.model_copy(update={"state": RunState.DONE}))

async def main():
    database = Database(home / "state.db")
    await database.open()
    store, durable = SqlStore(database), DbosDurable(home / "flow.db")
    project = Slow("p", store, durable)
    for number in (1, 2, 3):
        project.forge.put(number)
    await durable.launch()
    tell = lambda says: print("told", [s.key for s in says], flush=True)
    daemon = Daemon([project], store, durable, HandClock(), hooks=Hooks(tell=tell))
    await (daemon.run_once() if way == "once" else daemon.run_forever("1h"))
    await durable.close()
    await database.close()

asyncio.run(main())
"""


def launch(home: Path, way: str, pause_s: float) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", DAEMON, str(home), way, str(pause_s)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )


async def states(home: Path) -> dict[int, tuple[RunState, int]]:
    async def read() -> dict[int, tuple[RunState, int]]:
        database = Database(home / "state.db")
        await database.open()
        try:
            return {r.issue: (r.state, r.activation) for r in await SqlStore(database).runs()}
        finally:
            await database.close()

    return await read()


def ended(child: subprocess.Popen[str]) -> str:
    try:
        output, _ = child.communicate(timeout=PATIENCE_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        raise
    return output


def steps(output: str) -> set[str]:
    return {line for line in output.split("\n") if line.startswith("step")}


@pytest.mark.parametrize(("way", "number"), [("once", signal.SIGINT), ("forever", signal.SIGTERM)])
async def test_told_to_stop_it_ends_cleanly_and_goes_on_later(
    tmp_path: Path, number: signal.Signals, way: str
) -> None:
    child = launch(tmp_path, way, 0.4)
    assert child.stdout is not None
    first = child.stdout.readline()
    assert first.startswith("step a")
    child.send_signal(number)
    output = first + ended(child)
    assert child.returncode == 0, output
    assert "Traceback" not in output
    assert "step c" not in output, "no new step after it was told to stop"

    again = launch(tmp_path, "once", 0)
    rest = ended(again)
    assert again.returncode == 0, rest
    assert not steps(output) & steps(rest), "what had ended was recorded"
    found = await states(tmp_path)
    assert [state for state, _ in found.values()] == [RunState.DONE] * 3
    # a start that was cut between the row and the engine is a second activation
    assert all(activation <= 2 for _, activation in found.values())


async def test_a_step_that_does_not_end_is_cut_off_in_time(tmp_path: Path) -> None:
    child = launch(tmp_path, "forever", 3600)
    assert child.stdout is not None
    assert child.stdout.readline().startswith("step a")
    child.terminate()
    output = ended(child)
    assert child.returncode == 0, output
    assert (await states(tmp_path))[1] == (RunState.ACTIVE, 1)


def test_told_twice_it_ends_at_once(tmp_path: Path) -> None:
    child = launch(tmp_path, "forever", 3600)
    assert child.stdout is not None
    assert child.stdout.readline().startswith("step a")
    child.terminate()
    while "daemon.stopping" not in child.stdout.readline():
        pass
    child.terminate()
    ended(child)
    assert child.returncode == -signal.SIGTERM


@pytest.mark.parametrize("seed", range(2))
async def test_killed_at_any_moment_it_comes_to_the_same_end(tmp_path: Path, seed: int) -> None:
    for pause_s in (0.1 + 0.2 * seed, 0.5):
        child = launch(tmp_path, "once", 0.1)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(pause_s)
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
    last = launch(tmp_path, "once", 0)
    output = ended(last)
    assert last.returncode == 0, output
    found = await states(tmp_path)
    assert {n: state for n, (state, _) in found.items()} == dict.fromkeys((1, 2, 3), RunState.DONE)
    assert all(activation <= 3 for _, activation in found.values())

"""A daemon with many waiting runs and nothing new: what it uses of one core."""

from __future__ import annotations

import asyncio
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Benchmark, Figure, Result, Sizes
from benchmarks.memory import cpu_s, cpu_share, pss_mb
from benchmarks.parts import ADA
from harness.core.types import IssueSnapshot, LocalizedText, RunState, Waiting
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.forge.embedded.forge import EmbeddedForge
from tests.e2e.world import HARNESS, World

SETTLE_S = 120.0


async def _waiting(world: World, forge: EmbeddedForge, runs: int) -> None:
    """So many issues, each with a run that asked a question."""
    database = Database(world.state / "state.db")
    await database.open()
    store = SqlStore(database)
    try:
        for number in range(runs):
            issue = await forge.create_issue(f"Issue {number}", "Something.")
            at = datetime.now(UTC)
            snapshot = IssueSnapshot(
                number=issue.number,
                title=issue.title,
                body=issue.body,
                author=issue.author,
                taken_at=at,
                trigger=ADA,
            )
            run, _ = await store.open_run(world.name, snapshot, at)
            wait = Waiting(
                reason=LocalizedText(key="pipeline.question_asked"), signals=("answer", "comment")
            )
            waiting = {"state": RunState.WAITING, "wait": wait}
            await store.save_run(run.model_copy(update=waiting))
    finally:
        await database.close()


def _settled(pid: int) -> float:
    """Waits until the first look is over; the CPU time it took."""
    end, before = time.monotonic() + SETTLE_S, 0.0
    while time.monotonic() < end:
        time.sleep(2)
        now = cpu_s(pid)
        if before and now - before < 0.1:
            return now
        before = now
    return before


def measure(sizes: Sizes) -> Result:
    runs, seconds = int(sizes["runs"]), sizes["seconds"]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        world = World(Path(folder) / "w", settings='schedule.every = "1m"\n')
        world.run("init")
        asyncio.run(_waiting(world, world.forge(), runs))
        process = subprocess.Popen(
            [*HARNESS, "run"],
            cwd=world.repo,
            env=world.env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            first = _settled(process.pid)
            share = cpu_share(process.pid, seconds)
            memory = pss_mb(process.pid)
        finally:
            process.terminate()
            process.wait(timeout=30)
        waiting = sum(row["state"] == "waiting" for row in world.status().values())
    if waiting != runs:
        raise RuntimeError(f"{waiting} of {runs} runs wait")
    name = f"CPU with {runs:,} waiting runs"
    note = f"{seconds:g} s, one look a minute and one beat a second"
    return Result(
        (
            Figure(name, share, "% of a core", 1, note),
            Figure("start and first look", first, "s of CPU"),
            Figure("its memory", memory, "MB"),
        )
    )


BENCHMARK = Benchmark(
    "a daemon with nothing new",
    measure,
    sizes={"runs": 1_000, "seconds": 60},
    tiny={"runs": 3, "seconds": 1},
)

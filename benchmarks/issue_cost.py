"""What an issue costs: the demo's five issues through the real pipeline, by stage, and the one-file
bug by a model that says no word too many. Bytes are counted; tokens are four bytes each and the
prefix cache is simulated by the scripted model."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

from benchmarks.figures import Benchmark, Figure, Result, Sizes, Table, shown
from examples.demo.run import HERE as DEMO
from examples.demo.run import ISSUES, make_project
from harness.core.types import CallRecord, Usage
from harness.engine.database import Database
from harness.engine.journal import SqlJournal
from harness.engine.store import SqlStore
from tests.e2e.world import HARNESS, World

HEAD = ("issue", "stage", "calls", "input bytes", "cacheable", "billed-equiv. tok", "output tok")
Costs = dict[int, tuple[str, str, tuple[CallRecord, ...]]]
"""Issue -> title, how its run stands, its calls."""
SETTINGS = '[models.scripted]\ndialect = "scripted"\nscript = "{}"\n'


async def _costs(state: Path) -> Costs:
    database = Database(state / "state.db")
    await database.open()
    try:
        journal = SqlJournal(database)
        found: Costs = {}
        for run in await SqlStore(database).runs():
            told = run.outcome or (run.wait.reason if run.wait is not None else None)
            how = told.key.split(".")[-1] if told is not None else run.state.value
            found[run.issue] = (run.snapshot.title, how, await journal.calls(run.id))
        return found
    finally:
        await database.close()


def _demo(folder: Path, issues: int) -> Costs:
    """The demo in a home of its own, its issues from the first."""
    project = make_project(folder / "larder")
    home = folder / "home"
    (home / ".config" / "harness").mkdir(parents=True)
    script = SETTINGS.format(DEMO / "script.toml")
    (home / ".config" / "harness" / "config.toml").write_text(script)
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    steps: list[tuple[str, ...]] = [("init",)]
    steps += [("issue", "new", title, "--body", body) for title, body in ISSUES[:issues]]
    for step in (*steps, ("run", "--once")):
        subprocess.run([*HARNESS, *step], cwd=project, env=env, check=True, capture_output=True)
    return asyncio.run(_costs(home / ".local" / "state" / "harness"))


def terse(folder: Path) -> Costs:
    """The one-file bug, as tersely as the protocol allows. RuntimeError without a merge."""
    world = World(folder)
    world.begin()
    world.run("run", "--once")
    costs = asyncio.run(_costs(world.state))
    if costs[1][1] != "merged":
        raise RuntimeError(f"the one-file bug ended as {costs[1][1]}")
    return costs


def billed_equivalent(usage: Usage) -> float:
    """Input in units of a fresh token: fresh + 1.25 x written + 0.1 x read."""
    return usage.fresh + 1.25 * usage.cache_write + 0.1 * usage.cache_read


def _row(issue: str, stage: str, calls: list[CallRecord]) -> tuple[str, ...]:
    read = sum(c.usage.cache_read for c in calls)
    sent = sum(c.usage.total - c.usage.output for c in calls)
    return (
        issue,
        stage,
        str(len(calls)),
        f"{sum(c.input_bytes for c in calls):,}",
        f"{100 * read / sent:.0f} %" if sent else "–",
        shown(sum(billed_equivalent(c.usage) for c in calls)),
        shown(sum(c.usage.output for c in calls)),
    )


def table(title: str, costs: Costs) -> Table:
    """A row a stage, and one for the whole issue."""
    rows = []
    for issue, (_, how, calls) in sorted(costs.items()):
        stages: dict[str, list[CallRecord]] = defaultdict(list)
        for one in calls:
            stages[one.stage].append(one)
        rows += [_row(f"#{issue}", stage, made) for stage, made in stages.items()]
        rows.append(_row(f"**#{issue}**", f"all: {how}", list(calls)))
    return Table(title, HEAD, tuple(rows))


def measure(sizes: Sizes) -> Result:
    note = "simulated prefix cache, 4 bytes a token"
    tables, figures = [], []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        shortest = terse(Path(folder) / "terse")
        calls = shortest[1][2]
        figures.append(Figure("one-file bug to its merge: model calls", len(calls), "", 4))
        tokens = sum(billed_equivalent(c.usage) for c in calls)
        figures.append(Figure("the same, billed-equivalent", tokens, "tok", None, note))
        tables.append(table("The one-file bug, tersely:", shortest))
        issues = int(sizes["issues"])
        if issues:
            costs = _demo(Path(folder) / "demo", issues)
            tables.append(table(f"The demo's issues ({note}):", costs))
            for issue, (title, how, made) in sorted(costs.items()):
                figures.append(Figure(f"#{issue} {title}", len(made), "calls", None, how))
    return Result(tuple(figures), tuple(tables))


BENCHMARK = Benchmark(
    "what an issue costs, by stage", measure, sizes={"issues": 5}, tiny={"issues": 0}
)

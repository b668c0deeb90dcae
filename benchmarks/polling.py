"""A hundred projects on GitHub in which nothing happens: what a look costs.

A GitHub of ours answers in a process of its own (`python -m benchmarks.polling FOLDER PROJECTS`),
so that the processor time is that of the looks alone.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from benchmarks.figures import Benchmark, Figure, Result, Sizes
from harness.core.trust_types import Admission, Ordering
from harness.core.types import Issue, Permission
from harness.daemon.backlog import Backlog, ProjectPort
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.forge.github.auth import TokenAuth
from harness.forge.github.client import GithubClient
from harness.forge.github.forge import GithubForge
from harness.ports.forge import Forge
from harness.system.clock import SystemClock
from harness.system.redact import Redactor
from tests.github.server import github

ROOT = Path(__file__).parent.parent
OLD = 20
"""Issues in each project, all read before anything is measured."""
LOOKS_S = 60.0
"""Time between two looks at a project, as the schedule has it when nothing is given."""


@dataclass
class Quiet:
    """A project whose issues nobody asked work for."""

    name: str
    forge: Forge
    ordering: Ordering = field(default_factory=Ordering)

    async def admit(self, issue: Issue, *, comments: bool = True) -> Admission:
        return Admission()

    async def listen(self, issue: int, pr: int = 0) -> None:
        return None


@contextmanager
def served(folder: Path, projects: int) -> Iterator[str]:
    """The address of a GitHub with that many repositories, in another process."""
    argv = [sys.executable, "-m", "benchmarks.polling", str(folder), str(projects)]
    process = subprocess.Popen(
        argv, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.communicate("", timeout=30)


def serve(folder: Path, projects: int) -> None:
    """Until standard input ends."""
    with github(folder) as hub:
        for number in range(projects):
            name = f"owner/project-{number}"
            hub.repository(name)
            hub.user("harness", Permission.WRITE, repo=name)
            for issue in range(OLD):
                hub.issue("ada", f"Issue {issue}", "Text.\n" * 20, repo=name)
        sys.stdout.write(f"{hub.url}\n")
        sys.stdout.flush()
        sys.stdin.read()


async def looked(url: str, folder: Path, projects: int, rounds: int) -> dict[str, float]:
    """Requests and processor time of `rounds` looks at every project, after the first."""
    clock = SystemClock()
    database = Database(folder / "state.db")
    await database.open()
    wire = GithubClient(TokenAuth(lambda: "tok_bot", Redactor()), base_url=url, clock=clock,
                      state=folder)  # fmt: skip
    store = SqlStore(database)
    try:
        backlogs = []
        for number in range(projects):
            name = f"owner/project-{number}"
            forge = GithubForge(wire, name, clock, dict, url)
            backlogs.append(Backlog(cast(ProjectPort, Quiet(name, forge)), store, clock))
        for backlog in backlogs:
            await backlog.load()
            await backlog.poll()
            await backlog.poll()
        before, spent, began = wire.limits(), time.process_time(), time.perf_counter()
        for _ in range(rounds):
            for backlog in backlogs:
                await backlog.poll()
        spent, wall = time.process_time() - spent, time.perf_counter() - began
        after = wire.limits()
    finally:
        await wire.close()
        await database.close()
    requests = after.requests - before.requests
    return {
        "requests": requests / (rounds * projects),
        "unchanged": 100 * (after.unchanged - before.unchanged) / max(requests, 1),
        "points": (before.remaining or 0) - (after.remaining or 0),
        "writes": after.writes - before.writes,
        "cpu_ms": 1000 * spent / (rounds * projects),
        "share": 100 * spent / rounds / LOOKS_S,
        "wall": wall / rounds,
    }


def measure(sizes: Sizes) -> Result:
    projects, rounds = int(sizes["projects"]), int(sizes["rounds"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with served(folder / "hub", projects) as url:
            (folder / "state").mkdir(mode=0o700)
            found = asyncio.run(looked(url, folder / "state", projects, rounds))
    return Result(
        (
            Figure("requests for a look at one project", found["requests"], "requests", 1),
            Figure('of these not "not modified"', 100 - found["unchanged"], "%", 5),
            Figure("rate-limit points spent", found["points"], "points", 0),
            Figure("writes", found["writes"], "writes", 0),
            Figure("processor time of one look", found["cpu_ms"], "ms", None, "one project"),
            Figure("all of them each minute", found["share"], "% of a core", 1),
            Figure("one look at all of them", found["wall"], "s", None, f"{projects} projects"),
        )
    )


BENCHMARK = Benchmark(
    "projects on GitHub in which nothing happens",
    measure,
    sizes={"projects": 100, "rounds": 10},
    tiny={"projects": 2, "rounds": 2},
)

if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))

"""Thousands of open issues: read from a forge, ranked, stored; then what one decision costs.

A process of its own does it (`python -m benchmarks.backlog ISSUES`), so that its memory is its own.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.figures import Benchmark, Figure, Result, Sizes
from harness.config.sections import TrustSettings
from harness.core.types import Issue, IssuePage, TimelineEvent
from harness.daemon.backlog import Backlog
from harness.daemon.dispatch import DispatchState, Limits, decide, in_line
from harness.engine.database import Database
from tests.fake_forge import AT
from tests.security.town import OWNER, STRANGER, Door, TownForge

PAGE = 100
ASKED = 10
"""One issue in so many carries the label that asks for work."""
BODY = "Something does not work as it should, and here is how to see it.\n" * 30


class Crowded(TownForge):
    """A repository of many issues, made page by page as a server would send them."""

    def __init__(self, issues: int) -> None:
        super().__init__()
        self._count = issues

    def _made(self, number: int) -> Issue:
        labels = ["bug", *(["priority: high"] if number % 7 == 0 else [])]
        return Issue(
            number=number,
            title=f"Issue {number}",
            body=f"{BODY}\nDepends on #{number + 1}" if number % 50 == 0 else BODY,
            author=STRANGER,
            labels=(*labels, *(["harness"] if number % ASKED == 0 else [])),
            created_at=AT - timedelta(minutes=number),
            updated_at=AT,
        )

    async def issues(self, cursor: str = "") -> IssuePage:
        self._ask("issues")
        first = int(cursor or 0) + 1
        last = min(first + PAGE, self._count + 1)
        page = tuple(self._made(number) for number in range(first, last))
        return IssuePage(issues=page, cursor=str(last - 1))

    async def issue(self, number: int) -> Issue:
        self._ask("issue")
        return self._made(number)

    async def timeline(self, number: int) -> tuple[TimelineEvent, ...]:
        self._ask("timeline")
        return (TimelineEvent(id=1, kind="labeled", actor=OWNER, at=AT, subject="harness"),)


async def _measured(issues: int, folder: Path) -> dict[str, float]:
    database = Database(folder / "state.db")
    await database.open()
    town = Crowded(issues)
    door = Door(town, database, folder, TrustSettings())
    try:
        began = time.perf_counter()
        backlog = Backlog(door.project, door.store, door.clock)
        await backlog.load()
        await backlog.poll()
        line = in_line(backlog.candidates(()))
        read = time.perf_counter() - began
        requests = town.calls.total() - town.calls["me"]  # an adapter asks that once
        began = time.perf_counter()
        again = Backlog(door.project, door.store, door.clock)
        await again.load()
        loaded = time.perf_counter() - began
        times = []
        for _ in range(5):
            began = time.perf_counter()
            candidates = again.candidates(())
            needed = {number for one in candidates for number in one.depends}
            unmet = {("p", number) for number in await again.unmet(needed)}
            state = DispatchState(
                projects=("p",),
                limits=Limits(),
                candidates=tuple(candidates),
                unmet=frozenset(unmet),
            )
            decide(state, door.clock.now())
            times.append(time.perf_counter() - began)
        return {
            "read": read,
            "requests": requests,
            "line": len(line),
            "loaded": loaded,
            "decide": 1000 * sorted(times)[len(times) // 2],
            "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
    finally:
        await database.close()


def measure(sizes: Sizes) -> Result:
    issues = int(sizes["issues"])
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.backlog", str(issues)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent.parent,
    )
    found: dict[str, float] = json.loads(done.stdout)
    if found["line"] != issues // ASKED:
        raise RuntimeError(f"{found['line']:g} of {issues} issues are in line")
    note = f"{issues:,} issues of 2 kB, one in {ASKED} asked for"
    return Result(
        (
            Figure("read, ranked, stored", found["read"], "s", 15, note),
            Figure("requests for it", found["requests"], "requests"),
            Figure("read back after a restart", found["loaded"], "s"),
            Figure("one decision over them", found["decide"], "ms", 100, "median of 5"),
            Figure("peak memory", found["memory"], "MB", 200, "resident, the whole process"),
        )
    )


BENCHMARK = Benchmark(
    "a backlog of thousands",
    measure,
    sizes={"issues": 10_000},
    tiny={"issues": 300},
)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        told = asyncio.run(_measured(int(sys.argv[1]), Path(scratch)))
    sys.stdout.write(json.dumps(told))

"""How long a person waits for `--help`, `status` and `why`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Benchmark, Figure, Result, Sizes, median_ms
from tests.e2e.world import HARNESS, World

ASKED = {"--help": ["--help"], "status": ["status"], "why": ["why", "1"]}
FLOOR = "the interpreter alone"


def measure(sizes: Sizes) -> Result:
    """After a run that ended: there is something to tell."""
    taken: dict[str, list[float]] = {name: [] for name in (FLOOR, *ASKED)}
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        world = World(Path(folder) / "w")
        world.begin()
        world.run("run", "--once")
        for _ in range(int(sizes["times"])):
            for name in taken:
                argv = [*HARNESS, *ASKED[name]] if name in ASKED else [sys.executable, "-c", ""]
                began = time.monotonic()
                subprocess.run(argv, cwd=world.repo, env=world.env, check=True, capture_output=True)
                taken[name].append(time.monotonic() - began)
    floor = statistics.median(taken[FLOOR])
    figures = [Figure(f"`{name}`", median_ms(taken[name]), "ms", 200) for name in ASKED]
    worst = max(statistics.median(taken[name]) for name in ASKED) / floor
    figures.append(Figure(FLOOR, 1000 * floor, "ms"))
    figures.append(Figure("slowest against the interpreter", worst, "x"))
    return Result(tuple(figures))


BENCHMARK = Benchmark(
    "start of the commands that only read", measure, sizes={"times": 9}, tiny={"times": 1}
)

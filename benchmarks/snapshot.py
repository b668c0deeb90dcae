"""A tree id of a work tree in which an agent changed one file."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Benchmark, Figure, Result, Sizes, median_ms
from benchmarks.parts import repository, workspace


async def _snapshots(root: Path, source: Path, times: int) -> tuple[list[float], float]:
    place = workspace(root, source)
    await place.sync()
    base = await place.resolve("main")
    copy = await place.copy("bench", await place.tree_of(base), base)
    try:
        began = time.monotonic()
        await copy.snapshot()
        first = time.monotonic() - began
        taken = []
        for number in range(times):
            (copy.path / "part0" / "file0.txt").write_text(f"changed {number}\n")
            began = time.monotonic()
            await copy.snapshot()
            taken.append(time.monotonic() - began)
        return taken, first
    finally:
        await copy.remove()


def measure(sizes: Sizes) -> Result:
    files = int(sizes["files"])
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        source = repository(Path(folder) / "source", files, int(sizes["bytes_each"]))
        taken, first = asyncio.run(_snapshots(Path(folder) / "w", source, int(sizes["times"])))
    return Result(
        (
            Figure(f"snapshot, one of {files:,} files changed", median_ms(taken), "ms", 30),
            Figure("the first one", 1000 * first, "ms"),
        )
    )


BENCHMARK = Benchmark(
    "a work tree into state.git",
    measure,
    sizes={"files": 5_000, "bytes_each": 2_000, "times": 15},
    tiny={"files": 50, "times": 3},
)

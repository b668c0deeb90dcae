"""The same command in the Box and outside, taking turns."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Benchmark, Figure, Result, Sizes, median_ms
from benchmarks.parts import LIMITS
from harness.core.types import Layout
from harness.sandbox.bubblewrap import Bubblewrap

COMMAND = "true"


async def _outside() -> float:
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        "/bin/bash",
        "-c",
        COMMAND,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    await process.communicate()
    return time.monotonic() - began


async def _both(folder: Path, times: int) -> tuple[list[float], list[float], float]:
    began = time.monotonic()
    box = await Bubblewrap().open(Layout(tree=folder), LIMITS)
    opened = time.monotonic() - began
    try:
        outside, inside = [], []
        for _ in range(times):
            outside.append(await _outside())
            began = time.monotonic()
            await box.exec(COMMAND)
            inside.append(time.monotonic() - began)
        return outside, inside, opened
    finally:
        await box.close()


def measure(sizes: Sizes) -> Result:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        outside, inside, opened = asyncio.run(_both(Path(folder), int(sizes["times"])))
    more = [i - o for i, o in zip(inside, outside, strict=True)]
    return Result(
        (
            Figure("more in the Box than outside", median_ms(more), "ms", 3, "median of pairs"),
            Figure("in the Box", median_ms(inside), "ms"),
            Figure("outside", median_ms(outside), "ms", None, "bash -c from asyncio"),
            Figure("ratio", statistics.median(inside) / statistics.median(outside), "x"),
            Figure("opening a Box", 1000 * opened, "ms"),
        )
    )


BENCHMARK = Benchmark(
    f"`{COMMAND}` in the Box and outside", measure, sizes={"times": 200}, tiny={"times": 5}
)

"""A sandboxed clone of a large repository, from the mirror to the first command."""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from benchmarks.figures import Benchmark, Figure, Result, Sizes, median_ms
from benchmarks.parts import LIMITS, git, repository, workspace
from harness.sandbox.bubblewrap import Bubblewrap

MIB = 1 << 20


def _with_history(folder: Path, megabytes: int) -> None:
    """Old versions of one file that does not compress; the work tree does not hold it."""
    stream = [b"reset refs/heads/main\nfrom refs/heads/main^0\n\n"]
    for number in range(megabytes):
        stream.append(b"commit refs/heads/main\ncommitter Ada <ada@example.org> 1700000000 +0000\n")
        stream.append(b"data 3\nold\nM 100644 inline old.bin\ndata %d\n" % MIB)
        stream.append(os.urandom(MIB) + b"\n")
        if number % 32 == 31 or number == megabytes - 1:
            git(folder, "-c", "core.compression=0", "fast-import", "--quiet", data=b"".join(stream))
            stream = [b"reset refs/heads/main\nfrom refs/heads/main^0\n\n"]
    git(folder, "config", "pack.window", "0")  # noise has no deltas: do not look for them
    git(folder, "reset", "--hard", "--quiet")
    git(folder, "rm", "--quiet", "--force", "--ignore-unmatch", "old.bin")
    git(folder, "commit", "--quiet", "--allow-empty", "--message", "without it")


async def _clones(root: Path, source: Path, times: int) -> tuple[float, list[float]]:
    place = workspace(root, source)
    began = time.monotonic()
    await place.sync()
    synced = time.monotonic() - began
    base = await place.resolve("main")
    tree = await place.tree_of(base)
    taken = []
    for number in range(times):
        began = time.monotonic()
        copy = await place.copy(f"bench{number}", tree, base)
        environment = await place.environment(base)
        box = await Bubblewrap().open(await place.layout(copy, environment), LIMITS)
        await box.exec("true")
        taken.append(time.monotonic() - began)
        await box.close()
        await copy.remove()
    return synced, taken


def _megabytes(folder: Path) -> float:
    found = (path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return sum(found) / MIB


def measure(sizes: Sizes) -> Result:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        source = repository(Path(folder) / "source", int(sizes["files"]), int(sizes["bytes_each"]))
        _with_history(source, int(sizes["history_mb"]))
        whole = _megabytes(source / ".git")
        synced, taken = asyncio.run(_clones(Path(folder) / "w", source, int(sizes["times"])))
    name = f"clone, Box and first command, {whole:,.0f} MB repository"
    note = f"{int(sizes['files']):,} files checked out; the rest is history"
    return Result(
        (
            Figure(name, median_ms(taken), "ms", 1_000, note),
            Figure("mirror, once", synced, "s", None, "from a repository on the same disk"),
        )
    )


BENCHMARK = Benchmark(
    "a clone of its own in a Box of its own, ready for work",
    measure,
    sizes={"history_mb": 480, "files": 2_000, "bytes_each": 10_000, "times": 5},
    tiny={"history_mb": 2, "files": 20, "times": 1},
)

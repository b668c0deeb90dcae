"""`harness init` and the daemon's first look at large histories, beside a push and a fetch of the
same: what both did before."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import Benchmark, Figure, Result, Sizes
from benchmarks.parts import git, workspace
from harness.forge.embedded.admin import EmbeddedAdmin

MIB = 1 << 20
WHEN = 1_600_000_000
_MAIN = "import sys; from harness.cli.entry import main; sys.exit(main())"


def _commit(number: int, path: str, data: bytes) -> bytes:
    head = (
        f"commit refs/heads/main\nmark :{number}\ncommitter Ada <ada@example.org> {WHEN + number}"
    )
    parent = f"from :{number - 1}\n" if number > 1 else ""
    text = f"{head} +0000\ndata 6\nchange\n{parent}M 100644 inline {path}\ndata {len(data)}\n"
    return text.encode() + data + b"\n"


def _many_commits(count: int) -> Iterator[bytes]:
    """Small changes of two thousand files."""
    for number in range(1, count + 1):
        data = f"line {number}\n".encode() * 20
        yield _commit(number, f"part{number % 40}/file{number % 2000}.py", data)


def _many_bytes(megabytes: int) -> Iterator[bytes]:
    """Twenty files of noise, again and again."""
    for number in range(1, megabytes + 1):
        yield _commit(number, f"noise{number % 20}.bin", os.urandom(MIB))


def _made(folder: Path, commits: Iterator[bytes]) -> Path:
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    command = ["git", "-c", "core.compression=0", "fast-import", "--quiet"]
    with subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE) as importing:
        assert importing.stdin is not None
        for one in commits:
            importing.stdin.write(one)
    git(folder, "reset", "--hard", "--quiet")
    return folder


def _registered_s(home: Path, checkout: Path) -> float:
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "GIT_CONFIG_GLOBAL": "/dev/null"}
    home.mkdir()
    began = time.monotonic()
    subprocess.run(
        [sys.executable, "-c", _MAIN, "init"], cwd=checkout, env=env, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return time.monotonic() - began


def _pushed_s(root: Path, checkout: Path) -> float:
    """To a repository of the embedded forge."""
    asyncio.run(EmbeddedAdmin(root).create_repository("me/pushed"))
    began = time.monotonic()
    git(checkout, "push", "--quiet", str(root / "me" / "pushed.git"), "main:main")
    return time.monotonic() - began


def _looked_s(root: Path, source: Path) -> float:
    began = time.monotonic()
    asyncio.run(workspace(root, source).sync())
    return time.monotonic() - began


def _fetched_s(folder: Path, source: Path) -> float:
    folder.mkdir()
    git(folder, "init", "--quiet", "--bare")
    began = time.monotonic()
    git(folder, "fetch", "--quiet", source.as_uri(), "+refs/heads/*:refs/heads/*")
    return time.monotonic() - began


def _of(root: Path, what: str, commits: Iterator[bytes]) -> tuple[float, tuple[Figure, ...]]:
    """The seconds of `init`, and the figures of one repository."""
    checkout = _made(root / "here", commits)
    linked = _registered_s(root / "home", checkout)
    pushed = _pushed_s(root / "pushed", checkout)
    forge = next((root / "home").rglob("here.git"))
    looked, fetched = _looked_s(root / "ours", forge), _fetched_s(root / "f.git", forge)
    return linked, (
        Figure(f"init, {what}", linked, "s", 5, f"pushing the same: {pushed:.1f} s"),
        Figure(f"init over a push, {what}", linked / pushed, "x"),
        Figure(f"first look, {what}", looked, "s", None, f"fetching the same: {fetched:.1f} s"),
        Figure(f"first look over a fetch, {what}", looked / fetched, "x", 0.8),
    )


def measure(sizes: Sizes) -> Result:
    many, megabytes = int(sizes["commits"]), int(sizes["megabytes"])
    few = max(1, many // 10)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder)
        for name in ("few", "many", "large"):
            (root / name).mkdir()
        start, _ = _of(root / "few", "few", _many_commits(few))
        end, figures = _of(root / "many", f"{many:,} commits", _many_commits(many))
        _, more = _of(root / "large", f"{megabytes:,} MB", _many_bytes(megabytes))
    slope = (end - start) / max(1, many - few) * 10_000
    note = f"{few:,} commits: {start:.1f} s"
    return Result(
        (*figures, Figure("init, each 10,000 commits more", slope, "s", 0.5, note), *more)
    )


BENCHMARK = Benchmark(
    "a large repository registered, and looked at for the first time",
    measure,
    sizes={"commits": 60_000, "megabytes": 500},
    tiny={"commits": 60, "megabytes": 2},
)

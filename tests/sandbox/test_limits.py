"""Limits without a control group, and the reading of control groups of both versions."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from harness.core.types import BoxLimits
from harness.sandbox import processes
from harness.sandbox.limits import (
    CGROUP,
    Cgroup,
    DiskWatch,
    group_of,
    open_cgroup,
    size_of,
    sweep,
)
from harness.sandbox.supervisor import Supervisor, enforce_limits
from tests.patience import PATIENCE_S

MIB = 1 << 20


async def crossed_limit(tmp_path: Path, command: str, limits: BoxLimits) -> str:
    """Which limit the watch finds crossed by a command below a process, with no group."""
    top = await asyncio.create_subprocess_exec(
        *("/bin/bash", "-c", f"read go; ({command}) & wait"),
        stdin=asyncio.subprocess.PIPE,
        cwd=tmp_path,
    )
    cage = Supervisor(top.pid, limits, None, DiskWatch([tmp_path], limits.disk_bytes))
    assert top.stdin is not None
    async with enforce_limits(cage) as reasons:
        top.stdin.write(b"\n")
        await asyncio.wait_for(top.wait(), PATIENCE_S)
    assert processes.descendants(top.pid) == []
    return "".join(reasons[:1])


async def test_the_watch_holds_memory(tmp_path: Path) -> None:
    hog = "head -c 300M /dev/zero | tail -c 300M; sleep 20"
    assert await crossed_limit(tmp_path, hog, BoxLimits(memory_bytes=64 * MIB)) == "memory"


async def test_the_watch_holds_processes(tmp_path: Path) -> None:
    many = "for i in $(seq 40); do sleep 20 & done; wait"
    assert await crossed_limit(tmp_path, many, BoxLimits(processes=20)) == "processes"


async def test_the_watch_holds_disk(tmp_path: Path) -> None:
    fill = "for i in $(seq 100); do head -c 1M /dev/zero > f$i; sleep 0.02; done; sleep 20"
    assert await crossed_limit(tmp_path, fill, BoxLimits(disk_bytes=8 * MIB)) == "disk"


async def test_what_is_within_its_limits_is_left_alone(tmp_path: Path) -> None:
    assert await crossed_limit(tmp_path, "head -c 1M /dev/zero > f; sleep 0.3", BoxLimits()) == ""


def test_size_counts_blocks_and_stops_early(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "f").write_bytes(b"x" * MIB)
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    assert MIB <= size_of([tmp_path], 1 << 40) < 2 * MIB
    for number in range(20):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "f").write_bytes(b"x" * MIB)
    assert size_of([tmp_path], 3 * MIB) < 20 * MIB


def test_a_group_of_version_2_is_written_and_read(tmp_path: Path) -> None:
    for name, text in (
        ("memory.max", "max"),
        ("memory.swap.max", "max"),
        ("pids.max", "max"),
        ("memory.events", "low 0\noom 3\noom_kill 2\n"),
        ("pids.events", "max 7\n"),
        ("cgroup.procs", ""),
        ("cgroup.freeze", "0"),
        ("cgroup.events", "populated 1\nfrozen 1\n"),
    ):
        (tmp_path / name).write_text(text)
    group = Cgroup(2, dict.fromkeys(("memory", "pids", "freezer"), tmp_path))
    group.limit(BoxLimits(memory_bytes=5, processes=6))
    written = [(tmp_path / n).read_text() for n in ("memory.max", "memory.swap.max", "pids.max")]
    assert written == ["5", "0", "6"]
    assert (group.memory_kills(), group.refused_forks()) == (2, 7)
    group.add([41, 42])
    assert (tmp_path / "cgroup.procs").read_text() == "42"
    assert group.freeze()
    assert (tmp_path / "cgroup.freeze").read_text() == "1"
    group.thaw()
    assert (tmp_path / "cgroup.freeze").read_text() == "0"
    (tmp_path / "cgroup.events").write_text("frozen 0\n")
    assert not group.freeze(within_s=0.01)


def unified() -> Path | None:
    """Where version 2 is mounted here and we may make a group, beside version 1 or alone."""
    for top in (CGROUP, CGROUP / "unified"):
        if (top / "cgroup.procs").exists() and os.access(top, os.W_OK):
            return top
    return None


def test_a_real_group_of_version_2_freezes(tmp_path: Path) -> None:
    """Freezing needs no controller, so it is there in the hybrid set-up too."""
    top = unified()
    if top is None:  # this machine has no group of version 2 to be written
        return
    folder = top / f"harness-test-{os.getpid()}"
    folder.mkdir()
    group = Cgroup(2, dict.fromkeys(("memory", "pids", "freezer"), folder))
    argv = ["/bin/bash", "-c", "while :; do printf . >> n; done"]
    try:
        with subprocess.Popen(argv, cwd=tmp_path) as busy:
            group.add([busy.pid])
            assert group.freeze()
            first = (tmp_path / "n").stat().st_size if (tmp_path / "n").exists() else 0
            assert not (folder / "cgroup.events").read_text().count("frozen 0")
            time.sleep(0.1)
            after = (tmp_path / "n").stat().st_size if (tmp_path / "n").exists() else 0
            assert after == first
            group.thaw()
            assert (folder / "cgroup.events").read_text().count("frozen 0")
            busy.kill()
    finally:
        group.remove()
    assert not folder.exists()


def test_a_group_that_another_program_made_is_read_and_left() -> None:
    group = open_cgroup(BoxLimits(memory_bytes=64 * MIB, processes=9))
    if group is None:  # this machine hands no control groups down
        return
    with subprocess.Popen(["/bin/sleep", "20"]) as sleeper:
        group.add([sleeper.pid])
        found = group_of(sleeper.pid)
        assert found is not None
        assert (found.version, found.ours) == (group.version, False)
        assert found.folders["memory"] == group.folders["memory"]
        assert (found.memory_kills(), found.refused_forks()) == (0, 0)
        found.add([os.getpid()])
        found.remove()
        assert all(folder.exists() for folder in group.folders.values())
        sleeper.kill()
    group.remove()


def test_a_real_group_goes_again() -> None:
    group = open_cgroup(BoxLimits(memory_bytes=64 * MIB, processes=9))
    if group is None:  # this machine hands no control groups down
        return
    with subprocess.Popen(["/bin/sleep", "20"]) as sleeper:
        group.add([sleeper.pid])
        assert str(sleeper.pid) in (group.folders["pids"] / "cgroup.procs").read_text().split()
        sleeper.kill()
    group.remove()
    assert not any(folder.exists() for folder in group.folders.values())


def test_processes_are_stopped_and_go_on() -> None:
    argv = ["/bin/bash", "-c", "(while :; do sleep 0.01; done) & wait"]
    with subprocess.Popen(argv) as top:
        while not processes.descendants(top.pid):
            pass
        assert processes.stop(top.pid)
        living = processes.descendants(top.pid)
        assert {processes.state(pid) for pid in living} <= set("TZ")
        processes.resume(top.pid)
        assert processes.memory_of([os.getpid()]) > 5 * MIB
        assert processes.end(top.pid)
        top.kill()


def test_a_box_that_was_frozen_when_its_daemon_was_killed_dies_at_the_next_start() -> None:
    group = open_cgroup(BoxLimits())
    if group is None:  # nothing can be frozen here, so nothing can be left frozen
        return
    with subprocess.Popen([sys.executable, "-c", "print(1, flush=True)"]) as gone:
        gone.wait()
    # below a group of our own, where no other daemon sweeps
    folders = {name: folder / f"harness-{gone.pid}-1" for name, folder in group.folders.items()}
    for folder in set(folders.values()):
        folder.mkdir()
    left = Cgroup(group.version, folders)
    with subprocess.Popen(["sleep", "60"]) as box:
        left.add([box.pid])
        frozen = left.freeze()
        box.kill()  # as its parent's death does
        if frozen:
            time.sleep(0.2)
            assert box.poll() is None
        for folder in set(group.folders.values()):
            sweep(folder)
        assert box.wait(timeout=PATIENCE_S) == -9
    for folder in set(group.folders.values()):
        sweep(folder)
    assert not [folder for folder in folders.values() if folder.exists()]
    group.remove()

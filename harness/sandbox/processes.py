"""The processes below one process, seen from outside: found, measured, stopped, ended. Reads
/proc; every function blocks for milliseconds at most unless it says so."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

_DONE = frozenset("ZX")
_STILL = frozenset("TtZX")


def state(pid: int) -> str:
    """The one-letter state of /proc/PID/stat; "X" when it is gone."""
    try:
        text = Path("/proc", str(pid), "stat").read_text(errors="replace", encoding="utf-8")
    except OSError:
        return "X"
    return text.rpartition(")")[2].split()[0]


def children(pid: int) -> list[int]:
    """Living children and zombies of every thread of a process."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path("/proc", str(pid), "task").iterdir():
            found += [int(word) for word in (task / "children").read_text(encoding="utf-8").split()]
    return found


def descendants(pid: int) -> list[int]:
    """Every process below `pid`, parents before children."""
    found = children(pid)
    for below in found:  # grows while it is walked
        found += children(below)
    return found


def memory_of(pids: Iterable[int]) -> int:
    """Bytes that these processes hold for themselves; files they map do not count."""
    total = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            for line in (
                Path("/proc", str(pid), "status")
                .read_text(errors="replace", encoding="utf-8")
                .splitlines()
            ):
                if line.startswith(("RssAnon:", "RssShmem:")):
                    total += int(line.split()[1]) * 1024
    return total


def send(pid: int, sign: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, sign)


def stop(root: int, keep: frozenset[int] = frozenset(), *, within_s: float = 5.0) -> bool:
    """SIGSTOP everything below `root` but `keep`, until nothing runs: one that forks while we
    look is met in the next round. False when something still ran after `within_s`."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        running = [p for p in descendants(root) if p not in keep and state(p) not in _STILL]
        if not running:
            return True
        for pid in running:
            send(pid, signal.SIGSTOP)
        time.sleep(0.001)
    return False


def resume(root: int) -> None:
    for pid in descendants(root):
        send(pid, signal.SIGCONT)


def end(root: int, keep: frozenset[int] = frozenset(), *, within_s: float = 5.0) -> bool:
    """SIGKILL everything below `root` but `keep`. Stopped first, so that a fork bomb cannot
    outrun us. False when something still lived after `within_s`."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        living = [p for p in descendants(root) if p not in keep and state(p) not in _DONE]
        if not living:
            return True
        for pid in living:
            send(pid, signal.SIGSTOP)
        for pid in living:
            send(pid, signal.SIGKILL)
        time.sleep(0.001)
    return False


def spare(pids: Iterable[int]) -> None:
    """Makes these the last to be killed for memory, where we have the right to."""
    for pid in pids:
        with contextlib.suppress(OSError):
            Path("/proc", str(pid), "oom_score_adj").write_text("-900", encoding="utf-8")


def find_marked(mark: str) -> list[int]:
    """Processes whose environment holds `mark`: orphans that no tree leads to any more."""
    found: list[int] = []
    wanted = mark.encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if wanted in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
    return found

"""Bounds on a Box: a control group where we may make one, and a watch that sums what the group
does not. Control groups of both versions."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from collections.abc import Iterable
from pathlib import Path

from harness.core.types import BoxLimits

CGROUP = Path("/sys/fs/cgroup")
_THAWED = {"freezer.state": "THAWED", "cgroup.freeze": "0"}
_NUMBERS = itertools.count(1)
_WORDS = {1: ("memory.limit_in_bytes", "memory.oom_control"), 2: ("memory.max", "memory.events")}


class Cgroup:
    """One group of processes with a memory and a process limit. `folders` maps a controller
    (memory, pids, freezer) to its directory; in version 2 all are the same. One that another
    program made (not `ours`) is read and frozen, never filled or taken away."""

    def __init__(self, version: int, folders: dict[str, Path], *, ours: bool = True) -> None:
        self.version = version
        self.folders = folders
        self.ours = ours

    def limit(self, limits: BoxLimits) -> None:
        most, _ = _WORDS[self.version]
        (self.folders["memory"] / most).write_text(str(limits.memory_bytes), encoding="utf-8")
        for name in ("memory.memsw.limit_in_bytes", "memory.swap.max"):
            with contextlib.suppress(OSError):  # no swap here, or not counted
                swap = limits.memory_bytes if "memsw" in name else 0
                if (self.folders["memory"] / name).exists():
                    (self.folders["memory"] / name).write_text(str(swap), encoding="utf-8")
        if limits.processes:
            (self.folders["pids"] / "pids.max").write_text(str(limits.processes), encoding="utf-8")

    def add(self, pids: Iterable[int]) -> None:
        if not self.ours:
            return
        for folder in dict.fromkeys(self.folders.values()):
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    (folder / "cgroup.procs").write_text(str(pid), encoding="utf-8")

    def memory_kills(self) -> int:
        return _counter(self.folders["memory"] / _WORDS[self.version][1], "oom_kill")

    def refused_forks(self) -> int:
        return _counter(self.folders["pids"] / "pids.events", "max")

    def freeze(self, *, within_s: float = 5.0) -> bool:
        """False when this group cannot freeze; the caller stops the processes itself."""
        folder = self.folders.get("freezer")
        if folder is None:
            return False
        name, value = ("freezer.state", "FROZEN") if self.version == 1 else ("cgroup.freeze", "1")
        deadline = time.monotonic() + within_s
        with contextlib.suppress(OSError):
            (folder / name).write_text(value, encoding="utf-8")
            while time.monotonic() < deadline:
                if self._is_frozen(folder):
                    return True
                time.sleep(0.001)
        self.thaw()
        return False

    def _is_frozen(self, folder: Path) -> bool:
        if self.version == 1:
            return (folder / "freezer.state").read_text(encoding="utf-8").strip() == "FROZEN"
        return _counter(folder / "cgroup.events", "frozen") == 1

    def thaw(self) -> None:
        folder = self.folders.get("freezer")
        if folder is not None:
            name, value = (
                ("freezer.state", "THAWED") if self.version == 1 else ("cgroup.freeze", "0")
            )
            with contextlib.suppress(OSError):
                (folder / name).write_text(value, encoding="utf-8")

    def remove(self) -> None:
        """Once its processes are gone; the kernel may need a moment to notice."""
        if not self.ours:
            return
        for folder in dict.fromkeys(self.folders.values()):
            for _ in range(30):
                try:
                    folder.rmdir()
                except FileNotFoundError:
                    break
                except OSError:
                    time.sleep(0.01)
                else:
                    break


def _counter(path: Path, name: str) -> int:
    with contextlib.suppress(OSError, ValueError):
        for line in path.read_text(encoding="utf-8").splitlines():
            word, _, value = line.partition(" ")
            if word == name:
                return int(value)
    return 0


def _own(text: str) -> dict[str, str]:
    """Controller -> our group's path, of /proc/self/cgroup; "" is version 2."""
    found = {}
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for name in controllers.split(","):
            found[name] = path
    return found


def sweep(parent: Path) -> None:
    """Takes away groups of daemons that are gone. A Box that was frozen when its daemon was killed
    is killed already, but dies only when it is thawed; its group goes the next time."""
    for folder in parent.glob("harness-*-*"):
        owner = folder.name.split("-")[1]
        if not Path("/proc", owner).exists():
            for name, thawed in _THAWED.items():
                if (folder / name).exists():
                    with contextlib.suppress(OSError):
                        (folder / name).write_text(thawed, encoding="utf-8")
            with contextlib.suppress(OSError):
                folder.rmdir()


def _make_groups(parents: dict[str, Path]) -> dict[str, Path] | None:
    """A new group below each parent, or nothing at all."""
    name = f"harness-{os.getpid()}-{next(_NUMBERS)}"
    made: dict[str, Path] = {}
    try:
        for controller, parent in parents.items():
            sweep(parent)
            made[controller] = parent / name
            made[controller].mkdir(exist_ok=True)
    except OSError:
        for folder in made.values():
            with contextlib.suppress(OSError):
                folder.rmdir()
        return None
    return made


def _version_1(own: dict[str, str]) -> Cgroup | None:
    parents: dict[str, Path] = {}
    for name in ("memory", "pids", "freezer"):
        parent = CGROUP / name / own.get(name, "").lstrip("/")
        if name in own and parent.is_dir():
            parents[name] = parent
    if not {"memory", "pids"} <= parents.keys():
        return None
    folders = _make_groups(parents)
    return Cgroup(1, folders) if folders else None


def _version_2(own: dict[str, str]) -> Cgroup | None:
    """Beside our own group: a group that holds processes may not hand controllers down."""
    here = CGROUP / own.get("", "/").lstrip("/")
    while here != CGROUP and CGROUP in here.parents:
        here = here.parent
        with contextlib.suppress(OSError):
            given = (here / "cgroup.subtree_control").read_text(encoding="utf-8").split()
            if {"memory", "pids"} <= set(given) and os.access(here / "cgroup.procs", os.W_OK):
                folders = _make_groups(dict.fromkeys(("memory", "pids", "freezer"), here))
                return Cgroup(2, folders) if folders else None
    return None


def open_cgroup(limits: BoxLimits) -> Cgroup | None:
    """A group with these limits, or None where we may not make one: then the watch alone
    holds them."""
    try:
        own = _own(Path("/proc/self/cgroup").read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError:
        return None
    group = _version_1(own) if "memory" in own else _version_2(own)
    if group is None:
        return None
    try:
        group.limit(limits)
    except OSError:
        group.remove()
        return None
    return group


def group_of(pid: int) -> Cgroup | None:
    """The group that holds a process of another program's making, with the limits it was given;
    None where it has none, or where we are shown another part of the hierarchy."""
    try:
        own = _own(
            Path("/proc", str(pid), "cgroup").read_text(encoding="utf-8", errors="surrogateescape")
        )
    except OSError:
        return None
    if "memory" in own:
        folders: dict[str, Path] = {
            name: CGROUP / name / own[name].lstrip("/")
            for name in ("memory", "pids", "freezer")
            if name in own
        }
    else:
        here = CGROUP / own.get("", "/").lstrip("/")
        while here != CGROUP and _is_unlimited(here):
            here = here.parent
        folders = dict.fromkeys(("memory", "pids", "freezer"), here)
    if not {"memory", "pids"} <= folders.keys() or CGROUP in folders.values():
        return None
    if not all(folder.is_dir() for folder in folders.values()):
        return None
    return Cgroup(1 if "memory" in own else 2, folders, ours=False)


def _is_unlimited(folder: Path) -> bool:
    try:
        return (folder / "pids.max").read_text(encoding="utf-8").strip() == "max"
    except OSError:
        return True


def size_of(folders: Iterable[Path], stop_at: int) -> int:
    """Bytes that the files below take on disk; stops counting above `stop_at`."""
    total = 0
    stack = [str(folder) for folder in folders]
    while stack and total <= stop_at:
        with contextlib.suppress(OSError), os.scandir(stack.pop()) as entries:
            for entry in entries:
                with contextlib.suppress(OSError):
                    if entry.is_dir(follow_symlinks=False):
                        stack.append(entry.path)
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total


class DiskWatch:
    """Whether a Box's writable folders outgrew their limit. Walks them only after the file
    system as a whole has filled by enough to matter: a walk of a large tree costs."""

    def __init__(self, folders: Iterable[Path], limit: int) -> None:
        self.folders = tuple(folders)
        self.limit = limit
        self.used = self._used_bytes()
        self.known = 0

    def _used_bytes(self) -> int:
        used = {}
        for folder in self.folders:
            with contextlib.suppress(OSError):
                found = os.statvfs(folder)
                used[found.f_fsid] = (found.f_blocks - found.f_bfree) * found.f_frsize
        return sum(used.values())

    def over(self) -> bool:
        """Blocks while it walks: call it in a thread."""
        used = self._used_bytes()
        if used - self.used < max((self.limit - self.known) // 4, 1 << 20):
            return False
        self.known = size_of(self.folders, self.limit)
        self.used = used
        return self.known > self.limit

"""Clearing up: keeps a state folder within its budget, and never loses unpublished work.

Runs at the start of the daemon and every hour. What belongs to a run that is not over is left
alone. Before our own git forgets what an agent made in a run, everything of it that is not on the
forge is saved as a bundle.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from harness.config.paths import Paths
from harness.core.base import Value
from harness.core.errors import HarnessError
from harness.core.types import LocalizedText, Run
from harness.daemon.retention import GRACE, Keep, Kind, Removal, StoredItem, removals
from harness.ports.clock import Clock
from harness.system.files import private_dir, remove_tree

CRASH_LOG = 1 << 20
_GIB = 1 << 30
_RECORD = "environment.json"


class Keeper(Protocol):
    """One project's own git, as clearing up sees it."""

    async def holds(self, run: str) -> bool:
        """Whether snapshots of that run are still kept."""
        ...

    async def save(self, run: Run, target: Path) -> bool:
        """Writes everything of the run that is not on the forge into a bundle; False when there
        is nothing such. Again: the same bundle."""
        ...

    async def forget(self, run: str) -> None: ...


class Saved(Value):
    """A bundle that was made, or would be."""

    run: Run
    path: str

    @property
    def say(self) -> LocalizedText:
        """Where it is, and how it comes back."""
        return LocalizedText(key="disk.saved", facts=self.facts)

    @property
    def facts(self) -> dict[str, str | int | float]:
        """For a sentence about it."""
        return {"project": self.run.project, "issue": self.run.issue, "path": self.path}


class Cleared(Value):
    """What one round removed and saved; or, of a preview, would. `used`: bytes afterwards."""

    removed: tuple[Removal, ...] = ()
    saved: tuple[Saved, ...] = ()
    used: int = 0
    troubles: tuple[LocalizedText, ...] = ()

    @property
    def freed_bytes(self) -> int:
        """Bytes of what was removed."""
        return sum(r.item.size for r in self.removed)


@dataclass(frozen=True)
class RetentionRules:
    """What the settings say. `snapshots`: how long our git remembers a run that is over."""

    keep: Keep
    snapshots: timedelta


class Housekeeper:
    """`keepers` by project. Only the process that holds the state lock may call `clear`."""

    def __init__(
        self,
        paths: Paths,
        runs: Callable[[], Awaitable[Sequence[Run]]],
        keepers: Mapping[str, Keeper],
        clock: Clock,
        rules: RetentionRules,
    ) -> None:
        self._paths = paths
        self._runs = runs
        self._keepers = keepers
        self._clock = clock
        self._rules = rules

    async def would(self) -> Cleared:
        """What `clear` would do; nothing is touched. Whether there is something to save is only
        known by then: every run that would be forgotten and holds something is named."""
        now, runs = self._clock.now(), await self._runs()
        used, found = await asyncio.to_thread(self._list_items, runs)
        chosen = removals(found, self._rules.keep, now, used)
        saved = []
        for run in self._old(runs, now):
            if await self._keepers[run.project].holds(run.id) and not run.merged_sha:
                saved.append(Saved(run=run, path=str(self._target(run))))
        freed = sum(r.item.size for r in chosen)
        return Cleared(removed=chosen, saved=tuple(saved), used=used - freed)

    async def clear(self) -> Cleared:
        """Removes and saves. One thing that cannot be removed keeps nothing else from going."""
        now, runs = self._clock.now(), await self._runs()
        saved, troubles = await self._forget(self._old(runs, now))
        used, found = await asyncio.to_thread(self._list_items, runs)
        chosen = removals(found, self._rules.keep, now, used)
        removed = []
        for removal in chosen:
            why = await asyncio.to_thread(_remove, Path(removal.item.path))
            if why:
                facts: dict[str, str | int | float] = {"path": removal.item.path, "why": why}
                troubles.append(LocalizedText(key="disk.not_removed", facts=facts))
            else:
                removed.append(removal)
        await asyncio.to_thread(_shorten, self._paths.logs / "crash.log")
        left = used - sum(r.item.size for r in removed)
        return Cleared(
            removed=tuple(removed), saved=tuple(saved), used=left, troubles=tuple(troubles)
        )

    def start_blocker(self, used: int) -> LocalizedText | None:
        """Why no run may start now: the folder is over its budget, or the disk nearly full."""
        keep = self._rules.keep
        if keep.disk_bytes and used > keep.disk_bytes:
            facts: dict[str, str | int | float] = {
                "used": gib(used),
                "most": gib(keep.disk_bytes),
                "folder": str(self._paths.root),
            }
            return LocalizedText(key="disk.over", facts=facts)
        free = shutil.disk_usage(self._paths.root).free
        if free < keep.free_bytes:
            facts = {
                "free": gib(free),
                "least": gib(keep.free_bytes),
                "folder": str(self._paths.root),
            }
            return LocalizedText(key="disk.full", facts=facts)
        return None

    # ---- unpublished work

    def _old(self, runs: Sequence[Run], now: datetime) -> list[Run]:
        """Runs that are over for so long that our git may forget them."""
        return [
            run
            for run in runs
            if run.state.over
            and now - run.updated_at > max(self._rules.snapshots, GRACE)
            and run.project in self._keepers
        ]

    def _target(self, run: Run) -> Path:
        return self._paths.bundles / f"{run.project}-{run.issue}-{run.number}.bundle"

    async def _forget(self, runs: Sequence[Run]) -> tuple[list[Saved], list[LocalizedText]]:
        saved, troubles = [], []
        for run in runs:
            keeper, target = self._keepers[run.project], self._target(run)
            try:
                if not await keeper.holds(run.id):
                    continue
                if await self._save(keeper, run, target):
                    saved.append(Saved(run=run, path=str(target)))
                await keeper.forget(run.id)
            except HarnessError as error:
                # nothing of that run goes; it is tried again in an hour
                facts: dict[str, str | int | float] = {"project": run.project, "issue": run.issue}
                troubles += [LocalizedText(key="disk.not_saved", facts=facts), error.say]
        return saved, troubles

    async def _save(self, keeper: Keeper, run: Run, target: Path) -> bool:
        await asyncio.to_thread(private_dir, target.parent)
        return await keeper.save(run, target)

    # ---- what lies there

    def _list_items(self, runs: Sequence[Run]) -> tuple[int, list[StoredItem]]:
        """(bytes of the state folder without the embedded forge, what may be judged). Blocks."""
        paths = self._paths
        items = [
            *self._run_folders({r.id: r for r in runs}),
            *self._workspaces([r for r in runs if not r.state.over]),
            *self._environments(),
            *(_item("backup", path) for path in paths.backups.glob("state-*.db")),
            *(_item("left", path) for path in paths.backups.glob("*.part")),
        ]
        above = [p for p in _children(paths.root) if p.name != paths.forge.name]
        return sum(map(size_of, above)), items

    def _run_folders(self, runs: Mapping[str, Run]) -> Iterator[StoredItem]:
        for folder in self._paths.runs.glob("*/*/*"):
            run = runs.get("/".join(folder.parts[-3:]))
            if run is None:
                yield _item("run", folder)
            else:
                yield _item("run", folder, at=run.updated_at, live=not run.state.over)

    def _workspaces(self, open_runs: Sequence[Run]) -> Iterator[StoredItem]:
        live = [quote(run.id, safe="") for run in open_runs]
        for project in _children(self._paths.workspaces):
            for copy in _children(project / "copies"):
                kind: Kind = "left" if copy.name.startswith(".gone-") else "copy"
                yield _item(kind, copy, live=any(of_run(copy.name, name) for name in live))
            for left in (*project.glob("mirror.git.old-*"), *project.glob("setup/*")):
                yield _item("left", left)

    def _environments(self) -> Iterator[StoredItem]:
        for folder in _children(self._paths.environments):
            record = folder / _RECORD
            if record.exists():
                used = max(record.stat().st_mtime, folder.stat().st_mtime)
                at = datetime.fromtimestamp(used, UTC)
                yield _item("environment", folder, at=at)
            elif folder.name != "pytest":
                # a set-up that was killed; one under way is younger than an hour
                yield _item("left", folder)


def of_run(name: str, run: str) -> bool:
    """Whether a copy's folder is that run's: its own quoted name, a sign, and more."""
    rest = name.removeprefix(run)
    return bool(run) and name.startswith(run) and not rest[:1].isalnum()


def size_of(path: Path) -> int:
    """Bytes on the disk below `path`; no link is followed, what vanishes meanwhile is nothing."""
    total, pending = 0, [path]
    while pending:
        one = pending.pop()
        try:
            about = one.lstat()
            total += about.st_blocks * 512
            if one.is_dir() and not one.is_symlink():
                pending += one.iterdir()
        except OSError:
            continue
    return total


def gib(size: int) -> float:
    """Bytes as GiB with one digit."""
    return round(size / _GIB, 1)


def _item(kind: Kind, path: Path, at: datetime | None = None, *, live: bool = False) -> StoredItem:
    try:
        changed = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
    except FileNotFoundError:
        changed = datetime.now(UTC)  # gone meanwhile: too young to be judged
    return StoredItem(kind=kind, path=str(path), size=size_of(path), at=at or changed, live=live)


def _children(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def _remove(path: Path) -> str:
    """What the disk said against it; "" when it is gone."""
    try:
        if (path / _RECORD).exists():
            # as one: nobody who looks for an environment meets a part of it
            gone = path.with_name(f".gone-{secrets.token_hex(8)}")
            path = path.rename(gone)
        remove_tree(path)
        for above in path.parents[:2]:
            # an issue's folder without runs, a project's without issues
            if path.parts[-4:-3] == ("runs",) and not any(above.iterdir()):
                above.rmdir()
    except OSError as fault:
        return fault.strerror or type(fault).__name__
    return ""


def _shorten(log: Path) -> None:
    """Crashes are told at the end of their file; its beginning goes first."""
    if log.exists() and log.stat().st_size > 2 * CRASH_LOG:
        log.write_bytes(log.read_bytes()[-CRASH_LOG:])

"""What of a state folder may go, as a plain function of what lies there. Nothing is touched here.

What belongs to a run that is not over is never named; what an agent made and nobody published is
not judged here at all: it is saved before its run is forgotten (`housekeeping`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from harness.core.base import Value

GRACE = timedelta(hours=1)
"""What was used within it is left alone: its user may not have ended yet."""
FRESH = timedelta(days=1)
"""An environment used within it is kept even when the disk is full: it would only be made again."""
LEAST_RUNS = 20
"""Pages of so many runs stay, however full the disk is."""

Kind = Literal["run", "copy", "environment", "backup", "left"]


class Keep(Value):
    """The rules. 0 bytes: no limit."""

    disk_bytes: int = 20 << 30
    free_bytes: int = 1 << 30
    runs: int = 200
    days: float = 90.0
    environment_days: float = 14.0
    backups: int = 7


class StoredItem(Value):
    """One thing on the disk. `at` is when it was last used; `live`: its run is not over."""

    kind: Kind
    path: str
    size: int
    at: datetime
    live: bool = False


class Removal(Value):
    """One thing that may go. `rule`: count, age, over (of no more use), debris, disk."""

    item: StoredItem
    rule: Literal["count", "age", "over", "debris", "disk"]


def removals(
    items: Sequence[StoredItem], keep: Keep, now: datetime, used: int
) -> tuple[Removal, ...]:
    """What goes by count and age, then, while more than `disk_bytes` of `used` would stay, what
    is missed least, oldest first."""
    idle = [i for i in items if not i.live and now - i.at >= GRACE]
    found = [*_of_no_use(idle), *_runs(idle, keep, now), *_environments(idle, keep, now)]
    found += _backups(idle, keep.backups)
    gone = {r.item.path for r in found}
    left = used - sum(r.item.size for r in found)
    if keep.disk_bytes:
        for item in _missed_least([i for i in idle if i.path not in gone], now):
            if left <= keep.disk_bytes:
                break
            found.append(Removal(item=item, rule="disk"))
            left -= item.size
    return tuple(found)


def _newest(items: Sequence[StoredItem], kind: Kind) -> list[StoredItem]:
    return sorted((i for i in items if i.kind == kind), key=lambda i: (i.at, i.path), reverse=True)


def _of_no_use(items: Sequence[StoredItem]) -> list[Removal]:
    """Clones of runs that are over, and what a kill left behind."""
    found = [Removal(item=i, rule="over") for i in items if i.kind == "copy"]
    return [*found, *(Removal(item=i, rule="debris") for i in items if i.kind == "left")]


def _runs(items: Sequence[StoredItem], keep: Keep, now: datetime) -> list[Removal]:
    found = []
    for place, item in enumerate(_newest(items, "run")):
        if place >= keep.runs:
            found.append(Removal(item=item, rule="count"))
        elif now - item.at > timedelta(days=keep.days):
            found.append(Removal(item=item, rule="age"))
    return found


def _environments(items: Sequence[StoredItem], keep: Keep, now: datetime) -> list[Removal]:
    oldest = timedelta(days=keep.environment_days)
    old = [i for i in items if i.kind == "environment" and now - i.at > max(oldest, FRESH)]
    return [Removal(item=item, rule="age") for item in old]


def _backups(items: Sequence[StoredItem], most: int) -> list[Removal]:
    return [Removal(item=item, rule="count") for item in _newest(items, "backup")[most:]]


def _missed_least(items: Sequence[StoredItem], now: datetime) -> list[StoredItem]:
    """Environments can be made again, pages cannot; one backup always stays."""
    environments = [i for i in _newest(items, "environment") if now - i.at > FRESH]
    backups = _newest(items, "backup")[1:]
    runs = _newest(items, "run")[LEAST_RUNS:]
    return [*reversed(environments), *reversed(backups), *reversed(runs)]

"""How often each project's forge is looked at: seldom when nothing happens, at once after a change
or a wake, backing off while it does not answer. No I/O; `chance` gives numbers in [0, 1)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from harness.core.base import Value

LONGEST_FAULT_S = 300.0
JITTER = 0.1


class Pace(Value):
    """Seconds between two looks: `base_s` when something happens, at most `idle_s` when nothing
    does. With both the same each due time of the schedule is a look."""

    base_s: float = 60.0
    idle_s: float = 60.0


def pause_s(pace: Pace, last_s: float, *, changed: bool, failed: bool) -> float:
    """How long until the next look, before jitter. `last_s` is the pause that just ended."""
    if failed:
        return max(pace.base_s, min(max(last_s, pace.base_s) * 2, LONGEST_FAULT_S))
    if changed:
        return pace.base_s
    return min(max(last_s, pace.base_s) * 2, max(pace.idle_s, pace.base_s))


class Paces:
    """Each project's next look. A project that is not named has the schedule's pace."""

    def __init__(
        self,
        paces: Mapping[str, Pace] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._paces = dict(paces or {})
        self._chance = chance
        self._pause: dict[str, float] = {}
        self._next: dict[str, datetime] = {}

    def add(self, project: str, pace: Pace) -> None:
        """One more project, or another pace for it."""
        self._paces[project] = pace

    def remove(self, project: str) -> None:
        """One project less."""
        for mine in (self._paces, self._pause, self._next):
            mine.pop(project, None)

    def due(self, project: str, now: datetime) -> bool:
        """A due time of the schedule that comes a little early is not missed; a clock that was
        set back by more than a pause does not keep anything waiting."""
        at = self._next.get(project)
        if at is None:
            return True
        slack = timedelta(seconds=self._pace(project).base_s / 2)
        longest = timedelta(seconds=self._pause[project] * (1 + JITTER))
        return at <= now + slack or at > now + longest

    def note_look(
        self,
        project: str,
        now: datetime,
        *,
        changed: bool,
        failed: bool = False,
        not_before: datetime | None = None,
    ) -> None:
        """After a look. `not_before`: when the forge said that it may be asked again."""
        pace = self._pace(project)
        pause = pause_s(pace, self._pause.get(project, 0.0), changed=changed, failed=failed)
        self._pause[project] = pause
        if not failed and pause <= pace.base_s:
            self._next.pop(project, None)
            return
        jitter = 1 + JITTER * (2 * self._chance() - 1)
        at = now + timedelta(seconds=pause * jitter)
        if not_before is not None and not_before > at:
            self._pause[project] = (not_before - now).total_seconds()
            at = not_before
        self._next[project] = at

    def wake(self, project: str = "") -> None:
        """Look at the next chance; "" means every project."""
        for name in [project] if project else [*self._next]:
            self._next.pop(name, None)
            self._pause.pop(name, None)

    def _pace(self, project: str) -> Pace:
        return self._paces.get(project, Pace())

"""Time that goes by, told by both clocks: one that is set back takes nothing away, and a sleep of
the machine, which the monotonic one does not count, counts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from harness.ports.clock import Clock

STEP_S = 2.0
"""By how much the wall clock may part from the monotonic one between two looks; more is a step, a
sleep, or another time zone of the machine's own clock."""
_BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


class Elapsed:
    """Read often: what the two clocks say is compared from one reading to the next."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall, self._mark = clock.now(), clock.monotonic()
        self._passed = 0.0
        self._stepped = False

    def seconds(self) -> float:
        """Since this was made; never less than before."""
        wall, mark = self._clock.now(), self._clock.monotonic()
        by_wall, by_mark = (wall - self._wall).total_seconds(), mark - self._mark
        self._wall, self._mark = wall, mark
        self._stepped = self._stepped or abs(by_wall - by_mark) > STEP_S
        self._passed += max(by_wall, by_mark, 0.0)
        return self._passed

    def moment(self) -> datetime:
        """The same as a point of time, of no day that anybody knows."""
        return _BEGINNING + timedelta(seconds=self.seconds())

    def take_step(self) -> bool:
        """Whether the wall clock was set, or the machine slept, since this was asked last."""
        self.seconds()
        stepped, self._stepped = self._stepped, False
        return stepped


class Deadlines:
    """Moments that were stored by the wall clock, as they come by the time that goes by: read once,
    and kept for as long as they stand."""

    def __init__(self, clock: Clock, elapsed: Elapsed) -> None:
        self._clock = clock
        self._elapsed = elapsed
        self._due: dict[tuple[str, datetime], float] = {}

    def left_s(self, name: str, until: datetime, stored_at: datetime | None = None) -> float:
        """How long until that moment, negative when it is past. One that was stored at a time that
        is still to come was stored before the clock was set back: it lasts as long as it did."""
        mark = (name, until)
        if mark not in self._due:
            now = self._clock.now()
            since = stored_at if stored_at is not None and now < stored_at <= until else now
            self._due[mark] = self._elapsed.seconds() + (until - since).total_seconds()
        return self._due[mark] - self._elapsed.seconds()

    def keep(self, names: Collection[str]) -> None:
        """Forgets those of other names."""
        self._due = {mark: due for mark, due in self._due.items() if mark[0] in names}

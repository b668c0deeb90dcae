"""Time for a GitHub of ours and for who talks to it: one clock, so that a wait passes at once."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from harness.ports.clock import Clock

BEGIN = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class JumpClock:
    """A clock that sleeping moves on, from any thread. `waited` holds every sleep."""

    def __init__(self, start: datetime = BEGIN) -> None:
        self._start = start
        self._passed = 0.0
        self._lock = threading.Lock()
        self.waited: list[float] = []

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self._passed += seconds

    async def sleep(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.advance(max(seconds, 0.0))
        await asyncio.sleep(0)


class ServerClock:
    """Another clock, unless the server is told that it is a certain time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._fixed: datetime | None = None

    def now(self) -> datetime:
        return self._fixed or self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await self._clock.sleep(seconds)

    @contextmanager
    def at(self, when: datetime) -> Iterator[None]:
        """While it lasts, what happens happened at `when`."""
        before, self._fixed = self._fixed, when
        try:
            yield
        finally:
            self._fixed = before

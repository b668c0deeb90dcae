"""How fast a token may speak: its budget as GitHub tells it, what it was told to wait, and the one
lane that its writes go through. Durations are monotonic: a clock that jumps moves nothing."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from weakref import WeakValueDictionary

from harness.core.errors import Unavailable
from harness.core.forge_types import ForgeLimits
from harness.forge.github.payload import is_plausible
from harness.ports.clock import Clock
from harness.system.retry_after import LONGEST_S, after_s

WRITE_GAP_S: Final = 1.0
PATIENCE_S: Final = 30.0
"""A wait longer than this is the caller's: it gets Unavailable with the time."""
SECONDARY_S: Final = 60.0
_JITTER_S: Final = (1.0, 10.0)
_AT_ONCE: Final = 4
_RESOURCES: Final = frozenset({"core", "search", "code_search", "graphql"})


@dataclass(frozen=True)
class Budget:
    """What GitHub said last about one resource (core, search, graphql)."""

    remaining: int | None = None
    limit: int | None = None
    reset_at: datetime | None = None
    until: float = 0.0
    """Monotonic time before which nothing of this resource is sent."""


def number(headers: Mapping[str, str], name: str) -> int | None:
    """A header as a whole number that is not negative; None for anything else."""
    text = headers.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 16 else None


def server_now(headers: Mapping[str, str], clock: Clock) -> datetime:
    """GitHub's own time: its reset is by that clock, not by ours."""
    try:
        told = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, OverflowError):
        return clock.now()
    return told if told.tzinfo and is_plausible(told) else clock.now()


class Lane:
    """One token's pace. Shared by everything that speaks with that token in this process."""

    def __init__(self, clock: Clock, jitter: random.Random) -> None:
        self._clock = clock
        self._jitter = jitter
        self._budgets: dict[str, Budget] = {}
        self._until = 0.0
        self._strikes = 0
        self._writing = asyncio.Lock()
        self._last_write: float | None = None
        self._reading = asyncio.Semaphore(_AT_ONCE)
        self.requests = self.unchanged = self.writes = 0

    def limits(self) -> ForgeLimits:
        """The core budget and the longest wait that holds now."""
        core = self._budgets.get("core", Budget())
        left = max(self._seconds_left(name) for name in (*self._budgets, "core"))
        return ForgeLimits(
            remaining=core.remaining,
            limit=core.limit,
            reset_at=core.reset_at,
            waiting_until=self._clock.now() + timedelta(seconds=left) if left > 0 else None,
            requests=self.requests,
            unchanged=self.unchanged,
            writes=self.writes,
        )

    @asynccontextmanager
    async def turn(self, resource: str, *, write: bool) -> AsyncIterator[None]:
        """Inside, one request may be sent. Waits a little; Unavailable(retry_at) instead of a
        long wait. Writes go one at a time, a second apart."""
        if not write:
            async with self._reading:
                await self._wait(resource)
                yield
            return
        async with self._writing:
            await self._wait(resource)
            if self._last_write is not None:
                gap = self._last_write + WRITE_GAP_S - self._clock.monotonic()
                if gap > 0:
                    await self._clock.sleep(gap)
            await self._wait(resource)
            try:
                yield
            finally:
                self._last_write = self._clock.monotonic()

    async def _wait(self, resource: str) -> None:
        while (left := self._seconds_left(resource)) > 0:
            if left > PATIENCE_S:
                raise self.unavailable(resource)
            await self._clock.sleep(left)

    def _seconds_left(self, resource: str) -> float:
        until = max(self._until, self._budgets.get(resource, Budget()).until)
        return until - self._clock.monotonic()

    def unavailable(self, resource: str, message: str = "limit reached") -> Unavailable:
        """The error for a wait that is too long to be sat out here."""
        left = max(self._seconds_left(resource), 1.0)
        return Unavailable(
            "github.limited",
            retry_at=self._clock.now() + timedelta(seconds=left),
            message=message,
        )

    def saw(self, resource: str, headers: Mapping[str, str]) -> None:
        """Keeps what an answer says about the budget, and stops when nothing is left."""
        remaining = number(headers, "x-ratelimit-remaining")
        reset = number(headers, "x-ratelimit-reset")
        if remaining is None:
            return
        told = headers.get("x-ratelimit-resource", resource)
        name = told if told in _RESOURCES else resource
        old = self._budgets.get(name, Budget())
        now = server_now(headers, self._clock)
        until = old.until
        wait = 0.0 if remaining else SECONDARY_S
        if reset is not None:
            wait = min(max(reset - now.timestamp(), 0.0), LONGEST_S)
        if remaining == 0:
            until = self._clock.monotonic() + wait + self._jitter.uniform(*_JITTER_S)
        budget = Budget(
            remaining=remaining,
            limit=number(headers, "x-ratelimit-limit"),
            reset_at=self._clock.now() + timedelta(seconds=wait) if reset is not None else None,
            until=until,
        )
        self._budgets[name] = budget
        if name != resource and remaining == 0:
            # a budget that we did not foresee for this: what was asked must wait all the same
            self._stop(resource, until)

    def _stop(self, resource: str, until: float) -> None:
        asked = self._budgets.get(resource, Budget())
        self._budgets[resource] = replace(asked, until=max(asked.until, until))

    def waits(self) -> dict[str, datetime]:
        """Resource -> when it may be asked again; "" is the whole token. For the next process."""
        here, now = self._clock.monotonic(), self._clock.now()
        ends = {"": self._until, **{name: b.until for name, b in self._budgets.items()}}
        return {n: now + timedelta(seconds=end - here) for n, end in ends.items() if end > here}

    def keep_waiting(self, waits: Mapping[str, datetime]) -> None:
        """What an earlier process was told: a restart is no reason to ask sooner."""
        for name, at in waits.items():
            left = min((at - self._clock.now()).total_seconds(), LONGEST_S)
            if left > 0 and not name:
                self._until = max(self._until, self._clock.monotonic() + left)
            elif left > 0 and name in _RESOURCES:
                self._stop(name, self._clock.monotonic() + left)

    def note_refusal(self, headers: Mapping[str, str]) -> None:
        """A 403 or 429 that means "slower": keeps how long, for the whole token unless only one
        budget is used up (`saw` has kept that)."""
        after = after_s(headers, server_now(headers, self._clock))
        if after is None and number(headers, "x-ratelimit-remaining") == 0:
            return
        if after is None:
            if self._until > self._clock.monotonic():
                return  # refused together with another: one strike
            wait = min(SECONDARY_S * 2**self._strikes, LONGEST_S)
            self._strikes = min(self._strikes + 1, 6)
        else:
            wait = after
        wait += self._jitter.uniform(0, 1)
        self._until = max(self._until, self._clock.monotonic() + wait)

    def well(self) -> None:
        """An ordinary answer: the next refusal counts from the start again."""
        self._strikes = 0


class Lanes:
    """One lane a token, by the token's identity; all projects of a process share it. A lane lives
    as long as somebody uses it."""

    def __init__(self, clock: Clock, jitter: random.Random) -> None:
        self._clock = clock
        self._jitter = jitter
        self._lanes: WeakValueDictionary[str, Lane] = WeakValueDictionary()

    def lane(self, identity: str) -> Lane:
        """The lane of that token."""
        lane = self._lanes.get(identity)
        if lane is None:
            lane = self._lanes[identity] = Lane(self._clock, self._jitter)
        return lane

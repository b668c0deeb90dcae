"""The right to act on an issue, held on the forge: daemons on different machines, each with its
own database, never work on one issue at the same time (G2).

A run that works renews a short lease; one that rests keeps a long one, renewed at the looks at
it, so that a daemon that is gone is replaced after a time and one that waits is not.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import secrets
import socket
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from harness.core.base import Value
from harness.core.errors import ForgeError, LeaseLost
from harness.core.slot import Slots
from harness.core.types import Lease, Run, RunState
from harness.pipeline import slots
from harness.ports.clock import Clock
from harness.ports.forge import Forge

log = logging.getLogger(__name__)


class Spans(Value):
    """How long leases last, in seconds."""

    work_s: float = 600.0
    """Of a run that works: another machine takes over that long after this one died."""
    rest_s: float = 86_400.0
    """Of a run that waits."""
    fresh_s: float = 3.0
    """How long an answer of the forge is believed."""


class Holder:
    """The name of this state folder towards other machines; made once, kept in it. A folder that
    is copied must not be used beside its original."""

    def __init__(self, store: Slots) -> None:
        self._store = store
        self._name = ""
        self._lock = asyncio.Lock()

    async def name(self) -> str:
        """`machine-number`."""
        async with self._lock:
            if not self._name:
                kept = await self._store.get(slots.HOLDER)
                self._name = kept or f"{socket.gethostname()}-{secrets.token_hex(4)}"
                if kept is None:
                    await self._store.put(slots.HOLDER, "", self._name)
            return self._name


class Leases:
    """The leases of one project. Raises LeaseLost for what another has, and the forge's errors."""

    def __init__(self, forge: Forge, holder: Holder, clock: Clock, spans: Spans) -> None:
        self.spans = spans
        self._forge = forge
        self._holder = holder
        self._clock = clock
        self._held: dict[int, Lease] = {}
        self._seen: dict[int, tuple[datetime, float]] = {}
        self._lost: dict[int, LeaseLost] = {}
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def begin(self, issue: int) -> bool:
        """A new stretch of work: what was lost before is forgotten, the lease is ours. False:
        another daemon may have had it since the last one."""
        async with self._locks[issue]:
            self._lost.pop(issue, None)
            self._seen.pop(issue, None)
            held = self._held.get(issue)
            work = timedelta(seconds=self.spans.work_s)
            if held is not None and held.expires_at - self._clock.now() > work:
                # it rested: from now on its end must be noticed soon
                del self._held[issue]
            elif held is not None and not await self._forge.holds_lease(held):
                del self._held[issue]
                held = None
            if held is None:
                held = await self._forge.lease(issue)
            await self._ours(issue)
            return held is not None and held.holder == await self._holder.name()

    async def check(self, issue: int) -> None:
        """Before each outside effect. Once lost it stays lost until `begin`: what was read under
        the old lease may not be true any more."""
        async with self._locks[issue]:
            if (lost := self._lost.get(issue)) is not None:
                raise lost
            await self._ours(issue)

    def loss_of(self, issue: int) -> LeaseLost | None:
        """How the present stretch of work lost its lease, if it did."""
        return self._lost.get(issue)

    async def settle(self, run: Run) -> None:
        """After a stretch of work: kept for long by a run that rests, given back by one that is
        over. A forge that does not answer changes nothing: the lease runs out by itself."""
        async with self._locks[run.issue]:
            held = self._held.get(run.issue)
            if held is None or run.issue in self._lost:
                return
            try:
                if run.state.over:
                    del self._held[run.issue]
                    await self._forge.drop_lease(held)
                elif run.state is not RunState.ACTIVE and self._rests_long(run):
                    await self._take(run.issue, self.spans.rest_s)
            except (ForgeError, LeaseLost) as error:
                log.info("lease of issue %s: %s", run.issue, error)

    async def keep(self, run: Run) -> None:
        """At a look at a run that rests: renews what is half over. Another's is left alone."""
        async with self._locks[run.issue]:
            held = self._held.get(run.issue) or await self._forge.lease(run.issue)
            if held is None or held.holder != await self._holder.name():
                return
            self._held[run.issue] = held
            half = timedelta(seconds=self.spans.rest_s / 2)
            if self._rests_long(run) and held.expires_at - self._clock.now() < half:
                try:
                    await self._take(run.issue, self.spans.rest_s)
                except LeaseLost as lost:
                    log.info("lease of issue %s: %s", run.issue, lost)

    @asynccontextmanager
    async def renewing(self, issue: int) -> AsyncIterator[None]:
        """While inside, the lease is renewed although nothing is written."""
        task = asyncio.create_task(self._renew(issue), context=contextvars.Context())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    # ---- under the issue's lock

    async def _ours(self, issue: int) -> None:
        held, now = self._held.get(issue), self._clock.now()
        half = timedelta(seconds=self.spans.work_s / 2)
        if held is None or held.expires_at - now <= half:
            await self._take(issue, self.spans.work_s)
        elif self._fresh(issue, now):
            return
        elif not await self._forge.holds_lease(held):
            await self._take(issue, self.spans.work_s)
        self._seen[issue] = (now, self._clock.monotonic())

    def _fresh(self, issue: int, now: datetime) -> bool:
        """By both clocks: a machine that slept stops one of them, a set clock jumps the other."""
        if issue not in self._seen:
            return False
        at, mark = self._seen[issue]
        by_wall = 0 <= (now - at).total_seconds() < self.spans.fresh_s
        return by_wall and self._clock.monotonic() - mark < self.spans.fresh_s

    async def _take(self, issue: int, span_s: float) -> None:
        before = self._held.pop(issue, None)
        taken = await self._forge.take_lease(issue, await self._holder.name(), span_s)
        if taken is None:
            raise self._record_loss(issue, await self._other(issue))
        self._held[issue] = taken
        if before is not None and taken.token != before.token:
            now = self._clock.now()
            raise self._record_loss(
                issue, LeaseLost("daemon.lease_between", until=now, issue=issue)
            )

    async def _other(self, issue: int) -> LeaseLost:
        soon = self._clock.now() + timedelta(seconds=self.spans.work_s / 10)
        other = await self._forge.lease(issue)
        if other is None:
            return LeaseLost("daemon.lease_other", until=soon, issue=issue, holder="?")
        until = max(soon, other.expires_at)
        return LeaseLost("daemon.lease_other", until=until, issue=issue, holder=other.holder)

    def _record_loss(self, issue: int, lost: LeaseLost) -> LeaseLost:
        self._lost[issue] = lost
        return lost

    def _rests_long(self, run: Run) -> bool:
        """A pause that the short lease outlives needs no long one."""
        until = run.wait.until if run.wait is not None else None
        return until is None or until - self._clock.now() > timedelta(seconds=self.spans.work_s / 2)

    async def _renew(self, issue: int) -> None:
        while True:
            await self._clock.sleep(self.spans.work_s / 4)
            try:
                await self.check(issue)
            except LeaseLost:
                return
            except ForgeError as error:
                log.info("lease of issue %s: %s", issue, error)

"""snapshot.json: what `status` and `why` read, written whole after each change."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime

from harness.config.settings import Settings
from harness.core.types import Event, ForgeLimits, Run, RunState
from harness.engine.ledger import project_day_key
from harness.ports.clock import Clock
from harness.ports.ledger import Ledger
from harness.ports.store import RunReader
from harness.report.snapshot import HeldIssue, SnapshotFacts, build
from harness.system.files import atomic_write

LESSON = "lesson"
"""The kind of the event that says what a run taught."""


class Published:
    """Builds the snapshot from the rows. `held`, `next_look` and `forges` are the daemon's to
    set."""

    def __init__(self, settings: Settings, store: RunReader, ledger: Ledger, clock: Clock) -> None:
        self.store = store
        self.ledger = ledger
        self.holder = ""
        self.held: tuple[HeldIssue, ...] = ()
        self.next_look: datetime | None = None
        self.forges: dict[str, ForgeLimits] = {}
        self._path = settings.paths.snapshot
        self._clock = clock
        self._last: dict[str, Event] = {}
        self._lessons: dict[str, list[Event]] = {}
        self._writing = asyncio.Lock()

    def remember(self, run: Run, event: Event) -> None:
        """Remember a run's newest event; what it taught stands beside those."""
        if event.kind != LESSON:
            self._last[run.id] = event
        elif run.id in self._lessons:
            self._lessons[run.id].append(event)

    async def publish(self) -> None:
        """Write it. One at a time: a later one must not be overtaken by an earlier."""
        async with self._writing:
            now = self._clock.now()
            day = now.date().isoformat()
            runs = await self.store.runs()
            facts = SnapshotFacts(
                runs=runs,
                held=self.held,
                spent={r.id: await self.ledger.spend_of("run", r.id) for r in runs},
                last={r.id: e for r in runs if (e := await self._newest(r)) is not None},
                lessons={r.id: await self._taught(r) for r in runs if r.state is RunState.HELD},
                today=await self.ledger.spend_of("day", day),
                today_of={
                    p: await self.ledger.spend_of("project_day", project_day_key(p, day))
                    for p in sorted({run.project for run in runs})
                },
                holder=self.holder,
                next_look=self.next_look,
                forges=self.forges,
            )
            data = json.dumps(build(facts, now), ensure_ascii=False)
            await asyncio.to_thread(atomic_write, self._path, data)

    async def _taught(self, run: Run) -> list[Event]:
        if run.id not in self._lessons:
            events = await self.store.events(run.id)
            self._lessons[run.id] = [event for event in events if event.kind == LESSON]
        return self._lessons[run.id]

    async def _newest(self, run: Run) -> Event | None:
        if run.id not in self._last:
            events = [e for e in await self.store.events(run.id) if e.kind != LESSON]
            if not events:
                return None
            self._last[run.id] = events[-1]
        return self._last[run.id]

"""snapshot.json: what `status` and `why` read, written whole after each change."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime

from harness.app.skill_log import BROKEN, MENDED
from harness.config.settings import Settings
from harness.core.types import Event, ForgeLimits, Run
from harness.engine.ledger import project_day_key
from harness.ports.clock import Clock
from harness.ports.ledger import Ledger
from harness.ports.store import RunReader
from harness.report.snapshot import HeldIssue, SnapshotFacts, build
from harness.system.files import atomic_write


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
        self._skill: dict[str, Event] = {}
        self._writing = asyncio.Lock()

    def remember(self, run: Run, event: Event) -> None:
        """Remember a run's newest event."""
        self._last[run.id] = event
        self._note_skill(run.id, event)

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
                skill={r.id: e for r in runs if (e := self._skill.get(r.id)) is not None},
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

    async def _newest(self, run: Run) -> Event | None:
        if run.id not in self._last:
            events = await self.store.events(run.id)
            if not events:
                return None
            self._last[run.id] = events[-1]
            for event in events:
                self._note_skill(run.id, event)
        return self._last[run.id]

    def _note_skill(self, run: str, event: Event) -> None:
        if event.kind == BROKEN:
            self._skill[run] = event
            return
        known = self._skill.get(run)
        if known is None or event.kind != MENDED:
            return
        if known.facts["path"] == event.facts["path"]:
            del self._skill[run]

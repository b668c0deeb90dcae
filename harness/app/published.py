"""snapshot.json: what `status` and `why` read, written whole after each change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime

from harness.app.skill_log import BROKEN, MENDED
from harness.config.settings import Settings
from harness.core.types import Event, ForgeLimits, Run, RunState
from harness.engine.ledger import project_day_key
from harness.ports.clock import Clock
from harness.ports.ledger import Ledger
from harness.ports.store import RunReader
from harness.report.snapshot import HeldIssue, SnapshotFacts, build
from harness.report.uses import Uses
from harness.system.files import atomic_write

LESSON = "lesson"
"""The kind of the event that says what a run taught."""
ENDED_LATELY = 20
"""Of so many runs that are over it is told what they looked up; the file is written often."""


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
        self._skill: dict[str, Event | None] = {}
        self._lessons: dict[str, list[Event]] = {}
        self._uses: dict[str, Uses] = {}
        self._early: dict[str, list[Event]] = {}
        self._writing = asyncio.Lock()

    def remember(self, run: Run, event: Event) -> None:
        """Remember a run's newest event; what it taught stands beside those."""
        if run.id not in self._lessons:
            # it may have come too late to be among those that are read
            self._early.setdefault(run.id, []).append(event)
            return
        if event.kind == LESSON:
            self._lessons[run.id].append(event)
        else:
            self._last[run.id] = event
        self._uses[run.id].note(event)
        self._note_skill(run.id, event)

    async def publish(self) -> None:
        """Write it. One at a time: a later one must not be overtaken by an earlier."""
        async with self._writing:
            now = self._clock.now()
            day = now.date().isoformat()
            runs = await self.store.runs()
            for run in runs:
                await self._learn(run)
            facts = SnapshotFacts(
                runs=runs,
                held=self.held,
                spent={r.id: await self.ledger.spend_of("run", r.id) for r in runs},
                last={r.id: e for r in runs if (e := self._last.get(r.id)) is not None},
                skill={r.id: e for r in runs if (e := self._skill.get(r.id)) is not None},
                lessons={r.id: self._lessons[r.id] for r in runs if r.state is RunState.HELD},
                looked={r.id: self._uses[r.id].shown for r in _with_uses(runs)},
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

    async def _learn(self, run: Run) -> None:
        """What its events say, read once a process."""
        if run.id in self._lessons:
            return
        events = await self.store.events(run.id)
        known = {event.key for event in events}
        early = [event for event in self._early.pop(run.id, ()) if event.key not in known]
        self._lessons[run.id], self._skill[run.id], self._uses[run.id] = [], None, Uses()
        for event in (*events, *early):
            self.remember(run, event)

    def _note_skill(self, run: str, event: Event) -> None:
        """The newest that says of a skill that it cannot be read, where it still cannot."""
        known = self._skill.get(run)
        if event.kind == BROKEN:
            self._skill[run] = event
        elif event.kind == MENDED and known and known.facts["path"] == event.facts["path"]:
            self._skill[run] = None


def _with_uses(runs: Sequence[Run]) -> list[Run]:
    over = sorted((r for r in runs if r.state.over), key=lambda r: r.updated_at)
    return [*(r for r in runs if not r.state.over), *over[-ENDED_LATELY:]]

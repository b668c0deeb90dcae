"""What of a run's skills cannot be read, and when it could be again: each told once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.core.base import stored_fact
from harness.core.types import Event, LocalizedText, Run
from harness.ports.clock import Clock
from harness.ports.store import RunStore

BROKEN = "skill_broken"
MENDED = "skill_mended"
MOST_RUNS = 200


@dataclass
class _Told:
    """Of one run: path -> reason as it was last told, and how often anything was."""

    broken: dict[str, str]
    count: int


class SkillLog:
    """Records both as events of the run."""

    def __init__(
        self, store: RunStore, clock: Clock, on_event: Callable[[Run, Event], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._on_event = on_event
        self._runs: dict[str, _Told] = {}
        self._turn = asyncio.Lock()

    async def tell(self, run_id: str, broken: Mapping[str, LocalizedText]) -> None:
        """What differs from what was told before, by an earlier process too."""
        async with self._turn:
            told = self._runs.get(run_id) or await self._read(run_id)
            for path in sorted(told.broken.keys() - broken.keys()):
                await self._record(run_id, told, MENDED, path, None)
                del told.broken[path]
            for path, why in broken.items():
                if told.broken.get(path) != why.model_dump_json():
                    await self._record(run_id, told, BROKEN, path, why)
                    told.broken[path] = why.model_dump_json()

    async def _read(self, run_id: str) -> _Told:
        if len(self._runs) > MOST_RUNS:
            self._runs.clear()
        told = self._runs[run_id] = _Told({}, 0)
        for event in await self._store.events(run_id):
            path = str(event.facts.get("path"))
            if event.kind == BROKEN:
                why = LocalizedText.model_validate(event.facts["why"])
                told.broken[path] = why.model_dump_json()
            elif event.kind == MENDED:
                told.broken.pop(path, None)
            told.count += event.kind in (BROKEN, MENDED)
        return told

    async def _record(
        self, run_id: str, told: _Told, kind: str, path: str, why: LocalizedText | None
    ) -> None:
        run = await self._store.run(run_id)
        told.count += 1
        facts = {"path": path} | ({"why": stored_fact(why)} if why is not None else {})
        event = Event(
            run=run.id,
            key=f"{kind}:{told.count}",
            at=self._clock.now(),
            stage=run.stage,
            kind=kind,
            facts=facts,
        )
        stored = await self._store.record(event)
        if stored.at == event.at:
            self._on_event(run, stored)

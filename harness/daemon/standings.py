"""What the daemon remembers of open runs beside their rows: the word that ends a Wait, and how
often a run was activated without getting further. Both survive a kill.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from harness.core.slot import Slots
from harness.core.types import Run
from harness.daemon import slots
from harness.daemon.dispatch import RunProgress, Signal
from harness.daemon.slots import Memory, Streak, Word
from harness.ports.store import SessionStore


class ProgressStore(SessionStore, Slots, Protocol):
    """What it counts in, and where it keeps what it counted."""


class ProgressTable:
    """Load before use."""

    def __init__(self, store: ProgressStore) -> None:
        self._store = store
        self._memory = Memory()
        self._changed: set[tuple[str, int]] = set()

    async def load(self) -> None:
        """What an earlier process knew."""
        self._memory = await self._store.get(slots.STANDINGS) or Memory()

    def of(self, run: Run, *, working: bool) -> RunProgress:
        """A run with what is remembered of it."""
        word = self._memory.words.get(run.id)
        streak = self._memory.streaks.get(run.id, Streak(mark=""))
        return RunProgress(
            run=run,
            working=working,
            word=word.verb if word is not None and word.activation == run.activation else "",
            changed=(run.id, run.activation) in self._changed,
            crashed=streak.crashed,
            timed=streak.timed,
        )

    async def note_word(self, run: Run, verb: str) -> None:
        """A person's word ends the present Wait of the run."""
        words = {**self._memory.words, run.id: Word(verb=verb, activation=run.activation)}
        await self._save(self._memory.model_copy(update={"words": words}))

    def note_change(self, run: Run) -> None:
        """The forge is not what it was when the run began to wait. Seen again after a kill."""
        self._changed.add((run.id, run.activation))

    async def activating(self, run: Run, signal: Signal) -> None:
        """Counts, before the activation starts."""
        mark = await self._mark(run)
        streak = self._memory.streaks.get(run.id)
        if streak is None or streak.mark != mark or signal in ("word", "changed"):
            streak = Streak(mark=mark)
        if signal == "resume":
            streak = streak.model_copy(update={"crashed": streak.crashed + 1})
        if signal == "timer":
            streak = streak.model_copy(update={"timed": streak.timed + 1})
        streaks = {**self._memory.streaks, run.id: streak}
        await self._save(self._memory.model_copy(update={"streaks": streaks}))

    async def forget(self, open_runs: set[str]) -> None:
        """Drops what belongs to runs that are over."""
        self._changed = {(run, n) for run, n in self._changed if run in open_runs}
        words = {k: v for k, v in self._memory.words.items() if k in open_runs}
        streaks = {k: v for k, v in self._memory.streaks.items() if k in open_runs}
        memory = Memory(words=words, streaks=streaks)
        if memory != self._memory:
            await self._save(memory)

    async def _mark(self, run: Run) -> str:
        """Changes whenever the run gets further: its row's facts and its turns. Not its events:
        a crash writes one too."""
        sessions = await self._store.sessions(run.id)
        turns = [len(await self._store.turns(session.id)) for session in sessions]
        facts = run.model_dump_json(
            include={
                "stage",
                "base_sha",
                "tree",
                "verified",
                "head_sha",
                "pr",
                "merged_sha",
                "plan_version",
                "approvals",
            }
        )
        return hashlib.sha256(f"{facts}{turns}".encode()).hexdigest()[:16]

    async def _save(self, memory: Memory) -> None:
        self._memory = memory
        await self._store.put(slots.STANDINGS, "", memory)

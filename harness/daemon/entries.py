"""What is stored of a project's open issues and of what was begun of them. The issues are kept in
parts, so that one that changed does not cost writing ten thousand.
"""

from __future__ import annotations

from collections.abc import Collection

from harness.core.base import Value
from harness.core.slot import Slots
from harness.daemon import slots
from harness.daemon.slots import BacklogEntry, BacklogHead

PART = 250


class KeptIssue(Value):
    """What is stored of the forge; `entries` are stored apart."""

    cursor: str = ""
    entries: dict[int, BacklogEntry] = {}
    unheard: tuple[int, ...] = ()
    """Issues on which something may have been said that could not be read yet."""


class Shelf:
    """Where one project's `Kept` lies."""

    def __init__(self, store: Slots, project: str) -> None:
        self._store = store
        self._project = project

    async def load(self) -> KeptIssue:
        """What was put there last. After a kill in between: what is read again anyway."""
        head = await self._store.get(slots.ISSUES, self._project)
        if head is None:
            return KeptIssue()
        entries: dict[int, BacklogEntry] = {}
        for part in head.parts:
            kept = await self._store.get(slots.ISSUES_PART, self._key(part))
            entries.update(kept or {})
        return KeptIssue(cursor=head.cursor, entries=entries, unheard=head.unheard)

    async def put(self, kept: KeptIssue, changed: Collection[int]) -> None:
        """The parts of the changed issues first, then the head: a cursor never runs ahead."""
        parts: dict[int, dict[int, BacklogEntry]] = {number // PART: {} for number in changed}
        every: set[int] = set()
        for number, entry in kept.entries.items():
            every.add(number // PART)
            if number // PART in parts:
                parts[number // PART][number] = entry
        for part, entries in sorted(parts.items()):
            await self._store.put(slots.ISSUES_PART, self._key(part), entries)
        head = BacklogHead(cursor=kept.cursor, parts=tuple(sorted(every)), unheard=kept.unheard)
        await self._store.put(slots.ISSUES, self._project, head)

    def _key(self, part: int) -> str:
        return f"{self._project}#{part}"

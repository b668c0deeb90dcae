"""What is stored of a project's open issues and of what was begun of them. The issues are kept in
parts, so that one that changed does not cost writing ten thousand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from pydantic import TypeAdapter

from harness.core.base import Value
from harness.core.ports import Store
from harness.core.types import Say
from harness.daemon.dispatch import Priority

PART = 250


class Entry(Value):
    """One open issue. `text` is a hash of what starts a run: when it changes, a run that is over
    may be followed by another."""

    number: int
    title: str
    priority: Priority
    milestone: int = 0
    created_at: datetime
    changed_at: datetime
    depends: tuple[int, ...]
    text: str
    held: Say | None = None
    asked_at: datetime | None = None
    """When somebody asked for work by an act that counts; None: its author asks by its text."""
    attempted: bool = False
    """Somebody asked for it, whether that counts or not."""
    hidden: int = 0
    seen: str = ""
    """A hash of the issue as it was read: the same again is not looked into. "": it always is."""
    again: datetime | None = None
    """When it is asked again whether it may start, though nothing changed."""
    tries: int = 0
    """How often the forge did not say, in a row."""


class Kept(Value):
    """What is stored of the forge; `entries` are stored apart."""

    cursor: str = ""
    entries: dict[int, Entry] = {}
    unheard: tuple[int, ...] = ()
    """Issues on which something may have been said that could not be read yet."""


class Head(Value):
    """Where the forge was read up to, and which parts of the entries there are."""

    cursor: str = ""
    parts: tuple[int, ...] = ()
    unheard: tuple[int, ...] = ()


class Started(Value):
    """What is stored of our own doing: the text each issue's last run began with and when it was
    asked for, the issues a person asked for by name since, and what was told on held issues."""

    texts: dict[int, str] = {}
    times: dict[int, datetime] = {}
    asked: tuple[int, ...] = ()
    told: dict[int, str] = {}


_PART = TypeAdapter(dict[int, Entry])


class Shelf:
    """Where one project's `Kept` lies."""

    def __init__(self, store: Store, project: str) -> None:
        self._store = store
        self._project = project

    async def load(self) -> Kept:
        """What was put there last. After a kill in between: what is read again anyway."""
        value = await self._store.kept("issues", self._project)
        if value is None:
            return Kept()
        head = Head.model_validate(value)
        entries: dict[int, Entry] = {}
        for part in head.parts:
            kept = await self._store.kept("issues", self._key(part))
            entries.update(_PART.validate_python(kept or {}))
        return Kept(cursor=head.cursor, entries=entries, unheard=head.unheard)

    async def put(self, kept: Kept, changed: Collection[int]) -> None:
        """The parts of the changed issues first, then the head: a cursor never runs ahead."""
        parts: dict[int, dict[int, Entry]] = {number // PART: {} for number in changed}
        every: set[int] = set()
        for number, entry in kept.entries.items():
            every.add(number // PART)
            if number // PART in parts:
                parts[number // PART][number] = entry
        for part, entries in sorted(parts.items()):
            await self._put_part(part, entries)
        head = Head(cursor=kept.cursor, parts=tuple(sorted(every)), unheard=kept.unheard)
        await self._store.keep("issues", self._project, head.model_dump(mode="json"))

    async def _put_part(self, part: int, entries: Mapping[int, Entry]) -> None:
        value = _PART.dump_python(dict(entries), mode="json", exclude_defaults=True)
        await self._store.keep("issues", self._key(part), value)

    def _key(self, part: int) -> str:
        return f"{self._project}#{part}"

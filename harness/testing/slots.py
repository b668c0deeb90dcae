"""MemorySlots: the Slots port without a database; what was put is kept as the JSON it would be."""

from __future__ import annotations

from typing import TypeVar

from harness.core.base import Json
from harness.core.slot import Slot

T = TypeVar("T")


class MemorySlots:
    """The same contract as the real store's; nothing survives the process."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Json] = {}

    async def get(self, slot: Slot[T], owner: str = "") -> T | None:
        row = self.rows.get(slot.row(owner))
        return None if row is None else slot.read(row)

    async def put(self, slot: Slot[T], owner: str, value: T) -> None:
        self.rows[slot.row(owner)] = slot.dump(value)

    async def drop(self, slot: Slot[T], owner: str = "") -> None:
        self.rows.pop(slot.row(owner), None)

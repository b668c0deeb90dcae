"""Typed slots: small facts kept beside the tables, each with the type it is read as."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import TypeAdapter

T = TypeVar("T")
Scope = Literal["state", "project", "issue", "run", "session"]
"""Whose fact it is: what `owner` names. `state` is the whole state folder: no owner."""


@dataclass(frozen=True)
class Slot(Generic[T]):
    """One fact. It lies in the row (owner, name); with `under`, in (under, name:owner), and a name
    or an owner that is empty is left out. Names are those that databases hold: they stay."""

    name: str
    scope: Scope
    holds: TypeAdapter[T]
    under: str = ""
    sparse: bool = False
    """Defaults are left out of the row, for one with thousands of values."""
    unreadable: Literal["error", "absent"] = "error"
    """What a row that is no T any more means. `absent` only where absence is the careful answer,
    or of no weight: a gate that finds nothing must hold, a count must not begin anew."""

    def at(self, part: object) -> Slot[T]:
        """One of many of the kind, told apart by a part: an attempt, a head, a call."""
        return replace(self, name=f"{self.name}:{part}")

    def row(self, owner: str = "") -> tuple[str, str]:
        """Its place in the store: (scope, key)."""
        if not self.under:
            return owner, self.name
        return self.under, ":".join(part for part in (self.name, owner) if part)

    def read(self, value: Any) -> T:
        """What a stored row says. pydantic's ValidationError when that is no T."""
        return self.holds.validate_python(value)

    def dump(self, value: T) -> Any:
        """The value as JSON."""
        return self.holds.dump_python(value, mode="json", exclude_defaults=self.sparse)


class Slots(Protocol):
    """Small facts of ours, by slot. `owner` is a name of the slot's scope."""

    async def get(self, slot: Slot[T], owner: str = "") -> T | None:
        """None when nothing was put. A row that cannot be read as T: see `Slot.unreadable`; the
        error is an EngineError that names the row."""
        ...

    async def put(self, slot: Slot[T], owner: str, value: T) -> None:
        """In place of what was there."""
        ...

    async def drop(self, slot: Slot[T], owner: str = "") -> None:
        """As if nothing had been put. May be repeated."""
        ...

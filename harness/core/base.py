"""The two roots of every value that crosses a module border. No I/O, no logic."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, JsonValue

Json = JsonValue


class Value(BaseModel):
    """A frozen value of ours: an unknown key is an error, equality is by content."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LocalizedText(Value):
    """A sentence of the catalogue, to be said in the reader's language: key and facts."""

    key: str
    facts: dict[str, str | int | float] = {}

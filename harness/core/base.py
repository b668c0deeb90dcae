"""The two roots of every value that crosses a module border. No I/O, no logic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, Union

from pydantic import BaseModel, ConfigDict, JsonValue

Json = JsonValue
Fact: TypeAlias = Union[str, int, float, "LocalizedText", tuple["LocalizedText", ...]]
"""What fills a sentence in: a text, a number, or sentences in turn, which are said in the reader's
language too."""


class Value(BaseModel):
    """A frozen value of ours: an unknown key is an error, equality is by content."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LocalizedText(Value):
    """A sentence of the catalogue, to be said in the reader's language: key and facts."""

    key: str
    facts: Mapping[str, Fact] = {}


def stored_fact(fact: Json | LocalizedText | tuple[LocalizedText, ...]) -> Json:
    """The same as JSON: a sentence is its key and its facts, which any catalogue can say."""
    if isinstance(fact, LocalizedText):
        stored: Json = fact.model_dump(mode="json")
        return stored
    if isinstance(fact, tuple):
        return [stored_fact(one) for one in fact]
    return fact

"""Somebody else's JSON, read for its meaning: a field may be missing, null, of another type."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final, cast

from harness.core.types import Json

_MOST_TOKENS: Final = 10**9
_TEXTS: Final = ("text", "content", "output_text", "value", "thinking", "summary")


def mapping(value: object) -> dict[str, Json]:
    """An object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Json]:
    """The entries of a list that say something; an object alone is a list of one."""
    found: list[Json] = value if isinstance(value, list) else [cast(Json, value)]
    return [item for item in found if item is not None]


def text_of(value: object) -> str:
    """The text of a field: itself, the texts of its parts in order, a number as it is written.
    What says nothing is ""."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(text_of(item) for item in value)
    if isinstance(value, dict):
        return next((found for key in _TEXTS if (found := text_of(value.get(key)))), "")
    if isinstance(value, bool) or value is None:
        return ""
    return json.dumps(value)


def first_text(value: dict[str, Json], keys: Iterable[str]) -> str:
    """The first of several fields that says something: servers repeat one under two names."""
    return next((found for key in keys if (found := text_of(value.get(key)))), "")


def name_of(value: object) -> str:
    """An id, a name or a reason, as text; "" for what is neither text nor number."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return ""
    return str(value)[:1000] if isinstance(value, str) or abs(value) < 10**30 else ""


def count_of(value: object) -> int | None:
    """A number of tokens; None when the field does not say one that can be believed."""
    if isinstance(value, str) and value.strip().isdecimal() and len(value) < 12:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value <= _MOST_TOKENS else None


def place_of(value: object) -> int | None:
    """A position in a list; None when the field does not say one."""
    found = count_of(value)
    return found if found is not None and found < 10_000 else None


def first_count(value: dict[str, Json], *paths: str) -> int | None:
    """The first of several counts that is said; "a.b" is the field b of a."""
    for path in paths:
        where, _, field = path.rpartition(".")
        found = count_of((mapping(value.get(where)) if where else value).get(field))
        if found is not None:
            return found
    return None

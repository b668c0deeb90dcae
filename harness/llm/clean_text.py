"""Text that every server accepts and every journal can hold. Pure."""

from __future__ import annotations

import re

from harness.core.types import Json

REPLACEMENT = "\ufffd"
_BAD_NAME = re.compile(r"[^a-zA-Z0-9_-]")


def clean(text: str) -> str:
    """Without NUL and lone surrogates (each becomes U+FFFD); a surrogate pair becomes the one
    character it stands for. A poisoned transcript would answer 400 for ever."""
    if "\0" in text:
        text = text.replace("\0", REPLACEMENT)
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def clean_json(value: Json) -> Json:
    """The same for every string of a JSON value, keys included."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [clean_json(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): clean_json(item) for key, item in value.items()}
    return value


def clean_object(value: dict[str, Json]) -> dict[str, Json]:
    """The same for a JSON object."""
    return {clean(key): clean_json(item) for key, item in value.items()}


def wire_name(name: str) -> str:
    """A tool's name or a call's id as vendors allow it: a model may invent one they refuse to
    take back, and the history would be refused for ever."""
    return _BAD_NAME.sub("_", name)[:64] or "unnamed"


def one_line(text: str, limit: int = 300) -> str:
    """For a sentence people read: one line, cut."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"

"""Hidden markers in what we write to a forge: how a comment or an issue of ours is found again."""

from __future__ import annotations

import re

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/=@+-]*")
_LINE = re.compile(r"<!-- harness:([A-Za-z0-9](?:[A-Za-z0-9._:/=@+]|-(?!-| ))*) -->(?:\n|\Z)")


def line(marker: str) -> str:
    """The marker as a line that no reader sees. ValueError for what could end the HTML comment."""
    if not _SAFE.fullmatch(marker) or "--" in marker or marker.endswith("-"):
        raise ValueError(f"not a marker: {marker!r}")
    return f"<!-- harness:{marker} -->"


def with_marker(marker: str, body: str) -> str:
    """`body` under its marker, put there once; "" marks nothing. In front, so that a cut body
    keeps it and quoted text, which comes later, cannot pass for it."""
    return body if not marker or carries(body, marker) else f"{line(marker)}\n{body}"


def carries(text: str, marker: str) -> bool:
    """True when `text` was written by `with_marker(marker, ...)`."""
    return text.startswith(line(marker) + "\n") or text == line(marker)


def marker_of(text: str) -> str:
    """The marker that `text` carries; "" when it carries none."""
    found = _LINE.match(text)
    return found[1] if found and carries(text, found[1]) else ""

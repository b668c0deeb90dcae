"""What a look is answered with: text of others between marks, cut into parts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from harness.core.reference_types import Looked, ReferenceHit

PART: Final = 12_000
"""Characters."""
MOST_TITLE: Final = 160
MOST_EXCERPT: Final = 300
TOLD: Final = {"stale": "lookup/stale", "gone": "lookup/gone"}
"""How a source is that is not as its server has it now."""


def parts_of(text: str) -> tuple[str, ...]:
    """The text in parts of whole lines; a line that is longer than a part is cut."""
    parts, room = [""], PART
    for line in text.splitlines(keepends=True):
        for at in range(0, len(line), PART):
            piece = line[at : at + PART]
            if len(piece) > room and parts[-1]:
                parts.append("")
                room = PART
            parts[-1] += piece
            room -= len(piece)
    return tuple(parts)


def day(at: float) -> str:
    """ "" for what has no time."""
    return datetime.fromtimestamp(at, UTC).date().isoformat() if at > 0 else ""


def page_head(looked: Looked, told: str) -> str:
    """What stands above a page's text. `told`: how it is when it is not as its server has it."""
    rows = [looked.source, one_line(looked.title, MOST_TITLE)]
    rows.append(f"as of {day(looked.fetched_at)}" if looked.fetched_at else "")
    rows.append(told)
    return "\n".join(row for row in rows if row)


def page_foot(part: int, parts: int) -> str:
    """Which part it was; "" for a text of one."""
    if parts == 1:
        return ""
    more = f"; go on with part={part + 1}" if part < parts else ""
    return f"[part {part} of {parts}{more}]"


def hit_list(hits: Sequence[ReferenceHit]) -> str:
    """A row a source: where, what it is called, of which day, and some of its text."""
    rows = []
    for number, hit in enumerate(hits, 1):
        facts = (hit.source, one_line(hit.title, MOST_TITLE), day(hit.fetched_at))
        rows.append(f"{number}. {' | '.join(fact for fact in facts if fact)}")
        if hit.excerpt:
            rows.append(f"   {one_line(hit.excerpt, MOST_EXCERPT)}")
    return "\n".join(rows)


def one_line(text: str, most: int) -> str:
    """Of at most so many characters."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[:most]}…"

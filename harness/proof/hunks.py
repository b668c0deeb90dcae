"""What a change did to the lines of a file, piece by piece, and the text with some pieces undone.
Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import pairwise

from harness.core.base import Value

MOST_LINES = 20_000
MOST_HUNKS = 400


class Hunk(Value):
    """Lines of the old text that became lines of the new one: indexes from 0, ends excluded."""

    path: str
    old: tuple[int, int]
    new: tuple[int, int]

    @property
    def adds(self) -> bool:
        """Nothing of the old text is gone by it."""
        return self.old[0] == self.old[1]

    def holds(self, line: int) -> bool:
        """Whether it wrote that line of the new text, counted from 1."""
        return self.new[0] < line <= self.new[1]


def lines_of(text: str) -> list[str]:
    """Its lines; none of an empty text. `"\n".join` gives the text again."""
    return text.split("\n") if text else []


def hunks_of(path: str, old: str, new: str) -> tuple[Hunk, ...]:
    """In the order of the file; one for the whole where there is too much to compare."""
    before, after = lines_of(old), lines_of(new)
    whole = Hunk(path=path, old=(0, len(before)), new=(0, len(after)))
    if max(len(before), len(after)) > MOST_LINES:
        return (whole,) if old != new else ()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    found = tuple(
        Hunk(path=path, old=(a1, a2), new=(b1, b2))
        for tag, a1, a2, b1, b2 in matcher.get_opcodes()
        if tag != "equal"
    )
    return found if len(found) <= MOST_HUNKS else (whole,)


def without(old: str, new: str, hunks: Iterable[Hunk]) -> str:
    """The new text with these hunks of it as they were before."""
    before, after = lines_of(old), lines_of(new)
    for hunk in sorted(hunks, key=lambda hunk: hunk.new, reverse=True):
        after[hunk.new[0] : hunk.new[1]] = before[hunk.old[0] : hunk.old[1]]
    return "\n".join(after)


def cut(hunk: Hunk, lines: Iterable[int]) -> tuple[Hunk, ...]:
    """A hunk that only adds, cut before these lines of the new text (counted from 1)."""
    if not hunk.adds:
        return (hunk,)
    start, end = hunk.new
    inner = sorted({line - 1 for line in lines if start < line - 1 < end})
    edges = [start, *inner, end]
    return tuple(Hunk(path=hunk.path, old=hunk.old, new=pair) for pair in pairwise(edges))

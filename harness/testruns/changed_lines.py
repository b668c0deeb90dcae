"""Which lines of a file a change wrote. Pure."""

from __future__ import annotations

import difflib

MOST_LINES = 20_000
Ranges = tuple[tuple[int, int], ...]


def changed_ranges(old: str | None, new: str) -> Ranges:
    """Ranges of the new text's lines (from 1, both ends included) that the old one has not in
    that place; the whole of a file that is new, or too long to be compared."""
    after = new.splitlines()
    if not after:
        return ()
    before = (old or "").splitlines()
    if not before or max(len(before), len(after)) > MOST_LINES:
        return ((1, len(after)),)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    found = [(b1 + 1, b2) for tag, _, _, b1, b2 in matcher.get_opcodes() if tag != "equal"]
    return tuple((first, last) for first, last in found if last >= first)


def each(ranges: Ranges) -> frozenset[int]:
    """Every line of these ranges."""
    return frozenset(line for first, last in ranges for line in range(first, last + 1))


def ranges(lines: frozenset[int]) -> Ranges:
    """The same lines as ranges, in order."""
    found: list[tuple[int, int]] = []
    for line in sorted(lines):
        if found and found[-1][1] == line - 1:
            found[-1] = (found[-1][0], line)
        else:
            found.append((line, line))
    return tuple(found)

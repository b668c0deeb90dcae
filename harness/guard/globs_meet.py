"""Whether a rule's pattern and a word that a shell would still fill in can mean one name. Pure."""

from __future__ import annotations

import re

from harness.guard.command_words import ANY, STAR, VOID

_MARKED = re.compile(f"[{STAR}{ANY}{VOID}]")
_PIECE = re.compile(r"\\.|\[[!^]?\]?[^\]]*\]|.", re.S)
LONGEST = 300


def meets(piece: str, name: str) -> bool:
    """Of one name between slashes. A word that is unknown as a whole means only what a pattern
    means that takes every name; a shell's `*` finds no name that begins with a dot."""
    if not _MARKED.search(name):
        return False
    if not name.strip(VOID):
        return not piece.strip("*")
    if len(piece) > LONGEST or len(name) > LONGEST:
        return True
    wanted = [_token(part) for part in _PIECE.findall(piece)]
    if name[0] in (STAR, ANY) and wanted[:1] == ["=."]:
        return False
    return _overlap(wanted, ["*" if c in (STAR, VOID) else "?" if c == ANY else f"={c}"
                             for c in name])  # fmt: skip


def _token(part: str) -> str:
    """`*`, `?` for any one character, or `=` and the character."""
    if part == "*":
        return part
    if part == "?" or (part[0] == "[" and len(part) > 1):
        return "?"
    return f"={part[-1]}"


def _overlap(one: list[str], other: list[str]) -> bool:
    """Whether some text fits both, in time in proportion to both."""
    reached = {0}
    for at in range(len(one) + 1):
        token = one[at] if at < len(one) else ""
        reached = _skip(other, reached)
        if token == "":
            return len(other) in reached
        following: set[int] = set()
        for place in reached:
            following |= _step(token, other, place)
        reached = following
    return False


def _skip(tokens: list[str], reached: set[int]) -> set[int]:
    """With stars standing for nothing."""
    found = set(reached)
    for place in range(len(tokens)):
        if place in found and tokens[place] == "*":
            found.add(place + 1)
    return found


def _step(token: str, other: list[str], place: int) -> set[int]:
    """Where the other may stand after this token."""
    if token == "*":
        return set(range(place, len(other) + 1))
    if place == len(other):
        return set()
    there = other[place]
    if there == "*":
        return {place}
    fits = "?" in (token, there) or token == there
    return {place + 1} if fits else set()

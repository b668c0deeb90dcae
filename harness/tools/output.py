"""Text that goes to a model: cleaned once, cut to head and tail, saying what is left out."""

from __future__ import annotations

import re

from harness.core.base import Value
from harness.system.text import clean_text

_UNSAFE = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Lone surrogates and noncharacters."""
MARK = "\ufffd"
MAX_LINES = 400
MAX_CHARS = 16_000
LONG_LINE = 2_000


def clean(text: str) -> str:
    """No escape sequences, NUL, other controls or lone surrogates; progress bars collapsed to
    their last state. What comes back survives JSON and UTF-8."""
    text = text.replace("\r\n", "\n")
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n"))
    return clean_text(_UNSAFE.sub(MARK, text), MARK)


class Clipped(Value):
    """A text cut in the middle. `first` and `last` number the lines left out, from 1; both 0
    when nothing is. `shortened`: some single lines were too long and lost their end."""

    text: str
    first: int = 0
    last: int = 0
    shortened: bool = False

    @property
    def whole(self) -> bool:
        """True when nothing was left out."""
        return self.first == 0 and not self.shortened


def clip(text: str, *, lines: int = MAX_LINES, chars: int = MAX_CHARS, where: str = "") -> Clipped:
    """Keeps two fifths of the room for the head and three for the tail, in whole lines. `where`
    is the file that holds everything; the note in the middle says how to page it."""
    rows = text.split("\n")
    short = [
        f"{row[:LONG_LINE]}… [{len(row) - LONG_LINE} more characters]"
        if len(row) > LONG_LINE
        else row
        for row in rows
    ]
    shortened = short != rows
    if len(short) <= lines and sum(map(len, short)) + len(short) <= chars:
        return Clipped(text="\n".join(short), shortened=shortened)
    head = _fitting(short, lines * 2 // 5, chars * 2 // 5)
    tail = _fitting(short[head:][::-1], lines - head, chars - chars * 2 // 5)
    first, last = head + 1, len(short) - tail
    page = f"; page with read {where} offset={first}" if where else ""
    note = f"[lines {first}-{last} of {len(rows)} left out{page}]"
    kept = [*short[:head], note, *short[last:]]
    return Clipped(text="\n".join(kept), first=first, last=last, shortened=shortened)


def _fitting(rows: list[str], lines: int, chars: int) -> int:
    count = 0
    for row in rows[:lines]:
        chars -= len(row) + 1
        if chars < 0:
            break
        count += 1
    return count

"""Bytes of strangers made into text that harms no terminal, no log and no request.

Invalid UTF-8 becomes U+FFFD; NUL, control characters and ECMA-48 sequences (colours, cursor
moves, titles, links, clipboard) go, in their 7-bit and their 8-bit form; a carriage return is a
line end, for it could hide what stood before it. The one place where this is done.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable

_SPECIAL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_INTERMEDIATE = re.compile(r"[ -/]*")
_PARAMETERS = re.compile(r"[ -?]*")
# a string ends with its terminator, and with the line: one that never ends hides no later line.
# CAN, SUB and what is in the 8-bit form end it too, as a terminal has it
_STRING_END = re.compile(r"[\x07\n\r\x18\x1a\x1b\x80-\x9f]")
_STRINGS_7 = frozenset("]PX^_")  # OSC, DCS, SOS, PM, APC
_STRINGS_8 = frozenset("\x9d\x90\x98\x9e\x9f")
_LONGEST = 4096
"""A "sequence" that is longer is none: its rest is text."""


class Cleaner:
    """The same over chunks: a sequence or a character split between two reads stays one, and
    nothing is held back but an unfinished character. `mark` stands for each control character
    that is no part of a sequence."""

    def __init__(self, mark: str = "") -> None:
        self._mark = mark
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._step: Callable[[str, int], int] = self._ground
        self._length = 0
        self._returned = False
        self._out: list[str] = []

    def feed(self, data: bytes) -> str:
        """What is text of everything so far and was not given yet."""
        return self._clean(self._decoder.decode(data))

    def finish(self) -> str:
        """The last of it."""
        return self._clean(self._decoder.decode(b"", final=True))

    def _clean(self, text: str) -> str:
        at = 0
        while at < len(text):
            at = self._step(text, at)
        found, self._out = "".join(self._out), []
        return found

    # each step reads from `at` on, may change which one is next, and says where that goes on

    def _ground(self, text: str, at: int) -> int:
        if self._returned and text[at] == "\n":
            self._returned = False
            return at + 1
        found = _SPECIAL.search(text, at)
        end = found.start() if found else len(text)
        if end > at:
            self._out.append(text[at:end])
            self._returned = False
        return self._begin(text[end], end + 1) if found else end

    def _begin(self, char: str, after: int) -> int:
        """A control character: a line end, the begin of a sequence, or nothing."""
        if char == "\r":
            self._out.append("\n")
            self._returned = True
        elif char == "\x1b":
            self._next(self._escape)
        elif char == "\x9b":
            self._next(self._control)
        elif char in _STRINGS_8:
            self._next(self._string)
        else:
            self._out.append(self._mark)
        return after

    def _escape(self, text: str, at: int) -> int:
        end = self._skip(_INTERMEDIATE, text, at)
        if end == len(text) or self._step != self._escape:
            return end
        char, first = text[end], self._length == 0
        if first and char == "[":
            self._next(self._control)
        elif first and char in _STRINGS_7:
            self._next(self._string)
        else:
            self._next(self._ground)
            return end + 1 if "0" <= char <= "~" else end
        return end + 1

    def _control(self, text: str, at: int) -> int:
        end = self._skip(_PARAMETERS, text, at)
        if end == len(text) or self._step != self._control:
            return end
        self._next(self._ground)
        return end + 1 if "@" <= text[end] <= "~" else end

    def _string(self, text: str, at: int) -> int:
        found = _STRING_END.search(text, at)
        end = self._count(at, found.start() if found else len(text))
        if found is None or self._step != self._string:
            return end
        self._next(self._ground)
        return end + 1 if text[end] in "\x07\x9c" else end

    def _next(self, step: Callable[[str, int], int]) -> None:
        self._step, self._length = step, 0

    def _skip(self, pattern: re.Pattern[str], text: str, at: int) -> int:
        found = pattern.match(text, at)
        return self._count(at, found.end() if found else at)

    def _count(self, at: int, end: int) -> int:
        """Where a sequence goes on; what is too long for one is text from there."""
        left = _LONGEST - self._length
        if end - at > left:
            self._next(self._ground)
            return at + left
        self._length += end - at
        return end


def clean_text(data: bytes | str, mark: str = "") -> str:
    """All of it at once."""
    cleaner = Cleaner(mark)
    if isinstance(data, str):
        data = data.encode("utf-8", "replace")
    return cleaner.feed(data) + cleaner.finish()


def one_line(data: bytes | str, limit: int = 400) -> str:
    """Clean, in one line, at most `limit` characters."""
    line = " ".join(clean_text(data).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"

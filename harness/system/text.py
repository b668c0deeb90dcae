"""Bytes of strangers made into text that harms no terminal, no log and no request.

Invalid UTF-8 becomes U+FFFD; NUL, control characters and ECMA-48 sequences (colours, cursor
moves, titles, links, clipboard) go; a carriage return is a line end.
"""

from __future__ import annotations

import codecs
import re

_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c|(?=\n)|(?=\x1b))"
    r"|\x1b[ -/]*[0-~]"
)
_PARTIAL = re.compile(
    r"(?:(?:\x1b\[|\x9b)[0-?]*[ -/]*"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c\n]*\x1b?"
    r"|\x1b[ -/]*|\r)\Z"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_HELD = 4096


class Cleaner:
    """The same over chunks: a sequence or a character split between two reads stays one."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""

    def feed(self, data: bytes) -> str:
        text = self._held + self._decoder.decode(data)
        partial = _PARTIAL.search(text)
        cut = len(text)
        # an endless "sequence" is not held for ever: it is cut here and its start removed below
        if partial and len(text) - partial.start() <= _HELD:
            cut = partial.start()
        self._held = text[cut:]
        return _strip(text[:cut])

    def finish(self) -> str:
        text = self._held + self._decoder.decode(b"", final=True)
        self._held = ""
        return _strip(_PARTIAL.sub(lambda found: "\n" if found[0] == "\r" else "", text))


def _strip(text: str) -> str:
    text = _SEQUENCE.sub("", text)
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean_text(data: bytes | str) -> str:
    """All of it at once."""
    cleaner = Cleaner()
    if isinstance(data, str):
        data = data.encode("utf-8", "replace")
    return cleaner.feed(data) + cleaner.finish()


def one_line(data: bytes | str, limit: int = 400) -> str:
    """Clean, in one line, at most `limit` characters."""
    line = " ".join(clean_text(data).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"

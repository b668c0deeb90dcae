"""The body of an answer as pieces of JSON, however the server cuts it: server-sent events with or
without blank lines between them, one JSON document, or one a line. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from harness.core.types import Json
from harness.llm.complaint import Answered, complaint_of, read_complaint
from harness.llm.faults import Malformed

_MOST: Final = 64 << 20
"""Bytes of one piece: no reply is longer."""
_FIELDS: Final = (b"data:", b"event:", b"id:", b"retry:", b":")
_QUOTED: Final = 400


class End:
    """The server says that this was all."""


END: Final = End()


class Frames:
    """Bytes in, pieces out."""

    def __init__(self) -> None:
        self._rest: list[bytes] = []
        self._size = 0
        self._data: list[str] = []
        self._event = ""
        self._events: bool | None = None
        self.count = 0
        self._last = ""

    def feed(self, chunk: bytes) -> Iterator[Json | End]:
        """The pieces that this chunk completes. Malformed when there can be none."""
        self._size += len(chunk)
        if self._size > _MOST:
            raise Malformed(f"more than {_MOST} bytes")
        self._rest.append(chunk)
        if self._events is None:
            self._look()
        if not self._events or not (b"\n" in chunk or b"\r" in chunk):
            return
        text = b"".join(self._rest)
        # half of a line's end is not yet one
        held = b"\r" if text.endswith(b"\r") else b""
        text = text.removesuffix(held).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, rest = text.split(b"\n")
        self._rest, self._size = [rest + held], len(rest)
        for line in lines:
            yield from self._line(line)

    def finish(self) -> Iterator[Json | End]:
        """What was still open when the body ended."""
        rest = b"".join(self._rest)
        self._rest = []
        if self._events:
            yield from self._line(rest)
            yield from self._line(b"")
        elif rest.strip():
            yield from self._document(rest)

    @property
    def last(self) -> str:
        """The beginning of the last thing that was read, for a sentence that quotes it."""
        return self._last or b"".join(self._rest)[:_QUOTED].decode("utf-8", "replace")

    def _look(self) -> None:
        """By its first bytes: what the header says of the type is often wrong."""
        head = b"".join(self._rest).removeprefix(b"\xef\xbb\xbf").lstrip()
        if head:
            self._events = any(head.startswith(f[: len(head)]) for f in _FIELDS)
            self._rest = [head]

    def _line(self, line: bytes) -> Iterator[Json | End]:
        field, _, value = line.partition(b":")
        text = value.removeprefix(b" ").decode("utf-8", "replace")
        if field == b"event":
            self._event = text.strip()
        elif field == b"data":
            self._data.append(text)
            if text.strip() != "[DONE]" or not self._last:
                self._last = text[:_QUOTED]
            yield from self._whole()
        elif not line.strip():
            yield from self._left()

    def _whole(self) -> Iterator[Json | End]:
        """A line that is a piece by itself needs no blank line after it."""
        text = self._data[0].strip()
        if text == "[DONE]":
            self._data, self._event = [], ""
            yield END
        elif len(self._data) == 1 and text:
            try:
                piece = json.loads(text)
            except ValueError:
                return
            yield from self._piece(piece)

    def _left(self) -> Iterator[Json | End]:
        """At a blank line: what is no JSON by now is none."""
        text = "\n".join(self._data).strip()
        if not text:
            self._data, self._event = [], ""
            return
        try:
            piece = json.loads(text)
        except ValueError:
            if self._event == "error":
                raise Answered(complaint_of(200, text)) from None
            raise Malformed("a piece that is no JSON") from None
        yield from self._piece(piece)

    def _piece(self, piece: Json) -> Iterator[Json]:
        event, self._data, self._event = self._event, [], ""
        self.count += 1
        if event == "error" and piece is not None:
            raise Answered(complaint_of(200, piece))
        if piece is not None:
            yield piece

    def _document(self, raw: bytes) -> Iterator[Json | End]:
        text = raw.decode("utf-8", "replace")
        self._last = text[:_QUOTED]
        try:
            piece = json.loads(text)
        except ValueError:
            yield from self._lines(text)
            return
        yield from self._piece(piece)
        yield END

    def _lines(self, text: str) -> Iterator[Json | End]:
        try:
            pieces = [json.loads(line) for line in text.split("\n") if line.strip()]
        except ValueError:
            if text.startswith(("{", "[")):
                raise Malformed("a piece that is no JSON") from None
            raise Answered(read_complaint(200, text)) from None
        for piece in pieces:
            yield from self._piece(piece)

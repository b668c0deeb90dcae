"""A simulated prefix cache: what a vendor would bill for a growing conversation. Estimates."""

from __future__ import annotations

import hashlib
import json

from harness.core.types import Message, Request, Usage

_REMEMBERED = 20_000


def tokens(chars: int) -> int:
    """Four characters a token: the usual rule of thumb, good to a third."""
    return (chars + 3) // 4


def count_chars(message: Message) -> int:
    """Characters of what is said, tool calls included."""
    return sum(len(part.model_dump_json()) for part in message.parts)


class PrefixCache:
    """Remembers every prefix that was marked; in memory only, never expires by time.

    A prefix is known when exactly these tools, this system text and these messages were sent
    before, so a history that was changed in its middle shows as written again.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, None] = {}

    def usage(self, request: Request, output_chars: int) -> Usage:
        """The bill of one call; what it sent is known from now on."""
        running = hashlib.sha256()
        head = json.dumps([[t.name, t.description, t.schema_] for t in request.tools])
        pieces = [head + request.system]
        pieces += [
            json.dumps([m.role, [p.model_dump() for p in m.parts]]) for m in request.messages
        ]
        read = written = 0
        for piece in pieces:
            running.update(piece.encode("utf-8", "surrogatepass") + b"\0")
            mark = running.digest()
            if mark in self._known:
                read += written + len(piece)
                written = 0
            else:
                written += len(piece)
                self._known[mark] = None
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]
        return Usage(
            cache_write=tokens(written),
            cache_read=tokens(read),
            output=tokens(output_chars),
            estimated=True,
        )

"""The name a TLS client asks for, read from its first bytes (RFC 8446, RFC 6066). Pure."""

from __future__ import annotations

from typing import Literal

MOST = 1 << 14
_RECORD, _HELLO, _NAME = 22, 1, 0


def server_name(data: bytes) -> str | Literal["more"] | None:
    """The SNI in lower case; "more" when the hello is not whole yet; None when this is no TLS
    hello, or it names no host, or two."""
    whole = _handshake(data)
    if not isinstance(whole, bytes):
        return whole
    try:
        return _sni(_extensions(_Reader(whole)))
    except _Short:
        return None


class _Short(Exception):
    """A length runs past its end."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def take(self, count: int) -> bytes:
        if count > len(self.data):
            raise _Short
        got, self.data = self.data[:count], self.data[count:]
        return got

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> _Reader:
        return _Reader(self.take(self.number(size)))


def _handshake(data: bytes) -> bytes | Literal["more"] | None:
    """The hello's body, put together from its records."""
    rest, body = data, b""
    while True:
        if body[:1] not in (b"", bytes([_HELLO])):
            return None
        if len(body) >= 4:
            wanted = 4 + int.from_bytes(body[1:4], "big")
            if wanted > MOST:
                return None
            if len(body) >= wanted:
                return body[4:wanted]
        if rest[:1] not in (b"", bytes([_RECORD])) or rest[1:2] not in (b"", b"\x03"):
            return None
        if len(rest) < 5 or len(rest) < 5 + int.from_bytes(rest[3:5], "big"):
            return "more" if len(data) < MOST else None
        size = int.from_bytes(rest[3:5], "big")
        if not size:
            return None
        body, rest = body + rest[5 : 5 + size], rest[5 + size :]


def _extensions(hello: _Reader) -> dict[int, list[bytes]]:
    hello.take(2 + 32)  # version, random
    for size in (1, 2, 1):  # session, cipher suites, compression
        hello.vector(size)
    found: dict[int, list[bytes]] = {}
    rest = hello.vector(2)
    while rest.data:
        kind = rest.number(2)
        found.setdefault(kind, []).append(rest.vector(2).data)
    return found


def _sni(extensions: dict[int, list[bytes]]) -> str | None:
    said = extensions.get(0, [])
    if len(said) != 1:
        return None
    names = _Reader(said[0]).vector(2)
    kind = names.number(1)
    name = names.vector(2).data
    if kind != _NAME or names.data or not name.isascii():
        return None
    return name.decode("ascii").lower() or None

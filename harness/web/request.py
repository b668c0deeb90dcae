"""One HTTP/1.1 request read from a stream, within bounds of size and time; and its answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

HEAD = 16 << 10
REASONS = {
    202: "Accepted",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    411: "Length Required",
    413: "Content Too Large",
    503: "Service Unavailable",
}


class BadRequest(Exception):
    """The answer to a request that is not what it should be."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True)
class RequestHead:
    """The first lines. Names of headers are lower case; `length` is what the body has."""

    method: str
    path: str
    headers: Mapping[str, str]

    @property
    def length(self) -> int:
        """BadRequest(411) when it is not told: a body without end is not read."""
        text = self.headers.get("content-length", "")
        if "transfer-encoding" in self.headers or not (text.isascii() and text.isdigit()):
            raise BadRequest(411)
        if len(text) > 15:
            raise BadRequest(413)
        return int(text)


async def read_head(reader: asyncio.StreamReader) -> RequestHead:
    """BadRequest(400) for what is no request, or more than 16 KiB before the body."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise BadRequest(400) from error
    first, *lines = raw.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise BadRequest(400)
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        key = name.lower()
        if not colon or not name or name != name.strip() or key in headers:
            # a header given twice may be read in two ways
            raise BadRequest(400)
        headers[key] = value.strip()
    return RequestHead(words[0], words[1].partition("?")[0], headers)


async def read_body(reader: asyncio.StreamReader, length: int) -> AsyncIterator[bytes]:
    """The body in pieces. BadRequest(400) when it ends early."""
    while length:
        piece = await reader.read(min(length, 64 << 10))
        if not piece:
            raise BadRequest(400)
        length -= len(piece)
        yield piece


def answer(status: int) -> bytes:
    """A whole answer without a body; the connection ends after it."""
    lines = [f"HTTP/1.1 {status} {REASONS[status]}", "Content-Length: 0", "Connection: close"]
    if status == 405:
        lines.append("Allow: POST")
    return "\r\n".join([*lines, "", ""]).encode()

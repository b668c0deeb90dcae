"""What a server's answer means: its kind, how long it is believed, its body within bounds. Pure,
but for the reading of a stream."""

from __future__ import annotations

import re
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from typing import Final

from harness.core.base import LocalizedText, Value
from harness.core.errors import LookupUnavailable
from harness.core.reference_types import Download, Validators

HOUR_S: Final = 3600.0
DAY_S: Final = 24 * HOUR_S
SHORTEST_S: Final = HOUR_S
LONGEST_S: Final = 30 * DAY_S
GONE: Final = (404, 410)
MOVED: Final = (301, 302, 303, 307, 308)
LATER: Final = (408, 425, 429)
TYPES: Final = frozenset(
    (
        *("text/html", "application/xhtml+xml", "text/plain", "text/markdown", "text/x-markdown"),
        *(
            "application/json",
            "text/json",
            "application/pdf",
            "text/x-rst",
            "text/x-restructuredtext",
        ),
    )
)
ENCODINGS: Final = {"gzip": 31, "x-gzip": 31, "deflate": 47}
_MAX_AGE: Final = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})")
_NEVER: Final = re.compile(r"(?:^|[,\s])no-(?:cache|store)\b")
_CHARSET: Final = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", re.IGNORECASE)
_CHUNK: Final = 1 << 20


class Bounds(Value):
    """How much of a server is put up with. Seconds: of one visit, of one silence, of waiting for
    another visit to the same host to end."""

    redirects: int = 5
    packed_bytes: int = 5 << 20
    whole_bytes: int = 20 << 20
    visit_s: float = 40.0
    silence_s: float = 10.0
    queue_s: float = 300.0


class NotTaken(Exception):
    """Nothing is asked or taken: the sentence says why."""

    def __init__(self, key: str, **facts: str | int) -> None:
        super().__init__(key)
        self.say = LocalizedText(key=key, facts=facts)


class NotReached(LookupUnavailable):
    """No connection, no name: nothing on that host can be had now."""


class Answer(Value):
    """One answer of one server. `headers`: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def download_of(source: str, answer: Answer) -> Download:
    """What an answer that is no redirect and no trouble of the server gives."""
    validators = Validators(
        etag=_shown(answer.headers.get("etag", "")),
        last_modified=_shown(answer.headers.get("last-modified", "")),
    )
    if answer.status in GONE:
        return Download(source=source, gone=True, max_age_s=DAY_S)
    charset = _CHARSET.search(answer.headers.get("content-type", ""))
    return Download(
        source=source,
        media_type=answer.media_type,
        charset=charset[1].lower() if charset else "",
        body=None if answer.status == 304 else answer.body,
        validators=validators,
        max_age_s=max_age_s(answer.headers.get("cache-control", "")),
    )


def max_age_s(cache_control: str) -> float:
    """How long it is believed without asking: as its server says, within bounds; 0: it says
    nothing."""
    said = cache_control.lower()
    if _NEVER.search(said):
        return SHORTEST_S
    found = _MAX_AGE.search(said)
    return min(max(float(found[1]), SHORTEST_S), LONGEST_S) if found else 0.0


def _shown(text: str) -> str:
    """What can be sent back as it is; else as if there were none."""
    return text if text.isascii() and text.isprintable() and len(text) <= 300 else ""


async def body_of(
    source: str, headers: Mapping[str, str], chunks: AsyncIterator[bytes], bounds: Bounds
) -> bytes:
    """The body as it was before it was packed. NotTaken for what is too large, ValueError for what
    was cut or is broken."""
    coding = _coding(source, headers)
    most = bounds.whole_bytes if coding else bounds.packed_bytes
    whole = bytearray()
    async with aclosing(_unpacked(coding, chunks)) as pieces:
        async for packed, piece in pieces:
            whole += piece
            if packed > bounds.packed_bytes:
                raise NotTaken("refs.refused_size", source=source, most=bounds.packed_bytes >> 20)
            if len(whole) > most:
                raise NotTaken("refs.refused_size", source=source, most=most >> 20)
    return bytes(whole)


async def beginning_of(
    source: str, headers: Mapping[str, str], chunks: AsyncIterator[bytes], most: int
) -> bytes:
    """So many bytes of the body, however much there is. NotTaken, ValueError."""
    whole = bytearray()
    async with aclosing(_unpacked(_coding(source, headers), chunks)) as pieces:
        async for _, piece in pieces:
            whole += piece
            if len(whole) >= most:
                break
    return bytes(whole[:most])


def _coding(source: str, headers: Mapping[str, str]) -> str:
    """ "" for what is not packed."""
    coding = headers.get("content-encoding", "").strip().lower()
    if coding and coding != "identity" and coding not in ENCODINGS:
        raise NotTaken("refs.refused_packed", source=source, coding=coding[:40])
    return coding if coding in ENCODINGS else ""


async def _unpacked(
    coding: str, chunks: AsyncIterator[bytes]
) -> AsyncGenerator[tuple[int, bytes], None]:
    """(bytes as they were sent until now, a piece of what they were before they were packed)."""
    unpack = zlib.decompressobj(ENCODINGS[coding]) if coding else None
    packed = 0
    async for chunk in chunks:
        packed += len(chunk)
        rest = chunk
        while rest:
            piece = unpack.decompress(rest, _CHUNK) if unpack else rest
            rest = unpack.unconsumed_tail if unpack else b""
            yield packed, piece
    if unpack is not None and packed and not unpack.eof:
        raise ValueError("cut")

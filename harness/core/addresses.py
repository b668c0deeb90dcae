"""Addresses of pages, written one way: what is compared, kept and asked for is the same text.
Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from harness.core.hosts import Target, target

PORTS: Final = {"https": 443, "http": 80}
LONGEST: Final = 2000
_KEPT: Final = "!$%&'()*+,-./:;=?@_~"
_IN_TEXT: Final = re.compile(r"https?://[^\s<>\"'`|\\^{}\x00-\x1f]+", re.ASCII | re.IGNORECASE)
_CLOSES: Final = {")": "(", "]": "["}


def plain_address(text: str) -> str | None:
    """An address in its one usual form: no fragment, no port that goes without saying, letters
    beyond ASCII encoded. None for what is none of a page: no host, another scheme, somebody's
    login, too long."""
    try:
        parts = urlsplit(text.strip())
        authority = parts.netloc
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in PORTS or "@" in authority or not authority:
        return None
    at = target(_ascii(authority), port=PORTS[scheme])
    if at is None:
        return None
    host = f"[{at.host}]" if ":" in at.host else at.host
    port = "" if at.port == PORTS[scheme] else f":{at.port}"
    path = quote(parts.path or "/", safe=_KEPT)
    query = f"?{quote(parts.query, safe=_KEPT)}" if parts.query else ""
    found = f"{scheme}://{host}{port}{path}{query}"
    return found if len(found) <= LONGEST else None


def joined_address(base: str, link: str) -> str | None:
    """Where a link that stands on a page leads, in the same form."""
    try:
        return plain_address(urljoin(base, link.strip()))
    except ValueError:
        return None


def target_of(address: str) -> Target | None:
    """Where an address in its usual form is dialled."""
    parts = urlsplit(address)
    return target(parts.netloc, port=PORTS.get(parts.scheme))


def addresses_in(text: str) -> Iterator[str]:
    """Whole addresses that stand in a text, each once, in their usual form."""
    return _once(plain_address(_ended(found)) for found in _IN_TEXT.findall(text))


def _once(found: Iterable[str | None]) -> Iterator[str]:
    return iter(dict.fromkeys(one for one in found if one is not None))


def _ended(text: str) -> str:
    """Without what belongs to the sentence: a full stop, a bracket that was opened before it."""
    while text and text[-1] in ".,;:!?*_)]":
        opened = _CLOSES.get(text[-1], "")
        if opened and text.count(opened) >= text.count(text[-1]):
            break
        text = text[:-1]
    return text


def _ascii(authority: str) -> str:
    """A name in another script as servers know it; "" for what cannot be one."""
    if authority.isascii():
        return authority
    host, colon, port = authority.partition(":")
    try:
        return f"{host.encode('idna').decode('ascii')}{colon}{port}"
    except UnicodeError:
        return ""

"""Who searches the web: a SearXNG of the operator's, or Brave's search API. One request a query, at
a server that the operator named; what comes back is data of strangers."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import Mapping
from typing import Final

import httpx2

from harness import __version__
from harness.core.addresses import plain_address
from harness.core.base import Json
from harness.core.errors import LookupUnavailable
from harness.core.hosts import target
from harness.core.reference_types import ReferenceHit
from harness.knowledge.references.answers import Bounds, NotTaken, body_of
from harness.knowledge.references.plain_texts import shown
from harness.knowledge.references.proxies import proxy_for
from harness.system.upstream import Upstream

BRAVE: Final = "https://api.search.brave.com/res/v1/web/search"
MOST: Final = 20
LONGEST: Final = 500
BOUNDS: Final = Bounds(packed_bytes=2 << 20, whole_bytes=4 << 20, visit_s=20.0, silence_s=10.0)
_TROUBLE: Final = (httpx2.TransportError, httpx2.InvalidURL, OSError, ValueError, TimeoutError)


class SearXNG:
    """`address` of the instance, with or without `/search`; it must have the format `json` on.
    `key`: for an instance that wants one, sent as a bearer token."""

    name = "searxng"

    def __init__(self, address: str, key: str = "", upstream: Upstream | None = None) -> None:
        base = address.rstrip("/")
        self._address = base if base.endswith("/search") else f"{base}/search"
        self._headers = {"authorization": f"Bearer {key}"} if key else {}
        self._upstream = upstream

    async def search(self, query: str, limit: int = 8) -> tuple[ReferenceHit, ...]:
        params = {"q": query, "format": "json"}
        said = await _asked(self.name, self._address, params, self._headers, self._upstream)
        return hits_of(_at(said, "results"), "content", limit)


class Brave:
    """Brave's search API, or what speaks like it at another `address`."""

    name = "brave"

    def __init__(self, address: str, key: str, upstream: Upstream | None = None) -> None:
        self._address = address or BRAVE
        self._headers = {"x-subscription-token": key, "cache-control": "no-cache"}
        self._upstream = upstream

    async def search(self, query: str, limit: int = 8) -> tuple[ReferenceHit, ...]:
        params = {"q": query, "count": str(max(1, min(limit, MOST))), "text_decorations": "false"}
        said = await _asked(self.name, self._address, params, self._headers, self._upstream)
        return hits_of(_at(_at(said, "web"), "results"), "description", limit)


def hits_of(results: Json, excerpt: str, limit: int) -> tuple[ReferenceHit, ...]:
    """What of the results is one: with the address of a page, each once."""
    found: dict[str, ReferenceHit] = {}
    for one in results if isinstance(results, list) else ():
        address = plain_address(_line(one, "url"))
        if address is not None and address not in found and len(found) < limit:
            found[address] = ReferenceHit(
                source=address, title=_line(one, "title"), excerpt=_line(one, excerpt)
            )
    return tuple(found.values())


async def _asked(
    name: str,
    address: str,
    params: Mapping[str, str],
    headers: Mapping[str, str],
    upstream: Upstream | None,
) -> Json:
    """What it answers. LookupUnavailable for all that is no JSON with a good status: its redirects
    are not followed, for a query and a key go where the operator said."""
    try:
        async with asyncio.timeout(BOUNDS.visit_s):
            status, body = await _sent(address, params, headers, upstream)
        if status != 200:
            raise LookupUnavailable("refs.provider_unavailable", name=name, why=f"HTTP {status}")
        said: Json = json.loads(body)
    except (*_TROUBLE, NotTaken, RecursionError) as error:
        why = str(error)[:200] or type(error).__name__
        raise LookupUnavailable("refs.provider_unavailable", name=name, why=why) from error
    return said


async def _sent(
    address: str, params: Mapping[str, str], headers: Mapping[str, str], upstream: Upstream | None
) -> tuple[int, bytes]:
    url = httpx2.URL(address, params=dict(params))
    at = target(url.netloc.decode("ascii"), port=443 if url.scheme == "https" else 80)
    said = {
        "host": url.netloc.decode("ascii"),
        "user-agent": f"harness/{__version__}",
        "accept": "application/json",
        "accept-encoding": "gzip",
        "connection": "close",
        **headers,
    }
    timeout = httpx2.Timeout(BOUNDS.silence_s).as_dict()
    request = httpx2.Request("GET", url, headers=said, extensions={"timeout": timeout})
    async with httpx2.AsyncHTTPTransport(
        verify=ssl.create_default_context(), trust_env=False, proxy=proxy_for(at, upstream)
    ) as transport:
        response = await transport.handle_async_request(request)
        try:
            names = {name.lower(): text for name, text in response.headers.items()}
            return response.status_code, await body_of("-", names, response.aiter_raw(), BOUNDS)
        finally:
            await response.aclose()


def _at(said: Json, key: str) -> Json:
    return said.get(key) if isinstance(said, dict) else None


def _line(said: Json, key: str) -> str:
    text = _at(said, key)
    return shown(text[: 4 * LONGEST], lines=False)[:LONGEST] if isinstance(text, str) else ""

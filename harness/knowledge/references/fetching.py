"""How a page is fetched: https, from hosts of the world alone, dialled at the address that was
checked, each redirect checked again, robots.txt kept, one visit a host at a time by this machine.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import httpx2

from harness import __version__
from harness.core.addresses import joined_address, plain_address, target_of
from harness.core.errors import LookupUnavailable
from harness.core.hosts import Target, is_closed, target
from harness.core.reference_types import Download, Validators
from harness.knowledge.references.answers import (
    LATER,
    MOVED,
    TYPES,
    Answer,
    Bounds,
    NotReached,
    NotTaken,
    beginning_of,
    body_of,
    download_of,
)
from harness.knowledge.references.proxies import proxy_for
from harness.knowledge.references.robots import MOST_BYTES
from harness.knowledge.references.robots_kept import AGENT, KeptRobots
from harness.system.files import private_dir
from harness.system.locks import Lock
from harness.system.upstream import Upstream

TRIES: Final = 3
"""Addresses of one host that are dialled."""
_ACCEPTED: Final = "text/html,application/xhtml+xml,text/markdown,text/plain,application/pdf;q=0.9"
_TROUBLE: Final = (httpx2.TransportError, httpx2.InvalidURL)
Resolve = Callable[[Target], Awaitable[tuple[str, ...]]]
Follows = Callable[[str, str], bool]
"""Whether a redirect from one address to another is followed, beside the rules of the network."""


def same_site(start: str, to: str) -> bool:
    """To the same host, or to that with or without `www.`."""
    names = [at.host.removeprefix("www.") for one in (start, to) if (at := target_of(one))]
    return len(names) == 2 and names[0] == names[1]


async def addresses_of(at: Target) -> tuple[str, ...]:
    """The addresses that a host has now. OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(at.host, at.port, proto=6)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


class Fetching:
    """`locks`: a folder for the locks of hosts. `inside`: servers that the operator named with
    their port, which may be of this machine or a closed network, and are asked by http too.
    `upstream`: the machine's way out. `listed`: addresses that the person who asks has named one by
    one: a robots.txt that cannot be read holds up none of them."""

    def __init__(
        self,
        locks: Path,
        *,
        follows: Follows = same_site,
        inside: frozenset[Target] = frozenset(),
        upstream: Upstream | None = None,
        bounds: Bounds = Bounds(),  # noqa: B008  # a frozen value
        resolve: Resolve = addresses_of,
        listed: frozenset[str] = frozenset(),
    ) -> None:
        self._locks = locks
        self._follows = follows
        self._inside = inside
        self._upstream = upstream
        self._bounds = bounds
        self._resolve = resolve
        self._listed = listed
        self._robots = KeptRobots(self._visit_robots)
        self._tls = ssl.create_default_context()

    async def fetch(self, source: str, known: Validators) -> Download:
        start = plain_address(source)
        try:
            if start is None:
                raise NotTaken("refs.refused_scheme", source=source)
            return await self._fetch(start, known)
        except NotTaken as no:
            return Download(source=start or source, refused=no.say)

    async def _fetch(self, start: str, known: Validators) -> Download:
        address = start
        for _ in range(self._bounds.redirects + 1):
            self._checked(address)
            await self._robots.check(address, by_person=address in self._listed)
            asked = known if same_site(start, address) else Validators()
            answer = await self._visit(address, asked)
            if answer.status not in MOVED:
                _check_status(address, answer, asked)
                return download_of(address, answer)
            to = joined_address(address, answer.headers.get("location", ""))
            if to is None or not self._follows(address, to):
                leads = to or answer.headers.get("location", "")[:200]
                raise NotTaken("refs.refused_redirect", source=address, to=leads)
            address = to
        raise NotTaken("refs.refused_redirects", source=start, most=self._bounds.redirects)

    async def _visit_robots(self, address: str) -> Answer:
        return await self._visit(address, Validators(), begins=MOST_BYTES)

    async def _visit(self, address: str, known: Validators, *, begins: int = 0) -> Answer:
        """One answer of one server; nobody else of this machine visits that host meanwhile.
        `begins`: so much of the beginning, of whatever type, in the place of a whole page."""
        at = self._checked(address)
        name = hashlib.sha256(at.host.encode()).hexdigest()[:3]
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(self._bounds.queue_s):
                    await stack.enter_async_context(Lock(private_dir(self._locks) / name))
            except TimeoutError as late:
                raise LookupUnavailable("refs.busy", source=address, host=at.host) from late
            return await self._ask(address, at, known, begins)

    def _checked(self, address: str) -> Target:
        at = target_of(address)
        if at is None or not (address.startswith("https://") or at in self._inside):
            raise NotTaken("refs.refused_scheme", source=address)
        return at

    async def _ask(self, address: str, at: Target, known: Validators, begins: int) -> Answer:
        why = ""
        try:
            async with asyncio.timeout(self._bounds.visit_s):
                for host in await self._dialled(address, at):
                    try:
                        return await self._answer(address, at, host, known, begins)
                    except httpx2.ConnectError as error:
                        why = str(error)
        except (TimeoutError, httpx2.TimeoutException) as late:
            raise LookupUnavailable("refs.too_slow", source=address) from late
        except (*_TROUBLE, OSError, ValueError, zlib.error) as error:
            kind = NotReached if isinstance(error, OSError) else LookupUnavailable
            raise kind("refs.unavailable", source=address, why=_why(error)) from error
        raise NotReached("refs.unavailable", source=address, why=why[:200] or "-")

    async def _dialled(self, address: str, at: Target) -> tuple[str, ...]:
        """The addresses that were checked and no others; the name itself for a proxy above, which
        looks it up on its own side."""
        above = self._upstream is not None and not self._upstream.passes_by(at)
        try:
            found = (at.host,) if at.address is not None else await self._resolve(at)
        except OSError:
            if above:
                return (at.host,)
            raise
        if any(not self._is_open(one, at) for one in found):
            raise NotTaken("refs.refused_inside", source=address, host=at.host)
        return (at.host,) if above else found[:TRIES]

    def _is_open(self, host: str, at: Target) -> bool:
        address = found.address if (found := _literal(host, at.port)) else None
        if address is None:
            return False
        named = at in self._inside and not address.is_link_local
        return named or not is_closed(address)

    def _proxy(self, at: Target) -> httpx2.Proxy | None:
        """OSError where the machine's way out is none."""
        try:
            return proxy_for(at, self._upstream)
        except ValueError as error:
            raise OSError(str(error)) from error

    async def _answer(
        self, address: str, at: Target, host: str, known: Validators, begins: int
    ) -> Answer:
        url = httpx2.URL(address)
        request = httpx2.Request(
            "GET",
            url.copy_with(host=host),
            headers={"host": url.netloc.decode("ascii"), **_headers(known)},
            # the name that the certificate must be for, whatever address is dialled
            extensions={
                "timeout": httpx2.Timeout(self._bounds.silence_s).as_dict(),
                **({} if at.address is not None else {"sni_hostname": at.host}),
            },
        )
        async with httpx2.AsyncHTTPTransport(
            verify=self._tls, trust_env=False, proxy=self._proxy(at)
        ) as transport:
            response = await _begun(transport, request, address)
            try:
                headers = {name.lower(): text for name, text in response.headers.items()}
                answer = Answer(status=response.status_code, headers=headers)
                if answer.status != 200:
                    return answer
                if not begins and answer.media_type not in TYPES:
                    said = answer.media_type[:60] or "-"
                    raise NotTaken("refs.refused_type", source=address, type=said)
                chunks = response.aiter_raw()
                body = await (
                    beginning_of(address, headers, chunks, begins)
                    if begins
                    else body_of(address, headers, chunks, self._bounds)
                )
                return answer.model_copy(update={"body": body})
            finally:
                await response.aclose()


async def _begun(
    transport: httpx2.AsyncHTTPTransport, request: httpx2.Request, address: str
) -> httpx2.Response:
    """The answer as it begins. NotReached where none does, but for what another address of the host
    may mend, and for a server that is slow."""
    try:
        return await transport.handle_async_request(request)
    except (httpx2.ConnectError, httpx2.TimeoutException):
        raise
    except httpx2.TransportError as error:
        raise NotReached("refs.unavailable", source=address, why=_why(error)) from error


def _why(error: Exception) -> str:
    return (str(error) or type(error).__name__)[:200]


def _check_status(address: str, answer: Answer, known: Validators) -> None:
    """What is neither a page, nor "not changed" for who knows it, nor "gone"."""
    status = answer.status
    if status in (200, 404, 410) or (status == 304 and known != Validators()):
        return
    if status >= 500 or status in LATER or status == 304:
        why = f"HTTP {status}"
        raise LookupUnavailable("refs.unavailable", source=address, why=why)
    raise NotTaken("refs.refused_status", source=address, status=status)


def _headers(known: Validators) -> Mapping[str, str]:
    found = {
        "user-agent": f"{AGENT}/{__version__}",
        "accept": f"{_ACCEPTED},*/*;q=0.1",
        "accept-encoding": "gzip",
        "connection": "close",
    }
    if known.etag:
        found["if-none-match"] = known.etag
    if known.last_modified:
        found["if-modified-since"] = known.last_modified
    return found


def _literal(host: str, port: int) -> Target | None:
    return target(f"[{host}]" if ":" in host else host, port=port)

"""The only way out of a Box: a CONNECT proxy on a unix socket, one for each Box.

Exact hosts and ports; a name is resolved once, refused when it leads to a private place, and what
was checked is what is dialled; the client's TLS must ask for the very host it named. Bytes and
connections are counted. What is refused is kept for the report. An empty list lets nothing out.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import os
import re
import socket
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from harness.core.client_hello import MOST, server_name
from harness.core.egress_types import EgressPolicy, Refusal, Why
from harness.core.hosts import Address, Target, is_closed, target
from harness.system.upstream import Upstream, UpstreamError

HEAD_BYTES = 8192
HEAD_S = 15.0
DIAL_S = 15.0
IDLE_S = 120.0
CHUNK = 1 << 16
BACKLOG = 64
MOST_KINDS = 200
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Resolver = Callable[[str, int], Awaitable[Sequence[Address]]]
Dialler = Callable[[Address, int], Awaitable[Streams]]


class _No(Exception):
    """`status` "": the tunnel stands already, and is only closed. `asked`: for what, when the
    head alone said it."""

    def __init__(self, why: Why, status: str = "403 Forbidden", asked: str = "") -> None:
        super().__init__(why)
        self.why = why
        self.status = status
        self.asked = asked


def _bind(path: Path) -> socket.socket:
    """A socket of ours alone before anybody could connect: not by the umask, which is every
    thread's. Through its folder's descriptor, because a socket's path may not be long."""
    listener = socket.socket(socket.AF_UNIX)
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        listener.bind(f"/proc/self/fd/{folder}/{path.name}")
        path.chmod(0o600)
    except BaseException:
        listener.close()
        raise
    finally:
        os.close(folder)
    return listener


async def resolve(host: str, port: int) -> Sequence[Address]:
    """The system's own answer, every address once. Empty when there is none."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, proto=6)
    except OSError:
        return ()
    return tuple(dict.fromkeys(ipaddress.ip_address(str(info[4][0])) for info in found))


async def dial(address: Address, port: int) -> Streams:
    """A connection to just this address."""
    return await asyncio.open_connection(str(address), port, limit=CHUNK)


class Egress:
    """One Box's proxy. `serve` before the Box opens, `close` after it. `upstream`: a proxy of the
    machine's that it goes through."""

    def __init__(
        self,
        policy: EgressPolicy,
        *,
        resolver: Resolver = resolve,
        dialler: Dialler = dial,
        upstream: Upstream | None = None,
    ) -> None:
        self._policy = policy
        self._upstream = upstream
        self._resolve = resolver
        self._dial = dialler
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._refused: Counter[tuple[str, str]] = Counter()
        self._socket: Path | None = None
        self._in_a_row = self._bytes_then = 0
        self.bytes = 0
        self.connections = 0

    @property
    def refusals(self) -> tuple[Refusal, ...]:
        """Each kind once, in the order it came."""
        return tuple(Refusal(target=t, why=w, times=n) for (t, w), n in self._refused.items())

    @property
    def is_stuck(self) -> bool:
        """Whether so much was refused in a row that going on is in vain."""
        return 0 < self._policy.patience <= self._in_a_row

    async def serve(self, path: Path) -> None:
        """Listens at this path, which only its owner may use until the Box binds it."""
        listener = await asyncio.to_thread(_bind, path)
        self._socket = path
        self._server = await asyncio.start_unix_server(
            self._accept, sock=listener, limit=HEAD_BYTES, backlog=BACKLOG
        )

    async def close(self) -> None:
        """Ends every connection. May be called twice."""
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            self._socket.unlink(missing_ok=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._tasks) >= 2 * self._policy.at_once:
            # each is a descriptor of ours: a Box must not use them up
            self._refuse("?", "budget")
            writer.transport.abort()
            return
        task = asyncio.ensure_future(self._answer(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = "?"
        try:
            async with asyncio.timeout(HEAD_S):
                asked = await _head(reader)
            await self._connect(asked, reader, writer)
        except _No as no:
            self._refuse(no.asked or asked, no.why)
            if no.status:
                await _say(writer, f"HTTP/1.1 {no.status}\r\nX-Refused: {no.why}\r\n\r\n")
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            self._refuse(asked, "unreadable" if asked == "?" else "unreachable")
        finally:
            await _close(writer)

    async def _connect(
        self, asked: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        wanted = target(asked)
        if wanted is None:
            raise _No("unreadable", "400 Bad Request")
        if wanted not in self._policy.allow:
            raise _No("not_allowed")
        spent = self.bytes >= self._policy.total_bytes
        if spent or self.connections >= self._policy.connections:
            raise _No("budget")
        if len(self._tasks) > self._policy.at_once:
            raise _No("budget", "503 Service Unavailable")
        self.connections += 1
        above = None if self._upstream and self._upstream.passes_by(wanted) else self._upstream
        addresses = await self._addresses(wanted, needed=above is None)
        await _say(writer, "HTTP/1.1 200 Connection established\r\n\r\n")
        # refused from here on, the client only sees the connection close
        hello = await _hello(reader, wanted)
        async with asyncio.timeout(DIAL_S):
            there, back = (
                await self._first(addresses, wanted.port)
                if above is None
                else await _through(above, wanted)
            )
        try:
            back.write(hello)
            await back.drain()
            await self._both((reader, writer), (there, back), len(hello))
        finally:
            await _close(back)

    async def _addresses(self, wanted: Target, *, needed: bool) -> Sequence[Address]:
        """Not `needed`: a proxy above resolves by itself. What can be known here is held to the
        rules all the same; a name that only the proxy knows is the proxy's to judge."""
        literal = wanted.address
        found = (literal,) if literal else await self._resolve(wanted.host, wanted.port)
        if not found and needed:
            raise _No("not_resolved", "502 Bad Gateway")
        if wanted in self._policy.private:
            return found
        open_ones = [address for address in found if not (is_closed(address) or _own(address))]
        # one private answer among others is how a name is made to lead inside
        if len(open_ones) != len(found):
            raise _No("closed_address")
        return open_ones

    async def _first(self, addresses: Sequence[Address], port: int) -> Streams:
        trouble: OSError | None = None
        for address in addresses:
            try:
                return await self._dial(address, port)
            except OSError as error:
                trouble = error
        raise trouble or OSError("no address")

    async def _both(self, here: Streams, there: Streams, sent: int) -> None:
        """Until both sides are through, nothing moved for a while, or the bytes are used up."""
        self.bytes += sent
        moved = asyncio.Event()

        async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while data := await reader.read(CHUNK):
                self.bytes += len(data)
                moved.set()
                if self.bytes > self._policy.total_bytes:
                    raise _No("budget", "")
                writer.write(data)
                await writer.drain()
            with contextlib.suppress(OSError):
                writer.write_eof()

        async def watch() -> None:
            while True:
                moved.clear()
                async with asyncio.timeout(IDLE_S):
                    await moved.wait()

        async def flow() -> None:
            async with asyncio.TaskGroup() as both:
                both.create_task(pump(here[0], there[1]))
                both.create_task(pump(there[0], here[1]))

        tasks = {asyncio.ensure_future(flow()), asyncio.ensure_future(watch())}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                if isinstance(task.exception(), BaseExceptionGroup):
                    self._check_budget()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _check_budget(self) -> None:
        """A cut connection is the peers' own affair; a used-up budget is told."""
        if self.bytes > self._policy.total_bytes:
            raise _No("budget", "")

    def _refuse(self, asked: str, why: Why) -> None:
        # clients keep a connection: what moves on it counts, not how many there are
        self._in_a_row = 1 if self.bytes != self._bytes_then else self._in_a_row + 1
        self._bytes_then = self.bytes
        key = (_plain_target(asked), why)
        if key in self._refused or len(self._refused) < MOST_KINDS:
            self._refused[key] += 1
        else:
            self._refused["...", why] += 1


async def _through(above: Upstream, wanted: Target) -> Streams:
    try:
        return await above.open(wanted)
    except UpstreamError as no:
        raise _No("upstream_login" if no.login else "upstream", "") from no
    except (OSError, TimeoutError) as no:
        raise _No("upstream", "") from no


def _plain_target(asked: str) -> str:
    """One spelling of a target; what is none comes from inside the Box: cut and made plain."""
    wanted = target(asked)
    if wanted is not None:
        return str(wanted)
    return re.sub(r"[^A-Za-z0-9.:_-]", "?", asked[:100]) or "?"


async def _head(reader: asyncio.StreamReader) -> str:
    """The authority of a CONNECT; headers are read and mean nothing."""
    begun = await reader.readexactly(1)
    if not begun.isalpha():  # SOCKS, TLS: no line will end
        raise _No("unreadable", "400 Bad Request")
    head = begun + await reader.readuntil(b"\r\n\r\n")
    first = head.split(b"\r\n", 1)[0].split(b" ")
    if len(first) != 3 or not first[2].startswith(b"HTTP/1."):
        raise _No("unreadable", "400 Bad Request")
    if first[0] != b"CONNECT":
        raise _No("plain_http", "405 Method Not Allowed", _host_of(first[1]))
    try:
        return first[1].decode("ascii")
    except UnicodeDecodeError:
        raise _No("unreadable", "400 Bad Request") from None


def _own(address: Address) -> bool:
    """One of this machine's own: only those can be bound."""
    with socket.socket(socket.AF_INET if address.version == 4 else socket.AF_INET6) as one:
        try:
            one.bind((str(address), 0))
        except OSError:
            return False
        return True


def _host_of(address: bytes) -> str:
    """The host of `http://host/...`, for the report alone."""
    found = re.match(rb"[a-z]+://([^/?#@]+)", address, re.IGNORECASE)
    wanted = target(found[1].decode("ascii", "replace"), port=80) if found else None
    return str(wanted) if wanted else "?"


async def _hello(reader: asyncio.StreamReader, wanted: Target) -> bytes:
    """The client's first bytes, once they are a TLS hello that asks for the same host."""
    data = b""
    async with asyncio.timeout(HEAD_S):
        while True:
            more = await reader.read(MOST)
            if not more:
                raise _No("not_tls", "")
            data += more
            name = server_name(data)
            if name == "more":
                continue
            if name is None and not (wanted.address and _is_tls(data)):
                raise _No("not_tls", "")
            if name is not None and name.rstrip(".") != wanted.host:
                raise _No("other_name", "")
            return data


def _is_tls(data: bytes) -> bool:
    """A hello to an address names no host."""
    return data[:2] == b"\x16\x03"


async def _say(writer: asyncio.StreamWriter, text: str) -> None:
    with contextlib.suppress(OSError):
        writer.write(text.encode("ascii"))
        await writer.drain()


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError, asyncio.CancelledError):
        await writer.wait_closed()

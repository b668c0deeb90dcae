"""The host's side for tests of the way out: one honest TLS server, traps that must stay silent,
and a resolver that remembers what it was asked."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from harness.core.egress_types import EgressPolicy
from harness.core.hosts import Address, targets
from harness.sandbox.egress import Egress
from tests.patience import PATIENCE_S

NAMES = ("allowed.test", "meta.test", "turn.test")
LOCAL = ipaddress.ip_address("127.0.0.1")
BIG = 3 << 20


def certificate(folder: Path) -> Path:
    """A key and a certificate for NAMES, signed by itself, in one file."""
    file = folder / "server.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    argv += ["-nodes", "-days", "2", "-subj", "/CN=allowed.test", "-keyout", "-", "-out", "-"]
    argv += ["-addext", "subjectAltName=" + ",".join(f"DNS:{name}" for name in NAMES)]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
    file.write_text(done.stdout)
    return file


class Outside:
    """`port` is the server's, `trap` the traps'. `served`: paths it was asked for; `caught`: what
    reached a trap; `asked`: names looked up; `dialled`: addresses."""

    def __init__(self) -> None:
        self.port = self.trap = 0
        self.served: list[str] = []
        self.caught: list[str] = []
        self.asked: list[str] = []
        self.dialled: list[str] = []
        self.turns = [LOCAL, ipaddress.ip_address("169.254.169.254")]

    async def resolve(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append(host)
        if host == "turn.test":
            return (self.turns.pop(0) if len(self.turns) > 1 else self.turns[0],)
        return {
            "allowed.test": (LOCAL,),
            "meta.test": (ipaddress.ip_address("169.254.169.254"),),
        }.get(host, ())

    async def dial(
        self, address: Address, port: int
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self.dialled.append(f"{address}:{port}")
        return await asyncio.open_connection(str(address), port)

    def proxy(self, policy: EgressPolicy) -> Egress:
        return Egress(policy, resolver=self.resolve, dialler=self.dial)

    def policy(self, *names: str, **more: int) -> EgressPolicy:
        """These names on the server's port; the server's own may lie on this machine."""
        private = targets([f"allowed.test:{self.port}"])[0]
        allow = targets([f"{name}:{self.port}" for name in names])[0]
        return EgressPolicy(allow=allow, private=private, **more)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            path = head.split(b" ")[1].decode()
            self.served.append(path)
            body = b"x" * BIG if path == "/big" else b"out"
            first = "200 OK"
            if path == "/away":
                first = f"302 Found\r\nLocation: http://[::1]:{self.trap}/"
            size = f"Content-Length: {len(body)}\r\nConnection: close"
            writer.write(f"HTTP/1.1 {first}\r\n{size}\r\n\r\n".encode() + body)
            await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def fall_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.caught.append("tcp")
        writer.close()


class Datagrams(asyncio.DatagramProtocol):
    """A trap for what is sent without a connection."""

    def __init__(self, outside: Outside) -> None:
        self.outside = outside

    def datagram_received(self, data: bytes, addr: object) -> None:
        self.outside.caught.append("udp")


@contextlib.asynccontextmanager
async def outside(pem: Path) -> AsyncIterator[Outside]:
    """Stands while inside; the traps listen on one port, over both versions of IP and both ways."""
    made = Outside()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    loop = asyncio.get_running_loop()
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0, ssl=context)
    made.port = server.sockets[0].getsockname()[1]
    trap = await asyncio.start_server(made.fall_in, "127.0.0.1", 0)
    made.trap = trap.sockets[0].getsockname()[1]
    servers = [server, trap, await asyncio.start_server(made.fall_in, "::1", made.trap)]
    ways = [
        await loop.create_datagram_endpoint(lambda: Datagrams(made), local_addr=(host, made.trap))
        for host in ("127.0.0.1", "::1")
    ]
    try:
        with socket.create_connection(("127.0.0.1", made.trap), timeout=5):
            await asyncio.sleep(0.05)
        assert made.caught == ["tcp"], "the trap works"
        made.caught.clear()
        yield made
    finally:
        for one in servers:
            one.close()
        for transport, _ in ways:
            transport.close()
        await asyncio.sleep(0)

"""The proxy above ours, for a machine that reaches the world only through one: HTTPS_PROXY as other
programs read it. Its address and its login stay on this side; a Box sees our own proxy alone."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ipaddress
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from harness.core.hosts import Target, target

NAMES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
CHUNK = 1 << 16
REFUSES_LOGIN = 407


class UpstreamError(Exception):
    """It did not let a connection through. `login`: for want of a login that it takes."""

    def __init__(self, why: str, *, login: bool = False) -> None:
        super().__init__(why)
        self.login = login


@dataclass(frozen=True)
class Upstream:
    """`at` None: what the variable says cannot be used, and nothing gets through. `tls`: to the
    proxy itself. `direct`: what is reached without it, as NO_PROXY says it."""

    at: Target | None
    tls: bool = False
    login: str = field(default="", repr=False)
    direct: tuple[str, ...] = ()

    def passes_by(self, wanted: Target) -> bool:
        """Whether this is reached without the proxy: this machine's own names and addresses, and
        what NO_PROXY lists; a name in there stands for all below it too."""
        address = wanted.address
        if wanted.host == "localhost" or (address is not None and address.is_loopback):
            return True
        return any(_covers(one, wanted) for one in self.direct)

    async def open(self, wanted: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the target, through it. UpstreamError, OSError."""
        if self.at is None:
            raise UpstreamError("no address of a proxy")
        secure = ssl.create_default_context() if self.tls else None
        reader, writer = await asyncio.open_connection(
            self.at.host, self.at.port, ssl=secure, limit=CHUNK
        )
        try:
            head = f"CONNECT {wanted} HTTP/1.1\r\nHost: {wanted}\r\n"
            if self.login:
                head += f"Proxy-Authorization: Basic {self.login}\r\n"
            writer.write(f"{head}\r\n".encode("ascii"))
            await writer.drain()
            status = _status(await reader.readuntil(b"\r\n\r\n"))
            if not 200 <= status < 300:
                raise UpstreamError(f"it said {status}", login=status == REFUSES_LOGIN)
        except BaseException as error:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()
            if isinstance(error, asyncio.IncompleteReadError | asyncio.LimitOverrunError):
                raise UpstreamError("it said no HTTP") from error
            raise
        return reader, writer


def upstream_of(env: Mapping[str, str]) -> Upstream | None:
    """As the variables of this machine say it; None when they name no proxy. http and https alone
    are proxies that can be asked for a connection; a name without either is http."""
    said = next((env[name].strip() for name in NAMES if env.get(name, "").strip()), "")
    if not said:
        return None
    listed = env.get("NO_PROXY") or env.get("no_proxy") or ""
    direct = tuple(part for text in listed.split(",") if (part := text.strip().lower()))
    try:
        parts = urlsplit(said if "://" in said else f"http://{said}")
        at = target(parts.netloc.rpartition("@")[2], port=443 if parts.scheme == "https" else 80)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
    except ValueError:
        return Upstream(at=None, direct=direct)
    if parts.scheme not in ("http", "https") or parts.path not in ("", "/"):
        return Upstream(at=None, direct=direct)
    named = user or password
    login = base64.b64encode(f"{user}:{password}".encode()).decode("ascii") if named else ""
    return Upstream(at=at, tls=parts.scheme == "https", login=login, direct=direct)


def upstream_secrets(env: Mapping[str, str]) -> Sequence[str]:
    """What of the address must never be shown: the password, as it is written and as it is sent."""
    found: list[str] = []
    for name in NAMES:
        with contextlib.suppress(ValueError):
            text = env.get(name, "")
            password = urlsplit(text if "://" in text else f"http://{text}").password or ""
            found += [password, unquote(password)] if password else []
    upstream = upstream_of(env)
    return [*dict.fromkeys(found), *([upstream.login] if upstream and upstream.login else [])]


def _status(head: bytes) -> int:
    """0 for what is no HTTP."""
    words = head.split(b"\r\n", 1)[0].split(b" ")
    proper = len(words) > 1 and words[0].startswith(b"HTTP/1.") and words[1].isdigit()
    return int(words[1][:4]) if proper else 0


def _covers(entry: str, wanted: Target) -> bool:
    if entry == "*":
        return True
    address = wanted.address
    if address is not None:
        with contextlib.suppress(ValueError):
            return address in ipaddress.ip_network(entry, strict=False)
    said = target(entry.removeprefix("*").removeprefix("."), port=wanted.port)
    if said is None or said.port != wanted.port:
        return False
    return wanted.host == said.host or (address is None and wanted.host.endswith(f".{said.host}"))

"""The proxy above ours: which variables name one, what goes past it, what it lets through."""

from __future__ import annotations

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from harness.core.egress_types import EgressPolicy
from harness.core.hosts import Address, target, targets
from harness.core.types import BoxLimits
from harness.environment.setup import Environments
from harness.sandbox.bubblewrap import Bubblewrap
from harness.sandbox.egress import Egress
from harness.system.upstream import Upstream, upstream_of, upstream_secrets
from tests.patience import PATIENCE_S
from tests.private_index import ADDRESS, PASSWORD, USER, private_index
from tests.sandbox.test_egress import GLOBAL, HELLO, LOCAL, Outside, policy

LOGIN = base64.b64encode(b"ann:p@ss word").decode()
ENVIRONMENTS = {
    "none": ({}, None),
    "empty": ({"HTTPS_PROXY": " "}, None),
    "http alone": ({"HTTP_PROXY": "http://proxy.test:3128"}, None),
    "a name": ({"HTTPS_PROXY": "http://proxy.test:3128"}, "proxy.test:3128"),
    "lower case": ({"https_proxy": "http://proxy.test:3128/"}, "proxy.test:3128"),
    "no scheme": ({"HTTPS_PROXY": "proxy.test:3128"}, "proxy.test:3128"),
    "no port": ({"HTTPS_PROXY": "http://proxy.test"}, "proxy.test:80"),
    "by tls": ({"HTTPS_PROXY": "https://proxy.test"}, "proxy.test:443"),
    "all": ({"ALL_PROXY": "http://10.0.0.3:8080"}, "10.0.0.3:8080"),
    "v6": ({"HTTPS_PROXY": "http://[fd00::3]:8080"}, "[fd00::3]:8080"),
    "socks": ({"ALL_PROXY": "socks5://proxy.test:1080"}, ""),
    "no port at all": ({"HTTPS_PROXY": "http://proxy.test:port"}, ""),
    "a path": ({"HTTPS_PROXY": "http://proxy.test/pac.js"}, ""),
    "not a host": ({"HTTPS_PROXY": "http://a b:1"}, ""),
    "brackets": ({"HTTPS_PROXY": "http://[::1"}, ""),
}


@pytest.mark.parametrize("kind", ENVIRONMENTS)
def test_the_machines_variables_name_it(kind: str) -> None:
    env, wanted = ENVIRONMENTS[kind]
    found = upstream_of(env)
    assert (None if found is None else str(found.at or "")) == wanted


def test_its_login_is_read_and_never_shown() -> None:
    env = {"HTTPS_PROXY": "https://ann:p%40ss%20word@proxy.test:8443"}
    found = upstream_of(env)
    assert found is not None
    assert (found.login, found.tls) == (LOGIN, True)
    assert "p@ss" not in repr(found)
    assert LOGIN not in repr(found)
    assert set(upstream_secrets(env)) == {"p%40ss%20word", "p@ss word", LOGIN}
    assert upstream_secrets({"HTTPS_PROXY": "http://proxy.test:1"}) == []


@pytest.mark.parametrize(
    ("listed", "wanted", "past"),
    [
        ("", "pypi.org:443", False),
        ("", "localhost:443", True),
        ("", "127.0.0.2:8443", True),
        ("*", "pypi.org:443", True),
        ("corp.example", "corp.example:443", True),
        ("corp.example", "pypi.corp.example:443", True),
        (".corp.example, x", "pypi.corp.example:443", True),
        ("*.CORP.example", "pypi.corp.example:443", True),
        ("corp.example", "notcorp.example:443", False),
        ("corp.example:8443", "corp.example:443", False),
        ("corp.example:8443", "corp.example:8443", True),
        ("10.0.0.0/8", "10.1.2.3:443", True),
        ("10.0.0.0/8", "11.1.2.3:443", False),
        ("1.2.3.4", "1.2.3.4:443", True),
        ("2.3.4", "1.2.3.4:443", False),
        ("fd00::/8", "[fd00::7]:443", True),
        (",,, ", "pypi.org:443", False),
    ],
)
def test_what_goes_past_it(listed: str, wanted: str, past: bool) -> None:
    found = upstream_of({"HTTPS_PROXY": "http://proxy.test:1", "NO_PROXY": listed})
    meant = target(wanted)
    assert found is not None
    assert meant is not None
    assert found.passes_by(meant) is past


class Above:
    """A proxy that wants a login, and leads every name to one place; it says what it was asked."""

    def __init__(self, answer: bytes = b"HTTP/1.1 200 OK\r\n\r\n", login: str = "") -> None:
        self.answer, self.login = answer, login
        self.to = (str(LOCAL), 0)
        self.heads: list[str] = []
        self.port = 0

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[Upstream]:
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        at = target(f"127.0.0.1:{self.port}")
        try:
            yield Upstream(at=at, login=self.login)
        finally:
            server.close()
            await server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.heads.append(head)
        writer.write(self.answer)
        if b" 200 " in self.answer:
            there, back = await asyncio.open_connection(*self.to)
            with contextlib.suppress(OSError):
                await asyncio.gather(_carry(reader, back), _carry(there, writer))
            await _end(back)
        await _end(writer)


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def _asked(
    tmp_path: Path, allowed: EgressPolicy, above: Above, outside: Outside, *targets: str
) -> tuple[list[bytes], Egress]:
    """What comes back of each through our proxy, beneath that one."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _carry(reader, writer)
        await _end(writer)

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    outside.port = server.sockets[0].getsockname()[1]
    above.to = (str(LOCAL), outside.port)
    got = []
    async with above.serving() as upstream, asyncio.timeout(PATIENCE_S):
        proxy = Egress(allowed, resolver=outside.resolve, dialler=outside.dial, upstream=upstream)
        await proxy.serve(tmp_path / "proxy")
        for one in targets:
            got.append(await _ask(tmp_path / "proxy", one))
        await proxy.close()
    server.close()
    return got, proxy


async def _ask(path: Path, authority: str) -> bytes:
    reader, writer = await asyncio.open_unix_connection(str(path))
    writer.write(f"CONNECT {authority} HTTP/1.1\r\n\r\n".encode())
    got = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " in got:
        writer.write(HELLO)
        writer.write_eof()
        got = await reader.read()
    await _end(writer)
    return got


@pytest.mark.parametrize("known", [True, False], ids=["resolved here", "known to it alone"])
async def test_what_is_allowed_goes_through_it_with_its_login(tmp_path: Path, known: bool) -> None:
    above, outside = Above(login=LOGIN), Outside((GLOBAL,) if known else ())
    got, proxy = await _asked(tmp_path, policy("allowed.test"), above, outside, "allowed.test:443")
    assert got == [HELLO]
    assert above.heads[0].startswith("CONNECT allowed.test:443 HTTP/1.1\r\n")
    assert f"Proxy-Authorization: Basic {LOGIN}\r\n" in above.heads[0]
    assert (outside.dialled, proxy.refusals) == ([], ())


async def test_our_own_rules_hold_beneath_it(tmp_path: Path) -> None:
    """Neither what is not listed, nor what leads inside, nor another name in the TLS reaches it."""
    above, outside = Above(), Outside((LOCAL,))
    asked = ("evil.test:443", "allowed.test:443", "10.0.0.1:443")
    _, proxy = await _asked(tmp_path, policy("allowed.test", "10.0.0.1"), above, outside, *asked)
    assert above.heads == []
    whys = [refusal.why for refusal in proxy.refusals]
    assert whys == ["not_allowed", "closed_address", "closed_address"]
    outside = Outside((GLOBAL,))
    _, proxy = await _asked(tmp_path, policy("other.test"), above, outside, "other.test:443")
    assert [refusal.why for refusal in proxy.refusals] == ["other_name"]
    assert above.heads == []


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "upstream_login"),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", "upstream"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", "upstream"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", "upstream"),
        (b"HTTP/1.1 \r\n\r\n", "upstream"),
        (b"", "upstream"),
        (b"x" * 200_000, "upstream"),
    ],
)
async def test_what_it_does_not_let_through_is_told(
    tmp_path: Path, answer: bytes, why: str
) -> None:
    asked = _asked(tmp_path, policy("allowed.test"), Above(answer), Outside(), "allowed.test:443")
    got, proxy = await asked
    assert got == [b""]
    assert [(r.target, r.why) for r in proxy.refusals] == [("allowed.test:443", why)]


async def test_one_that_is_none_or_does_not_answer_is_told(tmp_path: Path) -> None:
    for number, above in enumerate((Upstream(at=None), Upstream(at=target("127.0.0.1:1")))):
        proxy = Egress(policy("allowed.test"), resolver=Outside().resolve, upstream=above)
        await proxy.serve(tmp_path / f"{number}")
        assert await _ask(tmp_path / f"{number}", "allowed.test:443") == b""
        await proxy.close()
        assert [refusal.why for refusal in proxy.refusals] == ["upstream"]


async def test_set_up_goes_through_it_and_never_sees_it(tmp_path: Path) -> None:
    """pip itself, from an index that only the proxy above knows."""
    (tmp_path / "tree").mkdir()
    above = Above(login=LOGIN)
    with private_index(tmp_path / "corp") as index:
        above.to = (ADDRESS, index.server_port)
        url = f"https://{USER}:{PASSWORD}@corp.example/simple"
        look = "env; cat /proc/*/environ /proc/*/cmdline; ls -R /run/harness"
        pip = "pip download --trusted-host corp.example --no-deps -d $HARNESS_ENV/x greeting"
        setup = (look, f"python3 -m {pip} --index-url {url} --isolated")
        async with above.serving() as upstream:
            proxy = partial(Egress, upstream=upstream, resolver=_nothing)
            made = await Environments(
                tmp_path / "env",
                Bubblewrap(proxy=proxy),
                setup,
                egress=EgressPolicy(allow=targets(["corp.example"])[0]),
                limits=BoxLimits(command_s=10 * PATIENCE_S),
            ).make("k", tmp_path / "tree")
    assert any("greeting" in path for path in index.asked)
    assert {head.split("\r\n")[0] for head in above.heads} == {"CONNECT corp.example:443 HTTP/1.1"}
    for secret in (LOGIN, f":{above.port}"):
        assert secret not in made.log


async def _nothing(host: str, port: int) -> Sequence[Address]:
    return ()

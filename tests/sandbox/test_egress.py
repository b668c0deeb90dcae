"""The way out: exact targets, checked addresses, the name asked for, budgets; all else stays in."""

from __future__ import annotations

import asyncio
import ipaddress
import tempfile
import zlib
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.egress_types import EgressPolicy
from harness.core.hosts import Address, Target, target, targets
from harness.sandbox.egress import Egress, Streams, dial
from tests.core.test_hosts import SPELLINGS, hello
from tests.patience import PATIENCE_S

GLOBAL = ipaddress.ip_address("151.101.0.223")
LOCAL = ipaddress.ip_address("127.0.0.1")
HELLO = hello("allowed.test")


class Outside:
    """A resolver with answers to give in turn, and a dialler that leads every address to one
    echoing server of ours; both remember what they were asked."""

    def __init__(self, *answers: Sequence[Address]) -> None:
        self.answers = list(answers) or [(GLOBAL,)]
        self.resolved: list[str] = []
        self.dialled: list[str] = []
        self.port = 0

    async def resolve(self, host: str, port: int) -> Sequence[Address]:
        self.resolved.append(f"{host}:{port}")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def dial(self, address: Address, port: int) -> Streams:
        self.dialled.append(f"{address}:{port}")
        return await dial(LOCAL, self.port)


Ask = Callable[..., Awaitable[bytes]]


async def try_work(
    tmp_path: Path,
    outside: Outside,
    policy: EgressPolicy,
    work: Callable[[Ask, Egress], Awaitable[None]],
) -> Egress:
    """Work against a proxy with this policy; `ask(authority, data)` is what comes back."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    outside.port = server.sockets[0].getsockname()[1]
    proxy = Egress(policy, resolver=outside.resolve, dialler=outside.dial)
    path = tmp_path / "proxy"
    await proxy.serve(path)

    async def ask(authority: str, data: bytes = HELLO, verb: str = "CONNECT") -> bytes:
        reader, writer = await asyncio.open_unix_connection(str(path))
        head = f"{verb} {authority} HTTP/1.1\r\nHost: {authority}\r\n\r\n"
        writer.write(head.encode("utf-8", "surrogateescape"))
        got = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " in got.split(b"\r\n")[0]:
            writer.write(data)
            writer.write_eof()
            got = await reader.read()
        writer.close()
        await writer.wait_closed()
        return got

    try:
        async with asyncio.timeout(PATIENCE_S):
            await work(ask, proxy)
    finally:
        await proxy.close()
        server.close()
        await server.wait_closed()
    assert not path.exists()
    return proxy


def policy(*allow: str, **more: object) -> EgressPolicy:
    return EgressPolicy(allow=targets(allow)[0], **more)


async def test_what_is_allowed_goes_through_and_back(tmp_path: Path) -> None:
    outside = Outside()

    async def work(ask: Ask, proxy: Egress) -> None:
        big = HELLO + b"x" * 300_000
        assert await ask("allowed.test:443", big) == big
        assert await ask("ALLOWED.test.:443") == HELLO
        assert proxy.bytes == 2 * (len(big) + len(HELLO))

    proxy = await try_work(tmp_path, outside, policy("allowed.test"), work)
    assert outside.dialled == [f"{GLOBAL}:443"] * 2
    assert outside.resolved == ["allowed.test:443"] * 2
    assert proxy.refusals == ()


async def test_an_empty_list_lets_nothing_out(tmp_path: Path) -> None:
    outside = Outside()

    async def work(ask: Ask, proxy: Egress) -> None:
        assert b"403" in await ask("allowed.test:443")

    proxy = await try_work(tmp_path, outside, EgressPolicy(), work)
    assert (outside.resolved, outside.dialled) == ([], [])
    assert [(r.target, r.why) for r in proxy.refusals] == [("allowed.test:443", "not_allowed")]


class Book(Outside):
    """Every name has an address of its own, so that what is dialled tells which was meant."""

    @staticmethod
    def address(host: str) -> Address:
        return ipaddress.ip_address((151 << 24) + (101 << 16) + zlib.crc32(host.encode()) % 65_000)

    async def resolve(self, host: str, port: int) -> Sequence[Address]:
        self.resolved.append(f"{host}:{port}")
        return (self.address(host),)

    def take_all(self) -> tuple[list[str], list[str]]:
        """What was looked up and dialled since the last time."""
        found = self.resolved, self.dialled
        self.resolved, self.dialled = [], []
        return found


def led_where_it_says(book: Book, text: str) -> None:
    """The decision's host is the one looked up, and its address the one dialled: or neither."""
    meant = target(text)
    resolved, dialled = book.take_all()
    if meant is None or meant.address is not None:
        # all literal addresses of the table are closed
        assert (resolved, dialled) == ([], []), text
    else:
        assert resolved == [str(meant)], text
        assert dialled == [f"{book.address(meant.host)}:{meant.port}"], text


async def test_every_spelling_is_refused_or_leads_to_what_it_says(tmp_path: Path) -> None:
    book = Book()
    assert len(SPELLINGS) >= 60

    async def work(ask: Ask, proxy: Egress) -> None:
        for text, wanted in SPELLINGS:
            meant = target(text)
            name = meant.host if meant and meant.address is None else None
            got = await ask(text, hello(name))
            led_where_it_says(book, text)
            if wanted is None:
                assert got.startswith(b"HTTP/1.1 400"), text

    await try_work(tmp_path, book, policy(*{wanted for _, wanted in SPELLINGS if wanted}), work)


ODD = ["allowed.test", "evil.test", ":443", ":0443", ".", "@", "%2e", "[", "]", "A", "\t", "#", "/"]


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(st.lists(st.lists(st.sampled_from(ODD), max_size=5).map("".join), min_size=8, max_size=8))
async def test_no_spelling_parts_the_decision_from_the_dial(texts: list[str]) -> None:
    book = Book()

    async def work(ask: Ask, proxy: Egress) -> None:
        for text in texts:
            await ask(text)
            meant = target(text)
            if meant == Target(host="allowed.test", port=443):
                led_where_it_says(book, text)
            else:
                assert book.take_all() == ([], []), text

    with tempfile.TemporaryDirectory() as folder:
        await try_work(Path(folder), book, policy("allowed.test"), work)


@pytest.mark.parametrize(
    "answers",
    [
        [("169.254.169.254",)],
        [("127.0.0.1",)],
        [("::1",)],
        [("::ffff:10.0.0.1",)],
        [("151.101.0.223", "10.0.0.1")],
    ],
)
async def test_a_name_that_leads_inside_is_refused(
    tmp_path: Path, answers: list[tuple[str, ...]]
) -> None:
    outside = Outside(*[tuple(ipaddress.ip_address(a) for a in one) for one in answers])

    async def work(ask: Ask, proxy: Egress) -> None:
        assert b"closed_address" in await ask("allowed.test:443")

    await try_work(tmp_path, outside, policy("allowed.test"), work)
    assert outside.dialled == []


async def test_an_answer_that_changes_is_asked_for_once_a_connection(tmp_path: Path) -> None:
    outside = Outside((GLOBAL,), (LOCAL,))

    async def work(ask: Ask, proxy: Egress) -> None:
        assert await ask("allowed.test:443") == HELLO
        assert b"closed_address" in await ask("allowed.test:443")

    await try_work(tmp_path, outside, policy("allowed.test"), work)
    assert len(outside.resolved) == 2
    assert outside.dialled == [f"{GLOBAL}:443"]


async def test_a_private_place_by_the_operators_word(tmp_path: Path) -> None:
    outside = Outside((LOCAL,))
    own = targets(["index.corp:8443"])[0]

    async def work(ask: Ask, proxy: Egress) -> None:
        sent = hello("index.corp")
        assert await ask("index.corp:8443", sent) == sent
        assert b"closed_address" in await ask("allowed.test:443")

    await try_work(tmp_path, outside, policy("index.corp:8443", "allowed.test", private=own), work)
    assert outside.dialled == ["127.0.0.1:8443"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GET / HTTP/1.1\r\nHost: allowed.test\r\n\r\n", "not_tls"),
        (b"SSH-2.0-OpenSSH_9\r\n", "not_tls"),
        (hello("evil.test"), "other_name"),
        (hello("allowed.test.evil.test"), "other_name"),
        (hello(None), "not_tls"),
        (HELLO[:100], "not_tls"),
    ],
    ids=["http", "ssh", "another", "longer", "no name", "half"],
)
async def test_tls_must_ask_for_the_same_host(tmp_path: Path, data: bytes, why: str) -> None:
    outside = Outside()

    async def work(ask: Ask, proxy: Egress) -> None:
        assert await ask("allowed.test:443", data) == b""

    proxy = await try_work(tmp_path, outside, policy("allowed.test"), work)
    assert outside.dialled == []
    assert [r.why for r in proxy.refusals] == [why]


@pytest.mark.parametrize("verb", ["GET", "POST", "connect", "CONNECT  x"])
async def test_only_connect(tmp_path: Path, verb: str) -> None:
    async def work(ask: Ask, proxy: Egress) -> None:
        answer = await ask("http://allowed.test/", verb=verb)
        assert answer.startswith((b"HTTP/1.1 405", b"HTTP/1.1 400"))

    proxy = await try_work(tmp_path, Outside(), policy("allowed.test"), work)
    told = ("?", "unreadable") if " " in verb else ("allowed.test:80", "plain_http")
    assert [(r.target, r.why) for r in proxy.refusals] == [told]


async def test_bytes_and_connections_are_counted(tmp_path: Path) -> None:
    outside = Outside()

    async def work(ask: Ask, proxy: Egress) -> None:
        got = await ask("allowed.test:443", HELLO + b"x" * 400_000)
        assert len(got) < 300_000
        assert b"budget" in await ask("allowed.test:443")

    proxy = await try_work(tmp_path, outside, policy("allowed.test", total_bytes=200_000), work)
    assert len(outside.dialled) == 1
    assert {r.why for r in proxy.refusals} == {"budget"}

    async def few(ask: Ask, proxy: Egress) -> None:
        assert await ask("allowed.test:443") == HELLO
        assert b"budget" in await ask("allowed.test:443")

    await try_work(tmp_path, Outside(), policy("allowed.test", connections=1), few)


async def test_a_name_without_an_answer_and_a_server_that_is_down(tmp_path: Path) -> None:
    class Down(Outside):
        async def dial(self, address: Address, port: int) -> Streams:
            raise ConnectionRefusedError

    async def unknown(ask: Ask, proxy: Egress) -> None:
        assert b"502" in await ask("allowed.test:443")

    async def down(ask: Ask, proxy: Egress) -> None:
        assert await ask("allowed.test:443") == b""

    first = await try_work(tmp_path, Outside(()), policy("allowed.test"), unknown)
    second = await try_work(tmp_path, Down(), policy("allowed.test"), down)
    assert [r.why for r in (*first.refusals, *second.refusals)] == ["not_resolved", "unreachable"]


async def test_refusals_are_bounded(tmp_path: Path) -> None:
    async def work(ask: Ask, proxy: Egress) -> None:
        for number in range(230):
            await ask(f"h{number}.test:443")
        await ask("h1.test:443")

    proxy = await try_work(tmp_path, Outside(), EgressPolicy(), work)
    found = {r.target: r.times for r in proxy.refusals}
    assert len(found) == 201
    assert (found["h1.test:443"], found["..."]) == (2, 30)


async def test_what_is_only_refused_is_stuck_and_what_moves_on_is_not(tmp_path: Path) -> None:
    outside = Outside()

    async def work(ask: Ask, proxy: Egress) -> None:
        for _ in range(2):
            await ask("other.test:443")
        assert not proxy.is_stuck
        await ask("allowed.test:443")
        for _ in range(2):
            await ask("other.test:443")
        assert not proxy.is_stuck, "something moved between them"
        await ask("third.test:443")
        assert proxy.is_stuck

    await try_work(tmp_path, outside, policy("allowed.test", patience=3), work)


async def test_without_a_patience_nothing_is_stuck(tmp_path: Path) -> None:
    async def work(ask: Ask, proxy: Egress) -> None:
        for _ in range(20):
            await ask("other.test:443")
        assert not proxy.is_stuck

    await try_work(tmp_path, Outside(), policy("allowed.test"), work)

"""Webhooks: only a signed, new delivery of a repository of ours wakes; nothing else costs much."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import MissingError, Unavailable
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.web.receiver import LARGEST, REMEMBERED, Receiver
from harness.web.slots import DELIVERIES
from tests.patience import PATIENCE_S

SECRET = "a secret of thirty-two characters"
OURS = 4711
Replies = Callable[[bytes], Awaitable[int]]


def sign(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def delivery(
    guid: str = "guid-0001",
    *,
    event: str = "issues",
    repository: int = OURS,
    body: bytes | None = None,
    headers: Mapping[str, str | None] | None = None,
    first: str = "POST /github HTTP/1.1",
) -> bytes:
    """A delivery as GitHub makes it, with what the test changes of it."""
    text = json.dumps({"action": "opened", "repository": {"id": repository}}).encode()
    data = text if body is None else body
    fields: dict[str, str | None] = {
        "Host": "here",
        "Content-Type": "application/json",
        "Content-Length": str(len(data)),
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": guid,
        "X-Hub-Signature-256": sign(data),
        **(headers or {}),
    }
    lines = [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([first, *lines, "", ""]).encode() + data


class World:
    """A receiver on a free port over a real store."""

    def __init__(self, store: SqlStore, **options: Any) -> None:
        self.store = store
        self.woken: list[str] = []
        self.down = False
        options = {"time_s": 5.0, "apart_s": 0.0, **options}
        self.receiver = Receiver(SECRET, self.project_of, store, self.woken.append, **options)
        self.port = 0

    async def project_of(self, repository: int) -> str | None:
        if self.down:
            raise Unavailable("git.unreachable", project="p", said="away")
        return "p" if repository == OURS else None

    async def send(self, data: bytes, *, end: bool = False) -> int:
        """The status of the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            if end:
                writer.write_eof()
            await writer.drain()
            said = await reader.read()
        finally:
            writer.close()
            await writer.wait_closed()
        return int(said.split()[1])

    async def settle(self) -> list[str]:
        await asyncio.sleep(0.02)
        return self.woken


async def play(path: Path, scene: Callable[[World], Awaitable[None]], **options: Any) -> None:
    database = Database(path / "state.db")
    await database.open()
    try:
        world = World(SqlStore(database), **options)
        async with asyncio.timeout(PATIENCE_S), world.receiver.serve("127.0.0.1", 0) as world.port:
            await scene(world)
    finally:
        await database.close()


def sha1(body: bytes) -> str:
    return "sha1=" + hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()


BODY = json.dumps({"repository": {"id": OURS}}).encode()
REFUSED: dict[str, tuple[bytes, int]] = {
    "no signature": (delivery(headers={"X-Hub-Signature-256": None}), 401),
    "another secret": (delivery(headers={"X-Hub-Signature-256": sign(BODY, "x" * 32)}), 401),
    "sha1 alone": (
        delivery(body=BODY, headers={"X-Hub-Signature-256": None, "X-Hub-Signature": sha1(BODY)}),
        401,
    ),
    "sha1 in its place": (delivery(body=BODY, headers={"X-Hub-Signature-256": sha1(BODY)}), 401),
    "an empty digest": (delivery(headers={"X-Hub-Signature-256": "sha256="}), 401),
    "a digest in capitals": (
        delivery(body=BODY, headers={"X-Hub-Signature-256": sign(BODY).upper()}),
        401,
    ),
    "another body": (
        delivery(body=BODY + b" ", headers={"X-Hub-Signature-256": sign(BODY)}),
        401,
    ),
    "another repository": (delivery(repository=1), 403),
    "no repository": (delivery(body=b"[]"), 403),
    "no JSON": (delivery(body=b"{"), 400),
    "very deep JSON": (delivery(body=b"[" * 100_000), 400),
    "no GUID": (delivery(headers={"X-GitHub-Delivery": None}), 400),
    "a strange GUID": (delivery("../../etc/passwd"), 400),
    "a header twice": (delivery(headers={"x-hub-signature-256": sign(BODY)}, body=BODY), 400),
    "another path": (delivery(first="POST /admin HTTP/1.1"), 404),
    "a look": (delivery(first="GET /github HTTP/1.1"), 405),
    "no length": (delivery(headers={"Content-Length": None}), 411),
    "chunks": (delivery(headers={"Transfer-Encoding": "chunked"}), 411),
    "a negative length": (delivery(headers={"Content-Length": "-1"}), 411),
    "a long length": (delivery(headers={"Content-Length": "9" * 40}), 413),
    "nonsense": (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
    "a head without end": (b"POST /github HTTP/1.1\r\nX: " + b"a" * 40_000, 400),
}


async def test_what_is_not_a_signed_delivery_of_ours_wakes_nobody(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        for name, (data, status) in REFUSED.items():
            assert await world.send(data) == status, name
        assert await world.send(delivery(body=BODY)[:-5], end=True) == 400
        assert await world.settle() == []
        assert await world.store.get(DELIVERIES) is None

    await play(tmp_path, scene)


async def test_a_good_one_wakes_at_once_and_its_replay_never_not_even_in_the_next_process(
    tmp_path: Path,
) -> None:
    async def first(world: World) -> None:
        assert await world.send(delivery("guid-0001")) == 202
        assert await world.settle() == ["p"]
        assert await world.send(delivery("guid-0001")) == 409
        assert await world.send(delivery("guid-0002", event="star")) == 202
        assert await world.send(delivery("guid-0003", event="ping", repository=1)) == 202
        assert await world.settle() == ["p"]
        world.down = True
        assert await world.send(delivery("guid-0004")) == 503
        world.down = False
        assert await world.send(delivery("guid-0004")) == 202  # it was not taken before
        assert await world.settle() == ["p", "p"]

    async def second(world: World) -> None:
        assert await world.send(delivery("guid-0001")) == 409
        assert await world.settle() == []

    await play(tmp_path, first)
    await play(tmp_path, second)


async def test_thirty_megabytes_are_not_read_and_twenty_are(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        assert await world.send(delivery(body=b"x" * (30 << 20))) == 413
        large = BODY[:-1] + b', "x": "' + b"x" * (20 << 20) + b'"}'
        assert len(large) < LARGEST
        assert await world.send(delivery(body=large)) == 202

    await play(tmp_path, scene)


async def test_slow_senders_end_and_keep_nobody_else_waiting(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        async def drip(begin: bytes, before: bytes = b"") -> int:
            reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
            try:
                writer.write(before)
                for byte in begin:
                    writer.write(bytes([byte]))
                    await asyncio.sleep(0.02)
                return int((await reader.read()).split()[1])
            finally:
                writer.close()

        slow = [asyncio.create_task(drip(b"POST /github HTTP/1.1\r\n")) for _ in range(8)]
        whole = delivery("slow-body")
        body = [asyncio.create_task(drip(whole[-30:-20], whole[:-30])) for _ in range(2)]
        await asyncio.sleep(0.05)
        assert await world.send(delivery("guid-0001")) == 202
        assert await asyncio.gather(*slow) == [408] * 8
        assert await asyncio.gather(*body) == [408] * 2

    await play(tmp_path, scene, time_s=1.0)


async def test_too_many_at_once_are_sent_away(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        idle = [await asyncio.open_connection("127.0.0.1", world.port) for _ in range(16)]
        await asyncio.sleep(0.05)
        assert await world.send(delivery("guid-0001")) == 503
        for _, writer in idle:
            writer.close()
        await asyncio.sleep(0.05)
        assert await world.send(delivery("guid-0001")) == 202

    await play(tmp_path, scene)


async def test_a_burst_wakes_once(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        for number in range(20):
            assert await world.send(delivery(f"guid-{number:04}")) == 202
        await asyncio.sleep(0.6)
        assert world.woken == ["p"]

    await play(tmp_path, scene, apart_s=0.5)


@pytest.mark.parametrize("seed", range(3))
async def test_lost_doubled_and_shuffled_deliveries_wake_each_that_came_once(
    tmp_path: Path, seed: int
) -> None:
    """R5: what is lost is found by the next look of the schedule; what comes twice wakes once."""
    chance = random.Random(seed)
    sent = [f"guid-{n:04}" for n in range(40)]
    came = [guid for guid in sent if chance.random() > 0.3]
    line = [*came, *chance.sample(came, len(came) // 2)]
    chance.shuffle(line)

    async def scene(world: World) -> None:
        found = [await world.send(delivery(guid)) for guid in line]
        assert found.count(202) == len(came)
        assert found.count(409) == len(line) - len(came)
        assert 1 <= len(await world.settle()) <= len(came)

    await play(tmp_path, scene)


async def test_the_list_of_deliveries_is_bounded(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        old = [f"old-{n:05}" for n in range(REMEMBERED)]
        await world.store.put(DELIVERIES, "", tuple(old))
        assert await world.send(delivery("guid-0001")) == 202
        kept = await world.store.get(DELIVERIES)
        assert kept is not None
        assert len(kept) == REMEMBERED
        assert kept[-1] == "guid-0001"
        assert kept[0] == "old-00001"

    await play(tmp_path, scene)


async def test_an_address_that_is_taken_is_told(tmp_path: Path) -> None:
    async def scene(world: World) -> None:
        with pytest.raises(MissingError) as told:
            async with world.receiver.serve("127.0.0.1", world.port):
                pass
        assert told.value.key == "web.cannot_listen"

    await play(tmp_path, scene)

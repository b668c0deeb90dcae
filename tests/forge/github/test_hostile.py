"""A server that says anything, hangs or goes away: our errors, bounded waits, a free lane."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from harness.core.errors import ForgeError
from harness.forge.github.client import GithubClient
from tests.forge.github.http import Asked, Script, SleptClock, Told, serving
from tests.forge.github.rig import ask

ODD = (
    "",
    "0",
    "-1",
    "1e9",
    "nan",
    "99999999999999999999",
    "٣",
    "Wed, 04 Mar 2026 05:06:07",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "core",
    "; rel=next",
    '<>; rel="next"',
    '</x?page=2>; rel="next"',
    '<http://evil.example/>; rel="next"',
    '<http://[::1/>; rel="next"',
    "//evil.example/x",
    "http://[",
    "/../../x",
    'W/"weak"',
    "x" * 9000,
)
NAMES = (
    "X-RateLimit-Remaining",
    "X-RateLimit-Reset",
    "X-RateLimit-Limit",
    "X-RateLimit-Resource",
    "Retry-After",
    "Date",
    "ETag",
    "Last-Modified",
    "Link",
    "Location",
    "Content-Encoding",
    "X-Accepted-GitHub-Permissions",
)
STATUSES = (200, 201, 202, 204, 301, 302, 304, 307, 400, 401, 403, 404, 408, 422, 429, 500, 503)
BODIES: tuple[Any, ...] = (
    None,
    b"",
    b"\xff\xfe",
    b"{",
    b"nul",
    b"9" * 5000,
    [],
    {},
    0,
    {"message": None, "errors": {"a": 1}},
    {"message": ["x"], "errors": "all"},
    {"message": "secondary rate limit", "errors": [None, 5, {"code": {}}]},
    {"data": None, "errors": [{}]},
    {"data": {"nodes": [None]}, "errors": [{"type": "NOT_FOUND", "path": ["nodes", 0]}]},
    {"errors": [{"type": 5, "message": {}, "extensions": []}]},
)


@pytest.fixture
def script() -> Iterator[Script]:
    with serving(SleptClock()) as found:
        yield found


def test_whatever_it_says_we_raise_our_own_and_wait_within_bounds(script: Script) -> None:
    chance = random.Random(7)

    def answer(asked: Asked) -> Told:
        headers = {name: chance.choice(ODD) for name in chance.sample(NAMES, 3)}
        body = chance.choice(BODIES)
        cut = chance.choice((None, None, None, 0, 1))
        return Told(chance.choice(STATUSES), body, _latin(headers), cut=cut)

    script.tell(answer)

    async def main(wire: GithubClient) -> int:
        asks = (
            lambda: wire.get("/x"),
            lambda: wire.pages("/x", key=chance.choice(("", "nodes"))),
            lambda: wire.send("POST", "/x", {}),
            lambda: wire.graphql("q", {}),
            lambda: wire.graphql("m", {}, write=True),
            lambda: wire.text("/x"),
        )
        good = 0
        for number in range(300):
            with contextlib.suppress(ForgeError):
                await asks[number % len(asks)]()
                good += 1
            script.clock.seconds += 3700
        return good

    assert 0 < ask(script, main) < 300
    assert max(script.clock.slept) <= 31


def _latin(headers: dict[str, str]) -> dict[str, str]:
    return {name: text.encode().decode("latin-1") for name, text in headers.items()}


def test_a_request_that_hangs_is_left_behind(script: Script) -> None:
    """Cancelled while the server is silent, a write frees the lane, and the program may end."""
    gate = threading.Event()
    hung = Told(201, {"id": 1}, slow=gate)
    script.tell(hung, Told(201, {"id": 2}))

    async def main(wire: GithubClient) -> Any:
        first = asyncio.create_task(wire.send("POST", "/x"))
        await asyncio.to_thread(script.came.wait, 10)
        second = asyncio.create_task(wire.send("POST", "/x"))
        await asyncio.sleep(0.02)
        assert len(script.asked) == 1
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        return await second

    try:
        assert ask(script, main) == {"id": 2}
        assert not gate.is_set()
        assert script.asked[1].at - script.asked[0].at >= 1.0
    finally:
        gate.set()

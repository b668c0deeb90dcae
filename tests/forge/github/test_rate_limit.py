"""How fast the wire speaks, where it follows, and GraphQL's answers."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import Conflict, Forbidden, ForgeError, Lost, NotFound, Unavailable
from harness.forge.github.auth import TokenAuth
from harness.forge.github.client import GithubClient
from harness.forge.github.rate_limit import Lanes
from harness.system.redact import Redactor
from tests.forge.github.http import Asked, Script, SleptClock, Told, serving
from tests.forge.github.rig import CANARY, ask


@pytest.fixture
def script() -> Iterator[Script]:
    with serving(SleptClock()) as found:
        yield found


def epoch(clock: SleptClock, seconds: float) -> str:
    return str(int((clock.now() + timedelta(seconds=seconds)).timestamp()))


def spent(clock: SleptClock, resets_in: float, resource: str = "core") -> dict[str, str]:
    return {
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Reset": epoch(clock, resets_in),
        "X-RateLimit-Resource": resource,
    }


def test_writes_go_one_at_a_time_a_second_apart(script: Script) -> None:
    script.tell(Told(201, {"data": {}}))

    async def forty(wire: GithubClient) -> None:
        kinds = [lambda: wire.send("POST", "/x"), lambda: wire.graphql("m", {}, write=True)]
        await asyncio.gather(*(kinds[n % 2]() for n in range(40)))

    ask(script, forty)
    at = [asked.at for asked in script.writes]
    gaps = [b - a for a, b in pairwise(at)]
    assert len(at) == 40
    assert min(gaps) >= 1.0
    assert max(gaps) < 1.5


async def test_all_wires_of_one_token_share_lane_and_budget(script: Script) -> None:
    script.tell(Told(201, {}, {"X-RateLimit-Remaining": "41", "X-RateLimit-Limit": "5000"}))
    clock = script.clock
    lanes = Lanes(clock, random.Random(1))
    wires = [
        GithubClient(
            TokenAuth(lambda: CANARY, Redactor()),
            base_url=script.url,
            clock=clock,
            state=None,
            lanes=lanes,
        )
        for _ in range(3)
    ]
    other = GithubClient(
        TokenAuth(lambda: "another-token", Redactor()),
        base_url=script.url,
        clock=clock,
        state=None,
        lanes=lanes,
    )
    await asyncio.gather(*(wire.send("POST", "/x") for wire in wires * 3))
    assert {wire.limits().writes for wire in wires} == {9}
    assert {wire.limits().remaining for wire in wires} == {41}
    assert other.limits().writes == 0
    assert other.limits().remaining is None
    for wire in (*wires, other):
        await wire.close()
    at = [asked.at for asked in script.writes]
    assert min(b - a for a, b in pairwise(at)) >= 1.0


@pytest.mark.parametrize("status", [200, 403, 429])
def test_a_used_up_budget_sends_nothing_before_its_reset(script: Script, status: int) -> None:
    clock = script.clock
    script.tell(Told(status, {"message": "API rate limit exceeded"}, spent(clock, 600)))

    async def main(wire: GithubClient) -> None:
        try:
            await wire.get("/x")
        except Unavailable:
            assert status != 200
        for seconds in (0, 300, 260):
            clock.seconds += seconds
            with pytest.raises(Unavailable) as caught:
                await wire.get("/x")
            assert caught.value.retry_at is not None
            assert caught.value.retry_at > clock.now()
            with pytest.raises(Unavailable):
                await wire.send("POST", "/x")
        assert len(script.asked) == 1
        limits = wire.limits()
        assert (limits.remaining, limits.limit) == (0, 5000)
        assert limits.waiting_until is not None
        script.tell(Told(200, 1, {"X-RateLimit-Remaining": "4999"}))
        clock.seconds += 39
        assert await wire.get("/y") == 1  # a second before the reset: sat out
        assert sum(clock.slept) > 1
        assert wire.limits().waiting_until is None

    ask(script, main)


def test_another_budget_goes_on(script: Script) -> None:
    script.tell(Told(200, {"data": {}}, spent(script.clock, 600, "graphql")), Told(body=1))

    async def main(wire: GithubClient) -> Any:
        await wire.graphql("q", {})
        with pytest.raises(Unavailable):
            await wire.graphql("q", {})
        return await wire.get("/x")

    assert ask(script, main) == 1


def test_a_reset_is_by_githubs_clock(script: Script) -> None:
    clock = script.clock
    told = Told(200, 1, spent(clock, 20) | {"Date": "Wed, 04 Mar 2026 05:06:07 GMT"})
    clock.turned = timedelta(hours=10)
    script.tell(told)

    async def main(wire: GithubClient) -> None:
        await wire.get("/x")
        clock.turned = timedelta(hours=-10)
        script.tell(Told(body=2))
        assert await wire.get("/x") == 2
        assert 20 < sum(clock.slept) <= 30

    ask(script, main)


SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait."}


def test_a_secondary_limit_with_a_header_is_sat_out_when_short(script: Script) -> None:
    script.tell(Told(403, SECONDARY, {"Retry-After": "12"}), Told(201, {"id": 1}))
    assert ask(script, lambda w: w.send("POST", "/x")) == {"id": 1}
    assert 12 <= sum(script.clock.slept) < 14
    assert len(script.asked) == 2
    script.tell(Told(429, SECONDARY, {"Retry-After": "3"}))
    with pytest.raises(Unavailable):
        ask(script, lambda w: w.get("/x"))
    assert len(script.asked) == 5


def test_a_secondary_limit_without_a_header_waits_a_minute_then_twice(script: Script) -> None:
    clock = script.clock
    script.tell(Told(403, SECONDARY))
    waits = []

    async def main(wire: GithubClient) -> None:
        for _ in range(8):
            with pytest.raises(Unavailable) as caught:
                await wire.send("POST", "/x")
            assert not isinstance(caught.value, Lost)
            assert caught.value.retry_at is not None
            waits.append((caught.value.retry_at - clock.now()).total_seconds())
            with pytest.raises(Unavailable):
                await wire.get("/y")  # the whole token waits
            clock.seconds += waits[-1] + 0.001
        assert len(script.asked) == 8
        script.tell(Told(201, {}), Told(403, SECONDARY))
        await wire.send("POST", "/x")
        with pytest.raises(Unavailable) as caught:
            await wire.send("POST", "/x")
        assert caught.value.retry_at is not None
        assert 60 <= (caught.value.retry_at - clock.now()).total_seconds() < 62

    ask(script, main)
    assert [round(wait / 60) for wait in waits] == [1, 2, 4, 8, 16, 32, 61, 61]


@pytest.mark.parametrize("refused", [False, True])
def test_a_restart_is_no_reason_to_ask_sooner(
    script: Script, tmp_path: Path, refused: bool
) -> None:
    clock = script.clock
    headers = {} if refused else spent(clock, 600)
    script.tell(Told(403, SECONDARY, headers), Told(body=1))
    for seconds in (0, 50):
        clock.seconds += seconds
        with pytest.raises(Unavailable):
            ask(script, lambda w: w.get("/x"), tmp_path)
        clock.turned += timedelta(seconds=-20)  # a little wrong, as clocks are
    assert len(script.asked) == 1
    clock.seconds += 700
    (file,) = tmp_path.glob("waits-*")
    assert file.stat().st_mode & 0o077 == 0
    assert ask(script, lambda w: w.get("/x"), tmp_path) == 1
    file.write_text('{"core": "never", "": 5}')
    assert ask(script, lambda w: w.get("/x"), tmp_path) == 1
    file.write_text(f'{{"core": "{(clock.now() + timedelta(days=900)).isoformat()}"}}')
    with pytest.raises(Unavailable) as caught:
        ask(script, lambda w: w.get("/x"), tmp_path)
    assert caught.value.retry_at is not None
    assert caught.value.retry_at - clock.now() < timedelta(hours=2)


def test_a_refusal_of_rights_is_no_limit(script: Script) -> None:
    body = {"message": "Resource not accessible by personal access token"}
    script.tell(Told(403, body, {"X-RateLimit-Remaining": "4000"}))
    with pytest.raises(Forbidden):
        ask(script, lambda w: w.get("/x"))
    assert len(script.asked) == 1


def test_redirects_stay_on_the_api_host(script: Script) -> None:
    def answer(asked: Asked) -> Told:
        if asked.path.startswith("/repos/old"):
            return Told(301, {}, {"Location": f"{script.url}/repositories/5?page=2"})
        if asked.path.startswith("/repositories/5"):
            return Told(307, {}, {"Location": "/repositories/6"})
        if asked.path == "/circle":
            return Told(302, {}, {"Location": "/circle"})
        if asked.path == "/away":
            return Told(302, {}, {"Location": "http://localhost:9/x"})
        return Told(body=asked.path)

    script.tell(answer)
    assert ask(script, lambda w: w.get("/repos/old", a=1)) == "/repositories/6"
    assert all("authorization" in asked.headers for asked in script.asked)
    with pytest.raises(Unavailable):
        ask(script, lambda w: w.get("/circle"))
    with pytest.raises(ForgeError) as caught:
        ask(script, lambda w: w.get("/away"))
    assert caught.value.key == "github.elsewhere"
    before = len(script.asked)
    with pytest.raises(NotFound) as moved:
        ask(script, lambda w: w.send("POST", "/repos/old/issues", {}))
    assert moved.value.key == "github.moved"
    assert len(script.asked) == before + 1


def test_a_log_elsewhere_is_read_without_the_token(script: Script) -> None:
    log = b"".join(b"line %d\n" % n for n in range(1000))
    with serving(script.clock) as store:
        store.tell(Told(502), Told(body=log))
        signed = f"{store.url}/log?sig=a%2Bb&se=1&empty="
        script.tell(Told(302, {}, {"Location": signed}))
        text = ask(script, lambda w: w.text("/repos/o/n/actions/jobs/1/logs", limit=30))
        assert text == log.decode()[-30:]
        assert [asked.path for asked in store.asked] == ["/log?sig=a%2Bb&se=1&empty="] * 2
        for asked in store.asked:
            assert CANARY not in str(asked.headers)
            assert "authorization" not in asked.headers
        store.tell(Told(404, b"gone"))
        with pytest.raises(NotFound):
            ask(script, lambda w: w.text("/x"))
    script.tell(Told(302, {}, {"Location": "ftp://127.0.0.1/x"}))
    with pytest.raises(ForgeError):
        ask(script, lambda w: w.text("/x"))


def failed(*errors: dict[str, Any], data: Any = None) -> Told:
    return Told(200, {"data": data, "errors": list(errors)})


def test_graphql_errors_are_ours(script: Script) -> None:
    script.tell(Told(200, {"data": {"a": 1}}))
    assert ask(script, lambda w: w.graphql("query($n: Int) { a }", {"n": 1})) == {"a": 1}
    assert script.asked[0].path == "/graphql"
    assert script.asked[0].json["variables"] == {"n": 1}
    kinds: dict[str, type[ForgeError]] = {
        "NOT_FOUND": NotFound,
        "FORBIDDEN": Forbidden,
        "INSUFFICIENT_SCOPES": Forbidden,
        "UNPROCESSABLE": Conflict,
        "RATE_LIMITED": Unavailable,
    }
    for sort, kind in kinds.items():
        script.tell(failed({"type": sort, "message": "no.", "path": ["repository"]}))
        with pytest.raises(kind):
            ask(script, lambda w: w.graphql("q", {}))
    script.tell(failed({"message": "no field", "extensions": {"code": "undefinedField"}}))
    with pytest.raises(ForgeError) as caught:
        ask(script, lambda w: w.graphql("q", {}))
    assert caught.value.key == "github.query"


def test_of_many_nodes_those_that_are_gone_are_null(script: Script) -> None:
    gone = {"type": "NOT_FOUND", "message": "gone", "path": ["nodes", 1]}
    script.tell(failed(gone, data={"nodes": [{"id": "a"}, None]}))
    assert ask(script, lambda w: w.graphql("q", {})) == {"nodes": [{"id": "a"}, None]}


def test_graphqls_own_trouble_is_asked_again_for_reads_only(script: Script) -> None:
    trouble = failed({"message": "Something went wrong while executing your query."})
    script.tell(trouble, Told(200, {}), Told(200, {"data": 1}))
    assert ask(script, lambda w: w.graphql("q", {})) == 1
    script.tell(trouble)
    before = len(script.asked)
    with pytest.raises(Lost):
        ask(script, lambda w: w.graphql("m", {}, write=True))
    assert len(script.asked) == before + 1
    with pytest.raises(Unavailable):
        ask(script, lambda w: w.graphql("q", {}))


def test_an_enterprise_address_has_its_own_graphql(script: Script) -> None:
    script.tell(Told(200, {"data": {}}))
    base = f"{script.url}/api/v3/"

    async def main(wire: GithubClient) -> None:
        await wire.get("/repos/o/n")
        await wire.graphql("q", {})

    ask(script, main, base_url=base)
    assert [asked.path for asked in script.asked] == ["/api/v3/repos/o/n", "/api/graphql"]


def test_no_log_line_holds_the_token(script: Script, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    script.tell(Told(200, {"a": CANARY}), Told(502), Told(cut=0), Told(401, {"message": CANARY}))

    async def main(wire: GithubClient) -> None:
        assert await wire.get("/x") == {"a": "[redacted]"}
        with pytest.raises(Forbidden):
            await wire.get("/x")

    ask(script, main)
    assert caplog.records
    assert CANARY not in caplog.text

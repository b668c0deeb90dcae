"""The wire against a scripted server: what is asked, what is kept, what is raised."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.core.errors import (
    ConfigError,
    Conflict,
    Forbidden,
    ForgeError,
    Lost,
    NotFound,
    Unavailable,
)
from harness.forge.github.client import GithubClient
from tests.forge.github.http import Asked, Script, SleptClock, Told, serving
from tests.forge.github.rig import CANARY, ask


@pytest.fixture
def clock() -> SleptClock:
    return SleptClock()


@pytest.fixture
def script(clock: SleptClock) -> Iterator[Script]:
    with serving(clock) as found:
        yield found


def test_a_read_carries_the_token_and_gives_json(script: Script) -> None:
    script.tell(Told(body={"id": 7}))
    assert ask(script, lambda w: w.get("/repos/o/n", page=2, state="all")) == {"id": 7}
    (asked,) = script.asked
    assert asked.path == "/repos/o/n?page=2&state=all"
    assert asked.headers["authorization"] == f"token {CANARY}"
    assert asked.headers["accept"] == "application/vnd.github+json"
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert "cookie" not in asked.headers


def test_what_has_not_changed_is_shared_and_outlives_a_restart(
    script: Script, tmp_path: Path
) -> None:
    def answer(asked: Asked) -> Told:
        if asked.headers.get("if-none-match") == '"v1"':
            return Told(304, headers={"ETag": '"v1"'})
        return Told(body={"n": 1}, headers={"ETag": '"v1"'})

    script.tell(answer)

    async def twice(wire: GithubClient) -> tuple[Any, Any, int]:
        first = await wire.get("/x")
        first["n"] = "changed by the caller"
        return first, await wire.get("/x"), wire.limits().unchanged

    _, second, unchanged = ask(script, twice, tmp_path / "state")
    assert (second, unchanged) == ({"n": 1}, 1)
    assert ask(script, lambda w: w.get("/x"), tmp_path / "state") == {"n": 1}
    assert ask(script, lambda w: w.get("/x")) == {"n": 1}
    given = [asked.headers.get("if-none-match") for asked in script.asked]
    assert given == [None, '"v1"', '"v1"', None]
    base = tmp_path / "state" / "answers.db"
    assert base.stat().st_mode & 0o077 == 0
    assert CANARY.encode() not in base.read_bytes()


def test_a_broken_cache_is_made_anew(script: Script, tmp_path: Path) -> None:
    (tmp_path / "answers.db").write_bytes(b"no database at all" * 100)
    script.tell(Told(body=[1], headers={"ETag": '"a"'}))
    assert ask(script, lambda w: w.get("/x"), tmp_path) == [1]
    assert ask(script, lambda w: w.get("/x"), tmp_path) == [1]
    assert ask(script, lambda w: w.get("/x"), tmp_path) == [1]
    assert script.asked[-1].headers.get("if-none-match") == '"a"'


def test_last_modified_is_enough_once_it_is_old(script: Script) -> None:
    old = {"Last-Modified": "Wed, 04 Mar 2026 05:00:00 GMT"}
    new = {"Last-Modified": "Wed, 04 Mar 2026 05:06:07 GMT"}
    now = {"Date": "Wed, 04 Mar 2026 05:06:07 GMT"}
    script.tell(Told(body=1, headers=new | now), Told(body=2, headers=old | now), Told(304))

    async def thrice(wire: GithubClient) -> list[Any]:
        return [await wire.get("/x") for _ in range(3)]

    assert ask(script, thrice) == [1, 2, 2]
    given = [asked.headers.get("if-modified-since") for asked in script.asked]
    assert given == [None, None, old["Last-Modified"]]


def test_a_304_that_was_not_asked_for_is_no_answer(script: Script) -> None:
    script.tell(Told(304))
    with pytest.raises(Unavailable):
        ask(script, lambda w: w.get("/x"))


def test_a_thousand_idle_looks_are_304_and_no_write(script: Script, tmp_path: Path) -> None:
    def answer(asked: Asked) -> Told:
        same = asked.headers.get("if-none-match") == '"e"'
        return Told(304) if same else Told(body=[{"id": 1}], headers={"ETag": '"e"'})

    script.tell(answer)

    async def poll(wire: GithubClient) -> tuple[int, int, int]:
        for _ in range(1000):
            assert await wire.pages("/repos/o/n/issues", since="2026-01-01") == [{"id": 1}]
        limits = wire.limits()
        return limits.requests, limits.unchanged, limits.writes

    requests, unchanged, writes = ask(script, poll, tmp_path)
    assert (requests, writes) == (1000, 0)
    assert unchanged / requests > 0.95


def test_pages_follow_the_links_alone(script: Script) -> None:
    def answer(asked: Asked) -> Told:
        if "after=" not in asked.path:
            link = f'<{script.url}/repositories/9/issues?after=b%3D%3D&per_page=100>; rel="next"'
            return Told(body={"total_count": 3, "runs": [1, 2]}, headers={"Link": link})
        link = f'<{script.url}/x?page=1>; rel="prev", <{script.url}/x?page=1>; rel="first"'
        return Told(body={"runs": [3]}, headers={"Link": link})

    script.tell(answer)
    assert ask(script, lambda w: w.pages("/x", key="runs", state="all")) == [1, 2, 3]
    assert [asked.path for asked in script.asked] == [
        "/x?per_page=100&state=all",
        "/repositories/9/issues?after=b%3D%3D&per_page=100",
    ]


def test_pages_end_at_most_and_at_a_circle(script: Script) -> None:
    link = {"Link": f'<{script.url}/x?page=2>; rel="next"'}
    script.tell(Told(body=[1, 2, 3], headers=link))
    assert ask(script, lambda w: w.pages("/x", most=2)) == [1, 2]
    assert len(script.asked) == 1
    with pytest.raises(Unavailable):
        ask(script, lambda w: w.pages("/x"))


def test_pages_of_an_unchanged_list_keep_their_links(script: Script) -> None:
    def answer(asked: Asked) -> Told:
        page = "2" if "page=2" in asked.path else "1"
        if asked.headers.get("if-none-match"):
            return Told(304)
        headers = {"ETag": f'"{page}"'}
        if page == "1":
            headers["Link"] = f'<{script.url}/x?page=2>; rel="next"'
        return Told(body=[page], headers=headers)

    script.tell(answer)

    async def twice(wire: GithubClient) -> tuple[list[Any], list[Any], int]:
        return await wire.pages("/x"), await wire.pages("/x"), wire.limits().unchanged

    assert ask(script, twice) == (["1", "2"], ["1", "2"], 2)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, NotFound),
        (410, NotFound),
        (451, NotFound),
        (403, Forbidden),
        (405, Conflict),
        (409, Conflict),
        (422, Conflict),
        (400, ForgeError),
    ],
)
def test_a_refusal_is_an_error_with_githubs_words(
    script: Script, status: int, kind: type[ForgeError]
) -> None:
    errors = [{"resource": "PullRequest", "code": "custom", "message": "already exists for o:b."}]
    body = {"message": f"Validation Failed {CANARY}", "errors": errors}
    script.tell(Told(status, body, {"X-Accepted-GitHub-Permissions": "contents=write"}))
    for work in (lambda w: w.get("/x"), lambda w: w.send("POST", "/x", {"a": 1})):
        with pytest.raises(kind) as caught:
            ask(script, work)
        assert type(caught.value) is kind
        facts = caught.value.facts
        assert facts["status"] == status
        assert facts["message"] == "Validation Failed [redacted]: already exists for o:b"
        if kind is Conflict:
            assert '"code": "custom"' in str(facts["errors"])
        if kind is Forbidden:
            assert facts["accepted"] == "contents=write"
    assert len(script.asked) == 2


def test_a_trouble_of_the_server_is_asked_again_for_reads(script: Script) -> None:
    truncated = Told(body={"a": "b" * 100}, cut=20)
    script.tell(Told(502), truncated, Told(body=1))
    assert ask(script, lambda w: w.get("/a")) == 1
    script.tell(Told(body=b"<html>"), Told(cut=0), Told(body=2))
    assert ask(script, lambda w: w.get("/b")) == 2
    script.tell(Told(body=b"[" * 50_000), Told(503), Told(body=3))
    assert ask(script, lambda w: w.get("/c")) == 3
    assert len(script.asked) == 9
    script.tell(Told(500))
    with pytest.raises(Unavailable) as caught:
        ask(script, lambda w: w.get("/d"))
    assert caught.value.retry_at is not None
    assert caught.value.retry_at > script.clock.now()
    assert len(script.asked) == 12


def test_a_down_time_that_says_how_long_is_believed(script: Script) -> None:
    script.tell(Told(503, headers={"Retry-After": "7"}), Told(body=1))
    assert ask(script, lambda w: w.get("/x")) == 1
    assert 7 <= sum(script.clock.slept) < 8
    script.tell(Told(503, headers={"Retry-After": "900"}))
    with pytest.raises(Unavailable) as caught:
        ask(script, lambda w: w.get("/x"))
    assert caught.value.retry_at is not None
    assert (caught.value.retry_at - script.clock.now()).total_seconds() == 900


@pytest.mark.parametrize("status", [503, 500, 429, 403])
@pytest.mark.parametrize(
    "said", ["315360000", "9" * 15, "9" * 400, "Sat, 21 Nov 2095 08:00:00 GMT"]
)
def test_no_down_time_is_believed_to_be_ten_years(script: Script, status: int, said: str) -> None:
    script.tell(Told(status, {"message": "rate limit exceeded"}, {"Retry-After": said}))
    with pytest.raises(Unavailable) as caught:
        ask(script, lambda w: w.get("/x"))
    assert caught.value.retry_at is not None
    assert 3600 <= (caught.value.retry_at - script.clock.now()).total_seconds() <= 3700


def test_a_down_time_may_be_a_date_by_the_servers_clock(script: Script) -> None:
    headers = {
        "Date": "Sat, 21 Nov 2020 08:00:00 GMT",
        "Retry-After": "Sat, 21 Nov 2020 08:00:07 GMT",
    }
    script.tell(Told(503, headers=headers), Told(body=1))
    assert ask(script, lambda w: w.get("/x")) == 1
    assert 7 <= sum(script.clock.slept) < 8


@pytest.mark.parametrize(
    "told",
    [Told(502), Told(500), Told(cut=0), Told(201, {"id": 1}, cut=3), Told(201, b"<html>")],
    ids=["502", "500", "cut", "half", "html"],
)
def test_a_write_whose_answer_is_lost_is_never_repeated(script: Script, told: Told) -> None:
    script.tell(told)
    for work in (
        lambda w: w.send("POST", "/x", {"a": 1}),
        lambda w: w.graphql("mutation { a }", {}, write=True),
    ):
        before = len(script.asked)
        with pytest.raises(Lost):
            ask(script, work)
        assert len(script.asked) == before + 1


def test_a_write_that_never_left_is_sent_again_and_then_given_up(clock: SleptClock) -> None:
    with serving(clock) as script:
        pass
    with pytest.raises(Unavailable) as caught:
        ask(script, lambda w: w.send("POST", "/x"))
    assert not isinstance(caught.value, Lost)
    assert caught.value.facts["why"] == "no connection"


def test_a_write_gives_json_or_nothing(script: Script) -> None:
    script.tell(Told(201, {"id": 3}), Told(204))
    assert ask(script, lambda w: w.send("PATCH", "/x", {"ref": "a"})) == {"id": 3}
    assert ask(script, lambda w: w.send("DELETE", "/x")) is None
    assert script.asked[0].json == {"ref": "a"}
    assert [asked.body for asked in script.asked][1] == b""


def test_a_slow_answer_is_a_timeout(script: Script) -> None:
    gate = threading.Event()
    script.tell(Told(body=1, slow=gate))
    try:
        with pytest.raises(Lost) as caught:
            ask(script, lambda w: w.send("PUT", "/x"), silence_s=0.1)
        assert caught.value.facts["why"] == "timeout"
        with pytest.raises(Unavailable):
            ask(script, lambda w: w.get("/x"), silence_s=0.1)
    finally:
        gate.set()


def test_a_huge_answer_is_not_read(script: Script) -> None:
    script.tell(Told(body=b'"' + b"x" * (33 << 20) + b'"'))
    with pytest.raises(ForgeError) as caught:
        ask(script, lambda w: w.get("/x"))
    assert caught.value.key == "github.too_big"
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    "path",
    [
        "repos/o/n",
        "//evil.example/x",
        "/repos/o/n/../../p/q",
        "/a/%2e%2E/b",
        "/a b",
        "/é",
        "/a?b=1",
    ],
)
def test_a_path_that_leads_elsewhere_is_not_asked(script: Script, path: str) -> None:
    for work in (lambda w: w.get(path), lambda w: w.send("PUT", path), lambda w: w.text(path)):
        with pytest.raises(ForgeError):
            ask(script, work)
    assert script.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://github.example/api/v3",
        "ftp://127.0.0.1",
        "https://me:secret@github.example",
        "https://github.example?x",
        "nonsense",
    ],
)
def test_no_token_goes_to_an_unsafe_address(script: Script, url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ask(script, lambda w: w.get("/x"), base_url=url)
    assert "secret" not in str(caught.value)

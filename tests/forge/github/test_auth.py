"""Who harness is on GitHub: tokens, Apps, and what git is given. No secret shows anywhere."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from harness.core.errors import ConfigError, Forbidden, Lost, MissingError, Unavailable
from harness.forge.github.auth import (
    PERMISSIONS,
    AppAuth,
    GithubAuth,
    TokenAuth,
    github_auth,
)
from harness.forge.github.client import GithubClient
from harness.forge.github.rate_limit import Lanes
from harness.system.redact import Redactor
from tests.forge.github.app import App, app_auth, new_key
from tests.forge.github.http import Script, SleptClock, Told, serving
from tests.forge.github.rig import CANARY, ask, check_clean

NEXT = CANARY[::-1]


@pytest.fixture
def script() -> Iterator[Script]:
    with serving(SleptClock()) as found:
        yield found


@pytest.fixture(scope="module")
def pem() -> str:
    return new_key()


def test_a_refused_token_is_read_again_once(script: Script) -> None:
    tokens = [CANARY, NEXT]
    script.tell(Told(401, {"message": "Bad credentials"}), Told(body=1))
    auth = TokenAuth(lambda: tokens.pop(0), Redactor())
    assert ask(script, lambda w: w.get("/x"), auth=auth) == 1
    assert [asked.headers["authorization"] for asked in script.asked] == [
        f"token {CANARY}",
        f"token {NEXT}",
    ]


@pytest.mark.parametrize("write", [False, True])
def test_a_token_that_stays_refused_needs_a_person(script: Script, write: bool) -> None:
    script.tell(Told(401, {"message": f"Bad credentials {CANARY}"}))
    with pytest.raises(Forbidden) as caught:
        ask(script, lambda w: w.send("POST", "/x") if write else w.get("/x"))
    assert caught.value.key == "github.token_refused"
    assert len(script.asked) == 1


def test_a_new_token_that_is_refused_too_ends_it(script: Script) -> None:
    tokens = iter([CANARY, NEXT, "third-token"])
    script.tell(Told(401, {"message": "Bad credentials"}))
    auth = TokenAuth(lambda: next(tokens), Redactor())
    with pytest.raises(Forbidden):
        ask(script, lambda w: w.send("POST", "/x"), auth=auth)
    assert len(script.asked) == 2


def test_a_dead_token_is_not_sent_on_and_on(script: Script) -> None:
    script.tell(Told(401, {"message": "Bad credentials"}))
    file = [CANARY]

    async def main(wire: GithubClient) -> None:
        for _ in range(20):
            with pytest.raises(Forbidden):
                await wire.get("/x")
            script.clock.seconds += 14
        assert len(script.asked) == 1
        script.clock.seconds += 21
        with pytest.raises(Forbidden):
            await wire.send("POST", "/x")
        assert len(script.asked) == 2
        file[0] = NEXT
        script.tell(Told(body=1))
        assert await wire.get("/x") == 1

    ask(script, main, auth=TokenAuth(lambda: file[0], Redactor()))


@pytest.mark.parametrize("token", ["", "two words", "ghp_é", "a\nb"])
def test_what_is_no_token_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(ConfigError) as caught:
        TokenAuth(lambda: token, Redactor())
    if token:
        check_clean(caught.value, token)


def test_an_app_mints_late_for_one_repository_and_named_rights(script: Script, pem: str) -> None:
    app = App(script, pem)
    redactor = Redactor()
    auth = app_auth(script, pem, redactor)
    assert script.asked == []

    async def main(wire: GithubClient) -> None:
        await wire.get("/a")
        await wire.send("POST", "/b")
        assert wire.limits().writes == 1

    ask(script, main, auth=auth)
    assert app.minted == [{"repositories": ["n"], "permissions": dict(PERMISSIONS)}]
    assert auth.identity == "app:31:44"
    (token,) = app.good
    assert redactor(f"x {token}") == "x [redacted]"
    key_line = pem.splitlines()[3]
    assert redactor(key_line) == "[redacted]"
    assert token not in repr(auth)
    assert "workflows" not in PERMISSIONS
    assert "administration" not in PERMISSIONS


def test_an_app_takes_what_was_granted(script: Script, pem: str) -> None:
    app = App(script, pem)
    app.granted = {"metadata": "read", "contents": "read", "issues": "write", "pages": "write"}
    assert ask(script, lambda w: w.get("/a"), auth=app_auth(script, pem))["ok"] == 1
    (wanted,) = app.minted
    assert wanted["permissions"] == {"metadata": "read", "contents": "read", "issues": "write"}


def test_an_apps_token_is_new_before_it_ends_and_after_a_refusal(script: Script, pem: str) -> None:
    app = App(script, pem)

    async def main(wire: GithubClient) -> None:
        await wire.get("/a")
        script.clock.seconds += 3000
        await wire.get("/a")
        assert len(app.minted) == 1
        script.clock.turned = timedelta(hours=10)  # our clock jumps: nothing is minted
        await wire.get("/a")
        assert len(app.minted) == 1
        script.clock.turned = timedelta()
        script.clock.seconds += 301
        await wire.get("/a")
        assert len(app.minted) == 2
        app.good = set()
        await wire.send("POST", "/a")
        assert len(app.minted) == 3

    ask(script, main, auth=app_auth(script, pem, installation_id=44))
    assert not any(asked.path == "/repos/o/n/installation" for asked in script.asked)


def test_the_redactor_knows_the_last_tokens_of_an_app(script: Script, pem: str) -> None:
    App(script, pem)
    redactor = Redactor()

    async def main(wire: GithubClient) -> None:
        for _ in range(5):
            await wire.get("/a")
            script.clock.seconds += 3600

    ask(script, main, auth=app_auth(script, pem, redactor))
    known = [redactor.holds(f"ghs_{n:036d}") for n in range(1, 6)]
    assert known == [False, False, True, True, True]


@pytest.mark.parametrize("app_id", [0, 31])
def test_the_app_goes_before_a_token(script: Script, pem: str, app_id: int) -> None:
    def made(token: str) -> GithubAuth:
        return github_auth(
            "o/n",
            read_token=lambda: token,
            token_name="GITHUB_TOKEN",
            app=(app_id, 0),
            read_key=lambda: pem,
            clock=script.clock,
            redactor=Redactor(),
        )

    assert isinstance(made(CANARY), AppAuth if app_id else TokenAuth)
    if not app_id:
        with pytest.raises(MissingError) as caught:
            made("")
        assert caught.value.facts == {"variable": "GITHUB_TOKEN"}


@pytest.mark.parametrize(
    "site",
    [
        lambda w: w.get("/a"),
        lambda w: w.pages("/a", key="list"),
        lambda w: w.send("PUT", "/a", {}),
        lambda w: w.graphql("q", {}),
        lambda w: w.graphql("m", {}, write=True),
        lambda w: w.text("/a"),
    ],
)
def test_every_kind_of_request_gets_one_new_token(script: Script, pem: str, site: Any) -> None:
    app = App(script, pem)

    async def main(wire: GithubClient) -> None:
        await wire.get("/first")
        app.good = set()
        await site(wire)
        assert len(app.minted) == 2
        app.good = set()
        app.mint_status = 401
        with pytest.raises(Forbidden):
            await site(wire)

    ask(script, main, auth=app_auth(script, pem, installation_id=44))


def test_the_app_itself_is_asked_as_the_app(script: Script, pem: str) -> None:
    App(script, pem)
    assert ask(script, lambda w: w.get("/app"), auth=app_auth(script, pem)) == {"signed": True}


def test_an_app_that_is_not_installed_or_known_says_so(script: Script, pem: str) -> None:
    app = App(script, pem)
    app.installed = 0
    with pytest.raises(Forbidden) as caught:
        ask(script, lambda w: w.get("/a"), auth=app_auth(script, pem))
    assert caught.value.key == "github.not_installed"
    app.public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    with pytest.raises(Forbidden) as caught:
        ask(script, lambda w: w.send("POST", "/a"), auth=app_auth(script, pem))
    assert caught.value.key == "github.app_refused"


def test_a_mint_that_fails_loses_no_write(script: Script, pem: str) -> None:
    app = App(script, pem)
    app.mint_status = 502
    with pytest.raises(Unavailable) as caught:
        ask(script, lambda w: w.send("POST", "/a"), auth=app_auth(script, pem))
    assert not isinstance(caught.value, Lost)
    assert all(asked.path != "/a" for asked in script.asked)


@pytest.mark.parametrize("key", ["", "nonsense", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END"])
def test_what_is_no_key_is_refused_without_showing_it(script: Script, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        app_auth(script, key)
    assert caught.value.key == "github.bad_key"
    check_clean(caught.value, "AAAA")


async def test_two_repositories_of_one_installation_share_a_lane(script: Script, pem: str) -> None:
    App(script, pem)
    lanes = Lanes(script.clock, random.Random(1))
    wires = [
        GithubClient(
            app_auth(script, pem, installation_id=number),
            base_url=script.url,
            clock=script.clock,
            state=None,
            lanes=lanes,
        )
        for number in (0, 44)
    ]
    for wire in wires:
        await wire.get("/a")
    assert [wire.limits().requests for wire in wires] == [2, 2]
    for wire in wires:
        await wire.close()

"""Who harness is on GitHub: tokens, Apps, and what git is given. No secret shows anywhere."""

from __future__ import annotations

import asyncio
import base64
import json
import random
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from harness.core.errors import ConfigError, Forbidden, Lost, MissingError, Unavailable
from harness.forge.github_auth import (
    PERMISSIONS,
    AppAuth,
    GithubAuth,
    TokenAuth,
    github_auth,
)
from harness.forge.github_pace import Lanes
from harness.forge.github_wire import GithubWire
from harness.system.git import Git
from harness.system.redact import Redactor
from tests.forge.github_http import Asked, Script, SleptClock, Told, serving
from tests.forge.github_rig import CANARY, ask, check_clean

NEXT = CANARY[::-1]


@pytest.fixture
def script() -> Iterator[Script]:
    with serving(SleptClock()) as found:
        yield found


@pytest.fixture(scope="module")
def pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


class App:
    """GitHub's side of one App with one installation."""

    def __init__(self, script: Script, pem: str) -> None:
        private = serialization.load_pem_private_key(pem.encode(), None)
        assert isinstance(private, rsa.RSAPrivateKey)
        self.public = private.public_key()
        self.clock = script.clock
        self.granted: dict[str, str] = dict(PERMISSIONS)
        self.installed = 44
        self.minted: list[dict[str, Any]] = []
        self.good: set[str] = set()
        self.mint_status = 201
        script.tell(self.answer)

    def answer(self, asked: Asked) -> Told:
        if not asked.path.startswith(("/app/", "/repos/o/n/installation")):
            token = asked.headers["authorization"].removeprefix("token ")
            good = token in self.good
            return Told(body={"ok": 1}) if good else Told(401, {"message": "Bad credentials"})
        signed = asked.headers["authorization"].removeprefix("Bearer ")
        try:
            told = jwt.decode(signed, self.public, algorithms=["RS256"])
        except jwt.PyJWTError:
            return Told(401, {"message": "A JSON web token could not be decoded"})
        assert told["iss"] == "31"
        if asked.path == "/repos/o/n/installation":
            found = bool(self.installed)
            return Told(body={"id": self.installed}) if found else Told(404, {"message": "no"})
        if asked.verb == "GET":
            return Told(body={"id": self.installed, "permissions": self.granted})
        return self._mint(asked.json)

    def _mint(self, wanted: dict[str, Any]) -> Told:
        if self.mint_status != 201:
            return Told(self.mint_status, {"message": "no"})
        if any(self.granted.get(name) != right for name, right in wanted["permissions"].items()):
            return Told(422, {"message": "The permissions requested are not granted"})
        self.minted.append(wanted)
        token = f"ghs_{len(self.minted):036d}"
        self.good = {token}
        ends = (self.clock.now() + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return Told(201, {"token": token, "expires_at": ends})


def app_auth(script: Script, pem: str, redactor: Redactor | None = None, **more: Any) -> AppAuth:
    redactor = redactor or Redactor()
    return AppAuth(31, lambda: pem, "o/n", clock=script.clock, redactor=redactor, **more)


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

    async def main(wire: GithubWire) -> None:
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
    assert ask(script, lambda w: w.get("/a"), auth=app_auth(script, pem)) == {"ok": 1}
    (wanted,) = app.minted
    assert wanted["permissions"] == {"metadata": "read", "contents": "read", "issues": "write"}


def test_an_apps_token_is_new_before_it_ends_and_after_a_refusal(script: Script, pem: str) -> None:
    app = App(script, pem)

    async def main(wire: GithubWire) -> None:
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

    async def main(wire: GithubWire) -> None:
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


def test_two_repositories_of_one_installation_share_a_lane(script: Script, pem: str) -> None:
    App(script, pem)

    async def main() -> None:
        lanes = Lanes(script.clock, random.Random(1))
        wires = [
            GithubWire(
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

    asyncio.run(main())


# ---------------------------------------------------------------- git


def asked_by(env: dict[str, str], question: str) -> tuple[int, str]:
    done = subprocess.run(
        [env["GIT_ASKPASS"], question],
        env={"PATH": "/usr/bin:/bin", **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )
    return done.returncode, done.stdout


def mode(path: str) -> int:
    return Path(path).stat().st_mode & 0o777


def held(env: dict[str, str]) -> str:
    return Path(env["HARNESS_FORGE_FILE"]).read_text().strip()


def test_git_gets_the_token_from_a_file_for_one_host(script: Script, tmp_path: Path) -> None:
    folder = tmp_path / "a folder" / "it's"

    async def main(wire: GithubWire) -> dict[str, str]:
        env = wire.git_env("https://github.example")
        assert CANARY not in str(env)
        assert wire.git_env("https://github.example") == env
        assert mode(env["GIT_ASKPASS"]) == mode(str(folder)) == 0o700
        assert mode(env["HARNESS_FORGE_FILE"]) == 0o600
        user = asked_by(env, "Username for 'https://github.example': ")
        assert user == (0, "x-access-token\n")
        asked = "Password for 'https://x-access-token@github.example': "
        assert asked_by(env, asked) == (0, f"{CANARY}\n")
        for other in (
            "Password for 'https://x-access-token@evil.example': ",
            "Password for 'https://x-access-token@github.example.evil.example': ",
            "Password for 'http://x-access-token@github.example': ",
            "Password for '*': ",
            "",
        ):
            assert asked_by(env, other) == (1, "")
        return env

    env = ask(script, main, folder)
    assert not Path(env["HARNESS_FORGE_FILE"]).exists()


def test_hardened_git_asks_and_shows_nothing(script: Script, tmp_path: Path) -> None:
    """git itself, hardened as for every fetch, against a server that wants to know who asks."""

    def answer(asked: Asked) -> Told:
        if "authorization" not in asked.headers:
            return Told(401, b"", {"WWW-Authenticate": 'Basic realm="GitHub"'})
        return Told(404, b"no such repository")

    script.tell(answer)
    trace = tmp_path / "trace"

    async def main(wire: GithubWire) -> str:
        env = {**wire.git_env(script.url), "GIT_TRACE": str(trace)}
        git = Git(tmp_path / "x.git", extra=env)
        await git.run("init", "--bare", "--quiet", "--template=")
        done = await git.run("ls-remote", f"{script.url}/o/n.git", ok=(128,), speak="http")
        return (done.stdout + done.stderr).decode()

    said = ask(script, main, tmp_path / "state")
    header = next(a.headers["authorization"] for a in script.asked if "authorization" in a.headers)
    assert header == _basic("x-access-token", CANARY)
    assert "not found" in said
    assert CANARY not in said
    assert CANARY not in trace.read_text()
    assert CANARY not in json.dumps([a.path for a in script.asked])


def test_git_gets_a_new_token_when_the_apps_is_at_its_end(
    script: Script, pem: str, tmp_path: Path
) -> None:
    app = App(script, pem)

    async def main(wire: GithubWire) -> list[str]:
        await wire.get("/a")
        files = []
        for _ in range(2):
            files.append(held(wire.git_env("https://github.example")))
            script.clock.seconds += 3600
        app.mint_status = 500
        with pytest.raises(Unavailable):
            wire.git_env("https://github.example")
        return files

    files = ask(script, main, tmp_path, auth=app_auth(script, pem))
    assert files == [f"ghs_{n:036d}" for n in (1, 2)]


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

"""What git is given to speak with GitHub: for one host, and nowhere to be seen."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.core.errors import GitError, Unavailable
from harness.forge.github.client import GithubClient
from harness.system.git import Git
from harness.system.redact import Redactor
from tests.forge.github.app import App, app_auth, new_key
from tests.forge.github.http import Asked, Script, SleptClock, Told, serving
from tests.forge.github.rig import CANARY, ask
from tests.patience import PATIENCE_S


@pytest.fixture
def script() -> Iterator[Script]:
    with serving(SleptClock()) as found:
        yield found


def asked_by(env: dict[str, str], question: str) -> tuple[int, str]:
    done = subprocess.run(
        [env["GIT_ASKPASS"], question],
        env={"PATH": "/usr/bin:/bin", **env},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )
    return done.returncode, done.stdout


def mode(path: str) -> int:
    return Path(path).stat().st_mode & 0o777


def file_of(env: dict[str, str]) -> str:
    return Path(env["HARNESS_FORGE_FILE"]).read_text()


def held(env: dict[str, str]) -> str:
    """What both halves are together; neither says anything alone."""
    file = bytes.fromhex(file_of(env))
    half = bytes.fromhex(env["HARNESS_FORGE_HALF"])
    return bytes(a ^ b for a, b in zip(file, half, strict=True)).decode()


def test_git_gets_the_token_from_two_halves_for_one_host(script: Script, tmp_path: Path) -> None:
    folder = tmp_path / "a folder" / "it's"

    async def main(wire: GithubClient) -> dict[str, str]:
        env = wire.git_env("https://github.example")
        assert not any(Redactor([CANARY]).holds(word) for word in (*env.values(), file_of(env)))
        assert held(env) == CANARY
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


def test_each_has_a_file_of_its_own_and_the_dead_leave_none(script: Script, tmp_path: Path) -> None:
    tmp_path.joinpath("token-4194999-0123").write_text("left by a process that was killed")

    async def outer(wire: GithubClient) -> None:
        env = wire.git_env("https://github.example")
        await asyncio.to_thread(ask, script, inner, tmp_path)
        assert held(env) == CANARY
        assert len(files(tmp_path)) == 1

    async def inner(wire: GithubClient) -> None:
        wire.git_env("https://github.example")
        assert len(files(tmp_path)) == 2

    ask(script, outer, tmp_path)
    assert files(tmp_path) == []


def files(folder: Path) -> list[Path]:
    return list(folder.glob("token-*"))


def test_a_disk_that_refuses_is_said(script: Script, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    async def main(wire: GithubClient) -> None:
        with pytest.raises(GitError) as caught:
            wire.git_env("https://github.example")
        assert CANARY not in str(caught.value)

    ask(script, main, tmp_path / "file" / "state")


def test_hardened_git_asks_and_shows_nothing(script: Script, tmp_path: Path) -> None:
    """git itself, hardened as for every fetch, against a server that wants to know who asks."""

    def answer(asked: Asked) -> Told:
        if "authorization" not in asked.headers:
            return Told(401, b"", {"WWW-Authenticate": 'Basic realm="GitHub"'})
        return Told(404, b"no such repository")

    script.tell(answer)
    trace = tmp_path / "trace"

    async def main(wire: GithubClient) -> str:
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


def test_git_gets_a_new_token_when_the_apps_is_at_its_end(script: Script, tmp_path: Path) -> None:
    pem = new_key()
    app = App(script, pem)

    async def main(wire: GithubClient) -> list[str]:
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

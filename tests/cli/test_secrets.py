"""Keys by the command line: kept without being seen, never on the screen, never in a child."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from harness.cli.common import Context
from harness.cli.plan import _edit
from harness.config.environ import place
from harness.system.redact import Redactor
from tests.cli.conftest import MAIN, Call, Git, Person

ROOT = Path(__file__).parents[2]
KEY = "sk-ant-api03-canary0123456789"
SPILL = (
    "import sys; from harness.cli import main as m; m.COMMANDS['status'] = "
    "'tests.cli.crashing:spill'; sys.exit(m.begin())"
)


@pytest.fixture
def sealed(person: Person) -> Person:
    """No keyring of the machine that runs the tests takes part."""
    person.env["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
    return person


def kept_file(person: Person, name: str = "anthropic_api_key") -> Path:
    return person.home / ".config" / "harness" / "keys" / name


def test_a_key_from_standard_input_is_kept_for_us_alone_and_found(sealed: Person) -> None:
    done = sealed.harness("config", "key", "ANTHROPIC_API_KEY", stdin=f"{KEY}\n")
    assert (done.code, done.err) == (0, "")
    file = kept_file(sealed)
    assert str(file) in done.out
    assert KEY not in done.out
    assert file.read_text() == f"{KEY}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    shown = sealed.harness("doctor")
    assert f"key ANTHROPIC_API_KEY, from: {file}" in shown.out
    assert KEY not in shown.out + shown.err


def test_a_key_that_is_typed_is_not_shown(sealed: Person) -> None:
    leader, follower = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "config", "key", "GITHUB_TOKEN"],
        cwd=sealed.cwd,
        env=sealed.env,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    ) as process:
        os.close(follower)
        seen = b""
        while b"not shown" not in seen:
            seen += os.read(leader, 1000)
        while termios.tcgetattr(leader)[3] & termios.ECHO:  # what is typed before that is dropped
            time.sleep(0.01)
        os.write(leader, f"{KEY}\n".encode())
        assert process.wait(30) == 0
        seen += os.read(leader, 10_000)
    os.close(leader)
    assert KEY.encode() not in seen
    assert kept_file(sealed, "github_token").read_text() == f"{KEY}\n"


@pytest.mark.parametrize(("name", "typed"), [("ANTHROPIC_API_KEY", " \n"), ("sk-ant-x", KEY)])
def test_nothing_and_no_name_are_refused(sealed: Person, name: str, typed: str) -> None:
    done = sealed.harness("config", "key", name, stdin=typed)
    assert done.code == 2
    assert "sk-ant" not in done.out + done.err
    assert not kept_file(sealed).parent.exists()


def test_what_stands_before_it_and_what_asks_for_it_is_said(sealed: Person) -> None:
    sealed.env["ANTHROPIC_API_KEY"] = "sk-ant-another-0123"
    done = sealed.harness("config", "key", "ANTHROPIC_API_KEY", stdin=KEY)
    assert "the environment variable ANTHROPIC_API_KEY" in done.out
    assert "api_key_env" not in done.out
    done = sealed.harness("config", "key", "MY_OWN", stdin=KEY)
    assert 'api_key_env = "MY_OWN"' in done.out


def test_a_keyring_takes_it_unless_a_file_is_asked_for(sealed: Person, tmp_path: Path) -> None:
    (tmp_path / "backend_of_test.py").write_text(
        "from pathlib import Path\n"
        "from keyring.backend import KeyringBackend\n"
        "class Kept(KeyringBackend):\n"
        "    priority = 1\n"
        "    def get_password(self, service, username):\n"
        "        return book(service, username).read_text()\n"
        "    def set_password(self, service, username, password):\n"
        "        book(service, username).write_text(password)\n"
        "def book(service, username):\n"
        "    return Path(__file__).with_name(f'{service}-{username}')\n"
    )
    sealed.env["PYTHON_KEYRING_BACKEND"] = "backend_of_test.Kept"
    sealed.env["PYTHONPATH"] = f"{tmp_path}:{ROOT}"
    done = sealed.harness("config", "key", "ANTHROPIC_API_KEY", stdin=KEY)
    assert "system's keyring" in done.out
    assert (tmp_path / "harness-ANTHROPIC_API_KEY").read_text() == KEY
    assert not kept_file(sealed).exists()
    assert sealed.harness("config", "key", "OPENAI_API_KEY", "--file", stdin=KEY).code == 0
    assert kept_file(sealed, "openai_api_key").exists()


@pytest.mark.parametrize("debug", [False, True])
def test_nothing_that_python_prints_shows_a_secret(sealed: Person, debug: bool) -> None:
    sealed.env |= {"GITHUB_TOKEN": KEY, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", SPILL, "status", *(["--debug"] if debug else [])],
        cwd=sealed.cwd,
        env=sealed.env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    log = sealed.state / "logs" / "crash.log"
    for said in ("warned", "threaded", "dropped", "raised"):
        assert f"{said} [redacted]" in done.stderr
    assert ("Authorization" in done.stderr) == debug
    assert "token [redacted]" in log.read_text()
    assert not Redactor([KEY]).holds(done.stdout + done.stderr + log.read_text())
    assert log.stat().st_mode & 0o777 == 0o600


def test_git_and_the_editor_get_no_key(sealed: Person, git: Git, call: Call) -> None:
    """Programs that run with the person's own environment."""
    seen = sealed.home / "seen"
    programs = sealed.home / "programs"
    programs.mkdir()
    real = git("--exec-path")
    for name, program in {"git": f"{real}/git", "editor": "true"}.items():
        (programs / name).write_text(f'#!/bin/sh\nenv >>{seen}-{name}\nexec {program} "$@"\n')
        (programs / name).chmod(0o755)
    git("init", "-q", "-b", "main")
    (sealed.cwd / "a.txt").write_text("a\n")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    sealed.env |= {"PATH": f"{programs}:{sealed.env['PATH']}", "MARK": "theirs"}
    sealed.env |= {"ANTHROPIC_API_KEY": KEY, "COPY": f"x{KEY}x", "VISUAL": "editor"}
    assert call("init").code == 0
    assert call("pull").code == 0
    cli = Context(place=place(sealed.env, sealed.cwd))
    page = "# Plan: t\n\n"
    with pytest.raises(Exception, match="kept"):  # not a plan: but the editor was there
        _edit(cli, 1, page)
    for name in ("git", "editor"):
        text = (sealed.home / f"seen-{name}").read_text()
        assert "MARK=theirs" in text
        assert KEY not in text
        assert "ANTHROPIC_API_KEY" not in text

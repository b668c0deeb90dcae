"""A person at a shell: a HOME of their own, real processes, or main() in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.cli.common import Context
from harness.cli.main import main
from harness.config.environ import place

MAIN = "import sys; from harness.cli.main import main; sys.exit(main())"


@dataclass(frozen=True)
class Ended:
    """What a command left behind."""

    code: int
    out: str
    err: str


class Person:
    """Runs `harness` as a person would. `env` may be added to."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.home.mkdir()
        self.cwd = root / "here"
        self.cwd.mkdir()
        self.env = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": "/dev/null",
            # doctor asks the models' servers: none off this machine is reached
            "HTTPS_PROXY": "http://127.0.0.1:9",
        }

    def harness(self, *args: str, cwd: Path | None = None, stdin: str = "") -> Ended:
        done = subprocess.run(
            [sys.executable, "-c", MAIN, *args],
            cwd=cwd or self.cwd,
            env=self.env,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    @property
    def state(self) -> Path:
        return self.home / ".local" / "state" / "harness"

    def register(self, name: str, path: Path) -> Path:
        """A project's file, without a forge."""
        file = self.home / ".config" / "harness" / "projects" / f"{name}.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'[project]\npath = "{path}"\n')
        return file

    def context(self, **given: object) -> Context:
        """What a command's body is handed."""
        found = Context(place=place(self.env, self.cwd))
        return Context(**{**found.__dict__, **given})


Call = Callable[..., Ended]
Git = Callable[..., str]


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


@pytest.fixture
def call(
    person: Person, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Call:
    """`harness` in this process, with the person's environment: quick, for tables."""

    def run(*args: str, cwd: Path | None = None) -> Ended:
        monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "LANG", "LC_ALL", "LC_MESSAGES"):
            monkeypatch.delenv(name, raising=False)
        for name, value in person.env.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(cwd or person.cwd)
        capsys.readouterr()
        code = main(list(args))
        said = capsys.readouterr()
        return Ended(code, said.out, said.err)

    return run


@pytest.fixture
def git(person: Person) -> Git:
    """git in the person's folder, or in `cwd`."""

    def run(*args: str, cwd: Path | None = None) -> str:
        who = ("-c", "user.name=Ann", "-c", "user.email=ann@home.example")
        done = subprocess.run(
            ["git", *who, *args],
            cwd=cwd or person.cwd,
            env=person.env,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    return run

"""The unit of systemd: whole, without secrets, and only ours is ever replaced or removed."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.service import MARK, PROGRAM, quote
from tests.cli.conftest import Call, Person

CANARY = "sk-canary-0123456789abcdef"


@pytest.fixture
def file(person: Person) -> Path:
    """Where the unit will be; beside it a systemctl that knows nothing."""
    say(person, "inactive")
    person.env["ANTHROPIC_API_KEY"] = CANARY
    person.env["GITHUB_TOKEN"] = CANARY
    return person.home / ".config" / "systemd" / "user" / "harness.service"


def say(person: Person, state: str) -> None:
    """What the machine's systemctl answers."""
    programs = person.home / "programs"
    programs.mkdir(exist_ok=True)
    (programs / "systemctl").write_text(f"#!/bin/sh\necho {state}\n")
    (programs / "systemctl").chmod(0o755)
    person.env["PATH"] = f"{programs}:{os.environ['PATH']}"


def parse_unit(text: str) -> configparser.ConfigParser:
    """Strict but for keys that systemd lets stand many times."""
    unit = configparser.ConfigParser(strict=True, interpolation=None, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    kept, seen = [], 0
    for line in text.splitlines():
        if line.startswith("Environment="):
            seen += 1
            line = line.replace("Environment=", f"Environment{seen}=", 1)
        kept.append(line)
    unit.read_string("\n".join(kept))
    return unit


def test_the_unit_is_whole_and_holds_no_secret(person: Person, call: Call, file: Path) -> None:
    done = call("service", "install")
    assert done.code == 0, done.err
    assert "systemctl --user daemon-reload" in done.out
    assert "loginctl enable-linger" in done.out
    assert CANARY not in done.out + done.err
    text = file.read_text()
    assert CANARY not in text
    unit = parse_unit(text)
    service = unit["Service"]
    assert service["ExecStart"] == f'"{sys.executable}" "-P" "-c" "{PROGRAM}" "run"'
    assert service["Restart"] == "on-failure"
    assert service["KillMode"] == "mixed"
    assert service["TimeoutStopSec"] == "15"
    assert service["EnvironmentFile"] == f"-{person.home}/.config/harness/environment"
    assert unit["Install"]["WantedBy"] == "default.target"
    if shutil.which("systemd-analyze"):
        done_by = subprocess.run(
            ["systemd-analyze", "verify", "--user", "--man=no", str(file)],
            env={**os.environ, "XDG_RUNTIME_DIR": str(person.home)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "harness.service" not in done_by.stderr, done_by.stderr


def test_what_it_starts_is_this_harness(person: Person) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, "--version"],
        env=person.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.startswith("harness ")


def test_it_is_installed_again_shown_and_removed(person: Person, call: Call, file: Path) -> None:
    assert call("service", "status").code == 1
    assert call("service", "uninstall").code == 1
    for _ in range(2):
        assert call("service", "install", "--json").code == 0
    shown = call("service", "status")
    assert (shown.code, "inactive" in shown.out) == (0, True)
    say(person, "active")
    assert call("service", "uninstall").code == 5
    assert file.exists()
    say(person, "inactive")
    assert call("service", "uninstall").code == 0
    assert not file.exists()


def test_somebody_elses_unit_is_left_alone(person: Person, call: Call, file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.write_text("[Service]\nExecStart=/bin/true\n")
    assert call("service", "install").code == 1
    assert call("service", "uninstall").code == 1
    assert MARK not in file.read_text()


def test_a_file_of_keys_that_others_may_read_is_refused(
    person: Person, call: Call, file: Path
) -> None:
    keys = person.home / "keys"
    keys.write_text(f"ANTHROPIC_API_KEY={CANARY}\n")
    keys.chmod(0o644)
    done = call("service", "install", "--env-file", str(keys))
    assert done.code == 3
    assert "chmod 600" in done.err
    assert not file.exists()
    keys.chmod(0o600)
    assert call("service", "install", "--env-file", str(keys)).code == 0
    assert f"EnvironmentFile=-{keys}" in file.read_text()


def test_a_credential_is_named_in_the_unit_and_stays_in_its_file(
    person: Person, call: Call, file: Path
) -> None:
    key = person.home / "a key 100%"
    key.write_text(CANARY)
    key.chmod(0o600)
    given = f"anthropic_api_key:{key}"
    done = call("service", "install", "--credential", given)
    assert done.code == 0, done.err
    unit = file.read_text()
    assert f"LoadCredential=anthropic_api_key:{person.home}/a key 100%%\n" in unit
    assert CANARY not in unit + done.out
    if shutil.which("systemd-analyze"):
        argv = ["systemd-analyze", "verify", "--user", "--man=no", str(file)]
        env = {**os.environ, "XDG_RUNTIME_DIR": str(person.home)}
        said = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        assert "harness.service" not in said.stderr, said.stderr


def test_a_credential_that_cannot_be_is_refused(person: Person, call: Call, file: Path) -> None:
    key = person.home / "key"
    key.write_text(CANARY)
    key.chmod(0o600)
    for given in ("anthropic_api_key", f"A/B:{key}", f":{key}", "name:"):
        done = call("service", "install", "--credential", given)
        assert done.code == 2
        assert "NAME:FILE" in done.err
    for mode, text, says in ((0o644, CANARY, "chmod 600"), (0o600, "", "is empty")):
        key.write_text(text)
        key.chmod(mode)
        done = call("service", "install", "--credential", f"name:{key}")
        assert done.code == 3
        assert says in done.err
    assert not file.exists()


def test_without_systemd_it_says_what_else_there_is(person: Person, call: Call) -> None:
    empty = person.home / "nothing"
    empty.mkdir()
    person.env["PATH"] = str(empty)
    done = call("service", "install")
    assert done.code == 4
    assert "launchd" in done.err


def test_words_are_quoted_as_systemd_reads_them() -> None:
    assert quote('a b"c\\d') == '"a b\\"c\\\\d"'
    assert quote("50%$HOME") == '"50%%$$HOME"'
    assert quote("A=$x", command=False) == '"A=$x"'

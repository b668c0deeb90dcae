"""`init` proposes the hosts that set-up needs: shown, asked for once, written down."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call, Git, Person
from tests.cli.terminal import at_a_terminal

SECRET = "hunter2hunter2"
INDEX = "https://pip.corp.example/simple"


@pytest.fixture
def project(person: Person, git: Git) -> Path:
    """A Python project that names an index of its own."""
    person.env |= {"XDG_CONFIG_DIRS": "/nonexistent"}
    git("init", "-q", "-b", "main")
    (person.cwd / "requirements.txt").write_text(
        "--extra-index-url https://theirs.example/s\nx==1\n"
    )
    (person.cwd / "test_x.py").write_text("def test_x():\n    pass\n")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    return person.cwd


def own_index(person: Person, address: str = INDEX) -> Path:
    file = person.home / ".config" / "pip" / "pip.conf"
    file.parent.mkdir(parents=True)
    file.write_text(f"[global]\nindex-url = {address}\n")
    return file


def environment(person: Person) -> dict[str, Any]:
    file = person.home / ".config" / "harness" / "projects" / "here.toml"
    found: dict[str, Any] = tomllib.loads(file.read_text()).get("environment", {})
    return found


def test_without_a_terminal_and_a_flag_nothing_is_let_in_and_the_way_is_said(
    person: Person, project: Path, call: Call
) -> None:
    done = call("init")
    assert done.code == 0
    assert "allow" not in environment(person)
    assert "pypi.org, files.pythonhosted.org" in done.out
    assert "harness init --allow-registries" in done.out
    assert "harness init --allow theirs.example" in done.out


def test_the_flag_lets_in_what_is_known_and_not_what_the_repository_alone_names(
    person: Person, project: Path, call: Call
) -> None:
    done = call("init", "--allow-registries")
    assert done.code == 0, done.out
    assert environment(person)["allow"] == ["pypi.org", "files.pythonhosted.org"]
    assert "requirements.txt:1" in done.out
    assert "harness init --allow theirs.example" in done.out


def test_the_machines_own_index_is_let_in_shown_and_carried(
    person: Person, project: Path, call: Call
) -> None:
    file = own_index(person)
    done = call("init", "--allow-registries")
    assert environment(person)["allow"] == ["pip.corp.example"]
    assert environment(person)["env"]["PIP_INDEX_URL"] == INDEX
    assert f"{file}:2" in done.out
    assert call("config", "show").code == 0


def test_a_login_is_neither_shown_nor_written(person: Person, project: Path, call: Call) -> None:
    file = own_index(person, f"https://ann:{SECRET}@pip.corp.example/simple")
    done = call("init", "--allow-registries")
    assert environment(person)["env"]["PIP_CONFIG_FILE"] == str(file)
    written = (person.home / ".config" / "harness").rglob("*")
    assert not [path for path in written if path.is_file() and SECRET in path.read_text()]
    assert SECRET not in done.out + done.err


def test_one_host_by_a_persons_own_word(person: Person, project: Path, call: Call) -> None:
    done = call("init", "--allow", "theirs.example", "--allow", "Own.Example.:8443")
    assert done.code == 0
    assert environment(person)["allow"] == ["theirs.example", "own.example:8443"]
    assert "env" not in environment(person)


@pytest.mark.parametrize("host", ["https://pypi.org", "a b", "", "127.1", "pypi.org/simple", "*.x"])
def test_what_is_no_host_is_refused_before_anything_is_made(
    person: Person, project: Path, call: Call, host: str
) -> None:
    done = call("init", "--allow", host)
    assert done.code == 2
    assert "is no host" in done.err
    assert not (person.home / ".config").exists(), "nothing is registered"


def test_a_registered_project_comes_to_it_later(person: Person, project: Path, call: Call) -> None:
    call("init")
    file = person.home / ".config" / "harness" / "projects" / "here.toml"
    file.write_text(file.read_text() + "\n# mine\n[limits]\nturns = 7\n")
    assert call("init", "--allow-registries").code == 0
    assert environment(person)["allow"] == ["pypi.org", "files.pythonhosted.org"]
    call("init", "--allow", "theirs.example")
    assert environment(person)["allow"] == ["pypi.org", "files.pythonhosted.org", "theirs.example"]
    before = file.read_text()
    assert "# mine" in before
    call("init", "--allow-registries")
    assert file.read_text() == before


def test_json_has_what_was_let_in(person: Person, project: Path, call: Call) -> None:
    found = json.loads(call("init", "--allow-registries", "--json").out)
    assert found["allow"] == ["pypi.org", "files.pythonhosted.org"]


@pytest.mark.parametrize(
    ("first", "second", "allowed"),
    [
        ("y", "n", ["pip.corp.example"]),
        ("", "", ["pip.corp.example"]),
        ("y", "y", ["pip.corp.example", "theirs.example"]),
        ("n", "n", None),
    ],
)
def test_at_a_terminal_it_is_asked_once(
    person: Person, project: Path, first: str, second: str, allowed: list[str] | None
) -> None:
    own_index(person)
    answers = {"Let set-up reach them?": first, "Let set-up reach these too?": second}
    done = at_a_terminal(["init", "--no-try"], answers, cwd=project, env=person.env)
    assert done.code == 0, done.out
    assert environment(person).get("allow") == allowed
    assert "named by nobody but the repository" in done.out
    if allowed:
        again = at_a_terminal(["init", "--no-try"], {}, cwd=project, env=person.env)
        assert again.code == 0
        assert "Let set-up reach" not in again.out


def test_a_settings_file_in_the_checkouts_own_venv_is_the_repositorys(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    venv = project / ".venv"
    venv.mkdir()
    (venv / "pip.conf").write_text("[global]\nindex-url = https://evil.example/simple\n")
    git("add", "-f", ".")
    git("commit", "-q", "-m", "venv")
    person.env["VIRTUAL_ENV"] = str(venv)
    call("init", "--allow-registries")
    assert environment(person)["allow"] == ["pypi.org", "files.pythonhosted.org"]

"""`init --github`: which repository is meant, what is written, what is asked for - no secret."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from harness.cli.at_github import AtGithub, at_github
from harness.forge.github.powers import ASKED
from tests.cli.conftest import Call, Git, Person

FORMS: dict[str, AtGithub | None] = {
    "own/proj": AtGithub("github.com", "own/proj"),
    "https://github.com/own/proj": AtGithub("github.com", "own/proj"),
    "https://github.com/own/proj.git": AtGithub("github.com", "own/proj"),
    "https://www.github.com/own/proj/": AtGithub("github.com", "own/proj"),
    "https://x-access-token:hush@github.com/own/proj.git": AtGithub("github.com", "own/proj"),
    "git@github.com:own/proj.git": AtGithub("github.com", "own/proj"),
    "ssh://git@github.com/own/proj.git": AtGithub("github.com", "own/proj"),
    "ssh://git@ssh.github.com:443/own/proj.git": AtGithub("github.com", "own/proj"),
    "git@git.firm.example:own/my.proj.git": AtGithub("git.firm.example", "own/my.proj"),
    "https://git.firm.example/own/proj": AtGithub("git.firm.example", "own/proj"),
    "https://gitlab.com/own/proj.git": None,
    "git@bitbucket.org:own/proj.git": None,
    "https://github.com/own": None,
    "http://github.com/own/proj": None,
    "file:///srv/own/proj": None,
    "/srv/own/proj.git": None,
    "../proj": None,
    "own/proj/more": None,
    "own/pro j": None,
    "": None,
}


@pytest.mark.parametrize("text", FORMS, ids=repr)
def test_a_repository_is_known_by_many_addresses(text: str) -> None:
    assert at_github(text) == FORMS[text]


def test_the_api_is_beside_the_host() -> None:
    assert AtGithub("github.com", "o/p").base_url == ""
    assert AtGithub("firm.ghe.com", "o/p").base_url == "https://api.firm.ghe.com"
    assert AtGithub("git.firm.example", "o/p").base_url == "https://git.firm.example/api/v3"


@pytest.fixture
def checkout(person: Person, git: Git) -> Path:
    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "first")
    return person.cwd


def forge_of(person: Person) -> dict[str, object]:
    file = person.home / ".config" / "harness" / "projects" / "here.toml"
    found: dict[str, object] = tomllib.loads(file.read_text())["forge"]
    return found


def test_the_origin_is_registered_and_every_permission_is_told(
    person: Person, checkout: Path, git: Git, call: Call
) -> None:
    git("remote", "add", "origin", "https://me:hush-canary@git.firm.example/own/proj.git")
    done = call("init", "--github", "origin")
    assert (done.code, done.err) == (0, "")
    assert forge_of(person) == {
        "kind": "github",
        "repository": "own/proj",
        "base_url": "https://git.firm.example/api/v3",
    }
    for row in ASKED:
        assert (row.name in done.out) == (not row.app_only), row.name
    assert "GITHUB_TOKEN" in done.out
    assert "hush-canary" not in done.out
    assert git("remote") == "origin"
    again = call("init", "--github", "own/other")
    assert again.code == 1
    assert call("init").code == 0
    assert json.loads(call("init", "--json").out)["repository"] == "own/proj"


def test_an_app_is_told_by_number_and_its_key_by_file(
    person: Person, checkout: Path, call: Call
) -> None:
    done = call("init", "--github", "own/proj", "--app", "4711")
    assert done.code == 0
    key = str(person.home / ".config" / "harness" / "github-app.pem")
    assert forge_of(person) == {
        "kind": "github",
        "repository": "own/proj",
        "app_id": 4711,
        "app_key_file": key,
    }
    assert all(row.name in done.out for row in ASKED)
    assert "4711" in done.out


def test_what_cannot_be_meant_is_a_sentence(
    person: Person, checkout: Path, git: Git, call: Call
) -> None:
    assert call("init", "--github", "origin").code == 2
    git("remote", "add", "origin", "https://me:hush-canary@gitlab.com/own/proj.git")
    done = call("init", "--github", "origin")
    assert done.code == 2
    assert "hush-canary" not in done.err
    assert call("init", "--app", "7").code == 2
    assert not (person.home / ".config" / "harness" / "projects").exists()


def test_without_it_a_checkout_of_github_keeps_its_own_issues_and_hears_of_it(
    person: Person, checkout: Path, git: Git, call: Call
) -> None:
    git("remote", "add", "origin", "git@github.com:own/proj.git")
    done = call("init")
    assert done.code == 0
    assert forge_of(person)["kind"] == "local"
    assert "harness init --github own/proj" in done.out


def test_commands_of_the_embedded_forge_say_where_the_issues_are(
    person: Person, checkout: Path, call: Call
) -> None:
    assert call("init", "--github", "own/proj").code == 0
    for words in (("issue", "list"), ("pr", "list"), ("issue", "new", "x"), ("pull",)):
        done = call(*words)
        assert done.code == 2, words
        assert "github" in done.err
        assert "Traceback" not in done.err

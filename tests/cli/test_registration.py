"""The repository's name and id in the operator's file: what `init` adopts, what it refuses, and
which forms of the file it leaves to its writer."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cli.registration import note
from tests.cli.conftest import Call, Git, Person
from tests.forge.world import NAME
from tests.github.hub import Hub
from tests.github.server import github

KIND = 'kind = "github"'
ADOPTED = {"kind": "github", "repository": "own/new", "repository_id": 7}
OURS = 'repository = "own/new"\nrepository_id = 7\n'
WRITTEN = {
    "both are there": (
        f'[forge]\n{KIND}\nrepository = "own/old"\nrepository_id = 7\n',
        f"[forge]\n{OURS}{KIND}\n",
    ),
    "nothing is there": (f"[forge]\n{KIND}\n", f"[forge]\n{OURS}{KIND}\n"),
    "what is beside it stays": (
        f'# mine\n[project]\nname = "p" # here\n\n[forge] # there\n  repository="own/old"\n'
        f'{KIND} # a word\n\n[policy]\nmerge = "ask"\n',
        f'# mine\n[project]\nname = "p" # here\n\n[forge] # there\n{OURS}'
        f'{KIND} # a word\n\n[policy]\nmerge = "ask"\n',
    ),
    "a name like it in another table": (
        f'[forge]\n{KIND}\n[other]\nrepository = "own/old"\n',
        f'[forge]\n{OURS}{KIND}\n[other]\nrepository = "own/old"\n',
    ),
    "a table below it": (
        f"[forge]\n{KIND}\n[forge.more]\nrepository_id = 9\n",
        f"[forge]\n{OURS}{KIND}\n[forge.more]\nrepository_id = 9\n",
    ),
    "no line end after it": (f"[forge]\n{KIND}", f"[forge]\n{OURS}{KIND}"),
}
LEFT = {
    "no table": '[project]\nname = "p"\n',
    "inline": 'forge = { kind = "github", repository = "own/old" }\n',
    "dotted": f'forge.{KIND}\nforge.repository = "own/old"\n',
    "a text that looks like it": f'[forge]\nuser = """\nrepository = "x"\n"""\n{KIND}\n',
    "in a text": f'[project]\nname = """\n[forge]\n"""\n[forge]\n{KIND}\n',
    "spaces in its head": f"[ forge ]\n{KIND}\n",
    "a quoted key": f'[forge]\n"repository" = "own/old"\n{KIND}\n',
    "broken": f"[forge]\n{KIND}\n[policy\n",
    "the head at the end": "[forge]",
}


@pytest.mark.parametrize("row", sorted(WRITTEN))
def test_both_are_written_and_the_rest_stays(tmp_path: Path, row: str) -> None:
    file = tmp_path / "p.toml"
    before, after = WRITTEN[row]
    file.write_text(before)
    for _ in ("once", "again"):
        assert note(file, "own/new", 7)
        assert file.read_text() == after
    found = tomllib.loads(after)["forge"]
    assert {key: found[key] for key in ADOPTED} == ADOPTED


@pytest.mark.parametrize("row", sorted(LEFT))
def test_another_form_is_left_as_it_is(tmp_path: Path, row: str) -> None:
    file = tmp_path / "p.toml"
    file.write_text(LEFT[row])
    assert not note(file, "own/new", 7)
    assert file.read_text() == LEFT[row]


def test_without_a_number_only_the_name_is_written(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(f'[forge]\nrepository = "own/old"\nrepository_id = 7\n{KIND}\n')
    assert note(file, 'own/"new', 0)
    assert tomllib.loads(file.read_text())["forge"] == {"kind": "github", "repository": 'own/"new'}


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with github(tmp_path / "hub") as made:
        yield made


@pytest.fixture
def file(person: Person, git: Git, hub: Hub) -> Path:
    """A project that is registered with the repository's first name, and a token."""
    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "first")
    person.env["GITHUB_TOKEN"] = "tok_bot"
    made = person.register("here", person.cwd)
    made.write_text(
        f'{made.read_text()}[forge]\nkind = "github"\nrepository = "{NAME}"\n'
        f'base_url = "{hub.url}/api/v3"\n'
    )
    return made


def forge_of(file: Path) -> tuple[object, object]:
    found = tomllib.loads(file.read_text())["forge"]
    return found.get("repository"), found.get("repository_id")


def test_a_renamed_repository_is_adopted_by_its_id_and_another_is_refused(
    file: Path, hub: Hub, call: Call
) -> None:
    number = hub.number_of(NAME)
    assert call("init").code == 0
    assert forge_of(file) == (NAME, number)
    hub.rename(NAME, "other/new")
    assert call("init").code == 0
    assert forge_of(file) == (NAME, number)  # a new name is a person's to say
    hub.repository(NAME, "mallory")
    hub.user("harness")
    before = file.read_bytes()
    refused = call("init", "--github", NAME)
    assert refused.code == 1
    assert str(hub.number_of(NAME)) in refused.err
    assert str(number) in refused.err
    assert call("init").code == 1
    assert file.read_bytes() == before
    done = call("init", "--github", "other/new", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["repository"] == "other/new"
    assert forge_of(file) == ("other/new", number)


def test_a_new_name_that_cannot_be_asked_for_changes_nothing(
    file: Path, hub: Hub, person: Person, call: Call
) -> None:
    assert call("init").code == 0
    before = file.read_bytes()
    for token, name in (("tok_bot", "own/gone"), ("bad", NAME.swapcase()), ("", "own/other")):
        person.env["GITHUB_TOKEN"] = token
        done = call("init", "--github", name)
        assert done.code == 1, name
        assert name in done.err
        assert "Traceback" not in done.err
        assert file.read_bytes() == before


def test_a_form_that_is_left_to_its_writer_is_a_sentence_with_what_to_write(
    file: Path, hub: Hub, call: Call
) -> None:
    text = file.read_text().replace("[forge]", "[ forge ]")
    file.write_text(text)
    done = call("init")
    assert done.code == 1
    assert f"repository_id = {hub.number_of(NAME)}" in done.err
    assert file.read_text() == text


LOCAL: dict[str, tuple[tuple[str, ...], ...]] = {
    "another name": (("branch", "-m", "main", "master"),),
    "another name, and what was fetched says so": (
        ("branch", "-m", "main", "master"),
        ("update-ref", "refs/remotes/origin/master", "HEAD"),
        ("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/master"),
    ),
    "on a branch of one's own": (("checkout", "-q", "-b", "feature/x"),),
    "a detached head": (("checkout", "-q", "--detach"),),
    "a tag of that name": (("checkout", "-q", "-b", "mine"), ("tag", "trunk/2.0")),
    "there beside the others": (("branch", "trunk/2.0"),),
    "fetched, and not made here": (("update-ref", "refs/remotes/origin/trunk/2.0", "HEAD"),),
}


def branch_of(person: Person) -> object:
    made = person.home / ".config" / "harness" / "projects" / "here.toml"
    return tomllib.loads(made.read_text())["project"]["default_branch"]


@pytest.fixture
def new(person: Person, git: Git, hub: Hub) -> Person:
    """Nothing is registered; the forge's default branch is trunk/2.0."""
    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "first")
    hub.rename_branch("main", "trunk/2.0")
    person.env["GITHUB_TOKEN"] = "tok_bot"
    config = person.home / ".config" / "harness"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(f'[forge]\nbase_url = "{hub.url}/api/v3"\n')
    return person


@pytest.mark.parametrize("row", sorted(LOCAL))
def test_the_forge_says_what_its_default_branch_is(
    new: Person, git: Git, call: Call, row: str
) -> None:
    for words in LOCAL[row]:
        git(*words)
    done = call("init", "--github", NAME)
    assert (done.code, done.err) == (0, "")
    assert branch_of(new) == "trunk/2.0"
    told = "says that its default branch is trunk/2.0" in done.out
    assert told == (row != "a detached head")
    again = call("init")
    assert again.code == 0
    assert "default branch" not in again.out


def test_a_branch_that_was_asked_for_is_registered_and_the_other_told(
    new: Person, hub: Hub, call: Call
) -> None:
    done = call("init", "--github", NAME, "--branch", "main")
    assert done.code == 0
    assert branch_of(new) == "main"
    assert 'default_branch = "trunk/2.0"' in done.out
    hub.rename_branch("trunk/2.0", "next")
    again = call("init")
    assert again.code == 0
    assert 'default_branch = "next"' in again.out
    assert branch_of(new) == "main"


def test_a_forge_that_does_not_answer_leaves_it_to_the_checkout(
    new: Person, git: Git, call: Call
) -> None:
    new.env["GITHUB_TOKEN"] = "bad"
    git("checkout", "-q", "--detach")
    assert call("init", "--github", NAME).code == 2
    git("checkout", "-q", "main")
    done = call("init", "--github", NAME)
    assert done.code == 0
    assert branch_of(new) == "main"
    new.env["GITHUB_TOKEN"] = "tok_bot"
    assert 'default_branch = "trunk/2.0"' in call("init").out

"""`harness remove`: what it takes, what it leaves and says, and what a kill in between leaves."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Call, Git, Person


@pytest.fixture
def project(person: Person, git: Git, call: Call) -> Path:
    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "first")
    assert call("init").code == 0
    assert call("issue", "new", "A bug").code == 0
    return person.cwd


def file_of(person: Person, name: str = "here") -> Path:
    return person.home / ".config" / "harness" / "projects" / f"{name}.toml"


def kinds(said: str, part: str) -> list[str]:
    return [one["kind"] for one in json.loads(said)[part]]


def test_it_is_registered_no_more_and_what_stays_is_said(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    before = file_of(person).read_text()
    done = call("remove", "--json")
    assert (done.code, done.err) == (0, "")
    assert kinds(done.out, "stays") == ["settings", "forge", "remote"]
    assert kinds(done.out, "deleted") == []
    assert not file_of(person).exists()
    assert (file_of(person).with_name("here.toml.removed")).read_text() == before
    assert git("remote") == "harness"
    assert call("issue", "list").code == 2
    assert call("remove").code == 2


def test_init_goes_on_with_what_stayed(person: Person, project: Path, call: Call) -> None:
    said = call("remove")
    assert said.code == 0
    for word in ("registered no more", "issues", "`harness init`", "--purge"):
        assert word in said.out
    assert call("init").code == 0
    assert "A bug" in call("issue", "list").out


def test_purge_deletes_what_is_its_own(person: Person, project: Path, git: Git, call: Call) -> None:
    done = call("remove", "here", "--purge", "--yes", "--json")
    assert (done.code, done.err) == (0, "")
    assert kinds(done.out, "deleted") == ["forge", "remote"]
    assert kinds(done.out, "stays") == []
    assert git("remote") == ""
    assert not list(file_of(person).parent.glob("here*"))
    assert not list((person.state / "forge").glob("*/*.git"))
    assert call("init").code == 0
    assert "A bug" not in call("issue", "list").out


def test_purge_asks_first(person: Person, project: Path, call: Call) -> None:
    for more in ((), ("--json",)):
        done = call("remove", "--purge", *more)
        assert (done.code, "--yes" in done.err) == (2, True)
    assert "A bug" in call("issue", "list").out


def test_what_was_removed_is_purged_later_by_its_name(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    assert call("remove").code == 0
    done = call("remove", "here", "--purge", "--yes")
    assert done.code == 0
    assert (person.state / "forge" / "me" / "here.git").exists() is False
    assert call("remove", "here", "--purge", "--yes").code == 2


def broken(person: Person) -> None:
    file_of(person).write_text("[project\n")


def wrong_setting(person: Person) -> None:
    file = file_of(person)
    file.write_text(file.read_text() + "\n[limits]\nturns = 'many'\n")


def odd_shapes(person: Person) -> None:
    file_of(person).write_text("project = 3\nforge = [1]\n")


def odd_repository(person: Person) -> None:
    file = file_of(person)
    file.write_text(file.read_text().replace("me/here", "../../here"))


def gone_checkout(person: Person) -> None:
    person.cwd.rename(person.cwd.with_name("moved"))
    person.cwd.mkdir()


def no_state(person: Person) -> None:
    person.state.rename(person.state.with_name("away"))


def other_forge(person: Person) -> None:
    file_of(person).write_text('[forge]\nkind = "github"\nrepository = "acme/app"\n')


ODD: list[tuple[Callable[[Person], None], set[str]]] = [
    (broken, set()),
    (wrong_setting, {"forge", "remote"}),
    (odd_shapes, set()),
    (odd_repository, set()),
    (gone_checkout, {"forge"}),
    (no_state, {"remote"}),
    (other_forge, {"elsewhere"}),
]


@pytest.mark.parametrize(("spoil", "stays"), ODD)
def test_a_registration_that_nothing_else_works_with_is_removed_too(
    person: Person, project: Path, call: Call, spoil: Callable[[Person], None], stays: set[str]
) -> None:
    spoil(person)
    done = call("remove", "here", "--json")
    assert (done.code, done.err) == (0, "")
    assert set(kinds(done.out, "stays")) == {"settings", *stays}
    done = call("remove", "here", "--purge", "--yes", "--json")
    assert (done.code, done.err) == (0, "")
    assert set(kinds(done.out, "deleted")) == stays - {"elsewhere"}
    assert not list(file_of(person).parent.glob("here*"))


def test_another_remote_of_that_name_and_a_shared_repository_stay(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    git("remote", "set-url", "harness", "https://there.example/x.git")
    file_of(person, "twin").write_text(file_of(person).read_text().replace('"here"', '"twin"'))
    done = call("remove", "here", "--purge", "--yes", "--json")
    assert (done.code, kinds(done.out, "deleted")) == (0, [])
    assert kinds(done.out, "stays") == ["shared"]
    assert git("remote") == "harness"
    assert (person.state / "forge" / "me" / "here.git").exists()


@pytest.mark.parametrize("name", ["nothing", "..", ".", "here.toml", "*", "", "../projects/here"])
def test_a_name_that_is_no_project_is_refused(
    person: Person, project: Path, call: Call, name: str
) -> None:
    folder = person.home / "elsewhere"
    folder.mkdir()
    done = call("remove", *([name] if name else []), cwd=folder)
    assert (done.code, "here" in done.err) == (2, True)
    assert file_of(person).exists()


@contextmanager
def acting(person: Person, **run: Any) -> Iterator[None]:
    """A harness at work on a run of this project."""
    row = {"project": "here", "issue": 1, "number": 1, "state": "active", **run}
    data = {"version": 1, "at": "2026-01-01T00:00:00+00:00", "runs": [row], "held": []}
    (person.state / "snapshot.json").write_text(json.dumps(data))
    with (person.state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_a_run_under_way_is_not_broken_off_unasked(
    person: Person, project: Path, call: Call
) -> None:
    with acting(person):
        done = call("remove")
        assert (done.code, "#1" in done.err, "--force" in done.err) == (5, True, True)
        assert file_of(person).exists()
        purge = call("remove", "--purge", "--yes", "--force")
        assert (purge.code, file_of(person).exists()) == (5, True)
        assert call("remove", "--force").code == 0
    assert not file_of(person).exists()


@pytest.mark.parametrize("run", [{"state": "waiting"}, {"state": "done"}, {"project": "other"}])
def test_a_run_that_rests_holds_nothing_up(
    person: Person, project: Path, call: Call, run: dict[str, str]
) -> None:
    with acting(person, **run):
        assert call("remove").code == 0


def test_who_cannot_be_asked_what_goes_on_is_taken_at_the_worst(
    person: Person, project: Path, call: Call
) -> None:
    with acting(person):
        (person.state / "snapshot.json").write_text("{")
        assert call("remove").code == 1
        assert file_of(person).exists()
        assert call("remove", "--force").code == 0


def half_forge(person: Person) -> None:
    for file in (person.state / "forge" / "me" / "here.git").glob("*"):
        if file.is_file():
            file.unlink()


def no_forge_folder(person: Person) -> None:
    (person.state / "forge" / "me" / "here.git").rename(person.home / "gone")


def no_file_of_ours(person: Person) -> None:
    (person.state / "workspaces" / "here").mkdir(parents=True)
    (person.state / "runs" / "here" / "1").mkdir(parents=True)


@pytest.mark.parametrize("cut", [half_forge, no_forge_folder, no_file_of_ours])
def test_a_purge_that_a_kill_cut_is_gone_on_with(
    person: Person, project: Path, call: Call, git: Git, cut: Callable[[Person], None]
) -> None:
    file_of(person).rename(file_of(person).with_name("here.toml.removed"))
    cut(person)
    assert call("remove", "here", "--purge", "--yes").code == 0
    assert not list(file_of(person).parent.glob("here*"))
    assert not list((person.state / "forge").glob("*/*.git"))
    for folder in ("workspaces", "runs"):
        assert not (person.state / folder / "here").exists()
    assert git("remote") == ""
    assert call("init").code == 0
    assert "A bug" not in call("issue", "list").out


def test_in_korean(person: Person, project: Path, call: Call) -> None:
    done = call("--language", "ko", "remove")
    assert (done.code, "등록을 해제했습니다" in done.out) == (0, True)

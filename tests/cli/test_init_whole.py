"""`init` is all or nothing: what fails leaves nothing registered, and says git's own reason."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cli.conftest import MAIN, Call, Git, Person


@pytest.fixture
def project(person: Person, git: Git) -> Path:
    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "first")
    return person.cwd


def registered(person: Person) -> list[str]:
    """Everything in the folder of projects, and every repository of the forge."""
    projects = person.home / ".config" / "harness" / "projects"
    forge = person.state / "forge"
    files = [p.name for p in projects.glob("*") if p.name != ".lock"]
    return sorted([*files, *(p.name for p in forge.glob("*/*"))])


def sha256(_person: Person, git: Git) -> None:
    git("init", "-q", "--object-format=sha256", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "first")


def bad_config(person: Person, git: Git) -> None:
    git("init", "-q", "-b", "main")
    with (person.cwd / ".git" / "config").open("a") as config:
        config.write("[bad\n")


def lost_gitdir(person: Person, _git: Git) -> None:
    (person.cwd / ".git").write_text("gitdir: /nowhere/at/all\n")


def newer_format(_person: Person, git: Git) -> None:
    git("init", "-q", "-b", "main")
    git("config", "core.repositoryformatversion", "99")


def partial(person: Person, git: Git) -> None:
    source = person.home / "source"
    source.mkdir()
    git("init", "-q", "-b", "main", cwd=source)
    (source / "pyproject.toml").write_text("[project]\n")
    git("add", ".", cwd=source)
    git("commit", "-q", "-m", "first", cwd=source)
    git("config", "uploadpack.allowFilter", "true", cwd=source)
    git("clone", "-q", "--no-checkout", "--filter=blob:none", source.as_uri(), str(person.cwd))


UNUSABLE: list[tuple[Callable[[Person, Git], None], str]] = [
    (sha256, "sha256"),
    (bad_config, "bad config line"),
    (lost_gitdir, "/nowhere/at/all"),
    (newer_format, "found 99"),
    (partial, "--filter"),
]


@pytest.mark.parametrize(("make", "says"), UNUSABLE)
def test_a_repository_that_git_or_harness_cannot_use_is_left_with_the_reason(
    person: Person, git: Git, call: Call, make: Callable[[Person, Git], None], says: str
) -> None:
    make(person, git)
    for _ in range(2):
        done = call("init")
        assert done.code == 1
        assert says in done.err
        assert "git init" not in done.err
        assert done.err.count("\n") == 1
        assert registered(person) == []
        assert not (person.home / ".config").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder away")
def test_a_folder_of_another_owner_says_what_git_says(person: Person, git: Git, call: Call) -> None:
    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "first")
    os.chown(person.cwd, 1234, 1234)
    os.chown(person.cwd / ".git", 1234, 1234)
    done = call("init")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "dubious ownership" in done.err
    assert f"safe.directory {person.cwd}" in done.err
    assert "git init" not in done.err


def forbids_push(_person: Person, git: Git) -> None:
    git("config", "url.https://there.invalid/.pushInsteadOf", "file:///")


def forbids_remote(_person: Person, git: Git) -> None:
    git("config", "url.https://there.invalid/.insteadOf", "file:///")


def locks_config(person: Person, _git: Git) -> None:
    (person.cwd / ".git" / "config.lock").touch()


def takes_the_forge(person: Person, _git: Git) -> None:
    person.state.mkdir(parents=True)
    (person.state / "forge").touch()


def takes_the_remote(_person: Person, git: Git) -> None:
    git("remote", "add", "harness", "https://there.invalid/x.git")


def takes_the_draft(person: Person, _git: Git) -> None:
    folder = person.home / ".config" / "harness"
    folder.mkdir(parents=True)
    (folder / "projects").touch()


def wrong_variable(person: Person, _git: Git) -> None:
    person.env["HARNESS_LIMITS__TURNS"] = "many"


FAILING: list[tuple[Callable[[Person, Git], None], int, str]] = [
    (forbids_push, 1, "transport 'https' not allowed"),
    (forbids_remote, 5, "https://there.invalid"),
    (locks_config, 1, "could not lock config file"),
    (takes_the_forge, 1, "File exists"),
    (takes_the_remote, 1, "git remote rename harness other"),
    (takes_the_draft, 1, "projects"),
    (wrong_variable, 3, "HARNESS_LIMITS__TURNS"),
]


@pytest.mark.parametrize(("spoil", "code", "says"), FAILING)
def test_a_failure_after_the_first_write_leaves_nothing(
    person: Person,
    project: Path,
    git: Git,
    call: Call,
    spoil: Callable[[Person, Git], None],
    code: int,
    says: str,
) -> None:
    spoil(person, git)
    config = (project / ".git" / "config").read_text().split("[remote")[0]
    done = call("init")
    assert (done.code, says in done.err) == (code, True), done.err
    assert "cmdline" not in done.err
    assert "Cmd(" not in done.err
    assert done.err.count("\n") == 1
    assert registered(person) == []
    assert "file://" not in git("config", "--get-regexp", "^core|^remote")
    assert (project / ".git" / "config").read_text().startswith(config.rstrip())
    assert call("status").code == 0


def test_after_the_cause_is_gone_it_registers(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    forbids_push(person, git)
    assert call("init").code == 1
    git("config", "--unset", "url.https://there.invalid/.pushInsteadOf")
    assert call("init").code == 0
    assert registered(person) == ["here.git", "here.toml"]
    assert call("issue", "new", "A bug").code == 0


def test_a_registered_project_that_fails_again_keeps_its_file(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    assert call("init").code == 0
    file = person.home / ".config" / "harness" / "projects" / "here.toml"
    before = file.read_bytes()
    forbids_push(person, git)
    git("commit", "-q", "--allow-empty", "-m", "more")
    assert call("init").code == 1
    assert file.read_bytes() == before
    assert registered(person) == ["here.git", "here.toml"]
    assert call("issue", "new", "A bug").code == 0


def test_a_draft_that_a_kill_left_is_nobodys_project(
    person: Person, project: Path, call: Call
) -> None:
    projects = person.home / ".config" / "harness" / "projects"
    projects.mkdir(parents=True)
    (projects / "here.toml.new").write_text("half a ta")
    (projects / "other.toml.new").write_text("half a ta")
    assert call("issue", "list").code == 2
    assert call("init").code == 0
    assert registered(person) == ["here.git", "here.toml", "other.toml.new"]


def test_a_forge_repository_that_a_kill_left_unfinished_is_finished(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    bare = person.state / "forge" / "me" / "here.git"
    bare.parent.mkdir(parents=True)
    git("init", "-q", "--bare", "-b", "old", str(bare))
    assert call("init").code == 0
    assert git("symbolic-ref", "HEAD", cwd=bare) == "refs/heads/main"
    assert git("config", "receive.hideRefs", cwd=bare) == "refs/pull"


def test_a_default_branch_that_was_renamed_says_what_to_write(
    person: Person, project: Path, git: Git, call: Call
) -> None:
    assert call("init").code == 0
    git("branch", "-m", "main", "trunk")
    file = person.home / ".config" / "harness" / "projects" / "here.toml"
    for args in ((), ("--branch", "trunk")):
        done = call("init", *args)
        assert done.code == 2
        assert 'default_branch = "trunk"' in done.err
        assert str(file) in done.err
    text = file.read_text()
    file.write_text(text.replace('default_branch = "main"', 'default_branch = "trunk"'))
    assert call("init").code == 0
    bare = person.state / "forge" / "me" / "here.git"
    assert git("symbolic-ref", "HEAD", cwd=bare) == "refs/heads/trunk"
    assert "trunk" in git("ls-remote", "harness", "refs/heads/trunk")


@pytest.mark.parametrize("name", ["v1", "release/1.0", "HEAD2", "a" * 40, "정식"])
def test_a_branch_and_a_tag_of_one_name_are_two(
    person: Person, project: Path, git: Git, call: Call, name: str
) -> None:
    git("update-ref", f"refs/tags/{name}", "HEAD")
    git("commit", "-q", "--allow-empty", "-m", "second")
    git("update-ref", f"refs/heads/{name}", "HEAD")
    git("symbolic-ref", "HEAD", f"refs/heads/{name}")
    done = call("init")
    assert (done.code, done.err) == (0, "")
    tip = git("rev-parse", f"refs/heads/{name}")
    assert git("ls-remote", "harness", f"refs/heads/{name}").startswith(tip)
    git("push", "-q", "harness", f"refs/tags/{name}")
    git("commit", "-q", "--allow-empty", "-m", "third")
    assert call("init").code == 0
    assert call("pull").code == 0
    assert git("ls-remote", "harness", f"refs/heads/{name}").startswith(git("rev-parse", "HEAD"))


def test_many_that_begin_at_once_register_once_or_say_whose_the_name_is(
    person: Person, project: Path, git: Git
) -> None:
    twin = person.home / "twin" / "here"
    twin.parent.mkdir()
    git("clone", "-q", str(project), str(twin))
    with ThreadPoolExecutor(4) as pool:
        ended = list(pool.map(lambda cwd: person.harness("init", cwd=cwd), [project, twin] * 2))
    assert sorted(one.code for one in ended) == [0, 0, 2, 2], ended
    assert all("--name" in one.err for one in ended if one.code)
    assert registered(person) == ["here.git", "here.toml"]
    urls = [git("remote", cwd=cwd).split().count("harness") for cwd in (project, twin)]
    assert sorted(urls) == [0, 1]


@pytest.mark.parametrize(
    "seen", ["forge/forge.db", "forge/me/here.git", "forge/me/here.git/objects/??/*",
             "forge/me/here.git/objects/pack/*.pack", "forge/me/here.git/refs/heads/*"]
)  # fmt: skip
def test_a_kill_at_any_moment_is_gone_on_with(
    person: Person, project: Path, git: Git, call: Call, seen: str
) -> None:
    git("gc", "-q")
    for number in range(60):
        git("commit", "-q", "--allow-empty", "-m", f"change {number}")
    running = subprocess.Popen(
        [sys.executable, "-c", MAIN, "init"],
        cwd=project,
        env=person.env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while running.poll() is None and not list(person.state.glob(seen)):
        pass
    running.kill()
    running.wait()
    assert call("status").code == 0
    assert call("init").code == 0
    assert call("init").code == 0
    bare = person.state / "forge" / "me" / "here.git"
    assert git("rev-list", "--count", "main", cwd=bare) == "61"
    assert not git("fsck", "--full", cwd=bare).count("missing")
    assert not list(bare.glob("objects/**/tmp_*"))

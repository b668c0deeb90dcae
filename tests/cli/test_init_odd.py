"""Repositories of unusual shape: each is registered whole, or refused with what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Call, Git, Person
from tests.cli.test_init_whole import registered


def made(git: Git, folder: Path, *how: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    git("init", "-q", "-b", "main", *how, cwd=folder)
    (folder / "a.py").write_text("a = 1\n")
    git("add", ".", cwd=folder)
    git("commit", "-q", "-m", "first", cwd=folder)
    return folder


def linked(person: Person, git: Git) -> Path:
    made(git, person.cwd)
    git("worktree", "add", "-q", "-b", "side", str(person.home / "linked"))
    return person.home / "linked"


def linked_with_its_own_settings(person: Person, git: Git) -> Path:
    made(git, person.cwd)
    git("config", "extensions.worktreeConfig", "true")
    folder = person.home / "linked"
    git("worktree", "add", "-q", "-b", "side", str(folder))
    git("config", "--worktree", "user.name", "Bea", cwd=folder)
    return folder


def of_a_bare_one(person: Person, git: Git) -> Path:
    """The way of people who have work trees only."""
    source = made(git, person.home / "source")
    git("clone", "-q", "--bare", str(source), str(person.cwd / ".bare"))
    git("worktree", "add", "-q", str(person.cwd / "main"), "main", cwd=person.cwd / ".bare")
    return person.cwd / "main"


def submodule(person: Person, git: Git) -> Path:
    inner, outer = made(git, person.home / "inner"), made(git, person.cwd)
    allow = ("-c", "protocol.file.allow=always")
    git(*allow, "submodule", "add", "-q", str(inner), "part", cwd=outer)
    return outer / "part"


def nested(person: Person, git: Git) -> Path:
    made(git, person.cwd)
    return made(git, person.cwd / "vendor" / "inner")


def separate_gitdir(person: Person, git: Git) -> Path:
    return made(git, person.cwd, "--separate-git-dir", str(person.home / "elsewhere.git"))


def other_work_tree(person: Person, git: Git) -> Path:
    made(git, person.cwd)
    git("config", "core.worktree", str(person.cwd))
    return person.cwd


def borrowing(person: Person, git: Git) -> Path:
    source = made(git, person.home / "source")
    git("clone", "-q", "--shared", str(source), str(person.cwd))
    return person.cwd


def packed_refs(person: Person, git: Git) -> Path:
    made(git, person.cwd)
    git("pack-refs", "--all")
    git("gc", "-q")
    return person.cwd


def replaced(person: Person, git: Git) -> Path:
    made(git, person.cwd)
    git("commit", "-q", "--allow-empty", "-m", "second")
    git("replace", "--graft", "HEAD")
    return person.cwd


def named(name: str) -> Callable[[Person, Git], Path]:
    def make(person: Person, git: Git) -> Path:
        return made(git, person.cwd / name)

    make.__name__ = f"named_{name!r}"
    return make


def branch_of(name: str) -> Callable[[Person, Git], Path]:
    def make(person: Person, git: Git) -> Path:
        made(git, person.cwd)
        git("checkout", "-q", "-b", name)
        return person.cwd

    make.__name__ = f"branch_{name!r}"
    return make


def gitdir_set(person: Person, git: Git) -> Path:
    """As in a hook of another repository, which runs us."""
    other, folder = made(git, person.home / "other"), made(git, person.cwd)
    person.env |= {"GIT_DIR": str(other / ".git"), "GIT_INDEX_FILE": "/nowhere/index"}
    person.env |= {"GIT_OBJECT_DIRECTORY": str(other / ".git" / "objects")}
    return folder


SHAPES = [
    *(linked, linked_with_its_own_settings, of_a_bare_one, submodule, nested, separate_gitdir),
    *(other_work_tree, borrowing, packed_refs, replaced, gitdir_set),
    *map(named, ["a b", "한글", "a:b", "it's", "-x", "a\nb", "$(id)", '"q"', "a\\b"]),
    *map(branch_of, ["a/b", "브랜치", "x-y", "v1.0", "$(id)", "a'b"]),
]


@pytest.mark.parametrize("make", SHAPES, ids=lambda make: make.__name__)
def test_it_is_registered_whole(
    person: Person, git: Git, call: Call, make: Callable[[Person, Git], Path]
) -> None:
    folder = make(person, git)
    done = call("init", "--name", "odd", cwd=folder)
    assert (done.code, done.err) == (0, "")
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        person.env.pop(name, None)
    bare = person.state / "forge" / "me" / "odd.git"
    branch = git("symbolic-ref", "HEAD", cwd=folder)
    assert git("rev-parse", branch, cwd=bare) == git("rev-parse", "HEAD", cwd=folder)
    assert git("fsck", "--full", "--no-dangling", cwd=bare) == ""
    assert git("symbolic-ref", "HEAD", cwd=bare) == branch
    assert call("init", cwd=folder).code == 0
    assert call("issue", "new", "A bug", cwd=folder).code == 0
    assert call("pull", cwd=folder).code == 0
    assert registered(person) == ["odd.git", "odd.toml"]
    assert call("remove", "--purge", "--yes", cwd=folder).code == 0
    assert registered(person) == []
    assert "harness" not in git("remote", cwd=folder).split()


def test_work_trees_of_one_repository_share_its_registration(
    person: Person, git: Git, call: Call
) -> None:
    folder = linked(person, git)
    assert call("init").code == 0
    other = made(git, person.home / "other")
    assert call("init", cwd=other).code == 0
    done = call("init", cwd=folder)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "registered already, as here" in done.err
    assert "git remote rename" not in done.err
    assert registered(person) == ["here.git", "here.toml", "other.git", "other.toml"]
    assert call("issue", "new", "From the side", cwd=folder).code == 0
    assert "From the side" in call("issue", "list").out


def test_a_pull_in_a_linked_work_tree_is_about_that_one(
    person: Person, git: Git, call: Call
) -> None:
    folder = linked(person, git)
    assert call("init").code == 0
    done = call("pull", cwd=folder)
    assert done.code != 0
    assert "side" in done.err


def bare(person: Person, git: Git) -> Path:
    made(git, person.home / "source")
    git("clone", "-q", "--bare", str(person.home / "source"), str(person.cwd / "x.git"))
    return person.cwd / "x.git"


def in_the_gitdir(person: Person, git: Git) -> Path:
    return made(git, person.cwd) / ".git"


def unborn(person: Person, git: Git) -> Path:
    git("init", "-q", "-b", "main")
    return person.cwd


def detached(person: Person, git: Git) -> Path:
    made(git, person.cwd)
    git("checkout", "-q", "--detach")
    return person.cwd


def shallow(person: Person, git: Git) -> Path:
    source = made(git, person.home / "source")
    git("commit", "-q", "--allow-empty", "-m", "second", cwd=source)
    git("clone", "-q", "--depth", "1", source.as_uri(), str(person.cwd))
    return person.cwd


def sha256(person: Person, git: Git) -> Path:
    return made(git, person.cwd, "--object-format=sha256")


def newer_ref_store(person: Person, git: Git) -> Path:
    made(git, person.cwd)
    git("config", "core.repositoryformatversion", "1")
    git("config", "extensions.refStorage", "unheard-of")
    return person.cwd


def lost_main_tree(person: Person, git: Git) -> Path:
    folder = linked(person, git)
    (person.cwd / ".git").rename(person.home / "away")
    return folder


def lost_objects(person: Person, git: Git) -> Path:
    made(git, person.cwd)
    git("commit", "-q", "--allow-empty", "-m", "second")
    gone = git("rev-parse", "HEAD~1")
    (person.cwd / ".git" / "objects" / gone[:2] / gone[2:]).unlink()
    return person.cwd


def lost_lender(person: Person, git: Git) -> Path:
    folder = borrowing(person, git)
    (person.home / "source").rename(person.home / "away")
    return folder


REFUSED = [
    (bare, "bare repository"),
    (in_the_gitdir, ""),
    (unborn, "commit"),
    (detached, "--branch"),
    (shallow, "--unshallow"),
    (sha256, "sha256"),
    (newer_ref_store, "refstorage"),
    (lost_main_tree, "not a git repository"),
    (lost_objects, "git"),
    (lost_lender, ""),
]


@pytest.mark.parametrize(("make", "says"), REFUSED)
def test_what_cannot_be_registered_leaves_nothing(
    person: Person, git: Git, call: Call, make: Callable[[Person, Git], Path], says: str
) -> None:
    folder = make(person, git)
    for _ in range(2):
        done = call("init", cwd=folder)
        assert done.code in (1, 2)
        assert done.err.count("\n") == 1
        assert says in done.err
        assert "Traceback" not in done.err
        assert registered(person) == []


@pytest.mark.parametrize("between", [(), ("remove",)])
def test_another_repository_of_the_same_name_is_not_taken_for_the_first(
    person: Person, git: Git, call: Call, between: tuple[str, ...]
) -> None:
    made(git, person.cwd)
    assert call("init").code == 0
    assert call("issue", "new", "Of the first").code == 0
    if between:
        assert call(*between).code == 0
    else:
        (person.home / ".config" / "harness" / "projects" / "here.toml").unlink()
    other = person.home / "twin" / "here"
    made(git, other)
    git("commit", "-q", "--amend", "-m", "another first", cwd=other)
    done = call("init", cwd=other)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "another history" in done.err
    assert "--name" in done.err
    assert "here.toml" not in registered(person)
    assert git("remote", cwd=other) == ""
    assert call("init", "--name", "twin", cwd=other).code == 0
    assert call("init").code == 0
    assert "Of the first" in call("issue", "list").out

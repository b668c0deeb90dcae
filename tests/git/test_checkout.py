"""`harness pull` against real git: what it brings and what it never touches."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.core.errors import GitError, HarnessError, RefusedError, UsageError
from harness.git.checkout import Checkout
from tests.forge.world import Local, git, make_local


@pytest.fixture
async def local(tmp_path: Path) -> Local:
    return await make_local(tmp_path)


@pytest.fixture
def mine(local: Local, tmp_path: Path) -> Path:
    """The user's own clone, its remote called harness."""
    folder = tmp_path / "my work"
    git(tmp_path, "clone", "-q", "-o", "harness", local.forge("ada").remote().url, folder.name)
    git(folder, "config", "user.name", "Me")
    git(folder, "config", "user.email", "me@example.org")
    return folder


def refused(folder: Path) -> HarnessError:
    head = git(folder, "rev-parse", "HEAD")
    status = git(folder, "status", "--porcelain")
    with pytest.raises(HarnessError) as caught:
        Checkout(folder, os.environ).pull("main")
    assert (git(folder, "rev-parse", "HEAD"), git(folder, "status", "--porcelain")) == (
        head,
        status,
    )
    return caught.value


def test_what_was_merged_arrives(local: Local, mine: Path) -> None:
    new = local.push("main", {"a/b.txt": "b\n", "README.md": "hello again\n"}, "main")
    (mine / "a").mkdir()
    done = Checkout(mine / "a", os.environ).pull("main")
    assert (done.branch, done.new, done.commits, done.files) == (
        "main",
        new,
        1,
        ("README.md", "a/b.txt"),
    )
    assert (mine / "README.md").read_text() == "hello again\n"
    again = Checkout(mine, os.environ).pull("main")
    assert (again.commits, again.new, again.ahead) == (0, new, 0)


def test_dirty_files_elsewhere_stay_as_they_are(local: Local, mine: Path) -> None:
    (mine / "README.md").write_text("mine\n")
    (mine / "staged.txt").write_text("staged\n")
    (mine / "loose.txt").write_text("loose\n")
    git(mine, "add", "staged.txt")
    local.push("main", {"new.txt": "x"}, "main")
    assert Checkout(mine, os.environ).pull("main").commits == 1
    assert (mine / "README.md").read_text() == "mine\n"
    assert git(mine, "status", "--porcelain").splitlines() == [
        "M README.md",
        "A  staged.txt",
        "?? loose.txt",
    ]


def test_a_changed_file_in_the_way_stops_it(local: Local, mine: Path) -> None:
    local.push("main", {"README.md": "theirs\n", "new.txt": "x"}, "main")
    (mine / "README.md").write_text("mine\n")
    error = refused(mine)
    assert error.key == "forge.pull_dirty"
    assert error.facts == {"count": 1, "paths": "README.md"}
    assert (mine / "README.md").read_text() == "mine\n"
    assert not (mine / "new.txt").exists()


def test_an_untracked_or_ignored_file_in_the_way_stops_it(local: Local, mine: Path) -> None:
    (mine / ".git" / "info" / "exclude").write_text("secret.txt\n")
    local.push("main", {"secret.txt": "theirs", "notes/a.txt": "theirs"}, "main")
    (mine / "secret.txt").write_text("mine")
    assert refused(mine).facts["paths"] == "secret.txt"
    assert (mine / "secret.txt").read_text() == "mine"
    (mine / "secret.txt").unlink()
    (mine / "notes").write_text("mine")
    assert refused(mine).facts["paths"] == "notes/a.txt"
    assert (mine / "notes").read_text() == "mine"


def test_own_commits_are_kept(local: Local, mine: Path) -> None:
    (mine / "mine.txt").write_text("x")
    git(mine, "add", "mine.txt")
    git(mine, "commit", "-q", "-m", "Mine")
    assert Checkout(mine, os.environ).pull("main").ahead == 1
    local.push("main", {"new.txt": "x"}, "main")
    error = refused(mine)
    assert isinstance(error, RefusedError)
    assert (error.key, error.facts["ahead"], error.facts["behind"]) == (
        "forge.pull_diverged",
        1,
        1,
    )


def test_each_odd_place_has_its_sentence(local: Local, mine: Path, tmp_path: Path) -> None:
    git(mine, "switch", "-q", "-c", "topic")
    assert refused(mine).key == "forge.pull_no_branch"
    git(mine, "switch", "-q", "--detach")
    assert refused(mine).key == "forge.pull_detached"
    git(mine, "switch", "-q", "main")
    git(mine, "remote", "set-url", "harness", str(tmp_path / "gone.git"))
    error = refused(mine)
    assert isinstance(error, GitError)
    assert error.key == "forge.pull_fetch"
    git(mine, "remote", "remove", "harness")
    assert refused(mine).key == "forge.pull_no_remote"
    for folder in (tmp_path, tmp_path / "missing", local.bare):
        with pytest.raises(UsageError) as caught:
            Checkout(folder, os.environ).pull("main")
        assert caught.value.key == "forge.pull_no_checkout"


def test_a_branch_without_commits_and_a_merge_under_way(local: Local, tmp_path: Path) -> None:
    folder = tmp_path / "fresh"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "harness", local.forge("ada").remote().url)
    with pytest.raises(RefusedError) as caught:
        Checkout(folder, os.environ).pull("main")
    assert caught.value.key == "forge.pull_unborn"
    git(folder, "merge", "-q", "harness/main")
    (folder / ".git" / "MERGE_HEAD").write_text(git(folder, "rev-parse", "HEAD") + "\n")
    with pytest.raises(RefusedError) as caught:
        Checkout(folder, os.environ).pull("main")
    assert caught.value.key == "forge.pull_busy"


def test_a_hook_that_arrives_with_the_change_does_not_run(local: Local, mine: Path) -> None:
    git(mine, "config", "core.hooksPath", ".husky")
    (mine / ".husky").mkdir()
    (mine / ".husky" / "post-merge").write_text(f"#!/bin/sh\ntouch '{mine}/ran'\n")
    (mine / ".husky" / "post-merge").chmod(0o755)
    local.push("main", {"new.txt": "x"}, "main")
    assert Checkout(mine, os.environ).pull("main").commits == 1
    assert not (mine / "ran").exists()

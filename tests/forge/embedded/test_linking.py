"""The objects of a person's repository in the forge's: by a second name, never by a second place
to look."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.core.errors import GitError
from harness.forge.embedded.admin import EmbeddedAdmin
from harness.forge.embedded.linking import link, size_of, stores
from tests.forge.world import git


def repository(folder: Path) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "-b", "main")
    for number in range(3):
        (folder / "file").write_text(f"{number}\n" * 40)
        git(folder, "add", "file")
        git(folder, "commit", "-q", "-m", f"change {number}")
    return folder


def loose(folder: Path) -> Path:
    return repository(folder) / ".git" / "objects"


def packed(folder: Path) -> Path:
    git(repository(folder), "gc", "-q")
    return folder / ".git" / "objects"


def both(folder: Path) -> Path:
    objects = packed(folder)
    git(folder, "commit", "-q", "--allow-empty", "-m", "after")
    return objects


def borrowed(folder: Path) -> Path:
    """From another one, which borrows too."""
    first = repository(folder.parent / "first: one")
    git(first, "gc", "-q")
    git(first, "clone", "-q", "--shared", str(first), str(folder.parent / "second"))
    git(first, "clone", "-q", "--shared", str(folder.parent / "second"), str(folder))
    git(folder, "commit", "-q", "--allow-empty", "-m", "mine")
    return folder / ".git" / "objects"


def elsewhere(folder: Path) -> Path:
    """Where the folder of packs is a link, and each pack too."""
    objects = packed(folder)
    (objects / "pack").rename(folder.parent / "packs")
    (objects / "pack").symlink_to(folder.parent / "packs")
    for file in list((objects / "pack").iterdir()):
        file.rename(folder.parent / file.name)
        file.symlink_to(folder.parent / file.name)
    return objects


def hashed_names(folder: Path) -> Path:
    """Beside what git does not read: a lock, half a pack, a note."""
    objects = packed(folder)
    (objects / "pack" / "tmp_pack_abc").write_text("half")
    (objects / "pack" / ("pack-" + "a" * 40 + ".pack")).write_text("no index")
    (objects / "ab").mkdir(exist_ok=True)
    (objects / "ab" / "tmp_obj_abc").write_text("half")
    (objects / "zz").mkdir()
    return objects


SHAPES = [loose, packed, both, borrowed, elsewhere, hashed_names]


@pytest.mark.parametrize("make", SHAPES)
async def test_a_branch_is_brought_whole_and_outlives_where_it_came_from(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    source = tmp_path / "here"
    objects = make(source)
    tip = git(source, "rev-parse", "HEAD")
    before = git(source, "rev-list", "--objects", "HEAD")
    host = EmbeddedAdmin(tmp_path / "forge")
    await host.create_repository("me/here")
    for _ in range(2):
        await host.bring("me/here", "main", tip, objects)
    for folder in tmp_path.iterdir():
        if folder.name != "forge":
            folder.rename(tmp_path / f"gone-{folder.name}") if folder.is_dir() else folder.unlink()
    bare = tmp_path / "forge" / "me" / "here.git"
    assert git(bare, "rev-list", "--objects", "main") == before
    assert "error" not in git(bare, "fsck", "--full", "--no-dangling")
    assert not (bare / "objects" / "info" / "alternates").exists()
    assert not list(bare.glob("objects/**/tmp_*"))


def test_a_pack_is_the_same_file_and_a_link_is_not_followed_into_one(tmp_path: Path) -> None:
    for name, make, same in (("one", packed, True), ("two", elsewhere, False)):
        objects, target = make(tmp_path / name / "here"), tmp_path / name / "target"
        (target / "pack").mkdir(parents=True)
        link(objects, target)
        (pack,) = (target / "pack").glob("*.pack")
        assert not pack.is_symlink()
        assert pack.samefile(objects / "pack" / pack.name) is same
        assert size_of(objects) == pack.stat().st_size
        assert sorted(p.suffix for p in (target / "pack").iterdir()) == [".idx", ".pack"]


def drops_a_commit(source: Path) -> str:
    return git(source, "rev-parse", "HEAD~1")


def drops_a_file(source: Path) -> str:
    return git(source, "rev-parse", "HEAD:file")


def drops_a_folder(source: Path) -> str:
    return git(source, "rev-parse", "HEAD^{tree}")


def drops_the_tip(source: Path) -> str:
    return git(source, "rev-parse", "HEAD")


@pytest.mark.parametrize("lost", [drops_a_commit, drops_a_file, drops_a_folder, drops_the_tip])
async def test_a_history_with_a_hole_is_no_branch(
    tmp_path: Path, lost: Callable[[Path], str]
) -> None:
    objects = loose(tmp_path / "here")
    tip, gone = git(tmp_path / "here", "rev-parse", "HEAD"), lost(tmp_path / "here")
    (objects / gone[:2] / gone[2:]).unlink()
    host = EmbeddedAdmin(tmp_path / "forge")
    await host.create_repository("me/here")
    with pytest.raises(GitError):
        await host.bring("me/here", "main", tip, objects)
    assert not git(tmp_path / "forge" / "me" / "here.git", "for-each-ref")


def test_who_borrows_in_a_circle_is_read_once(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / one / "info").mkdir(parents=True)
        (tmp_path / one / "info" / "alternates").write_text(f"# x\n\n../{other}\n/nowhere\n")
    assert stores(tmp_path / "a") == (tmp_path / "a", tmp_path / "b")


async def test_their_git_may_drop_it_all_and_pack_it_anew(tmp_path: Path) -> None:
    source = tmp_path / "here"
    objects = both(source)
    tip = git(source, "rev-parse", "HEAD")
    host = EmbeddedAdmin(tmp_path / "forge")
    await host.create_repository("me/here")
    await host.bring("me/here", "main", tip, objects)
    git(source, "reset", "-q", "--hard", "HEAD~2")
    git(source, "reflog", "expire", "--expire=now", "--all")
    await asyncio.to_thread(git, source, "gc", "-q", "--prune=now")
    bare = tmp_path / "forge" / "me" / "here.git"
    assert git(bare, "rev-list", "--count", "main") == "4"
    assert "missing" not in git(bare, "fsck", "--full")

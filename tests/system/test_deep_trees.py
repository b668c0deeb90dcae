"""Trees of strangers, nested deeper than Python calls itself: looked through, copied, removed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.environment.generated_files import made_beside
from harness.environment.setup import Environments
from harness.sandbox.bare import BareSandbox
from harness.sandbox.runner.files import files_below
from harness.system.files import copy_tree, remove_tree, walk

DEPTH = 1500


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """pytest's own clean-up calls itself for each folder, so this goes before it looks."""
    top = tmp_path / "d"
    top.mkdir()
    bottom = top
    for _ in range(DEPTH):
        bottom /= "a"
        bottom.mkdir()
    (bottom / "file").write_text("down here")
    (bottom / "link").symlink_to("file")
    yield top
    for left in tmp_path.iterdir():
        remove_tree(left)


def test_it_is_walked_to_its_bottom(deep: Path) -> None:
    found = list(walk(deep))
    assert len(found) == DEPTH + 1
    assert sorted(found[-1][2]) == ["file", "link"]
    assert len(list(files_below(str(deep), ""))) == 2


def test_it_is_copied_with_links_modes_and_times(deep: Path, tmp_path: Path) -> None:
    (deep / "a" / "run").write_text("#!/bin/sh\n")
    (deep / "a" / "run").chmod(0o755)
    (deep / "out").symlink_to("/etc", target_is_directory=True)
    (deep / "shut").mkdir()
    (deep / "shut" / "x").touch()
    (deep / "shut").chmod(0o555)
    os.utime(deep / "a" / "run", (1000, 1000))
    os.mkfifo(deep / "pipe")
    copy_tree(deep, tmp_path / "c")
    names = sorted(p.name for p in (tmp_path / "c").iterdir())
    assert names == ["a", "out", "shut"]
    assert (tmp_path / "c" / "out").readlink() == Path("/etc")
    about = (tmp_path / "c" / "a" / "run").stat()
    assert (about.st_mode & 0o777, about.st_mtime) == (0o755, 1000)
    assert (tmp_path / "c" / "shut").stat().st_mode & 0o777 == 0o555
    bottom = tmp_path / "c" / "/".join("a" * DEPTH)
    assert (bottom / "file").read_text() == "down here"
    assert (bottom / "link").readlink() == Path("file")
    with pytest.raises(FileExistsError):
        copy_tree(deep, tmp_path / "c")


def test_folders_can_be_passed_over_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "t" / "in").mkdir(parents=True)
    (tmp_path / "t" / "skipped" / "below").mkdir(parents=True)
    (tmp_path / "t" / "loop").symlink_to(tmp_path / "t")
    seen = []
    for here, folders, others in walk(tmp_path / "t"):
        if "skipped" in folders:
            folders.remove("skipped")
        seen.append((here.name, sorted(others)))
    assert seen == [("t", ["loop"]), ("in", [])]
    assert list(walk(tmp_path / "none")) == [(tmp_path / "none", [], [])]


async def test_an_environment_is_set_up_beside_it(deep: Path, tmp_path: Path) -> None:
    setup = ('mkdir -p node_modules/x && touch made "$HARNESS_ENV/y"',)
    (deep / ".gitignore").write_text("made\n")
    made = await Environments(tmp_path / "env", BareSandbox(), setup).make("k", deep)
    assert made.made == {"made": ""}
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    assert await made_beside(deep, deep, scratch) == ({}, ())

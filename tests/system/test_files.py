"""Whole files, paths that stay inside, trees that go away."""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.core.errors import RefusedError
from harness.system.files import (
    atomic_write,
    open_beneath,
    parts_beneath,
    private_dir,
    read_beneath,
    remove_tree,
)


def test_a_write_replaces_the_whole_file_and_sets_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    atomic_write(path, b"first, long")
    atomic_write(path, "둘", mode=0o644)
    assert path.read_bytes() == "둘".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "taken"
    path.mkdir()
    (path / "x").touch()
    with pytest.raises(OSError, match="directory"):
        atomic_write(path, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["taken"]


def test_a_link_is_replaced_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("host")
    (tmp_path / "link").symlink_to(target)
    atomic_write(tmp_path / "link", b"ours")
    assert target.read_text() == "host"
    assert not (tmp_path / "link").is_symlink()


def test_a_private_folder_is_ours_alone(tmp_path: Path) -> None:
    assert private_dir(tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700
    private_dir(tmp_path / "a" / "b")


@pytest.mark.parametrize(
    "path",
    [
        *("", ".", "..", "../x", "a/../../x", "/work-evil/x", "/workx", "/", "/work"),
        *("/work/../x", "a/..", "a\0b", "/etc/passwd", "//work/x", "../work/x"),
    ],
)
def test_a_path_that_leaves_is_refused(path: str) -> None:
    with pytest.raises(RefusedError):
        parts_beneath(Path("/work"), path)


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("a", ("a",)),
        ("a//b/./c", ("a", "b", "c")),
        ("/work/a", ("a",)),
        ("...", ("...",)),
        ("work/x", ("work", "x")),
        ("a\udcff/b", ("a\udcff", "b")),
    ],
)
def test_a_path_that_stays_gives_its_parts(path: str, parts: tuple[str, ...]) -> None:
    assert parts_beneath(Path("/work"), path) == parts


NAMES = st.sampled_from(["a", "b", "work", "work-evil", "file", "out", "passwd", "..", ".", ""])
PATHS = st.lists(NAMES, min_size=1, max_size=6).map("/".join)
LINKS = st.lists(
    st.tuples(
        st.sampled_from(["l", "m", "a/l", "a/b/l"]),
        st.sampled_from(
            ["..", "../..", ".", "a", "a/b", "file", "/etc", "/", "../work-evil", "loop", "l"]
        ),
    ),
    max_size=3,
)


def build_tree(top: Path, links: list[tuple[str, str]]) -> Path:
    """A root with files inside and beside it, and links that lead anywhere."""
    root = top / "work"
    (root / "a" / "b").mkdir(parents=True)
    (top / "work-evil").mkdir()
    for folder in (root, root / "a", root / "a" / "b", top / "work-evil", top):
        (folder / "file").write_text("text")
    for name, target in links:
        if not (root / name).is_symlink():
            (root / name).symlink_to(target)
    return root


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(LINKS, st.lists(st.tuples(PATHS, st.integers(0, 5)), min_size=10, max_size=10))
def test_whatever_is_accepted_lies_below_the_root(
    links: list[tuple[str, str]], paths: list[tuple[str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = build_tree(Path(folder).resolve(), links)
        for text, form in paths:
            path = text.replace("out", "l").replace("passwd", "a/l")
            path = (path, f"{root}/{path}", f"{root}-evil/{path}", f"l/{path}", f"m/{path}")[
                form % 5
            ]
            try:
                handle = open_beneath(root, path)
            except (RefusedError, FileNotFoundError):
                continue
            real = Path(f"/proc/self/fd/{handle}").readlink()
            os.close(handle)
            assert real.parts[: len(root.parts)] == root.parts
            # and by no link: what was opened is what was named
            assert real == root.joinpath(*parts_beneath(root, path))


@given(
    st.text(alphabet=st.sampled_from("ab./\\ \n\u0000\u2215\u202e~"), max_size=20), st.booleans()
)
def test_the_parts_of_what_is_accepted_stay_below(text: str, absolute: bool) -> None:
    root = Path("/work/a")
    try:
        parts = parts_beneath(root, f"/work/a/{text}" if absolute else text)
    except RefusedError:
        return
    assert parts
    assert not {"..", ".", ""} & set(parts)
    assert not any("/" in part or "\0" in part for part in parts)
    normal = Path(os.path.normpath(root.joinpath(*parts)))
    assert normal.parts == (*root.parts, *parts)


def test_links_inside_and_out_are_met_by_the_property(tmp_path: Path) -> None:
    root = build_tree(tmp_path, [("l", "a"), ("m", "../work-evil")])
    for path in ("l/file", "m/file", "../file", f"{tmp_path}/work-evil/file", f"{root}-evil/file"):
        with pytest.raises(RefusedError):
            open_beneath(root, path)
    os.close(open_beneath(root, f"{root}/a/./b//file"))


def test_links_and_special_files_are_refused_and_nothing_blocks(tmp_path: Path) -> None:
    root = tmp_path / "work"
    (root / "dir").mkdir(parents=True)
    (tmp_path / "secret").write_text("host")
    (root / "file").symlink_to(tmp_path / "secret")
    (root / "chain").symlink_to("file")
    (root / "loop").symlink_to("loop")
    (root / "dangling").symlink_to("nowhere")
    (root / "up").symlink_to(tmp_path)
    (root / "proc").symlink_to("/proc/self/root/tmp")
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(root)
        server.bind("socket")
        os.chdir(here)
        for name in ("file", "chain", "loop", "dangling", "up/secret", "proc/x", "pipe", "dir"):
            with pytest.raises(RefusedError):
                open_beneath(root, name)
        with pytest.raises(RefusedError):
            open_beneath(root, "socket")
    with pytest.raises(FileNotFoundError):
        open_beneath(root, "none")
    (root / "dir" / "plain").write_bytes(b"0123456789")
    assert read_beneath(root, "dir/plain", limit=4) == b"0123"


def test_a_tree_goes_whatever_is_in_it(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch()
    tree = tmp_path / "tree"
    deep = tree
    tree.mkdir()
    for number in range(30):
        deep = deep / f"d{number}"
        deep.mkdir()
        (deep / "f").touch()
    (tree / "link").symlink_to(outside)
    (tree / "d0" / "link").symlink_to(outside)
    os.mkfifo(tree / "pipe")
    (Path(os.fsdecode(os.fsencode(tree) + b"/na\xffme\n"))).touch()
    (tree / "locked" / "inner").mkdir(parents=True)
    (tree / "locked" / "inner" / "f").touch()
    (tree / "locked" / "inner").chmod(0o000)
    (tree / "locked").chmod(0o500)
    remove_tree(tree)
    assert not tree.exists()
    assert (outside / "kept").exists()
    assert [p.name for p in tmp_path.iterdir()] == ["outside"]


def test_a_tree_deeper_than_any_path_goes(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    here = os.open(tree, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("ddddd", dir_fd=here)
        inner = os.open("ddddd", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(os.open("f", os.O_CREAT, dir_fd=here))
    os.close(here)
    remove_tree(tree)
    assert list(tmp_path.iterdir()) == []


def test_a_file_a_link_and_nothing_can_be_removed(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    remove_tree(tmp_path / "link")
    assert (tmp_path / "file").exists()
    remove_tree(tmp_path / "file")
    remove_tree(tmp_path / "file")
    assert list(tmp_path.iterdir()) == []

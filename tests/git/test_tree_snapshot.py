"""What of a work tree counts, byte by byte, and what never does."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.core.errors import RefusedError
from harness.system.git import real, storable_name
from harness.system.ignore_rules import ignore_rules
from tests.environment.projects import ENV, Project, git, write

BASE: dict[str, bytes | str | None] = {
    "a.py": "one\n",
    "src/b.py": "two\n",
    "run.sh": "#!/bin/sh\n",
}


async def taken(
    tmp_path: Path,
    change: Callable[[Path], None],
    base: dict[str, bytes | str | None] | None = None,
) -> tuple[dict[str, tuple[str, str]], dict[str, bytes | None], tuple[str, ...]]:
    """(path -> (status, new mode), path -> new bytes, nested) after `change` to a copy."""
    project = Project(tmp_path)
    project.push(BASE if base is None else base)
    copy, tree, _ = await project.copy()
    assert await copy.snapshot() == tree
    change(copy.path)
    now = await copy.snapshot()
    changes = await project.workspace.changes(tree, now)
    files = {c.path: await project.workspace.file(now, c.path) for c in changes}
    return {c.path: (c.status, c.new_mode) for c in changes}, files, copy.nested_repositories


async def test_added_modified_deleted_and_exec_bit(tmp_path: Path) -> None:
    def change(work: Path) -> None:
        write(work, {"a.py": "changed\n", "new/deep/c.txt": "three", "src/b.py": None})
        (work / "run.sh").chmod(0o755)

    changes, files, nested = await taken(tmp_path, change)
    assert changes == {
        "a.py": ("modified", "100644"),
        "new/deep/c.txt": ("added", "100644"),
        "run.sh": ("modified", "100755"),
        "src/b.py": ("deleted", ""),
    }
    assert files["a.py"] == b"changed\n"
    assert nested == ()


async def test_a_change_of_the_same_size_in_the_same_second_is_seen(tmp_path: Path) -> None:
    def change(work: Path) -> None:
        about = (work / "a.py").stat()
        write(work, {"a.py": "two\n"})
        os.utime(work / "a.py", ns=(about.st_atime_ns, about.st_mtime_ns))

    changes, _, _ = await taken(tmp_path, change)
    assert changes == {"a.py": ("modified", "100644")}


async def test_two_snapshots_in_a_row_see_each_its_own(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push(BASE)
    copy, tree, _ = await project.copy()
    trees = [tree]
    for step in ({"n.txt": "1"}, {"n.txt": "2"}, {"n.txt": None}, {"a.py": None}):
        write(copy.path, step)
        trees.append(await copy.snapshot())
    assert trees[3] == tree
    assert len(set(trees)) == 4
    assert await project.workspace.file(trees[2], "n.txt") == b"2"
    assert "a.py" not in await project.workspace.files(trees[4])


async def test_links_are_stored_and_never_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("host secret")

    def change(work: Path) -> None:
        (work / "to-secret").symlink_to(tmp_path / "secret")
        (work / "up").symlink_to(tmp_path)
        (work / "a.py").unlink()
        (work / "a.py").symlink_to("/etc/passwd")

    changes, files, _ = await taken(tmp_path, change)
    assert changes["to-secret"] == ("added", "120000")
    assert changes["up"] == ("added", "120000")
    assert changes["a.py"] == ("modified", "120000")
    assert files["to-secret"] == os.fsencode(tmp_path / "secret")
    assert files["a.py"] == b"/etc/passwd"


async def test_a_folder_swapped_for_a_link_gives_a_link_and_no_host_file(tmp_path: Path) -> None:
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "b.py").write_text("host secret")

    def change(work: Path) -> None:
        (work / "src" / "b.py").unlink()
        (work / "src").rmdir()
        (work / "src").symlink_to(tmp_path / "host")

    changes, _, _ = await taken(tmp_path, change)
    assert changes == {"src": ("added", "120000"), "src/b.py": ("deleted", "")}


async def test_a_file_becomes_a_folder_and_a_folder_a_file(tmp_path: Path) -> None:
    def change(work: Path) -> None:
        write(work, {"a.py": None, "src/b.py": None})
        (work / "src").rmdir()
        write(work, {"a.py/inner": "x", "src": "file"})

    changes, _, _ = await taken(tmp_path, change)
    assert changes == {
        "a.py": ("deleted", ""),
        "a.py/inner": ("added", "100644"),
        "src": ("added", "100644"),
        "src/b.py": ("deleted", ""),
    }


async def test_special_files_are_no_part_of_it_and_nothing_blocks(tmp_path: Path) -> None:
    def change(work: Path) -> None:
        os.mkfifo(work / "pipe")
        (work / "a.py").unlink()
        os.mkfifo(work / "a.py")
        here = Path.cwd()
        os.chdir(work)
        try:
            with socket.socket(socket.AF_UNIX) as server:
                server.bind("socket")
        finally:
            os.chdir(here)

    changes, _, _ = await taken(tmp_path, change)
    assert changes == {"a.py": ("deleted", "")}


@pytest.mark.parametrize("where", ["", "src/", "fresh/"])
async def test_a_pipe_in_the_place_of_an_attribute_file_is_refused_at_once(
    tmp_path: Path, where: str
) -> None:
    def change(work: Path) -> None:
        (work / where).mkdir(exist_ok=True)
        (work / where / "x").touch()
        os.mkfifo(work / where / ".gitattributes")

    with pytest.raises(RefusedError) as caught:
        await taken(tmp_path, change)
    assert caught.value.facts == {"path": f"{where}.gitattributes"}


async def test_a_pipe_in_the_place_of_an_ignore_file_changes_nothing(tmp_path: Path) -> None:
    changes, _, _ = await taken(tmp_path, lambda work: os.mkfifo(work / ".gitignore"))
    assert changes == {}


async def test_names_that_are_no_utf_8_or_hold_anything_survive(tmp_path: Path) -> None:
    names = [b"na\xffme", b"line\nend", b'tab\tquote"', b" lead", b"-dash", b"*.py", b":(top)x"]
    base = {os.fsdecode(b"old\xfe"): b"old"}

    def change(work: Path) -> None:
        for name in names:
            Path(os.fsdecode(os.fsencode(work) + b"/" + name)).write_bytes(b"n")
        Path(os.fsdecode(os.fsencode(work) + b"/old\xfe")).write_bytes(b"new")

    changes, files, _ = await taken(tmp_path, change, {**base})
    assert {os.fsencode(real(path)) for path in changes} == {*names, b"old\xfe"}
    assert files[storable_name(os.fsdecode(b"old\xfe"))] == b"new"
    assert json.loads(json.dumps(list(changes), ensure_ascii=False).encode()) == list(changes)


async def test_attributes_change_line_ends_and_encodings_and_nothing_else(tmp_path: Path) -> None:
    attributes = (
        "* text=auto eol=crlf\n*.u16 working-tree-encoding=UTF-16 text\n*.id ident\n"
        "*.lfs filter=lfs diff=lfs merge=lfs -text\n*.hide -diff\n"
    )
    odd = b"a\r\nb\nc\r\xff\x00"
    base: dict[str, bytes | str | None] = {
        ".gitattributes": attributes,
        "t.txt": b"lf\n",
        "x.id": b"$Id$\n",
    }

    def change(work: Path) -> None:
        assert (work / "t.txt").read_bytes() == b"lf\r\n"
        assert (work / "x.id").read_bytes() == b"$Id$\r\n"
        wide = "\u00f6\n".encode("utf-16")
        write(work, {"t.txt": b"one\r\ntwo\n", "big.lfs": odd, "n.u16": wide, "n.id": b"$Id: 1 $"})

    _, files, _ = await taken(tmp_path, change, base)
    assert files == {
        "t.txt": b"one\ntwo\n",
        "big.lfs": odd,
        "n.u16": "\u00f6\n".encode(),
        "n.id": b"$Id: 1 $",
    }


async def test_the_base_decides_what_is_ignored_not_the_agent(tmp_path: Path) -> None:
    base: dict[str, bytes | str | None] = {
        ".gitignore": "*.log\n/build/\n!kept.log\n",
        "sub/.gitignore": "local.txt\n",
        "tracked.log": "was forced in\n",
        "a.py": "x",
    }

    def change(work: Path) -> None:
        write(
            work,
            {
                ".gitignore": "*\n",
                "hidden.py": "payload",
                "x.log": "left out",
                "kept.log": "counts",
                "build/out": "left out",
                "sub/build/out": "counts",
                "sub/local.txt": "left out",
                "local.txt": "counts",
                "tracked.log": "changed",
                "sub/.gitignore": None,
                "__pycache__/m.pyc": "litter",
            },
        )
        write(work, {".git/info/exclude": "*\n"})
        git(work, "update-index", "--skip-worktree", "a.py")
        git(work, "update-index", "--assume-unchanged", "tracked.log")
        write(work, {"a.py": "hidden by skip-worktree"})

    changes, _, _ = await taken(tmp_path, change, base)
    assert set(changes) == {
        *(".gitignore", "hidden.py", "kept.log", "sub/build/out", "local.txt"),
        *("tracked.log", "sub/.gitignore", "a.py"),
    }


async def test_repositories_inside_are_named_and_left_out(tmp_path: Path) -> None:
    def change(work: Path) -> None:
        for name in ("vendor/x", "vendor/empty", "src"):
            (work / name).mkdir(parents=True, exist_ok=True)
            git(work / name, "init", "--quiet")
        write(work, {"vendor/x/f": "1", "src/new.py": "ours", "half/.git/config": "[core]\n"})
        write(work, {"half/f": "1", "upper/.GIT/config": "[core]\n", "upper/f": "1"})
        write(work, {"filed/.git": "gitdir: ../../elsewhere\n", "filed/deep/f": "1"})
        git(work / "vendor/x", "add", "f")
        git(work / "vendor/x", "commit", "--quiet", "-m", "theirs")

    changes, _, nested = await taken(tmp_path, change)
    assert set(nested) == {"vendor/x", "vendor/empty", "src", "half", "upper", "filed"}
    assert set(changes) == {"src/new.py"}


async def test_a_file_swapped_for_a_repository_is_a_deletion(tmp_path: Path) -> None:
    def change(work: Path) -> None:
        (work / "a.py").unlink()
        (work / "a.py").mkdir()
        git(work / "a.py", "init", "--quiet")
        git(work / "a.py", "commit", "--quiet", "--allow-empty", "-m", "x")

    changes, _, nested = await taken(tmp_path, change)
    assert changes == {"a.py": ("deleted", "")}
    assert nested == ("a.py",)


async def test_a_submodule_stays_as_the_base_has_it(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.push(BASE)
    commit = git(project.user, "rev-parse", "HEAD")
    write(project.user, {".gitmodules": '[submodule "m"]\n\tpath = m\n\turl = ../m\n'})
    git(project.user, "add", ".gitmodules")
    git(project.user, "update-index", "--add", "--cacheinfo", f"160000,{commit},m")
    git(project.user, "commit", "--quiet", "-m", "A submodule")
    git(project.user, "push", "--quiet", "origin", "HEAD")
    copy, tree, _ = await project.copy()
    assert (copy.path / "m").is_dir()
    assert await copy.snapshot() == tree
    git(copy.path / "m", "init", "--quiet")
    git(copy.path / "m", "commit", "--quiet", "--allow-empty", "-m", "other")
    write(copy.path, {"m/file": "x", "a.py": "changed\n"})
    now = await copy.snapshot()
    changes = await project.workspace.changes(tree, now)
    assert [c.path for c in changes] == ["a.py"]
    assert "m" not in await project.workspace.files(now)


async def test_a_big_file_is_taken_whole_and_its_size_told(tmp_path: Path) -> None:
    size = 40 << 20

    def change(work: Path) -> None:
        with (work / "big.bin").open("wb") as file:
            file.write(os.urandom(1 << 16))
            file.truncate(size)

    project = Project(tmp_path)
    project.push(BASE)
    copy, tree, _ = await project.copy()
    change(copy.path)
    now = await copy.snapshot()
    (only,) = await project.workspace.changes(tree, now)
    assert (only.path, only.size, only.binary) == ("big.bin", size, True)
    assert len(await project.workspace.diff(tree, now)) < 1000


def test_one_list_of_rules_says_what_git_reads_from_many_files(tmp_path: Path) -> None:
    """Held against git itself over the same files."""
    rules = {
        ".gitignore": b"\xef\xbb\xbf*.o\r\n# no\n\n/top\nmid/dle\nfolder/\n!ok.o\n"
        b"\\#hash\n\\!bang\n",
        "a/.gitignore": b"x\n/y\n!b/z\n**/deep\nq/**/r\n*.t\\ \n!keep.o\n",
        "a/b/.gitignore": b"z\n!x\n/only\n",
        "s*r/.gitignore": b"in\n",
    }
    paths = [
        *("f.o", "ok.o", "top", "a/top", "mid/dle", "a/mid/dle", "folder/f", "a/folder/f"),
        *("#hash", "!bang", "a/x", "x", "a/b/x", "a/c/x", "a/y", "a/b/y", "a/z", "a/b/z"),
        *("a/b/c/z", "a/deep", "a/b/c/deep", "a/q/r", "a/q/1/2/r", "q/r", "a/n.t ", "a/keep.o"),
        *("a/b/only", "a/b/c/only", "s*r/in", "star/in", "s*r/deep/in", "a/b/c/ok.o"),
    ]
    git(tmp_path, "init", "--quiet")
    write(tmp_path, {**dict.fromkeys(paths, "x"), **rules})
    (tmp_path / "one").write_bytes(ignore_rules(rules))

    def listed(how: str) -> set[str]:
        done = subprocess.run(
            ["git", "ls-files", "-z", "--others", how],
            cwd=tmp_path,
            env=ENV,
            capture_output=True,
            check=True,
        )
        return set(done.stdout.decode().split("\0")[:-1]) - {"one", *rules}

    assert listed("--exclude-from=one") == listed("--exclude-standard")
    assert len(listed("--exclude-standard")) > 8


async def test_the_host_folder_is_as_it_was(tmp_path: Path) -> None:
    """Nothing is written into the work tree, its `.git` included."""
    project = Project(tmp_path)
    project.push(BASE)
    copy, _, _ = await project.copy()
    write(copy.path, {"new.txt": "1"})
    before = {p: (p.lstat().st_mtime_ns, p.lstat().st_ctime_ns) for p in copy.path.rglob("*")}
    await copy.snapshot()
    after = {p: (p.lstat().st_mtime_ns, p.lstat().st_ctime_ns) for p in copy.path.rglob("*")}
    assert before == after

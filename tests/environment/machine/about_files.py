"""Files: those of the project as git gives them, and what a file system can do."""

from __future__ import annotations

import errno
import fcntl
import mmap
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path.cwd()


def _mode(path: Path) -> str:
    return oct(path.lstat().st_mode)


def mode_of_a_file() -> Any:
    return _mode(HERE / "plain.txt")


def mode_of_a_program() -> Any:
    return _mode(HERE / "tool.py")


def mode_of_a_folder() -> Any:
    return _mode(HERE / "folder" / "deep")


def mode_of_the_top_folder() -> Any:
    return _mode(HERE)


def mode_of_a_link() -> Any:
    return _mode(HERE / "link"), str((HERE / "link").readlink())


def mode_of_a_new_file() -> Any:
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        new = Path(folder, "new")
        new.write_text("")
        (Path(folder) / "sub").mkdir()
        return _mode(new), _mode(Path(folder, "sub")), _mode(Path(folder))


def dangling_link() -> Any:
    return (HERE / "dangling").is_symlink(), (HERE / "dangling").exists()


def link_to_a_folder() -> Any:
    return (HERE / "to-folder" / "deep" / "x").read_text()


def names_of_files() -> Any:
    return sorted(str(p.relative_to(HERE)) for p in HERE.rglob("*") if ".git" not in p.parts)


def line_ends() -> Any:
    return {p.name: p.read_bytes().hex() for p in sorted((HERE / "ends").iterdir())}


def program_of_the_project() -> Any:
    return subprocess.run([str(HERE / "tool.py")], capture_output=True, text=True).stdout


def _git(*words: str) -> Any:
    done = subprocess.run(["git", *words], capture_output=True, text=True, cwd=HERE)
    return done.returncode, done.stdout


def git_describe() -> Any:
    return _git("describe", "--tags", "--long")


def git_describe_annotated() -> Any:
    return _git("describe")


def git_tags() -> Any:
    return _git("tag", "--list", "--merged", "HEAD")


def git_head() -> Any:
    return _git("rev-parse", "HEAD", "HEAD^{tree}", "--show-toplevel")[1].split()[:2]


def git_history() -> Any:
    return _git("log", "--format=%H %an %s")


def git_status() -> Any:
    return _git("status", "--porcelain")


def git_files() -> Any:
    return _git("ls-files", "--stage")


def git_archive() -> Any:
    return len(_git("archive", "--format=tar", "HEAD")[1]) > 0


def git_blame() -> Any:
    return _git("blame", "--porcelain", "plain.txt")


def git_fsck() -> Any:
    return _git("fsck", "--connectivity-only")[0]


def free_write_in_the_tree() -> Any:
    (HERE / "written").write_text("x")
    (HERE / "written").unlink()
    return True


def temporary_folder() -> Any:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"x" * 100_000)
        return Path(file.name).exists(), tempfile.gettempdir() == os.environ.get("TMPDIR", "/tmp")


def program_in_the_temporary_folder() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "run")
        program.write_text("#!/bin/sh\necho ran\n")
        program.chmod(0o755)
        return subprocess.run([str(program)], capture_output=True, text=True).stdout


def hard_link() -> Any:
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        (Path(folder) / "a").write_text("x")
        os.link(Path(folder) / "a", Path(folder) / "b")
        return (Path(folder) / "b").lstat().st_nlink


def named_pipe() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        os.mkfifo(Path(folder, "pipe"))
        return stat.S_ISFIFO(Path(folder, "pipe").lstat().st_mode)


def locks_of_files() -> Any:
    with tempfile.TemporaryFile() as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True


def memory_of_a_file() -> Any:
    with tempfile.TemporaryFile(dir=HERE) as file:
        file.truncate(8192)
        with mmap.mmap(file.fileno(), 8192) as memory:
            memory[0:3] = b"abc"
            return memory[:3].decode()


def times_of_files() -> Any:
    with tempfile.NamedTemporaryFile(dir=HERE) as file:
        os.utime(file.name, ns=(1, 1_000_000_007))
        return Path(file.name).stat().st_mtime_ns


def attributes_of_files() -> Any:
    with tempfile.NamedTemporaryFile(dir=HERE) as file:
        os.setxattr(file.name, "user.x", b"1")
        return os.getxattr(file.name, "user.x").decode()


def longest_name() -> Any:
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        (Path(folder) / ("n" * 255)).write_text("")
        return os.pathconf(folder, "PC_NAME_MAX")


def large_and_sparse() -> Any:
    with tempfile.TemporaryFile(dir=HERE) as file:
        file.truncate(1 << 30)
        return os.fstat(file.fileno()).st_size


def copying_between_folders() -> Any:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory(dir=HERE) as two:
        Path(one, "x").write_text("moved")
        shutil.move(str(Path(one, "x")), str(Path(two, "x")))
        return Path(two, "x").read_text(), shutil.disk_usage(two).free > 1 << 20


def refused_folder() -> Any:
    """As no super user: a folder whose owner may not look into it."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o500)
        found = oct(Path(folder).stat().st_mode & 0o777)
        Path(folder).chmod(0o700)
        return found


def changing_the_owner_to_oneself() -> Any:
    with tempfile.NamedTemporaryFile() as file:
        os.chown(file.name, os.getuid(), os.getgid())
        return Path(file.name).stat().st_uid == os.getuid()


def unnamed_memory() -> Any:
    handle = os.memfd_create("x")
    os.write(handle, b"abc")
    os.close(handle)
    return True


def letters_of_both_cases() -> Any:
    with tempfile.TemporaryDirectory(dir=HERE) as folder:
        Path(folder, "Name").write_text("")
        return Path(folder, "name").exists()


def absent_file() -> Any:
    try:
        (HERE / "absent").read_text()
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return ""


def devices() -> Any:
    found: dict[str, Any] = {}
    for name in (
        "null",
        "zero",
        "full",
        "random",
        "urandom",
        "ptmx",
        "fd",
        "stdin",
        "stdout",
        "shm",
    ):
        place = Path("/dev", name)
        found[name] = (
            place.exists() and stat.S_IFMT(place.stat().st_mode)
            if name[:3] != "std"
            else place.is_symlink()
        )
    Path("/dev/null").write_text("x")
    return found


def imports_from_the_top() -> Any:
    code = "import folder_of_code.module as m; print(m.VALUE)"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout

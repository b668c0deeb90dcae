"""Files that are whole or not there, and paths that stay where they must.

Nothing here follows a link that a stranger may have planted.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import secrets
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from harness.core.errors import GitError, RefusedError
from harness.system.storage import storage_fault

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NO_LINK = (
    errno.EXDEV,
    errno.EPERM,
    errno.EACCES,
    errno.EMLINK,
    errno.EOPNOTSUPP,
    errno.ENOSYS,
)
"""Another file system, another person's file, too many names, a system without links."""


@contextlib.contextmanager
def as_git_error() -> Iterator[None]:
    """What the disk refuses (not ours, in the way) as a GitError that says so; a disk that takes
    nothing at all (full, read-only, broken) as a StorageError."""
    try:
        yield
    except OSError as fault:
        if (broken := storage_fault(fault, Path("-"))) is not None:
            raise broken from fault
        said = fault.strerror or str(fault)
        raise GitError("git.disk", path=os.fsdecode(fault.filename or "-"), said=said) from fault


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """An OSError of a descriptor, which names nothing, names this path."""
    try:
        yield
    except OSError as fault:
        if fault.filename is not None or fault.errno is None:
            raise
        raise OSError(fault.errno, fault.strerror, str(path)) from fault


def private_dir(path: Path) -> Path:
    """The folder, made for us alone (0700) with its parents where absent."""
    if not path.parent.exists():
        private_dir(path.parent)
    path.mkdir(exist_ok=True, mode=0o700)
    return path


def atomic_write(path: Path, data: bytes | str, *, mode: int = 0o600) -> None:
    """The file holds all of `data` or what it held before, whatever happens and also after a
    power cut. A link at `path` is replaced, not followed."""
    raw = data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with naming(path), os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    sync_dir(path.parent)


def sync_dir(path: Path) -> None:
    """What was created or renamed in the folder is on the disk."""
    handle = os.open(path, _DIRECTORY)
    try:
        with naming(path):
            os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """What was written to the file is on the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with naming(path):
            os.fsync(handle)
    finally:
        os.close(handle)


def parts_beneath(root: Path, path: str) -> tuple[str, ...]:
    """The parts of `path` below `root`; an absolute path must lie in it. Compares parts, not
    text, and looks at no file. RefusedError when it would leave the root, is the root itself,
    or holds a NUL."""
    pure = PurePosixPath(path)
    parts: tuple[str, ...] = pure.parts
    if pure.is_absolute():
        own = root.parts
        if parts[: len(own)] != own:
            raise RefusedError("system.path_outside", path=path)
        parts = parts[len(own) :]
    if not parts or ".." in parts or "\0" in path:
        raise RefusedError("system.path_outside", path=path.replace("\0", "\\0"))
    return parts


def open_beneath(root: Path, path: str) -> int:
    """A descriptor, for reading, of a regular file below `root`. No link is followed, neither
    on the way nor at the end, and nothing blocks. RefusedError for links and special files,
    FileNotFoundError when there is nothing."""
    parts = parts_beneath(root, path)
    here = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            there = _step(part, _DIRECTORY, here, path)
            os.close(here)
            here = there
        found = _step(parts[-1], _FILE, here, path)
    finally:
        os.close(here)
    if not stat.S_ISREG(os.fstat(found).st_mode):
        os.close(found)
        raise RefusedError("system.not_a_file", path=path)
    return found


def _step(part: str, flags: int, folder: int, path: str) -> int:
    try:
        return os.open(part, flags, dir_fd=folder)
    except FileNotFoundError:
        raise
    except OSError as fault:
        # a link (ELOOP, or ENOTDIR where a folder is wanted), a socket (ENXIO), no permission
        raise RefusedError("system.not_a_file", path=path) from fault


def read_beneath(root: Path, path: str, *, limit: int = 4 << 20) -> bytes:
    """At most `limit` bytes of a regular file below `root`; errors as `open_beneath`."""
    with os.fdopen(open_beneath(root, path), "rb") as file:
        return file.read(limit)


def walk(top: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    """(folder, names of its folders, names of the rest), from `top` down; folders that are taken
    out of the list are passed over, links are never followed. Nesting of any depth; what cannot
    be looked into is as if it were empty."""
    pending = [top]
    while pending:
        here = pending.pop()
        folders: list[str] = []
        others: list[str] = []
        with contextlib.suppress(OSError), os.scandir(here) as listing:
            for entry in listing:
                kind = folders if entry.is_dir(follow_symlinks=False) else others
                kind.append(entry.name)
        yield here, folders, others
        pending += [here / name for name in reversed(folders)]


def copy_tree(source: Path, target: Path) -> None:
    """A copy with modes and times; links stay links, special files are left out. Nesting of any
    depth that a path has room for. OSError; `target` must not be there."""
    made: list[tuple[Path, Path]] = []
    for here, folders, others in walk(source):
        there = target / here.relative_to(source)
        there.mkdir()
        made.append((here, there))
        for name in others:
            about = (here / name).lstat().st_mode
            if stat.S_ISREG(about) or stat.S_ISLNK(about):
                shutil.copy2(here / name, there / name, follow_symlinks=False)
        folders.sort()
    for here, there in reversed(made):
        # last: nothing can be put into a folder that may not be written
        shutil.copystat(here, there)


def link_or_copy(source: Path, target: Path) -> bool:
    """`target` is the same file as `source`, or a read-only copy where it cannot be: whole, or not
    there. Whether it was made: one that is there stays, and a source that is gone makes none."""
    if os.path.lexists(target):
        return False
    try:
        if not source.is_symlink():
            os.link(source, target)
            return True
    except FileExistsError:
        return False
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise
        return False
    except OSError as fault:
        if fault.errno not in _NO_LINK:
            raise
    return _copy_whole(source, target)


def _copy_whole(source: Path, target: Path) -> bool:
    half = target.with_name(f"tmp_{secrets.token_hex(8)}")
    try:
        with source.open("rb") as old, half.open("xb") as new, naming(half):
            shutil.copyfileobj(old, new, 1 << 20)
            os.fchmod(new.fileno(), 0o444)
            new.flush()
            os.fsync(new.fileno())
        half.replace(target)
    except FileNotFoundError:
        if source.exists():
            raise
        return False
    finally:
        half.unlink(missing_ok=True)
    return True


def remove_tree(path: Path) -> None:
    """Removes a folder, a file or a link, whatever a stranger put there: read-only folders,
    odd names, links (not followed), nesting of any depth. Absent is fine."""
    try:
        if not stat.S_ISDIR(path.lstat().st_mode):
            path.unlink()
            return
    except FileNotFoundError:
        return
    top = path / f".{secrets.token_hex(8)}"
    lifts = (top.with_name(f"{top.name}-{number}") for number in itertools.count())
    pending = _empty(path, None)
    while pending:
        folder = pending.pop()
        # each folder is lifted to the top, so that no path grows beyond the system's limit
        pending += _empty(folder, lifts)
        folder.rmdir()
    path.rmdir()


def _empty(folder: Path, lifts: Iterator[Path] | None) -> list[Path]:
    """The folders that stood in `folder`, renamed when `lifts` gives names; the rest is gone."""
    folder.chmod(0o700)
    found: list[Path] = []
    with os.scandir(folder) as listing:
        entries = list(listing)
    for entry in entries:
        inner = Path(entry.path)
        if not entry.is_dir(follow_symlinks=False):
            inner.unlink()
            continue
        if lifts:
            inner.chmod(0o700)
            inner = inner.rename(next(lifts))
        found.append(inner)
    return found

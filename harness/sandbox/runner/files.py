"""The runner's half that reads, writes and searches files inside a Box. Standard library only,
Python 3.9 or later."""

from __future__ import annotations

import base64
import fnmatch
import os
import re
import signal
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SKIPPED = {".git", "node_modules", "__pycache__", ".venv", "venv", ".tox", ".nox"}
SKIPPED |= {".mypy_cache", ".pytest_cache", ".ruff_cache"}
ODD = re.compile("[\x00-\x1f\x7f-\x9f\udc80-\udcff]")
ODD_OR_MARK = re.compile(ODD.pattern + r"|\\(?=x)")
SEARCH_S = 20.0
LINE_CHARS = 500
SEARCHED_BYTES = 8 << 20


class TooSlow(Exception):
    """A regular expression that would not end."""


def pack(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def place(root: str, path: str) -> Path:
    """A path inside; `\\xff` stands for a byte of a name that is not UTF-8."""
    found = Path(root, path)
    if "\\x" in path and not os.path.lexists(found):
        raw = re.sub(rb"\\x([0-9a-fA-F]{2})", lambda m: bytes([int(m[1], 16)]), os.fsencode(path))
        found = Path(root, os.fsdecode(raw))
    return found


def printable_name(path: str) -> str:
    """The reverse of `place`: a name that any text can hold and any terminal can show."""
    name = os.fsencode(path).decode("utf-8", "surrogateescape")
    if not ODD.search(name):
        return name
    return ODD_OR_MARK.sub(
        lambda m: "".join(f"\\x{b:02x}" for b in m[0].encode("utf-8", "surrogateescape")), name
    )


def read(path: Path, limit: int) -> dict[str, Any]:
    """The first `limit` bytes of a regular file; never waits on a pipe or a device."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        regular(os.fstat(handle).st_mode)
        return {"data": pack(file.read(limit))}


def regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(21, os.strerror(21))
    if not stat.S_ISREG(mode):
        raise PermissionError(1, "not a regular file")


def write(path: Path, data: str) -> dict[str, Any]:
    """Puts the whole file in place at once, keeping its mode; a link's target is written."""
    target = Path(os.path.realpath(path))
    mode = 0o644
    if target.exists():
        found = target.stat().st_mode
        regular(found)
        mode = stat.S_IMODE(found)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.parent / f".part-{os.getpid()}"
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64decode(data))
            os.fchmod(handle, mode)
        part.replace(target)  # never half a file, whatever the disk says
    except BaseException:
        part.unlink()
        raise
    return {}


def search(root: str, pattern: str, glob: str, limit: int) -> dict[str, Any]:
    """Hits as (path, line, text). The alarm is heard inside the regular expression engine."""
    signal.signal(signal.SIGALRM, too_slow)
    signal.setitimer(signal.ITIMER_REAL, SEARCH_S)
    try:
        wanted = re.compile(os.fsencode(pattern)) if pattern else None
        named = naming(glob)
        hits: list[tuple[str, int, str]] = []
        for path in files_below(root, glob):
            if len(hits) >= limit:
                break
            if not named(path):
                continue
            if wanted is None:
                hits.append((printable_name(path), 0, ""))
            else:
                found = lines_of(Path(root, path), wanted, limit - len(hits))
                hits += [(printable_name(path), number, text) for number, text in found]
        return {"hits": hits}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def too_slow(*_: object) -> None:
    raise TooSlow("the search took too long")


def files_below(root: str, glob: str) -> Iterator[str]:
    """Paths of files relative to root, in order; links are named, never followed. Folders that
    tools fill are left out unless the glob names them."""
    start = len(root.rstrip("/")) + 1
    pending = [root.rstrip("/")]
    while pending:  # os.walk calls itself for each level, and ends at a thousand
        folder = pending.pop()
        folders: list[os.DirEntry[str]] = []
        files: list[os.DirEntry[str]] = []
        try:
            with os.scandir(folder or "/") as listing:
                for entry in listing:
                    (folders if entry.is_dir() else files).append(entry)
        except OSError:
            continue
        for name in sorted(entry.name for entry in files):
            yield f"{folder}/{name}"[start:]
        pending += [
            f"{folder}/{entry.name}"
            for entry in sorted(folders, key=lambda one: one.name, reverse=True)
            if not entry.is_symlink()
            and (entry.name not in SKIPPED or (entry.name != ".git" and entry.name in glob))
        ]


def naming(glob: str) -> Callable[[str], bool]:
    """`*.py` is about the name alone; `src/**/*.py` about the whole path."""
    if not glob:
        return lambda _: True
    if "/" not in glob:
        return lambda path: fnmatch.fnmatchcase(path.rpartition("/")[2], glob)
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", glob.lstrip("/"))
    known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    whole = re.compile("".join(known.get(p, re.escape(p)) for p in parts) + r"\Z", re.DOTALL)
    return lambda path: whole.match(path) is not None


def lines_of(path: Path, wanted: re.Pattern[bytes], limit: int) -> list[tuple[int, str]]:
    """(line number, text) of the matching lines of a text file."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > SEARCHED_BYTES:
            return []
        data = path.read_bytes()
    except OSError:
        return []
    if b"\0" in data[:8192]:
        return []
    found = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if wanted.search(line):
            found.append((number, line.rstrip(b"\r").decode("utf-8", "replace")[:LINE_CHARS]))
            if len(found) >= limit:
                break
    return found

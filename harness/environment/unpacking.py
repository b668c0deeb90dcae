"""`python3 unpacking.py TAR ROOT`: an image's files, unpacked inside a Box so that its programs run
there from ROOT: each is started by the image's own loader with the image's own libraries. Standard
library alone, Python 3.9 or later."""

from __future__ import annotations

import contextlib
import os
import posixpath
import shlex
import shutil
import struct
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

# what no server needs, and what is not the image's own
LEFT_OUT = (
    *("proc", "sys", "dev", "run", "tmp", "boot", "root", "home", "var/lib/apt", "var/cache"),
    *("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/src"),
)
LIBRARIES = ("lib", "lib64", "usr/lib", "usr/lib64", "usr/local/lib", "usr/local/lib64")
REAL = ".image"
"""What a program is called that has its starter in its place."""
PT_INTERP = 3


def unpack(archive: Path, root: Path) -> int:
    """How many programs can be started from `root` then."""
    with tarfile.open(archive) as packed:
        for member in packed:
            _put(packed, member, root)
    words = [*_library_folders(root)]
    return sum(_start_by_loader(file, root, words) for file in _programs(root))


def _put(packed: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    name = posixpath.normpath(member.name).lstrip("/")
    if any(name == one or name.startswith(f"{one}/") for one in LEFT_OUT) or name.startswith(".."):
        return
    place = root / name
    # what is there twice, a hard link to what was left out
    with contextlib.suppress(KeyError, FileExistsError, FileNotFoundError):
        if member.isdir():
            place.mkdir(parents=True, exist_ok=True)
        elif member.issym():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(_within(member.linkname, name))
        elif member.isfile() or member.islnk():  # a link's data are found by the archive
            place.parent.mkdir(parents=True, exist_ok=True)
            source = packed.extractfile(member)
            if source is not None:
                with source, place.open("wb") as made:
                    shutil.copyfileobj(source, made)
                place.chmod((member.mode & 0o777) | 0o600)


def _within(link: str, name: str) -> str:
    """Where a link of the image leads, from where it stands: its `/` is the image's."""
    return posixpath.relpath(link, f"/{posixpath.dirname(name)}") if link[:1] == "/" else link


def _programs(root: Path) -> Iterator[Path]:
    """Files in folders of programs; what is reached over a link is found where it lies."""
    for folder, _, names in os.walk(root):
        if Path(folder).name in ("bin", "sbin"):
            for name in names:
                file = Path(folder, name)
                if not file.is_symlink() and os.access(file, os.X_OK):
                    yield file


def _start_by_loader(file: Path, root: Path, libraries: list[str]) -> bool:
    """Puts a starter in the program's place, where the program asks for a loader."""
    asked = loader_of(file)
    loader = (root / asked.lstrip("/")).resolve()
    if not asked or root.resolve() not in loader.parents or not loader.is_file():
        return False
    real = file.with_name(file.name + REAL)
    file.rename(real)
    words = [str(loader), "--library-path", ":".join(libraries), str(real)]
    file.write_text(f'#!/bin/sh\nexec {" ".join(map(shlex.quote, words))} "$@"\n', "utf-8")
    file.chmod(0o755)
    return True


def _library_folders(root: Path) -> Iterator[str]:
    """Where the image's loader would look: its usual folders, those of each architecture, and those
    that the image lists."""
    for name in LIBRARIES:
        folder = root / name
        if folder.is_dir():
            yield str(folder)
            yield from (str(below) for below in sorted(folder.glob("*-linux-*")) if below.is_dir())
    for listed in sorted((root / "etc/ld.so.conf.d").glob("*.conf")):
        for line in listed.read_text("utf-8", "replace").splitlines():
            if line.startswith("/") and (root / line.strip("/ ")).is_dir():
                yield str(root / line.strip("/ "))


def loader_of(file: Path) -> str:
    """The loader that a program of this system asks for; "" for what needs none or is none."""
    with file.open("rb") as opened:
        head = opened.read(64)
        if len(head) < 64 or head[:6] != b"\x7fELF\x02\x01":  # of 64 bits, little end first
            return ""
        (offset,) = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        opened.seek(offset)
        table = opened.read(size * count)
        for at in range(0, len(table) - 55, size or 56):
            kind, _, place, _, _, length = struct.unpack_from("<IIQQQQ", table, at)
            if kind == PT_INTERP and length < 4096:
                opened.seek(place)
                return opened.read(length).rstrip(b"\0").decode("utf-8", "replace")
    return ""


if __name__ == "__main__":
    if not unpack(Path(sys.argv[1]), Path(sys.argv[2])):
        sys.exit("no program in it can be started on this system")

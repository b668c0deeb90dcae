"""Objects of a repository on this machine, in ours without a copy: a file that never changes may
have two names.

An alternate would be as fast, but the person's git drops from their repository what no branch of
theirs needs any more; a second name outlives that. Where no link can be, on another file system
or to another person's file, the file is copied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from harness.system.files import link_or_copy, sync_dir

_FAN = re.compile(r"[0-9a-f]{2}")
_LOOSE = re.compile(r"[0-9a-f]{38}|[0-9a-f]{62}")
_DEEPEST = 5
"""So many repositories may borrow from one another, as git has it."""


def size_of(objects: Path) -> int:
    """How many bytes of packs a repository has, and those it borrows from."""
    return sum(
        pack.stat().st_size
        for folder in stores(objects)
        for pack in (folder / "pack").glob("*.pack")
    )


def link(objects: Path, target: Path) -> None:
    """Every object of the folder `objects`, and of those it borrows from, in the folder `target`.
    Nothing there is replaced; what goes away meanwhile is passed over. May be repeated after a
    kill. OSError."""
    for folder in stores(objects):
        _link_packs(folder / "pack", target / "pack")
        for fan in _entries(folder):
            if _FAN.fullmatch(fan.name):
                _link_loose(fan, target / fan.name)


def stores(objects: Path) -> tuple[Path, ...]:
    """The folder and, after it, those that it borrows objects from."""
    found: dict[Path, None] = {}
    pending = [(objects, 0)]
    while pending:
        folder, depth = pending.pop()
        real = folder.resolve()
        if real in found or depth > _DEEPEST or not real.is_dir():
            continue
        found[real] = None
        pending += [(other, depth + 1) for other in _alternates(real)]
    return tuple(found)


def _alternates(objects: Path) -> Iterator[Path]:
    try:
        lines = (objects / "info" / "alternates").read_text("utf-8", "surrogateescape")
    except FileNotFoundError:
        return
    for line in lines.split("\n"):
        if line and not line.startswith("#"):
            yield objects / line


def _link_packs(source: Path, target: Path) -> None:
    made = False
    for index in _entries(source):
        if index.suffix == ".idx" and index.name.startswith("pack-"):
            # a pack counts when its index is there
            made |= link_or_copy(index.with_suffix(".pack"), target / f"{index.stem}.pack")
            made |= link_or_copy(index, target / index.name)
    if made:
        sync_dir(target)


def _link_loose(source: Path, target: Path) -> None:
    made = False
    for file in _entries(source):
        if _LOOSE.fullmatch(file.name):
            target.mkdir(exist_ok=True)
            made |= link_or_copy(file, target / file.name)
    if made:
        sync_dir(target)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []

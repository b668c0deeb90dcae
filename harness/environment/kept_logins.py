"""Whether set-up left a package index's login where agents would read it. Blocks."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from harness.system.files import walk

CHUNK: Final = 1 << 20
SHORTEST: Final = 8
"""Shorter ones stand in many a file."""


def kept_login(shown: Iterable[Path], logins: Sequence[str]) -> str:
    """The first file of these, or below them, that holds one as it is written; "" for none."""
    sought = tuple(login.encode() for login in logins if len(login) >= SHORTEST)
    if not sought:
        return ""
    for place in shown:
        files = [place] if place.is_file() else _files(place)
        for file in files:
            if _holds(file, sought):
                return str(file)
    return ""


def _files(folder: Path) -> Iterable[Path]:
    for here, _, names in walk(folder):
        yield from (here / name for name in names)


def _holds(file: Path, sought: Sequence[bytes]) -> bool:
    overlap = max(map(len, sought)) - 1
    try:
        if not stat.S_ISREG(file.lstat().st_mode):
            return False
        with file.open("rb") as opened:
            rest = b""
            while data := opened.read(CHUNK):
                rest = rest[-overlap:] + data if overlap else data
                if any(one in rest for one in sought):
                    return True
    except OSError:  # what we may not read, an agent may not either
        return False
    return False

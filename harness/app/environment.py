"""The set-up that a tree asks for when nobody configured one."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from harness.core.detect import detect
from harness.core.errors import RefusedError
from harness.core.types import Environment
from harness.system.files import read_beneath
from harness.workspace.environment import Environments

DEPTH = 3
MOST = 20_000
LARGEST = 1 << 20


class Detecting:
    """An EnvironmentMaker that reads the set-up from the tree itself."""

    def __init__(self, maker: Callable[[tuple[str, ...]], Environments]) -> None:
        self._maker = maker
        self._known: dict[tuple[str, ...], Environments] = {}

    async def make(self, key: str, tree: Path) -> Environment:
        """`tree` is a plain folder with the base's files."""
        setup = await asyncio.to_thread(_setup, tree)
        if setup not in self._known:
            self._known[setup] = self._maker(setup)
        return await self._known[setup].make(key, tree)


def _setup(tree: Path) -> tuple[str, ...]:
    files: list[str] = []
    for folder, names, found in os.walk(tree):
        below = Path(folder).relative_to(tree)
        names[:] = [n for n in names if n != ".git" and len(below.parts) < DEPTH]
        files += [(below / name).as_posix() for name in found]
        if len(files) > MOST:
            break
    return detect(sorted(files), lambda path: _text(tree, path)).setup


def _text(tree: Path, path: str) -> str | None:
    """A manifest's text; None for what is not there, is a link, or is too large to be one."""
    try:
        return read_beneath(tree, path, limit=LARGEST).decode("utf-8", "replace")
    except (OSError, RefusedError):
        return None

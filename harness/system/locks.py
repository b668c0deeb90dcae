"""One at a time over all processes of the machine: a lock that the kernel frees when its holder
dies."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator
from pathlib import Path

from harness.system.files import private_dir

SHORTEST_S = 0.01
LONGEST_S = 0.5


@contextlib.asynccontextmanager
async def locked(file: Path) -> AsyncIterator[None]:
    """Nobody else is in such a block. Who waits for it can be cancelled, and holds up nobody. The
    file is made and stays: to remove it would let two hold two files of one name. OSError where
    there is no room for it."""
    handle = _opened(file)
    try:
        pause_s = SHORTEST_S
        while not _taken(handle):
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_S)
        yield
    finally:
        os.close(handle)


def lock_of(path: Path) -> Path:
    """The file whose holder alone may make or unmake what stands at `path`: beside the folder that
    holds it, and few, so that some share one, which costs a wait."""
    return private_dir(path.parent.with_name(f"{path.parent.name}.locks")) / path.name[:2]


def _opened(file: Path) -> int:
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True

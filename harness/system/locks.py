"""One at a time over all processes of the machine: a lock that the kernel frees when its holder
dies."""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path

from harness.system.files import private_dir

SHORTEST_S = 0.01
LONGEST_S = 0.5


class Lock:
    """Held inside `with` or `async with`: the first blocks until it is free, in the second who
    waits can be cancelled and holds up nobody. The file is made and stays: to remove it would let
    two hold two files of one name. OSError where there is no room for it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._handle = -1

    def __enter__(self) -> None:
        self._open()
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX)
        except BaseException:
            self._close()
            raise

    def __exit__(self, *_: object) -> None:
        self._close()

    async def __aenter__(self) -> None:
        self._open()
        try:
            pause_s = SHORTEST_S
            while not self._is_taken():
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_S)
        except BaseException:
            self._close()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._close()

    def _open(self) -> None:
        self._handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def _is_taken(self) -> bool:
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _close(self) -> None:
        os.close(self._handle)


def lock_of(path: Path) -> Path:
    """The file whose holder alone may make or unmake what stands at `path`: beside the folder that
    holds it, and few, so that some share one, which costs a wait."""
    return private_dir(path.parent.with_name(f"{path.parent.name}.locks")) / path.name[:2]

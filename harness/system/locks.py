"""One at a time over all processes of the machine: a lock that the kernel frees when its holder
dies."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def locked(file: Path) -> Iterator[None]:
    """Held inside the block; waits for whoever has it, so it blocks. The file is made and stays:
    to remove it would let two hold two files of one name. OSError where there is no room for it."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)

"""What the operating system says of a disk that takes nothing, as a sentence with the path."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from harness.core.errors import StorageError

_KEYS = {
    errno.ENOSPC: "engine.disk_full",
    errno.EDQUOT: "engine.disk_full",
    errno.EROFS: "engine.read_only",
    errno.EIO: "engine.cannot_write",
    errno.EFBIG: "engine.cannot_write",
    errno.ESTALE: "engine.cannot_write",
    errno.ENODEV: "engine.cannot_write",
}


def storage_fault(error: OSError, place: Path) -> StorageError | None:
    """None: nothing about the storage. `place` is named when the error names no path."""
    key = _KEYS.get(error.errno or 0)
    if key is None:
        return None
    path = os.fsdecode(error.filename) if error.filename else str(place)
    return StorageError(key, path=path, why=error.strerror or str(error))

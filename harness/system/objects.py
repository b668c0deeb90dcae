"""Writes loose git objects in this process with GitPython's gitdb: no fork a blob.

Reading goes through git: gitdb's readers of packs keep their file handles for ever, as its own
documentation warns, and a daemon lives long.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from gitdb.base import IStream  # type: ignore[import-untyped]
from gitdb.db.loose import LooseObjectDB  # type: ignore[import-untyped]

from harness.system.files import sync_dir, sync_file


def write_object(gitdir: Path, kind: str, data: bytes) -> str:
    """The id of the object, now in `gitdir`. `data` is its content without git's header, and
    must be well formed: nothing checks it. On the disk when this returns. Blocks."""
    stored = LooseObjectDB(str(gitdir / "objects")).store(
        IStream(kind.encode(), len(data), BytesIO(data))
    )
    name = str(stored.hexsha.decode())
    path = gitdir / "objects" / name[:2] / name[2:]
    sync_file(path)
    sync_dir(path.parent)
    return name

"""References as files that a team can commit and review: written out, and read in again. Blocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.core.reference_types import Reference
from harness.knowledge.references.page_files import (
    PageFileError,
    file_of,
    read_file,
    written,
)
from harness.system.files import atomic_write, walk

MOST_BYTES: Final = 8 << 20


def export_to(folder: Path, reference: Reference) -> Path:
    """Its file below the folder. OSError."""
    path = folder / file_of(reference.source)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, written(reference), mode=0o644)
    return path


def import_from(folder: Path) -> Iterator[tuple[Path, Reference | str, bool]]:
    """Each Markdown file below the folder: what it holds, or why it is no reference; whether its
    text is another than was written there. OSError for the folder itself."""
    next(folder.iterdir(), None)
    for here, folders, names in walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (here / name for name in sorted(names) if name.endswith(".md")):
            if not path.is_symlink():
                yield (path, *_read(path))


def _read(path: Path) -> tuple[Reference | str, bool]:
    try:
        if path.stat().st_size > MOST_BYTES:
            return "too large", False
        return read_file(path.read_text("utf-8"))
    except (PageFileError, OSError, ValueError) as error:
        return " ".join(str(error).split())[:200], False

"""Files and folders of the operator as references: texts as they are, pages and PDF by an
extractor. Blocks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.core.reference_types import Download, Reference
from harness.knowledge.references.charsets import decode_page
from harness.knowledge.references.page_files import digest
from harness.knowledge.references.plain_texts import links_in, shown, title_of
from harness.system.files import walk

TEXTS: Final = frozenset((".md", ".markdown", ".txt", ".rst", ".adoc", ".org", ".mdx", ".json"))
APART: Final = {
    **dict.fromkeys((".html", ".htm", ".xhtml"), "text/html"),
    ".pdf": "application/pdf",
}
PASSED_BY: Final = frozenset(("node_modules", "__pycache__", "venv", "site-packages"))
MOST_FILES: Final = 2000
MOST_BYTES: Final = 20 << 20


def documents_in(top: Path) -> tuple[Path, ...] | None:
    """Files below a folder that can be read as documents, at most MOST_FILES, no link followed,
    nothing that is hidden; a file alone is itself. None: there is no such thing."""
    if not top.exists():
        return None
    if not top.is_dir():
        return (top,)
    return tuple(file for file, _ in zip(_below(top), range(MOST_FILES), strict=False))


def _below(top: Path) -> Iterator[Path]:
    for here, folders, names in walk(top):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in PASSED_BY)
        for name in sorted(names):
            path = here / name
            if not name.startswith(".") and is_document(path) and path.is_file():
                yield path


def is_document(path: Path) -> bool:
    """By its name."""
    suffix = path.suffix.lower()
    return suffix in TEXTS or suffix in APART


def read_document(path: Path, source: str, now: float) -> Reference | Download:
    """A text as its reference, `source` its name; a page or a PDF as what an extractor takes.
    OSError; ValueError when it is too large."""
    with path.open("rb") as file:
        body = file.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise ValueError("too large")
    media_type = APART.get(path.suffix.lower())
    if media_type is not None:
        return Download(source=source, media_type=media_type, body=body)
    text = shown(decode_page(body))
    return Reference(
        source=source,
        kind="file",
        title=title_of(text) or path.name,
        text=text,
        sha256=digest(text),
        fetched_at=now,
        checked_at=now,
        links=links_in(text, ""),
    )


def name_as_typed(typed: str, top: Path, file: Path) -> str:
    """The source of a file, as the operator named it or the folder that it is in."""
    inside = file.relative_to(top).as_posix() if file != top else ""
    return os.path.normpath(os.path.join(typed, inside))  # noqa: PTH118  # text, as it was typed

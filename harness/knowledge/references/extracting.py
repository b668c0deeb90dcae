"""What a server sent, as a reference: read by a child (`extract_child.py`), for it is hostile."""

from __future__ import annotations

import asyncio
import json
from typing import Final

from pydantic import TypeAdapter, ValidationError

from harness.core.base import LocalizedText, Value
from harness.core.reference_types import Download, Reference
from harness.knowledge.references.page_files import digest
from harness.system.apart import ask_apart

CHILD: Final = "harness.knowledge.references.extract_child"
PATIENCE_S: Final = 45.0
MOST_ANSWER: Final = 64 << 20
AT_ONCE: Final = 2
PDF: Final = "application/pdf"


class Read(Value):
    """What the child found."""

    title: str
    date: str
    text: str
    links: tuple[str, ...]


_ANSWER: Final = TypeAdapter(Read)


class Extracting:
    """Two at a time: each takes a second of a processor and up to a gigabyte."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._free = asyncio.Semaphore(AT_ONCE)

    async def extract(self, download: Download, now: float) -> Reference | LocalizedText:
        async with self._free:
            found = await asyncio.to_thread(self._read, download)
        if found is None or not found.text:
            return LocalizedText(key="refs.unreadable", facts={"source": download.source})
        return Reference(
            source=download.source,
            kind="document" if download.media_type == PDF else "page",
            title=found.title,
            text=found.text,
            sha256=digest(found.text),
            published=found.date[:10],
            fetched_at=now,
            checked_at=now,
            max_age_s=download.max_age_s,
            validators=download.validators,
            links=found.links,
        )

    def _read(self, download: Download) -> Read | None:
        """The last whole line is the best that the child got to."""
        head = download.model_dump(include={"media_type", "charset", "source"})
        data = json.dumps(head).encode() + b"\n" + (download.body or b"")
        lines = ask_apart(CHILD, data, self._patience_s, MOST_ANSWER).split(b"\n")[:-1]
        for line in reversed(lines):
            try:
                return _ANSWER.validate_json(line)
            except ValidationError:
                continue
        return None

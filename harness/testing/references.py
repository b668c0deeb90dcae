"""Parts of looking things up without a network or a file: a store, servers, a provider."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from harness.core.addresses import addresses_in
from harness.core.base import LocalizedText
from harness.core.errors import LookupUnavailable
from harness.core.reference_types import (
    Download,
    Reference,
    ReferenceHit,
    ReferenceKind,
    Validators,
)

MOST_REDIRECTS: Final = 5


class MemoryReferences:
    """The ReferenceStore port; what holds most words of a query comes first."""

    def __init__(self) -> None:
        self.kept: dict[str, Reference] = {}

    async def get(self, source: str) -> Reference | None:
        found = self.kept.get(source)
        if found is not None:
            self.kept[source] = self.kept.pop(source)
        return found

    async def put(self, reference: Reference) -> None:
        self.kept.pop(reference.source, None)
        self.kept[reference.source] = reference

    async def search(
        self, query: str, limit: int = 8, *, near: Sequence[str] = ()
    ) -> tuple[ReferenceHit, ...]:
        words = "".join(c if c.isalnum() else " " for c in query.casefold()).split()
        found = []
        for one in self.kept.values():
            count = sum(word in f"{one.title} {one.text}".casefold() for word in words)
            if count and (not near or one.source.startswith(tuple(near))):
                found.append((-count, one))
        return tuple(
            ReferenceHit(
                source=one.source,
                title=one.title,
                excerpt=" ".join(one.text.split())[:200],
                kind=one.kind,
                fetched_at=one.fetched_at,
            )
            for _, one in sorted(found, key=lambda pair: pair[0])[:limit]
        )

    async def sources(self) -> tuple[Reference, ...]:
        return tuple(one.model_copy(update={"text": ""}) for one in reversed(self.kept.values()))

    async def remove(self, sources: Sequence[str]) -> None:
        for source in sources:
            self.kept.pop(source, None)


class ScriptedSites:
    """The PageFetcher port over pages that a test holds. `pages`: address -> its text, or
    "-> ADDRESS" for a redirect; `otherwise` makes the rest. `asked` is each address as a server
    would see it; `down`: nobody answers."""

    def __init__(self, pages: Mapping[str, str], follows: Callable[[str, str], bool]) -> None:
        self.pages = dict(pages)
        self.otherwise: Callable[[str], str | None] = lambda at: None
        self._follows = follows
        self.asked: list[str] = []
        self.unchanged: list[str] = []
        self.down = False

    async def fetch(self, source: str, known: Validators) -> Download:
        at = source
        for _ in range(MOST_REDIRECTS):
            if self.down:
                raise LookupUnavailable("lookup.no_answer", source=at)
            self.asked.append(at)
            page = self.pages.get(at) or self.otherwise(at)
            if page is None:
                return Download(source=at, gone=True)
            if not page.startswith("-> "):
                return self._sent(at, page, known)
            to = page.removeprefix("-> ")
            if not self._follows(at, to):
                why = LocalizedText(key="lookup.redirect", facts={"source": to})
                return Download(source=at, refused=why)
            at = to
        return Download(source=at, refused=LocalizedText(key="lookup.nothing_sent"))

    def _sent(self, at: str, page: str, known: Validators) -> Download:
        tag = hashlib.sha256(page.encode()).hexdigest()[:8]
        if known.etag == tag:
            self.unchanged.append(at)
            return Download(source=at, validators=known)
        return Download(
            source=at,
            media_type="text/plain",
            body=page.encode(),
            validators=Validators(etag=tag),
        )


class PlainPages:
    """The Extractor port: the body is the text, its first line the title."""

    async def extract(self, download: Download, now: float) -> Reference | LocalizedText:
        text = (download.body or b"").decode("utf-8", "replace")
        return made_reference(download.source, text, at=now)


class Shelves:
    """The PackageDocs port over packages that a test holds: name -> (version, text)."""

    def __init__(self, packages: Mapping[str, tuple[str, str]]) -> None:
        self._packages = packages
        self.read: list[str] = []

    async def find(self, name: str, folders: Sequence[Path]) -> tuple[Reference, ...]:
        self.read.append(name)
        if name not in self._packages:
            return ()
        version, text = self._packages[name]
        source = f"python:{name}=={version}#{name}"
        return (made_reference(source, text, kind="package"),)


class ScriptedProvider:
    """The SearchProvider port: always the same answer; where it `echoes`, with an address that was
    asked. `asked` is what left."""

    name = "scripted"

    def __init__(self, hits: Sequence[ReferenceHit]) -> None:
        self._hits = tuple(hits)
        self.asked: list[str] = []
        self.down = False
        self.echoes = False

    async def search(self, query: str, limit: int = 8) -> tuple[ReferenceHit, ...]:
        self.asked.append(query)
        if self.down:
            raise LookupUnavailable("lookup.no_answer", source=self.name)
        said = [ReferenceHit(source=at, title=at) for at in addresses_in(query) if self.echoes]
        return (*said, *self._hits)[:limit]


def made_reference(
    source: str, text: str, *, kind: ReferenceKind = "page", at: float = 0.0
) -> Reference:
    """As an extractor would make it of plain text."""
    return Reference(
        source=source,
        kind=kind,
        title=text.splitlines()[0] if text else "",
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        fetched_at=at,
        checked_at=at,
        links=tuple(addresses_in(text)),
    )

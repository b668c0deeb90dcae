"""Things looked up outside of a project: where they are kept, how a page is fetched, who searches.

Every method that waits is a coroutine on one event loop. An adapter raises the errors of
core.errors and nothing else for what can be expected to happen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from harness.core.base import LocalizedText
from harness.core.reference_types import Download, Reference, ReferenceHit, Validators


class ReferenceStore(Protocol):
    """Every source once, for all agents, runs and projects of a machine."""

    async def get(self, source: str) -> Reference | None: ...
    async def put(self, reference: Reference) -> None:
        """Kept, in the place of what was kept of that source."""
        ...

    async def search(
        self, query: str, limit: int = 8, *, near: Sequence[str] = ()
    ) -> tuple[ReferenceHit, ...]:
        """Best first, by full text. Never raises for what stands in the query. `near`: starts of
        sources that count, such as `python:requests==`; () for all."""
        ...

    async def sources(self) -> tuple[Reference, ...]:
        """All that is kept, without texts, last used first."""
        ...

    async def remove(self, sources: Sequence[str]) -> None: ...


class PageFetcher(Protocol):
    """Asks a server. Addresses were judged by whoever calls; redirects, private networks, size,
    time, type, robots.txt and one visit a host at a time are kept here."""

    async def fetch(self, source: str, known: Validators) -> Download:
        """LookupUnavailable when the server could not be asked now."""
        ...


class Extractor(Protocol):
    """Makes clean Markdown of what a server sent: hostile, so it is read apart, within bounds."""

    async def extract(self, download: Download, now: float) -> Reference | LocalizedText:
        """The reference as it is to be kept, `now` its time; a sentence where nothing of it can be
        read. Never raises for what stands in the body."""
        ...


class PackageDocs(Protocol):
    """Documentation of packages as they are installed in a project's own environment."""

    async def find(self, name: str, folders: Sequence[Path]) -> tuple[Reference, ...]:
        """`python:NAME==VERSION#MODULE` and `npm:NAME@VERSION#FILE`, of the package of that name in
        folders that hold packages (site-packages, node_modules), read as files; () when there is
        none of that name."""
        ...


class SearchProvider(Protocol):
    """Searches the web."""

    @property
    def name(self) -> str: ...
    async def search(self, query: str, limit: int = 8) -> tuple[ReferenceHit, ...]:
        """LookupUnavailable when it could not be asked."""
        ...

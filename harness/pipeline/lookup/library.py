"""Every source once: served as it is kept while it is fresh, else its server is asked whether it
changed, by one who asks at a time. What cannot be asked is served as it was, and told as stale."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

from harness.core.base import LocalizedText
from harness.core.errors import LookupUnavailable
from harness.core.reference_types import Download, Freshness, Looked, Reference, Validators
from harness.ports.clock import Clock
from harness.ports.references import Extractor, PageFetcher, ReferenceStore

MayAsk = Callable[[], Awaitable[LocalizedText | None]]
"""Asked once before a server is: a sentence says why it may not be."""
PAUSE_S: Final = 60.0
"""How long a server that could not be asked is left alone."""
MOST_PAUSED: Final = 500


class Library:
    """One for all agents, runs and projects of a process; the store is shared with others."""

    def __init__(self, store: ReferenceStore, extractor: Extractor, clock: Clock) -> None:
        self.store = store
        self._extractor = extractor
        self.clock = clock
        self._locks: dict[str, tuple[asyncio.Lock, list[None]]] = {}
        self._silent: dict[str, tuple[float, LocalizedText]] = {}

    async def open(
        self,
        source: str,
        fetcher: PageFetcher,
        may_ask: MayAsk,
        *,
        fresh_s: float,
        again: bool = False,
        made_up: bool = False,
    ) -> Looked:
        """The source as it is now, as far as that can be known. `fresh_s`: how long it is believed
        where its server named no time. `again`: its server is asked however fresh it is.
        `made_up`: its address stood nowhere, so what its server answers may be an echo of it: no
        address on it counts, now or later."""
        kept = await self.store.get(source)
        if not again and kept is not None and self._is_fresh(kept, fresh_s):
            return serve(kept, "gone" if kept.gone else "fresh")
        async with self._alone(source):
            kept = await self.store.get(source)  # whoever was before may have asked
            if not again and kept is not None and self._is_fresh(kept, fresh_s):
                return serve(kept, "gone" if kept.gone else "fresh")
            why = self._silence(source) or await may_ask()
            if why is not None:
                return _unasked(source, kept, why)
            return await self._ask(source, kept, fetcher, made_up=made_up)

    async def read(self, download: Download) -> Reference | LocalizedText:
        """What somebody has downloaded already; it is not kept."""
        return await self._extractor.extract(download, self._now)

    async def _ask(
        self, source: str, kept: Reference | None, fetcher: PageFetcher, *, made_up: bool
    ) -> Looked:
        whole = kept is not None and not kept.gone and bool(kept.text)
        known = kept.validators if kept is not None and whole else Validators()
        try:
            download = await fetcher.fetch(source, known)
        except LookupUnavailable as error:
            if len(self._silent) >= MOST_PAUSED:
                self._silent.clear()
            self._silent[source] = (self.clock.monotonic() + PAUSE_S, error.say)
            return _unasked(source, kept, error.say)
        if download.refused is not None:
            return _unasked(source, kept, download.refused)
        if download.gone:
            return await self._keep(_gone(source, kept, download), "gone", 0)
        if download.body is None:
            if kept is None or not whole:  # nobody asked whether it changed
                return _unasked(source, kept, LocalizedText(key="lookup.nothing_sent"))
            return await self._keep(_checked(kept, download), "checked", 0)
        made = await self._extractor.extract(download, self._now)
        if isinstance(made, LocalizedText):
            return _unasked(source, kept, made)
        # it is found again under the address that was asked for
        asked: dict[str, object] = {
            "source": source,
            "validators": download.validators,
            "max_age_s": download.max_age_s,
            "gone": False,
        }
        if made_up or (kept is not None and not kept.links):
            asked["links"] = ()
        return await self._keep(made.model_copy(update=asked), "fetched", len(download.body))

    async def _keep(self, reference: Reference, freshness: Freshness, size: int) -> Looked:
        now = {"checked_at": self._now}
        if freshness == "fetched":
            now["fetched_at"] = self._now
        stored = reference.model_copy(update=now)
        await self.store.put(stored)
        return serve(stored, freshness, size)

    @property
    def _now(self) -> float:
        return self.clock.now().timestamp()

    def _is_fresh(self, kept: Reference, fresh_s: float) -> bool:
        if kept.kind in ("file", "package"):
            return True  # nobody could be asked
        age = self._now - kept.checked_at
        return 0 <= age < (kept.max_age_s or fresh_s)

    def _silence(self, source: str) -> LocalizedText | None:
        until, why = self._silent.get(source, (0.0, None))
        return why if self.clock.monotonic() < until else None

    @asynccontextmanager
    async def _alone(self, source: str) -> AsyncIterator[None]:
        """One at a time for a source; the lock goes with its last user."""
        lock, users = self._locks.setdefault(source, (asyncio.Lock(), []))
        users.append(None)
        try:
            async with lock:
                yield
        finally:
            users.pop()
            if not users:
                del self._locks[source]


def serve(kept: Reference, freshness: Freshness, size: int = 0) -> Looked:
    """What is kept, as it is served. `size`: bytes that were downloaded for it."""
    return Looked(
        source=kept.source,
        title=kept.title,
        text=kept.text,
        kind=kept.kind,
        sha256=kept.sha256,
        fetched_at=kept.fetched_at,
        freshness=freshness,
        downloaded_bytes=size,
    )


def _unasked(source: str, kept: Reference | None, why: LocalizedText) -> Looked:
    """As it is kept, else nothing; why its server said nothing goes with it."""
    if kept is None or not kept.text:
        return Looked(source=source, refused=why)
    as_it_was = serve(kept, "gone" if kept.gone else "stale")
    return as_it_was.model_copy(update={"refused": why})


def _gone(source: str, kept: Reference | None, download: Download) -> Reference:
    base = kept or Reference(source=source, kind="page")
    return base.model_copy(update={"gone": True, "max_age_s": download.max_age_s})


def _checked(kept: Reference, download: Download) -> Reference:
    """The same text; its server may name another time, or other words to ask with."""
    said = download.validators
    validators = said if said.etag or said.last_modified else kept.validators
    return kept.model_copy(update={"validators": validators, "max_age_s": download.max_age_s})

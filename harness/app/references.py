"""What a person does with the references of this machine. What a person types is their own word:
its server is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from harness.app.looking import library_of
from harness.config.settings import Settings
from harness.core.addresses import plain_address
from harness.core.base import LocalizedText, Value
from harness.core.errors import MissingError, UsageError
from harness.core.hosts import targets
from harness.core.reference_types import Looked, Reference, ReferenceHit
from harness.knowledge.references.fetching import Fetching
from harness.knowledge.references.local_files import (
    documents_in,
    is_document,
    name_as_typed,
    read_document,
)
from harness.knowledge.references.sharing import export_to, import_from
from harness.knowledge.references.store import KeptReferences
from harness.pipeline.lookup.library import serve
from harness.system.clock import SystemClock
from harness.system.upstream import upstream_of

DAY_S: Final = 86_400.0


class Imported(Value):
    """What a file gave: `state` is new, newer, edited, same, older or wrong, and then why."""

    file: str
    source: str = ""
    state: str
    why: str = ""


class PersonReferences:
    """What `harness refs` does."""

    def __init__(self, settings: Settings, env: Mapping[str, str], cwd: Path) -> None:
        self._settings = settings.references
        self._kept = KeptReferences(settings.state_dir)
        self._library = library_of(settings, SystemClock())
        self._fetcher = Fetching(
            settings.paths.visits,
            follows=lambda _start, _to: True,
            inside=targets(self._settings.private)[0],
            upstream=upstream_of(env),
            listed=frozenset(filter(None, map(plain_address, self._settings.addresses))),
        )
        self._cwd = cwd
        self.store = self._library.store

    async def sources(self) -> tuple[Reference, ...]:
        return await self.store.sources()

    async def search(self, query: str, limit: int) -> tuple[ReferenceHit, ...]:
        return await self.store.search(query, limit)

    async def show(self, source: str) -> Reference:
        """UsageError for what is not kept."""
        found = await self.store.get(plain_address(source) or source)
        if found is None:
            raise UsageError("refs.not_kept", source=source)
        return found

    async def add(self, what: Sequence[str]) -> AsyncIterator[Looked]:
        """Addresses, files and folders; one that gives nothing holds up none of the others."""
        for typed in what:
            address = plain_address(typed) if "://" in typed else None
            if address is not None:
                yield await self._open(address, again=False)
                continue
            if "://" in typed:
                why = LocalizedText(key="refs.refused_scheme", facts={"source": typed})
                yield Looked(source=typed, refused=why)
                continue
            async for one in self._add_files(typed):
                yield one

    async def refresh(self, sources: Sequence[str]) -> AsyncIterator[Looked]:
        """Asks the servers of those pages, of all when none is named; files are read again."""
        named = [plain_address(one) or one for one in sources]
        for source in named or [one.source for one in await self.store.sources()]:
            kept = await self.show(source)
            if kept.kind in ("page", "document") and plain_address(source) is not None:
                yield await self._open(source, again=True)
            elif kept.kind != "package" and (named or (self._cwd / source).exists()):
                async for one in self._add_files(source):
                    yield one

    async def prune(self, older_days: float | None, gone: bool, sources: Sequence[str]) -> int:
        """Removes what is named, what was fetched longer ago, what is gone; how many."""
        named = {plain_address(one) or one for one in sources}
        before = None if older_days is None else self._now - older_days * DAY_S
        chosen = [
            one.source
            for one in await self.store.sources()
            if one.source in named
            or (gone and one.gone)
            or (before is not None and one.fetched_at < before)
        ]
        if missing := sorted(named - {*chosen}):
            raise UsageError("refs.not_kept", source=missing[0])
        await self.store.remove(chosen)
        return len(chosen)

    async def shrink(self, most_mb: float) -> int:
        """Removes what was not used for longest until so many MiB of text are left; how many."""
        return await self._kept.trim(int(most_mb * (1 << 20)))

    async def export(self, folder: Path, sources: Sequence[str]) -> int:
        """Their files below the folder; all when none is named, but documentation of packages."""
        named = [plain_address(one) or one for one in sources]
        count = 0
        for source in named or [
            one.source for one in await self.store.sources() if one.kind != "package"
        ]:
            found = await self.show(source)
            if found.text:
                await asyncio.to_thread(export_to, folder, found)
                count += 1
        return count

    async def import_(self, folder: Path) -> tuple[Imported, ...]:
        """What a file holds is kept where it is new, newer or edited. MissingError."""
        try:
            files = await asyncio.to_thread(lambda: [*import_from(folder)])
        except OSError as error:
            raise MissingError("refs.no_such_path", path=str(folder)) from error
        done = []
        for path, found, edited in files:
            file = path.relative_to(folder).as_posix()
            if isinstance(found, str):
                done.append(Imported(file=file, state="wrong", why=found))
                continue
            kept = await self.store.get(found.source)
            state = _compare(kept, found, edited)
            if state in ("new", "newer", "edited"):
                await self.store.put(found)
            done.append(Imported(file=file, source=found.source, state=state))
        return tuple(done)

    async def _open(self, address: str, *, again: bool) -> Looked:
        fresh_s = self._settings.fresh_s
        return await self._library.open(
            address, self._fetcher, _freely, fresh_s=fresh_s, again=again
        )

    async def _add_files(self, typed: str) -> AsyncIterator[Looked]:
        top = self._cwd / Path(typed)
        files = await asyncio.to_thread(documents_in, top)
        if files is None:
            why = LocalizedText(key="refs.no_such_path", facts={"path": typed})
            yield Looked(source=typed, refused=why)
            return
        if files == (top,) and not is_document(top):
            why = LocalizedText(key="refs.refused_file", facts={"source": typed})
            yield Looked(source=typed, refused=why)
            return
        for file in files:
            yield await self._add_file(file, name_as_typed(typed, top, file))

    async def _add_file(self, file: Path, source: str) -> Looked:
        try:
            found = await asyncio.to_thread(read_document, file, source, self._now)
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else str(error)
            facts = {"source": source, "why": said or "-"}
            return Looked(source=source, refused=LocalizedText(key="refs.file_unread", facts=facts))
        if not isinstance(found, Reference):
            made = await self._library.read(found)
            if isinstance(made, LocalizedText):
                return Looked(source=source, refused=made)
            found = made.model_copy(update={"kind": "file"})
        await self.store.put(found)
        return serve(found, "fetched")

    @property
    def _now(self) -> float:
        return SystemClock().now().timestamp()


def _compare(kept: Reference | None, found: Reference, edited: bool) -> str:
    if kept is None:
        return "edited" if edited else "new"
    if kept.sha256 == found.sha256:
        return "same"
    if edited:
        return "edited"
    return "newer" if found.fetched_at > kept.fetched_at else "older"


async def _freely() -> None:
    """A person's own word."""

"""What an agent may look up, and what comes of it. The daemon asks, never the sandbox; every look
that asked anybody, and every source that was read, is a fact of the run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.agent.quoting import quote, word_of
from harness.core.addresses import plain_address
from harness.core.base import Json, LocalizedText, stored_fact
from harness.core.errors import LookupUnavailable
from harness.core.reference_types import Looked, ReferenceHit
from harness.core.types import Event, Run, Session
from harness.i18n.catalogue import Catalogue
from harness.pipeline.deps import Guard
from harness.pipeline.lookup import answers, rules
from harness.pipeline.lookup.library import Library, serve
from harness.pipeline.lookup.lookup_slots import (
    LOOKED,
    LOOKUPS,
    MOST_OPENED,
    MOST_SHOWN,
    AnsweredLook,
    Lookups,
    SentQuery,
)
from harness.pipeline.lookup.packages import PackageShelf
from harness.ports.references import PageFetcher, SearchProvider
from harness.ports.store import Store
from harness.prompting.templates import Prompts
from harness.tools.declare import ToolRefused
from harness.tools.reference import LookupArguments

HITS: Final = 8
_REFUSALS: Final = {
    "unnamed": "calls/look_unnamed",
    "closed": "calls/look_closed",
    "long": "calls/look_long",
}
ENGLISH = Catalogue("en")


@dataclass(frozen=True, kw_only=True)
class LookupDeps:
    """What one project looks things up with. `folders(run)`: where the packages of its own
    environment lie; an agent can write in none of them."""

    store: Store
    guard: Guard
    prompts: Prompts
    rules: rules.LookupRules
    library: Library
    fetcher: PageFetcher
    provider: SearchProvider | None
    shelf: PackageShelf
    folders: Callable[[Run], Awaitable[Sequence[Path]]]
    on_event: Callable[[Run, Event], None]


class Lookup:
    """Implements the tool's Look for one project."""

    def __init__(self, deps: LookupDeps) -> None:
        self._deps = deps
        self._books: dict[str, asyncio.Lock] = {}

    async def __call__(self, session: str, call: str, asked: LookupArguments) -> str:
        """See the port: a call that was answered is answered the same, and nobody is asked."""
        store = self._deps.store
        before = await store.get(LOOKED, session)
        if before is not None and before.call == call:
            return before.text
        known = await store.session(session)
        if known is None:
            raise ToolRefused("calls/look_off")
        run = await store.run(known.run)
        look = _RunLook(self._deps, run, known, call, self._lock(run.id))
        if asked.source.strip():
            text = await look.open(asked.source, asked.part)
        elif asked.query.strip():
            text = await look.search(asked.query)
        else:
            raise ToolRefused("calls/look_nothing_asked")
        await store.put(LOOKED, session, AnsweredLook(call=call, text=text))
        return text

    def _lock(self, run: str) -> asyncio.Lock:
        """Of a run's books: its agents look at once."""
        if run not in self._books and len(self._books) > 500:
            self._books = {name: lock for name, lock in self._books.items() if lock.locked()}
        return self._books.setdefault(run, asyncio.Lock())


class _RunLook:
    """One call of one session."""

    def __init__(
        self, deps: LookupDeps, run: Run, session: Session, call: str, lock: asyncio.Lock
    ) -> None:
        self._deps = deps
        self._run = run
        self._session = session
        self._call = f"{session.id}/{call}"
        self._lock = lock

    # ------------------------------------------------------------ words

    async def search(self, query: str) -> str:
        """What is kept here first; the web when nothing there holds all the words, or when they
        are asked again."""
        words = " ".join(query.split())
        if len(words) > rules.LONGEST_QUERY:
            count, most = str(len(words)), str(rules.LONGEST_QUERY)
            raise ToolRefused("calls/look_long_query", count=count, most=most)
        found = await self._search_here(words)
        books = await self._books()
        provider = self._deps.provider
        told = ""
        if provider is not None and (words in books.local or not await self._holds(found, words)):
            more, told = await self._search_web(provider, words)
            known = {hit.source for hit in more}
            found = (*more, *(hit for hit in found if hit.source not in known))
        elif provider is not None:
            told = self._said("lookup/kept_here")
        await self._note(shown=[hit.source for hit in found], local=words)
        listed = self._quoted(answers.hit_list(found)) or self._said("lookup/nothing")
        return "\n".join(part for part in (listed, told) if part)

    async def _search_here(self, words: str) -> tuple[ReferenceHit, ...]:
        shelf = self._deps.shelf
        near = await shelf.fill(words, await self._deps.folders(self._run))
        store = self._deps.library.store
        packaged = await store.search(words, HITS, near=near) if near else ()
        kept = await store.search(words, HITS)
        others = [hit for hit in kept if hit.kind != "package" and self._may_show(hit)]
        return (*packaged[: HITS // 2], *others)[:HITS]

    async def _holds(self, hits: Sequence[ReferenceHit], words: str) -> bool:
        """Whether one source holds every word: a search here finds what holds any."""
        wanted = words.casefold().split()
        for hit in hits:
            kept = await self._deps.library.store.get(hit.source)
            text = f"{kept.title}\n{kept.text}".casefold() if kept is not None else ""
            if all(word in text for word in wanted):
                return True
        return False

    def _may_show(self, hit: ReferenceHit) -> bool:
        """What another project keeps of a closed network is not this one's."""
        address = plain_address(hit.source)
        return address is None or self._standing(address, [address]) != "closed"

    async def _search_web(
        self, provider: SearchProvider, words: str
    ) -> tuple[tuple[ReferenceHit, ...], str]:
        """What the provider found, and what is said beside it. Counted before it leaves."""
        if await self._stays_here():
            return (), self._said("lookup/stays_here")
        await self._refuse_secrets(words)
        count = await self._reserve_query(words)
        if not count:
            return (), self._said("lookup/all_used", most=str(self._deps.rules.queries))
        facts: dict[str, Json] = {"query": words, "provider": provider.name, "number": count}
        await self._tell("looked_for", self._call, facts)
        try:
            found = await provider.search(words, HITS)
        except LookupUnavailable as error:
            return (), self._said("lookup/no_answer", why=self._english(error.say))
        usual = [(plain_address(hit.source), hit) for hit in found[:HITS]]
        kept = [(at, hit) for at, hit in usual if at and not rules.is_echo(at, words)]
        return tuple(hit.model_copy(update={"source": at}) for at, hit in kept), ""

    async def _reserve_query(self, words: str) -> int:
        """Which one it is, from 1; 0 when there is none left. A call counts once."""
        async with self._lock:
            books = await self._books()
            sent = books.queries
            number = next((n for n, q in enumerate(sent, 1) if q.call == self._call), 0)
            if number or len(sent) >= self._deps.rules.queries:
                return number
            sent = (*sent, SentQuery(call=self._call, text=words))
            await self._put(books.model_copy(update={"queries": sent}))
            return len(sent)

    # ------------------------------------------------------------ sources

    async def open(self, text: str, part: int) -> str:
        """A part of a source."""
        source = rules.usual_source(text)
        if plain_address(source) is None:
            looked = await self._kept(source)
        else:
            looked = await self._fetched(source)
        if not looked.text:
            why = looked.refused or LocalizedText(key="lookup.gone")
            raise ToolRefused("calls/look_failed", source=source, why=self._english(why))
        await self._record(looked)
        await self._note(opened=[source])
        whole = answers.parts_of(self._deps.guard.legible(looked.text))
        if part > len(whole):
            counts = {"parts": str(len(whole)), "part": str(part)}
            raise ToolRefused("calls/look_past_end", source=source, **counts)
        told = answers.TOLD.get(looked.freshness, "")
        head = answers.page_head(looked, self._said(told) if told else "")
        quoted = self._quoted(f"{head}\n\n{whole[part - 1]}")
        foot = answers.page_foot(part, len(whole))
        return "\n".join(row for row in (quoted, foot) if row)

    async def _kept(self, source: str) -> Looked:
        """What no server is asked for: it was added here, or belongs to the environment."""
        own = await self._deps.shelf.belongs(source, await self._deps.folders(self._run))
        kept = await self._deps.library.store.get(source)
        if kept is None or (kept.kind == "package" and not own):
            raise ToolRefused("calls/look_no_address", source=source)
        return serve(kept, "fresh")

    async def _fetched(self, address: str) -> Looked:
        standing = await self._stood(address)
        if standing not in ("named", "host"):
            await self._tell_refused(address, standing)
            most = {"most": str(rules.LONGEST_MADE)} if standing == "long" else {}
            raise ToolRefused(_REFUSALS[standing], source=address, **most)
        if standing == "host":
            await self._refuse_secrets(address)
        library, fresh_s = self._deps.library, self._deps.rules.fresh_s
        return await library.open(
            address,
            self._deps.fetcher,
            self._may_ask,
            fresh_s=fresh_s,
            made_up=standing == "host",
        )

    def _standing(self, address: str, known: Collection[str]) -> rules.Standing:
        return rules.standing(address, known, self._deps.rules)

    async def _stood(self, address: str) -> rules.Standing:
        """By whole addresses that this run was given; the pages it opened last, last."""
        books = await self._books()
        known = {*rules.issue_addresses(self._run.snapshot), *books.shown}
        found = self._standing(address, known)
        if found not in ("named", "closed"):
            for source in reversed(books.opened):
                kept = await self._deps.library.store.get(source)
                # documentation of a package comes with the change's own lock file
                if kept is not None and kept.kind != "package" and address in kept.links:
                    return self._standing(address, kept.links)
        return found

    async def _may_ask(self) -> LocalizedText | None:
        """Counted before it leaves; a call counts once."""
        if await self._stays_here():
            return LocalizedText(key="lookup.stays_here")
        async with self._lock:
            books = await self._books()
            most = self._deps.rules.pages
            if self._call in books.asked:
                return None
            if len(books.asked) >= most:
                return LocalizedText(key="lookup.pages_used", facts={"most": most})
            await self._put(books.model_copy(update={"asked": (*books.asked, self._call)}))
        return None

    # ------------------------------------------------------------ both

    async def _stays_here(self) -> bool:
        plan = await self._deps.store.plan(self._run.id)
        return rules.stays_here(self._run.snapshot, plan, self._deps.rules)

    async def _refuse_secrets(self, text: str) -> None:
        if await self._may_be_secret(text):
            await self._tell_refused(text, "secret")
            raise ToolRefused("calls/look_secret")

    async def _may_be_secret(self, text: str) -> bool:
        return bool(await asyncio.to_thread(self._deps.guard.leaving, "lookup", text, ""))

    def _quoted(self, text: str) -> str:
        return quote(self._deps.guard.legible(text), word_of(self._session), "reference")

    def _said(self, template: str, **variables: str) -> str:
        return self._deps.prompts.text(template, **variables)

    def _english(self, say: LocalizedText) -> str:
        return ENGLISH(say.key, **say.facts)

    async def _books(self) -> Lookups:
        return await self._deps.store.get(LOOKUPS, self._run.id) or Lookups()

    async def _put(self, books: Lookups) -> None:
        await self._deps.store.put(LOOKUPS, self._run.id, books)

    async def _note(
        self, *, shown: Sequence[str] = (), opened: Sequence[str] = (), local: str = ""
    ) -> None:
        async with self._lock:
            books = await self._books()
            told = Lookups(
                queries=books.queries,
                shown=_newest(books.shown, shown, MOST_SHOWN),
                opened=_newest(books.opened, opened, MOST_OPENED),
                local=_newest(books.local, [local] if local else [], MOST_SHOWN),
                asked=books.asked,
            )
            await self._put(told)

    async def _record(self, looked: Looked) -> None:
        """Once a source, as it was: its parts are one use."""
        title = answers.one_line(self._deps.guard.legible(looked.title), answers.MOST_TITLE)
        facts: dict[str, Json] = {
            "source": looked.source,
            "title": title,
            "date": answers.day(looked.fetched_at),
            "sha256": looked.sha256,
            "freshness": looked.freshness,
            "state": stored_fact(LocalizedText(key=f"lookup.is_{looked.freshness}")),
            "bytes": looked.downloaded_bytes,
        }
        told = looked.freshness if looked.freshness in ("stale", "gone") else ""
        at = f"{self._session.id}:{looked.source}:{looked.sha256[:16]}:{told}"
        await self._tell("looked_up", at, facts)

    async def _tell_refused(self, source: str, why: str) -> None:
        """What was made up may hold anything, and a fact of the run is shown to people."""
        source = "-" if await self._may_be_secret(source) else source[: rules.LONGEST_QUERY]
        state = stored_fact(LocalizedText(key=f"lookup.not_{why}"))
        facts: dict[str, Json] = {"source": source, "why": why, "state": state}
        await self._tell("look_refused", self._call, facts)

    async def _tell(self, kind: str, key: str, facts: dict[str, Json]) -> None:
        run = self._run
        fact = Event(
            run=run.id,
            key=f"{kind}:{key}",
            at=self._deps.library.clock.now(),
            stage=run.stage,
            kind=kind,
            facts=facts,
        )
        stored = await self._deps.store.record(fact)
        if stored.at == fact.at:
            self._deps.on_event(run, stored)


def _newest(before: Sequence[str], more: Sequence[str], most: int) -> tuple[str, ...]:
    """Each once, the newest last, and no more than so many."""
    return tuple(dict.fromkeys([*(one for one in before if one not in more), *more]))[-most:]

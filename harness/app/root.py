"""Opens everything over one state folder, in the right order, and closes it again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Literal, cast

from harness.app import adapters
from harness.app.app_context import AppContext, OnTrouble
from harness.app.claiming import Proved, prove_as
from harness.app.daemon_control import DaemonControl
from harness.app.guarding import own_secrets
from harness.app.one_off import solo
from harness.app.preview import previews
from harness.app.probes import probes
from harness.app.projects import Shared
from harness.app.proving import prove_pull_request, prove_range
from harness.app.public_pulls import prove_public
from harness.app.published import Published
from harness.app.redacting import RedactedStore
from harness.app.spending import OwnCaps, caps
from harness.app.trying import try_project
from harness.app.upkeep import housekeeper
from harness.app.views import diff_of, report_of, weekly_of
from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.change_proof import Asked, Proof
from harness.core.errors import RefusedError
from harness.core.types import Event, LocalizedText, Run
from harness.core.view_types import AgentDone, OnBegin, OnEnd, OnTry, Preview, Probe
from harness.daemon.housekeeping import Cleared
from harness.engine.database import Alone, Database
from harness.engine.journal import SqlJournal
from harness.engine.ledger import SqlLedger
from harness.engine.lock import StateLock
from harness.engine.trouble import Told
from harness.guard.visible import visible
from harness.pipeline.outbound.leases import Holder
from harness.ports.clock import Clock
from harness.ports.journal import Journal
from harness.ports.store import Store
from harness.ports.words import Words
from harness.proof.criteria import criteria_of
from harness.system.clock import SystemClock
from harness.system.log import log_to
from harness.system.redact import Redactor
from harness.testruns.recipes.tried import Found

log = logging.getLogger(__name__)
OnEvent = Callable[[Run, Event], None]
THREADS = 32
Decorate = Callable[[str, object], object]


def as_it_is(port: str, thing: object) -> object:
    """The decorator that leaves every port alone."""
    return thing


class Composed(AppContext):
    """The opened parts and what acts on them. Reads need nothing; acting needs `take`."""

    def __init__(
        self,
        settings: Settings,
        sources: Sources,
        words: Words,
        shared: Shared,
        database: Database,
        published: Published,
        on_trouble: OnTrouble,
    ) -> None:
        super().__init__(settings, sources, words, shared, database, published, on_trouble)
        self.lock = StateLock(settings.paths.lock)
        self.daemon = DaemonControl(self)
        self._taken = False

    def holder(self) -> str | None:
        """Who holds the lock now; None when it is free."""
        owner = self.lock.holder()
        if owner is None:
            return None
        return f"pid {owner.pid} on {owner.host} since {owner.started}"

    async def take(self) -> bool:
        """Become the one that acts: take the lock, define the workflows, take up what was under
        way. False when another process has the lock."""
        if self._taken:
            return True
        try:
            self.lock.acquire(self.clock.now())
        except RefusedError:
            return False
        self._taken = True
        for name in self.sources.projects():
            self.define(name)
        await self.shared.durable.launch()
        self.published.holder = self.holder() or ""
        return True

    async def clean(self, *, dry_run: bool) -> Cleared:
        """Clears up what may go; `dry_run`: only says what would."""
        keeper = housekeeper(self, self.projects())
        return await (keeper.would() if dry_run else keeper.clear())

    async def preview(self, issues: Sequence[int] = ()) -> tuple[Preview, ...]:
        """What one tick would do."""
        return await previews(self, issues)

    async def probes(self, project: str, on_begin: OnBegin, on_end: OnEnd) -> tuple[Probe, ...]:
        """The checks only the composed parts can make."""
        return await probes(self, project, on_begin, on_end)

    async def try_project(self, project: str, on_try: OnTry) -> Found:
        """The recipe by which its suite can judge a change."""
        return await try_project(self, self.settings_of(project), on_try)

    async def diff(self, run: Run) -> str:
        """The run's change against its base."""
        return await diff_of(self.project(run.project), run)

    async def report(self, run: Run, sort: Literal["markdown", "html"]) -> str:
        """One run's report."""
        return await report_of(self.project(run.project), run, sort)

    async def weekly(self, since_days: float, sort: Literal["markdown", "html"]) -> str:
        """A table over the runs of the last days."""
        return await weekly_of(self.projects(), self.words, self.clock.now(), since_days, sort)

    async def agent(self, prompt: str, cwd: Path, apply: bool) -> AgentDone:
        """One session in a sandboxed copy of a repository."""
        await self.sandbox.check()
        return await solo(self.settings, self.shared, prompt, cwd, apply)

    async def prove(self, cwd: Path, base: str, head: str, asked: Asked, page: str) -> Proved:
        """The gate and the proof of any change."""
        await self.sandbox.check()

        async def make(asked: Asked) -> Proof:
            return await prove_range(self.settings, self.shared, cwd, base, head, asked)

        return await prove_as(make, asked, page)

    async def prove_pull_request(
        self, project: str, number: int, asked: Asked, page: str
    ) -> Proved:
        """The same of a pull request of a registered project."""
        await self.sandbox.check()
        settings, forge = self.settings_of(project), self.forge(project)

        async def make(asked: Asked) -> Proof:
            return await prove_pull_request(settings, self.shared, forge, number, asked)

        return await prove_as(make, asked, page)

    async def prove_public(self, address: str, page: str, budget_s: float) -> Proved:
        """The same of a pull request by its address, held to what its page shows."""
        await self.sandbox.check()
        return await prove_public(self.settings, self.shared, address, page, budget_s)

    async def asked_in(self, project: str, number: int) -> Asked:
        """What an issue of a registered project asks for."""
        issue = await self.forge(project).issue(number)
        return Asked(title=issue.title, criteria=criteria_of(visible(issue.body).text))

    async def close(self) -> None:
        """Let steps end, close models and the database, give the lock back."""
        try:
            if self._taken:
                await self.shared.durable.close()
            for model in self.shared.models.values():
                await model.close()
            await self.shared.forges.close()
            if self._taken:
                self.published.holder = ""
                await self.published.publish()
        finally:
            await self.database.close()
            self.lock.release()


@asynccontextmanager
async def open_app(
    settings: Settings,
    *,
    sources: Sources,
    words: Words,
    on_event: OnEvent | None = None,
    on_trouble: OnTrouble = lambda _: None,
    decorate: Decorate = as_it_is,
    redactor: Redactor | None = None,
) -> AsyncIterator[Composed]:
    """See harness.cli.ports.OpenApp. `decorate(port, thing)` may wrap clock, forge, workspace,
    store, journal and model."""
    adapters.home(settings)
    # 25 agents wait for git and files at once; the default pool has a handful of threads
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    clock = cast(Clock, decorate("clock", SystemClock()))

    told = _storage_teller(words, on_trouble)
    alone = _locking(settings.paths.lock, clock)
    database = Database(settings.paths.state_db, alone=alone, told=told)
    await database.open()
    redactor = Redactor() if redactor is None else redactor
    redactor.add(*own_secrets(settings, sources))
    store = cast(Store, decorate("store", RedactedStore(database, redactor)))
    journal = cast(Journal, decorate("journal", SqlJournal(database)))
    own_caps = OwnCaps(settings, sources)
    ledger = SqlLedger(database, caps(settings.limits), own_caps)
    published = Published(settings, store, ledger, clock)

    def report_event(run: Run, event: Event) -> None:
        published.remember(run, event)
        if on_event is not None:
            on_event(run, event)

    shared = Shared(
        sources=sources,
        store=store,
        journal=journal,
        ledger=published.ledger,
        durable=adapters.Late(settings.paths.engine_db, redactor, told),
        clock=clock,
        on_event=report_event,
        decorate=decorate,
        holder=Holder(store),
        forges=adapters.Forges(sources, clock, redactor),
        redactor=redactor,
        caps=own_caps,
        agent_slots=asyncio.Semaphore(settings.limits.agents),
    )
    composed = Composed(settings, sources, words, shared, database, published, on_trouble)
    with log_to(settings.paths.log, redactor):
        try:
            yield composed
        finally:
            await composed.close()


def _locking(path: Path, clock: Clock) -> Alone:
    """Holds the state lock for as long as the schema is moved."""

    @contextmanager
    def alone() -> Iterator[None]:
        with StateLock(path) as lock:
            lock.acquire(clock.now())
            yield

    return alone


def _storage_teller(words: Words, on_trouble: OnTrouble) -> Told:
    """A disk that takes nothing is said on the screen of whoever waits, and in the log."""

    def tell(said: LocalizedText) -> None:
        text = words(said.key, **said.facts)
        log.error("%s", text)
        on_trouble(text)

    return tell

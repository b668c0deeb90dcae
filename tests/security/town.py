"""A forge with strangers on it, the real pipeline's door before it, and the daemon
that looks. What an agent would be told is kept; no model is there to be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

from harness.app.guarding import Guarding
from harness.config.environ import place
from harness.config.forge_settings import ForgeSettings
from harness.config.load import Sources
from harness.config.sections import TrustSettings
from harness.config.settings import Settings
from harness.core.base import Json
from harness.core.types import (
    Actor,
    Comment,
    Issue,
    Permission,
    Run,
    RunState,
)
from harness.daemon.service import Daemon, Hooks
from harness.engine.database import Database
from harness.engine.journal import SqlJournal
from harness.engine.ledger import SqlLedger
from harness.engine.store import SqlStore
from harness.i18n.catalogue import Catalogue
from harness.pipeline.agents.openings import shown_issue
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.project import Project
from harness.pipeline.run_policy import RunPolicy
from harness.ports.durable import Flow
from harness.prompting.templates import Prompts, prompts_root
from harness.testing.durable import MemoryDurable
from tests.engine.values import NO_CAPS
from tests.fake_forge import ANN, AT, ME, FakeForge
from tests.patience import PATIENCE_S

OWNER = ANN
STRANGER = Actor(id=66, login="mallory")
SECOND = timedelta(seconds=1)


class TownClock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.at = AT + timedelta(minutes=10)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


class TownForge(FakeForge):
    """A forge of strangers' issues and one owner, whose changes bear the time of its clock."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = TownClock()
        self.permissions[OWNER.id] = Permission.ADMIN

    def put(self, number: int, **changes: object) -> Issue:
        fields: dict[str, object] = {"updated_at": self.clock.now()}
        if self._newest(number) is None:
            fields |= {"author": STRANGER, "created_at": AT - timedelta(hours=1)}
            fields |= {"title": f"title {number}", "body": f"body {number}"}
        return super().put(number, **{**fields, **changes})

    def say(self, number: int, by: Actor, body: str, at: datetime = AT, **more: object) -> Comment:
        comment = super().say(number, by, body, at, **more)
        if self._newest(number) is not None:
            self.put(number)
        return comment

    def label(self, number: int, by: Actor, at: datetime = AT, name: str = "harness") -> None:
        self.happen(number, "labeled", by, name, at)
        self.put(number, labels=(*self._issue(number).labels, name))

    def assign(self, number: int, by: Actor, at: datetime = AT) -> None:
        self.happen(number, "assigned", by, ME.login, at)
        self.put(number, assignees=(ME.login,))

    def ours(self, number: int) -> list[str]:
        """What harness wrote there."""
        return [c.body for c in self.comments_on[number] if c.author == ME]


class Door:
    """The daemon before one town. `started` are the issues for which a model would have been
    called, in order; `prompts` what it would have been told."""

    def __init__(
        self, town: TownForge, database: Database, folder: Path, trust: TrustSettings
    ) -> None:
        self.town = town
        self.clock = town.clock
        self.store = SqlStore(database)
        self.durable = MemoryDurable({})
        self.started: list[int] = []
        self.prompts: dict[int, str] = {}
        self.told: list[str] = []
        self.rests: dict[int, Run] = {}
        """Issue -> fields of the row that the activation leaves; without one it is over."""
        settings = Settings(
            state_dir=folder, forge=ForgeSettings(kind="github", repository="o/r"), trust=trust
        )
        sources = Sources(place({"HOME": str(folder)}, folder))
        anything = cast(Any, None)
        self.deps = PipelineDeps(
            forge=town,
            store=self.store,
            journal=SqlJournal(database),
            ledger=SqlLedger(database, NO_CAPS),
            workspace=anything,
            sandbox=anything,
            backend=anything,
            durable=self.durable,
            clock=self.clock,
            guard=Guarding(settings, sources, self.clock),
            prompts=Prompts(prompts_root()),
            words=Catalogue("en"),
            policy=RunPolicy(project="p"),
            folder=lambda run: folder / run.id.replace("/", "-"),
            on_event=lambda run, event: None,
        )
        self.project = Project(self.deps)
        self.daemon = self.fresh()
        self.durable.define("activation:p", self._activation)

    def fresh(self) -> Daemon:
        """The daemon of another process."""
        hooks = Hooks(tell=lambda says: self.told.extend(f"{s.key} {s.facts}" for s in says))
        self.daemon = Daemon([self.project], self.store, self.durable, self.clock, None, hooks)
        return self.daemon

    async def look(self, minutes: float = 2) -> None:
        """Some time passes, then one round until all rests."""
        self.clock.at += timedelta(minutes=minutes)
        await self.daemon.run_once()

    async def held(self) -> dict[int, str]:
        return {h.issue: h.why.key for h in self.daemon.held_issues}

    async def _activation(self, flow: Flow, argument: Json) -> Json:
        async def step() -> Json:
            assert isinstance(argument, dict)
            run = await self.store.run(str(argument["run"]))
            self.started.append(run.issue)
            self.prompts[run.issue] = shown_issue(Job(self.deps, run))
            rest = self.rests.get(run.issue)
            over = run.model_copy(update={"state": RunState.DONE, "wait": None})
            if rest is not None:
                over = run.model_copy(update={"state": rest.state, "wait": rest.wait})
            await self.store.save_run(over)
            return None

        return await flow.step("model", step)


async def visit(
    folder: Path,
    scene: Callable[[Door], Awaitable[None]],
    town: TownForge | None = None,
    **trust: Any,
) -> None:
    """Plays a scene at the door of a town."""

    folder.mkdir(parents=True, exist_ok=True)
    database = Database(folder / "state.db")
    await database.open()
    door = Door(town or TownForge(), database, folder, TrustSettings(**trust))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await door.durable.launch()
            await scene(door)
    finally:
        await door.durable.close(grace_s=0)
        await database.close()

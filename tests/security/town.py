"""A repository on paper with strangers in it, the real pipeline's door before it, and the daemon
that looks. What an agent would be told is kept; no model is there to be asked."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from harness.app.guarding import Guarding
from harness.config.environ import place
from harness.config.forge_settings import ForgeSettings
from harness.config.load import Sources
from harness.config.sections import TrustSettings
from harness.config.settings import Settings
from harness.core.base import Json
from harness.core.errors import HarnessError, NotFound
from harness.core.types import (
    Actor,
    Comment,
    Issue,
    IssuePage,
    Permission,
    Repository,
    Run,
    RunState,
    TimelineEvent,
)
from harness.daemon.service import Daemon, Hooks
from harness.engine.database import Database
from harness.engine.journal import SqlJournal
from harness.engine.ledger import SqlLedger
from harness.engine.store import SqlStore
from harness.i18n.catalogue import Catalogue
from harness.pipeline.agents.openings import issue_text
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.job import Job
from harness.pipeline.project import Project
from harness.pipeline.run_policy import RunPolicy
from harness.ports.durable import Flow
from harness.ports.forge import Forge
from harness.prompting.templates import Prompts, prompts_root
from harness.testing.durable import MemoryDurable
from tests.engine.values import NO_CAPS
from tests.patience import PATIENCE_S

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ME = Actor(id=2, login="harness[bot]", kind="bot")
OWNER = Actor(id=7, login="ann")
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


class Town:
    """Part of the Forge port. `broken` maps a method, or a person's id for `permission`, to what
    it raises; `calls` counts what was asked."""

    def __init__(self) -> None:
        self.changes: list[int] = []
        self.open: dict[int, Issue] = {}
        self.events: dict[int, list[TimelineEvent]] = {}
        self.said: dict[int, list[Comment]] = {}
        self.rights: dict[int, Permission] = {OWNER.id: Permission.ADMIN}
        self.broken: dict[str | int, HarnessError] = {}
        self.calls: Counter[str] = Counter()
        self.clock = TownClock()
        self._id = 100

    def issue_of(self, number: int, author: Actor = STRANGER, **more: object) -> Issue:
        """Opened or changed."""
        facts: dict[str, object] = {
            "number": number,
            "title": f"title {number}",
            "body": f"body {number}",
            "author": author,
            "created_at": AT - timedelta(hours=1),
        }
        before = self.open[number].model_dump() if number in self.open else facts
        moved = {"updated_at": self.clock.now()}
        self.open[number] = Issue.model_validate({**before, **moved, **more})
        self.changes.append(number)
        return self.open[number]

    def label(self, number: int, by: Actor, at: datetime = AT, name: str = "harness") -> None:
        self._event(number, "labeled", by, at, name)
        self.issue_of(number, labels=(*self.open[number].labels, name))

    def assign(self, number: int, by: Actor, at: datetime = AT) -> None:
        self._event(number, "assigned", by, at, ME.login)
        self.issue_of(number, assignees=(ME.login,))

    def say(self, on: int, by: Actor, body: str, at: datetime = AT, **more: object) -> Comment:
        self._id += 1
        fields: dict[str, object] = {"id": self._id, "author": by, "body": body, "created_at": at}
        comment = Comment.model_validate({**fields, **more})
        self.said.setdefault(on, []).append(comment)
        if on in self.open:
            self.issue_of(on)
        return comment

    def _event(self, number: int, kind: str, by: Actor, at: datetime, subject: str) -> None:
        self._id += 1
        event = TimelineEvent(id=self._id, kind=kind, actor=by, at=at, subject=subject)
        self.events.setdefault(number, []).append(event)

    def _ask(self, method: str) -> None:
        self.calls[method] += 1
        if method in self.broken:
            raise self.broken[method]

    # ---- the port

    async def me(self) -> Actor:
        return ME

    async def repository(self) -> Repository:
        self._ask("repository")
        return Repository(id=1, name="o/r", default_branch="main")

    async def permission(self, actor: Actor) -> Permission:
        self._ask("permission")
        if actor.id in self.broken:
            raise self.broken[actor.id]
        return self.rights.get(actor.id, Permission.NONE)

    async def issues(self, cursor: str = "") -> IssuePage:
        self._ask("issues")
        changed = dict.fromkeys(self.changes[int(cursor or 0) :])
        page = tuple(self.open[number] for number in changed)
        return IssuePage(issues=page, cursor=str(len(self.changes)))

    async def issue(self, number: int) -> Issue:
        self._ask("issue")
        if number not in self.open:
            raise NotFound("forge.no_issue", number=number)
        return self.open[number]

    async def timeline(self, number: int) -> tuple[TimelineEvent, ...]:
        self._ask("timeline")
        return tuple(self.events.get(number, ()))

    async def comments(self, number: int) -> tuple[Comment, ...]:
        self._ask("comments")
        return tuple(self.said.get(number, ()))

    async def blockers(self, number: int) -> tuple[int, ...]:
        self._ask("blockers")
        return ()

    async def put_comment(self, number: int, marker: str, body: str) -> Comment:
        self._ask("put_comment")
        text = f"<!-- harness:{marker} -->\n{body}"
        for index, old in enumerate(self.said.get(number, ())):
            if old.author == ME and old.body.startswith(f"<!-- harness:{marker} -->"):
                self.said[number][index] = old.model_copy(update={"body": text})
                return self.said[number][index]
        return self.say(number, ME, text)

    def ours(self, number: int) -> list[str]:
        """What harness wrote there."""
        return [c.body for c in self.said.get(number, ()) if c.author == ME]


class Door:
    """The daemon before one town. `started` are the issues for which a model would have been
    called, in order; `prompts` what it would have been told."""

    def __init__(self, town: Town, database: Database, folder: Path, trust: TrustSettings) -> None:
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
            forge=cast(Forge, town),
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
            self.prompts[run.issue] = issue_text(Job(self.deps, run))
            rest = self.rests.get(run.issue)
            over = run.model_copy(update={"state": RunState.DONE, "wait": None})
            if rest is not None:
                over = run.model_copy(update={"state": rest.state, "wait": rest.wait})
            await self.store.save_run(over)
            return None

        return await flow.step("model", step)


async def visit(
    folder: Path, scene: Callable[[Door], Awaitable[None]], town: Town | None = None, **trust: Any
) -> None:
    """Plays a scene at the door of a town."""

    folder.mkdir(parents=True, exist_ok=True)
    database = Database(folder / "state.db")
    await database.open()
    door = Door(town or Town(), database, folder, TrustSettings(**trust))
    try:
        async with asyncio.timeout(PATIENCE_S):
            await door.durable.launch()
            await scene(door)
    finally:
        await door.durable.close(grace_s=0)
        await database.close()

"""Fakes of what the daemon works with: a project whose activations are
plain functions over the run's row. The store is the real one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

from harness.core.base import Json
from harness.core.errors import Strayed
from harness.core.trust_types import Admission, Ordering
from harness.core.types import (
    Command,
    Issue,
    IssueSnapshot,
    LocalizedText,
    Run,
    RunState,
    Waiting,
)
from harness.daemon.dispatch import Limits
from harness.daemon.poll_intervals import Paces
from harness.daemon.service import Daemon, Hooks
from harness.engine.database import Database
from harness.engine.store import SqlStore
from harness.ports.durable import Durable, Flow
from harness.ports.store import Store
from harness.testing.durable import Memory, MemoryDurable
from tests.fake_forge import ANN, AT, FakeForge
from tests.patience import PATIENCE_S

Walk = Callable[[Run], Awaitable[Run]]
"""One activation: the row it is given -> the row it leaves."""


def say(key: str = "daemon.resume", **facts: str | int | float) -> LocalizedText:
    return LocalizedText(key=key, facts=facts)


async def finish(run: Run) -> Run:
    return run.model_copy(update={"state": RunState.DONE, "wait": None})


def waits(*signals: str, until: datetime | None = None, fingerprint: str = "") -> Walk:
    async def walk(run: Run) -> Run:
        wait = Waiting(reason=say(), signals=signals, until=until, fingerprint=fingerprint)
        return run.model_copy(update={"state": RunState.WAITING, "wait": wait})

    return walk


class HandClock:
    """Moved by hand; sleeping is real."""

    def __init__(self) -> None:
        self.at = AT

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class FakeProject:
    """`walks` maps (issue, activation) to what happens; without one the run is done at once.
    `log` tells what was asked of it, in order."""

    def __init__(self, name: str, store: Store, durable: Durable) -> None:
        self.name = name
        self.forge = FakeForge()
        self.log: list[str] = []
        self.walks: dict[tuple[int, int], Walk] = {}
        self.refused: dict[int, LocalizedText] = {}
        self.prints: dict[int, str] = {}
        self.ordering = Ordering()
        self.heard: list[int] = []
        self.answers: list[tuple[str, str]] = []
        self.told: list[tuple[int, str]] = []
        self.back: list[int] = []
        self.lost: Strayed | None = None
        """What its repository's name leads to."""
        self._store = store
        self._durable = durable
        self.followed = 0
        durable.define(f"activation:{name}", self._activation)

    async def belongs(self) -> None:
        if self.lost is not None:
            raise self.lost

    async def follow_proposals(self) -> None:
        self.followed += 1

    async def hold_astray(self, run: Run, why: LocalizedText) -> None:
        self.log.append(f"strayed {run.issue}")

    async def release_astray(self, run: Run) -> None:
        self.back.append(run.issue)

    async def admit(self, issue: Issue, *, comments: bool = True) -> Admission:
        return Admission(held=self.refused.get(issue.number))

    async def listen(self, issue: int, pr: int = 0) -> None:
        self.heard.append(pr or issue)

    async def reply_to(self, command: Command, answer: LocalizedText) -> None:
        self.answers.append((command.verb, answer.key))

    async def say_held(self, issue: int, held: LocalizedText | None, hidden: int = 0) -> None:
        self.told.append((issue, held.key if held else ""))

    async def begin(self, issue: Issue) -> Run:
        snapshot = IssueSnapshot(
            number=issue.number,
            title=issue.title,
            body=issue.body,
            author=issue.author,
            labels=issue.labels,
            taken_at=AT,
            trigger=ANN,
        )
        self.log.append(f"begin {issue.number}")
        return (await self._store.open_run(self.name, snapshot, issue.created_at))[0]

    async def command(self, command: Command) -> LocalizedText:
        self.log.append(f"{command.verb} {command.issue}")
        return say("daemon.word", verb=command.verb)

    async def fingerprint(self, run: Run) -> str:
        return self.prints.get(run.issue, "")

    async def activate(self, run: Run) -> str:
        number = run.activation + 1
        changes = {"activation": number, "state": RunState.ACTIVE, "wait": None}
        await self._store.save_run(run.model_copy(update=changes))
        self.log.append(f"activate {run.issue}.{number}")
        workflow = f"{run.id}/{number}"
        await self._durable.start(f"activation:{self.name}", workflow, run.id)
        return workflow

    async def _activation(self, flow: Flow, argument: Json) -> Json:
        async def step() -> Json:
            run = await self._store.run(str(argument))
            walk = self.walks.get((run.issue, run.activation), finish)
            await self._store.save_run(await walk(run))
            return None

        return await flow.step("walk", step)


class World:
    """One state folder. `daemon()` again after `restart()` is the next process."""

    def __init__(self, database: Database, memory: Memory, names: tuple[str, ...]) -> None:
        self.database = database
        self.store = SqlStore(database)
        self.clock = HandClock()
        self.memory = memory
        self.names = names
        self.told: list[LocalizedText] = []
        self.published = 0
        self.days: list[str] = []
        self.stopped: list[tuple[RunState, LocalizedText]] = []
        self.projects: dict[str, FakeProject] = {}
        self.durable = MemoryDurable(memory)
        self.assemble()

    def assemble(self) -> None:
        """A new engine and the projects on it; what the forges hold stays."""
        self.durable = MemoryDurable(self.memory)
        old = self.projects
        self.projects = {name: FakeProject(name, self.store, self.durable) for name in self.names}
        for name, project in old.items():
            self.projects[name].forge = project.forge
            self.projects[name].walks = project.walks

    @property
    def project(self) -> FakeProject:
        return self.projects[self.names[0]]

    def daemon(self, limits: Limits | None = None, paces: Paces | None = None) -> Daemon:
        async def publish() -> None:
            self.published += 1

        async def daily(day: str) -> None:
            self.days.append(day)

        async def stopped(run: Run, why: LocalizedText) -> None:
            self.stopped.append((run.state, why))

        hooks = Hooks(publish, self.told.extend, stopped, daily)
        projects = list(self.projects.values())
        return Daemon(projects, self.store, self.durable, self.clock, limits, hooks, paces)

    async def post(self, verb: str, issue: int, project: str = "") -> Command:
        return await self.store.post(
            Command(verb=verb, project=project or self.names[0], issue=issue, by="ann", at=AT)
        )

    async def states(self) -> dict[int, RunState]:
        """Newest run's state by issue of the first project."""
        return {run.issue: run.state for run in await self.store.runs(self.names[0])}

    async def until(self, states: dict[int, RunState]) -> None:
        """Returns when the runs are in these states."""
        for _ in range(int(PATIENCE_S / 0.02)):
            if await self.states() == states:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{await self.states()} never became {states}")


async def play(
    path: Path, work: Callable[[World], Awaitable[None]], names: tuple[str, ...] = ("p",)
) -> None:
    """Runs a scene in a fresh world."""
    database = Database(path / "state.db")
    await database.open()
    world = World(database, {}, names)
    try:
        async with asyncio.timeout(PATIENCE_S):
            await world.durable.launch()
            await work(world)
    finally:
        await world.durable.close(grace_s=0)
        await database.close()

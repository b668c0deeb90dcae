"""A whole harness in the test's own process, with faults put around its ports and a clock that is
moved by hand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from harness.app import open_app
from harness.app.root import Composed
from harness.config.environ import place
from harness.config.load import Sources
from harness.core.errors import HarnessError, Unavailable
from harness.core.types import Command, Run, RunState
from harness.i18n.catalogue import Catalogue
from harness.ports.forge import ForgeWriter
from tests.e2e.world import World
from tests.faults.invariants import SECRETS, clean, hold
from tests.patience import PATIENCE_S

Decorate = Callable[[str, object], object]
WRITES = {name for name in vars(ForgeWriter) if not name.startswith("_")}


class HandClock:
    """Wall time moves by hand only; sleeping is real."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.at.timestamp()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def pass_(self, **much: float) -> None:
        """Time goes by: `pass_(hours=6)`."""
        self.at += timedelta(**much)


class Trouble:
    """What goes wrong with the forge: nothing, everything (`down`), the answers of writes that were
    made (`loses`), or what is raised instead of a call (`instead`). Both are asked with the call's
    name, each time."""

    def __init__(
        self,
        loses: Callable[[str], bool] = lambda _: False,
        instead: Callable[[str], HarnessError | None] = lambda _: None,
    ) -> None:
        self.down = False
        self.loses = loses
        self.instead = instead
        self.writes: list[str] = []
        self.asked = 0

    def around(self, port: str, thing: object) -> object:
        return Troubled(self, port, thing) if port in ("forge", "workspace") else thing


class Troubled:
    """A port with trouble in front of it, and behind it."""

    def __init__(self, trouble: Trouble, port: str, thing: object) -> None:
        self._trouble = trouble
        self._port = port
        self._thing = thing

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._thing, name)
        outside = self._port == "forge" or name in ("push", "sync")
        if name in ("remote", "limits") or not outside:  # known without asking
            return found
        writes = name == "push" if self._port == "workspace" else name in WRITES
        trouble = self._trouble

        async def call(*args: Any, **named: Any) -> Any:
            trouble.asked += 1
            if trouble.down:
                raise Unavailable("github.unavailable", why="503")
            if (fault := trouble.instead(name)) is not None:
                raise fault
            answer = await found(*args, **named)
            if writes:
                trouble.writes.append(name)
                if trouble.loses(name):
                    raise Unavailable("github.unavailable", why="503")
            return answer

        return call


class Life:
    """One opened harness over a world, and its clock."""

    def __init__(self, app: Composed, world: World, clock: HandClock, told: list[str]) -> None:
        self.app = app
        self.world = world
        self.clock = clock
        self.told = told
        """Lines of the daemon's log."""

    async def run(self, issue: int = 1) -> Run | None:
        """The issue's newest run."""
        return await self.app.store.find_run(self.world.name, issue)

    async def say(self, verb: str, issue: int = 1, text: str = "") -> None:
        """A person's word in the inbox."""
        at, name = self.clock.now(), self.world.name
        word = Command(verb=verb, project=name, issue=issue, by="me", at=at, text=text)
        await self.app.store.post(word)

    async def rounds(self, most: int = 60) -> Run:
        """Rounds of work, time moved on to each next try, until the run is over or asks a
        person."""
        for _ in range(most):
            await self.app.daemon.run_once()
            run = await self.run()
            if run is not None and (run.state.over or run.state is RunState.HELD):
                return run
            self.clock.pass_(minutes=6)
        raise AssertionError(f"still {run and run.wait} after {most} rounds")


@asynccontextmanager
async def life(
    world: World, trouble: Trouble, clock: HandClock | None = None
) -> AsyncIterator[Life]:
    """Opened, locked, closed at the end."""
    hand, told = clock or HandClock(), list[str]()

    def decorate(port: str, thing: object) -> object:
        return hand if port == "clock" else trouble.around(port, thing)

    sources = Sources(place({**world.env, **SECRETS}, world.repo))
    settings = sources.settings(world.name)
    opened = open_app(
        settings,
        sources=sources,
        words=Catalogue("en"),
        on_trouble=told.append,
        decorate=decorate,
    )
    async with opened as app:
        assert await app.take()
        yield Life(app, world, hand, told)


def play(
    world: World,
    trouble: Trouble,
    scene: Callable[[Life], Awaitable[None]],
    clock: HandClock | None = None,
) -> None:
    """Runs a scene in a world; then all that must hold after every fault is looked up."""

    async def whole() -> None:
        async with asyncio.timeout(PATIENCE_S), life(world, trouble, clock) as opened:
            await scene(opened)
            await hold(opened.app, world)

    asyncio.run(whole())
    clean(world)


def one_of_each(world: World, comments: int = 1) -> None:
    """V1 and V6: one pull request, merged, one commit of it, one comment."""
    (pull,) = world.pulls()
    assert pull.state == "merged"
    bodies = [c.body for c in world.comments()]
    assert len(bodies) == len(set(bodies)) == comments, bodies
    assert world.git_log("main").count("Add, do not subtract") == 1
    assert world.issue().state == "closed"

"""The daemon as commands ask for it: whole rounds, some issues, no further than a stage."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.app import adapters
from harness.app.app_context import AppContext
from harness.app.registrations import Registrations
from harness.app.upkeep import housekeeper
from harness.app.webhooks import listening
from harness.core.types import Command, LocalizedText, RunState, Stage
from harness.daemon.dispatch import Limits
from harness.daemon.poll_intervals import Pace, Paces
from harness.daemon.scheduler import interval_s
from harness.daemon.service import Daemon, Hooks, Issues
from harness.pipeline.project import Project
from harness.report.snapshot import HeldIssue

STOPPED = "pipeline.stopped_after"
log = logging.getLogger(__name__)


class DaemonControl:
    """Needs the lock (`Composed.take`)."""

    def __init__(self, app: AppContext) -> None:
        self._app = app
        self._made: Daemon | None = None
        self._ready = False
        self._paces = Paces()
        self._registrations = Registrations(app, self._tell)
        self._touched = _touched(app.settings.paths.nudge)
        self._embedded: set[str] = set()
        """Projects at work on the embedded forge; another is asked over the network, when due."""

    @property
    def _daemon(self) -> Daemon:
        if self._made is None:
            app, limits = self._app, self._app.settings.limits
            for name in app.sources.projects():
                self._follow(name)
            self._made = Daemon(
                [self._registrations.begin(name) for name in app.sources.projects()],
                app.store,
                app.shared.durable,
                app.clock,
                # a run at work has one agent or more
                Limits(
                    runs=min(limits.concurrent_runs, limits.agents),
                    project_runs=limits.project_runs,
                ),
                Hooks(
                    publish=self._publish,
                    tell=self._tell,
                    daily=self._daily,
                    tidy=self._tidy,
                    leavers=self._registrations.leavers,
                    newcomers=self._newcomers,
                    nudged=self._nudged,
                ),
                self._paces,
            )
        return self._made

    def _pace(self, project: str) -> Pace:
        """Looking at the embedded forge costs nothing, so it is not done less often."""
        settings = self._app.settings_of(project)
        base_s = interval_s(settings.schedule.every)
        even = project in self._embedded or settings.schedule.cron
        return Pace(base_s=base_s, idle_s=base_s if even else interval_s(settings.schedule.idle))

    def _follow(self, project: str) -> None:
        """From now on it is looked at, as often as its forge is."""
        self._embedded.discard(project)
        if self._app.settings_of(project).forge.descriptor.embedded:
            self._embedded.add(project)
        self._paces.add(project, self._pace(project))

    async def _newcomers(self, known: Collection[str]) -> Sequence[Project]:
        found = await self._registrations.newcomers(known)
        for project in found:
            self._follow(project.name)
        return found

    async def _nudged(self) -> Collection[str]:
        before = self._touched
        self._touched = await asyncio.to_thread(_touched, self._app.settings.paths.nudge)
        if self._touched == before:
            return ()
        return sorted(self._embedded)

    async def tick(self) -> None:
        """One look, and what follows from it is started."""
        await self.ready()
        await self._go_on()
        await self._daemon.tick()

    async def run_once(self, *, due: bool = False) -> None:
        """One tick, then work until every run waits, is held or is over. `due`: only projects
        whose next look has come are looked at, as `run_forever` does."""
        await self.ready()
        await self._go_on()
        await self._once(due=due)

    async def run_forever(self) -> None:
        """By the schedule, until a signal."""
        await self.ready()
        await self._go_on()
        schedule = self._app.settings.schedule
        async with listening(self._app, self._daemon.wake) as said:
            if said is not None:
                self._tell([said])
            await self._daemon.run_forever(schedule.cron or schedule.every)

    async def ready(self) -> None:
        """MissingError when Boxes cannot be opened: said before work begins, not in its middle."""
        if self._ready:
            return
        kinds = {p: self._app.settings_of(p) for p in self._app.sources.projects()}
        for chosen in {each.sandbox.kind: each for each in kinds.values()}.values():
            await adapters.sandbox(chosen, self._app.sources.place.env).check()
        self._ready = True

    async def apply_inbox(self) -> None:
        """People's words only."""
        await self._daemon.apply_inbox()

    async def work(self, project: str, issues: Sequence[int]) -> None:
        """Like run_once, for these issues only."""
        await self.ready()
        await self._once({(project, number) for number in issues})

    async def triage(self, project: str, issues: Sequence[int]) -> None:
        """No further than triage; no issues: every admitted one."""
        await self.ready()
        with self._no_further(project, Stage.TRIAGE):
            only = {(project, number) for number in issues} if issues else None
            await self._once(only)

    async def plan(self, project: str, issue: int) -> None:
        """No further than the plan."""
        await self.ready()
        with self._no_further(project, Stage.PLAN):
            await self._go_on(only=issue)
            await self._once({(project, issue)})

    async def _once(self, only: Issues | None = None, *, due: bool = False) -> None:
        await self._daemon.run_once(only, due=due)
        if self._daemon.interrupted:
            # all is stored; the command still did not end as asked
            raise KeyboardInterrupt

    @contextmanager
    def _no_further(self, project: str, stage: Stage) -> Iterator[None]:
        stops = self._app.project(project).deps.live.stops
        stops[project] = stage
        try:
            yield
        finally:
            del stops[project]

    async def _go_on(self, only: int = 0) -> None:
        """Runs that stopped early because a command asked for no more go on now."""
        for run in await self._app.store.runs(states=[RunState.WAITING]):
            stopped = run.wait is not None and run.wait.reason.key == STOPPED
            if stopped and only in (0, run.issue):
                word = Command(
                    verb="resume",
                    project=run.project,
                    issue=run.issue,
                    by="harness",
                    at=self._app.clock.now(),
                )
                await self._app.store.post(word)

    async def _publish(self) -> None:
        published, daemon = self._app.published, self._daemon
        published.next_look = daemon.next_look
        published.held = tuple(
            HeldIssue(project=h.project, issue=h.issue, title=h.title, why=h.why)
            for h in daemon.held_issues
        )
        for project in self._app.composed():
            limits = await project.forge.limits()
            if limits.limit is not None or limits.waiting_until is not None:
                published.forges[project.name] = limits
        await published.publish()

    def _tell(self, sentences: Sequence[LocalizedText]) -> None:
        text = " ".join(self._app.words(say.key, **say.facts) for say in sentences)
        log.warning("%s", text)
        self._app.on_trouble(text)

    async def _daily(self, day: str) -> None:
        settings = self._app.settings
        keep = settings.housekeeping.backups
        await self._app.database.backup(settings.paths.backups, day, keep)

    async def _tidy(self) -> LocalizedText | None:
        keeper = housekeeper(self._app, self._app.composed())
        cleared = await keeper.clear()
        for saved in cleared.saved:
            self._tell([saved.say])
        for trouble in cleared.troubles:
            self._tell([trouble])
        return keeper.start_blocker(cleared.used)


def _touched(path: Path) -> int:
    """When, in nanoseconds; 0: never."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0

"""The daemon: looks (reconcile), decides (pure), acts, and keeps going until told to stop.

One of the three places that catch: what breaks a tick is told in one line, and the next tick
tries again. The caller holds the state lock and has launched the engine.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import datetime
from typing import Any

from harness.core.errors import (
    Forbidden,
    ForgeError,
    HarnessError,
    NotFound,
    StateReplaced,
    Strayed,
    Unavailable,
)
from harness.core.types import LocalizedText, Run, RunState, Waiting
from harness.daemon import slots
from harness.daemon.backlog import Backlog, ProjectPort
from harness.daemon.dispatch import Action, Limits, decide
from harness.daemon.executor import (
    ActionExecutor,
    DaemonStore,
    Hooks,
    Issues,
    Ports,
)
from harness.daemon.poll_intervals import Paces
from harness.daemon.scheduler import Scheduler
from harness.daemon.unstarted import UnstartedIssue
from harness.pipeline.activation import gone_fingerprint
from harness.pipeline.outbound.authority import rests
from harness.pipeline.pull_request.pr_slots import QUEUED
from harness.ports.clock import Clock
from harness.ports.durable import Durable

TIDY_S = 3600.0
BEAT_S = 1.0
GRACE_S = 6.0
LONG_LOOK_S = 3600.0
LOOKED_AT = (RunState.WAITING, RunState.HELD, RunState.ACTIVE)


class Daemon:
    """Made and used on one loop. `next_look` is the next due time of `run_forever`."""

    def __init__(
        self,
        projects: Sequence[ProjectPort],
        store: DaemonStore,
        durable: Durable,
        clock: Clock,
        limits: Limits | None = None,
        hooks: Hooks | None = None,
        paces: Paces | None = None,
    ) -> None:
        self.next_look: datetime | None = None
        self._tidied: float | None = None
        self.grace_s = GRACE_S
        """How long steps under way may take to end when it is told to stop."""
        self._ports = Ports(
            projects={project.name: project for project in projects},
            store=store,
            durable=durable,
            clock=clock,
            limits=limits or Limits(),
            hooks=hooks or Hooks(),
        )
        self._acting = ActionExecutor(self._ports)
        self._paces = paces or Paces()
        self._one_at_a_time = asyncio.Lock()
        self._stop = asyncio.Event()
        self.interrupted = False
        """Whether it was Ctrl-C that told it to stop."""
        self._ring: Callable[[], None] | None = None
        """Makes `run_forever` look now."""
        self._missed = False
        """A dispatch that is due, or that broke off and is tried again at the next beat."""
        self._told: dict[str, tuple[LocalizedText, ...]] = {}
        self._looked: dict[str, float] = {}
        """When each resting run was last looked at in this process."""

    @property
    def held_issues(self) -> tuple[UnstartedIssue, ...]:
        """Issues without an open run, each with the reason, as of the last dispatch."""
        return self._acting.held

    async def tick(self, only: Issues | None = None, *, due: bool = False) -> None:
        """Looks at every project, or at those that are due, then dispatches. Returns while work
        goes on."""
        await self._acting.open()
        async with self._one_at_a_time:
            self._acting.rounds.begin()
            await self._run_guarded("tidy", self._tidy())
            await self._run_guarded("daily", self._daily())
            await self._follow_registrations()
            for name in list(self._ports.projects):
                if due and not self._paces.due(name, self._acting.elapsed.moment()):
                    continue
                await self._run_guarded(f"look {name}", self._look(name), _look_failure(name))
            self._missed = True
            await self._run_guarded("dispatch", self._react(only))
            await self._run_guarded("rounds", self._end_rounds())

    async def run_once(self, only: Issues | None = None, *, due: bool = False) -> None:
        """One tick, then works until every run waits, is held or is over. `only`: no other
        issue is started or gone on with. `due`: see `tick`."""
        await self._until_stopped(self._once(only, due=due))

    async def run_forever(self, schedule: str) -> None:
        """A tick now and at each due time; people's words within a second. Ends by `stop`,
        SIGTERM or SIGINT, within ten seconds."""
        await self._until_stopped(self._forever(schedule))

    async def apply_inbox(self) -> None:
        """Applies people's words; starts no work."""
        await self._acting.open()
        async with self._one_at_a_time:
            await self._acting.apply_inbox()
            await self._publish()

    async def would(self, only: Issues | None = None) -> tuple[Action, ...]:
        """What a tick would do, decided without doing it or storing anything."""
        await self._acting.open()
        for backlog in self._acting.backlogs.values():
            await backlog.poll(store=False)
        return decide(await self._acting.state(only), self._ports.clock.now())

    def wake(self, project: str = "") -> None:
        """Look as soon as may be, for something happened there; "" means every project. From the
        loop's thread; without effect on `run_once`."""
        self._paces.wake(project)
        if self._ring is not None:
            self._ring()

    def stop(self) -> None:
        """Take no more work; from the loop's thread."""
        self._stop.set()

    # ---- loops

    async def _once(self, only: Issues | None, *, due: bool) -> None:
        await self.tick(only, due=due)
        while self._acting.working:
            await self._rest()
            await self._beat(only)
        if only is None and not due:
            # a whole round was made: asked for meanwhile, it is owed to nobody any more
            self._acting.rounds.begin()
            await self._end_rounds()

    async def _forever(self, schedule: str) -> None:
        due = asyncio.Event()

        def ring() -> None:
            due.set()
            self._acting.wake.set()

        self._ring = ring
        scheduler = Scheduler(schedule, ring)
        scheduler.start()
        try:
            ring()
            while True:
                if due.is_set():
                    due.clear()
                    self.next_look = scheduler.next_at()
                    await self.tick(due=True)
                else:
                    await self._beat(None)
                await self._rest()
                if self._acting.elapsed.take_step():
                    # the clock was set, or the machine slept: look, and look when it is due
                    scheduler.read_again()
                    self._paces.wake()
                    ring()
        finally:
            scheduler.stop()

    async def _rest(self) -> None:
        """Until something ends or is due, or a second: then the inbox is looked into."""
        try:
            async with asyncio.timeout(BEAT_S):
                await self._acting.wake.wait()
        except TimeoutError:
            return

    async def _beat(self, only: Issues | None) -> None:
        async with self._one_at_a_time:
            await self._follow_registrations()
            await self._run_guarded("dispatch", self._react(only))
            await self._run_guarded("rounds", self._end_rounds())
            nudged = self._ports.hooks.nudged
            for name in await nudged() if nudged is not None else ():
                self.wake(name)
            if self._acting.rounds.due and self._ring is not None:
                self.wake()

    async def _follow_registrations(self) -> None:
        await self._run_guarded("leavers", self._take_out_leavers())
        await self._run_guarded("newcomers", self._take_up_newcomers())

    async def _take_out_leavers(self) -> None:
        """Projects that are registered no more, or otherwise: at once, whatever they have under
        way."""
        leavers = self._ports.hooks.leavers
        if leavers is None:
            return
        for name, end in (await leavers(self._ports.projects)).items():
            self._acting.take_out(name)
            self._paces.remove(name)
            self._told.pop(f"look {name}", None)
            self._missed = True
            await end()

    async def _take_up_newcomers(self) -> None:
        """Projects that were registered while we run, before anybody's words about them; the next
        look is theirs too, and soon."""
        newcomers = self._ports.hooks.newcomers
        if newcomers is None:
            return
        for project in await newcomers(self._ports.projects):
            await self._acting.take_up(project)
            if self._ring is not None:
                self._ring()

    async def _react(self, only: Issues | None) -> None:
        self._missed |= self._acting.wake.is_set()
        self._acting.wake.clear()
        deadline = self._acting.deadline_s
        passed = deadline is not None and deadline <= self._acting.elapsed.seconds()
        self._missed |= passed or bool(await self._acting.rounds.unheard())
        if self._missed:
            await self._acting.dispatch(only)
            self._missed = False
            await self._publish()

    async def _end_rounds(self) -> None:
        await self._acting.rounds.end(self._acting.working)

    async def _until_stopped(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        stopping = asyncio.create_task(self._stop.wait())
        handled = self._handle_signals()
        try:
            await asyncio.wait({task, stopping}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopped = not task.done()
            task.cancel()
            stopping.cancel()
            await asyncio.gather(task, stopping, return_exceptions=True)
            if stopped:
                await self._close()
            for number in handled:
                asyncio.get_running_loop().remove_signal_handler(number)
        if not stopped:
            task.result()

    def _handle_signals(self) -> list[signal.Signals]:
        if threading.current_thread() is not threading.main_thread():
            return []
        wanted, loop = [signal.SIGTERM, signal.SIGINT], asyncio.get_running_loop()

        def on_signal(by: signal.Signals) -> None:
            self.interrupted = by is signal.SIGINT
            self.stop()
            for number in wanted:
                # the second one ends us at once: a crash is a normal event
                loop.remove_signal_handler(number)

        for number in wanted:
            loop.add_signal_handler(number, on_signal, number)
        return wanted

    async def _close(self) -> None:
        """Steps under way may end; the rest goes on at the next start."""
        self._acting.tell(LocalizedText(key="daemon.stopping"))
        following = list(self._acting.working.values())
        for task in following:
            task.cancel()
        await asyncio.gather(*following, return_exceptions=True)
        await self._ports.durable.close(grace_s=self.grace_s)
        await self._publish()

    # ---- a tick

    async def _look(self, project: str) -> None:
        """The forge's truth: issues that changed, and waiting runs whose facts did."""
        backlog = self._acting.backlogs[project]
        try:
            await self._ports.projects[project].belongs()
            await self._acting.release_astray(project)
            changed = await backlog.poll()
            for run in await self._ports.store.runs(project, LOOKED_AT):
                if run.state is RunState.ACTIVE and run.pr:
                    await backlog.hear(run.issue, run.pr)
                elif run.wait is not None and run.wait.fingerprint and self._due(run, backlog):
                    changed |= await self._has_changed(run, run.wait, backlog)
            await self._ports.projects[project].follow_proposals()
        except ForgeError as error:
            if isinstance(error, Strayed):
                await self._acting.hold_astray(project, error.say)
            else:
                self._acting.down.add(project)
            self._note_failed_look(project, error)
            raise
        self._acting.down.discard(project)
        now = self._acting.elapsed.moment()
        self._paces.note_look(project, now, changed=changed or bool(self._acting.working))

    def _note_failed_look(self, project: str, error: ForgeError) -> None:
        now, again = self._acting.elapsed.moment(), None
        if isinstance(error, Unavailable) and error.retry_at is not None:
            again = now + (error.retry_at - self._ports.clock.now())
        self._paces.note_look(project, now, changed=False, failed=True, not_before=again)

    async def _has_changed(self, run: Run, wait: Waiting, backlog: Backlog) -> bool:
        try:
            now = await self._ports.projects[run.project].fingerprint(run)
        except (NotFound, Forbidden) as error:
            # about this run alone: its issue is gone, and the others are still looked at
            now = gone_fingerprint(error)
        self._looked[run.id] = self._ports.clock.monotonic()
        if now == wait.fingerprint:
            return False
        if run.pr:
            await backlog.hear(run.issue, run.pr)
        if rests(wait.reason):
            # a closed issue is in no list of changes, and what is said on it counts still
            await backlog.hear(run.issue)
        self._acting.standings.note_change(run)
        return True

    def _due(self, run: Run, backlog: Backlog) -> bool:
        """An issue that changed is in the list of changes; a pull request must be looked at, and
        so must a place in line, and a right that somebody took. Once an hour all are, whatever
        the list said."""
        reason = run.wait.reason if run.wait is not None else None
        if reason is not None and (reason.key == QUEUED or rests(reason)):
            return True
        if run.pr or run.issue in backlog.stirred or run.id not in self._looked:
            return True
        passed = self._ports.clock.monotonic() - self._looked[run.id]
        return not 0 <= passed < LONG_LOOK_S

    async def _daily(self) -> None:
        day = self._ports.clock.now().date().isoformat()
        daily, store = self._ports.hooks.daily, self._ports.store
        if daily is not None and await store.get(slots.DAY) != day:
            await daily(day)
            await store.put(slots.DAY, "", day)

    async def _tidy(self) -> None:
        clock, tidy = self._ports.clock, self._ports.hooks.tidy
        if tidy is not None and (self._tidied is None or clock.monotonic() - self._tidied > TIDY_S):
            # asked again in an hour also when it fails: a broken disk is not worn out by us
            self._tidied = clock.monotonic()
            self._acting.full = await tidy()

    async def _publish(self) -> None:
        if self._ports.hooks.publish is not None:
            await self._run_guarded("publish", self._ports.hooks.publish())

    async def _run_guarded(self, name: str, work: Awaitable[None], *said: LocalizedText) -> None:
        """Awaits; trouble becomes a line in the log, told once as long as it stays the same."""
        try:
            await work
        except StateReplaced:
            # nothing of what we know holds any more: the process ends
            raise
        except HarnessError as error:
            trouble = (*said, error.say)
        except Exception as error:  # noqa: BLE001 - one of the three places that catch: a tick
            facts: dict[str, str | int | float] = {"kind": type(error).__name__, "why": str(error)}
            trouble = (*said, LocalizedText(key="daemon.tick_failed", facts=facts))
        else:
            self._told.pop(name, None)
            return
        if self._told.get(name) != trouble:
            self._told[name] = trouble
            self._acting.tell(*trouble)


def _look_failure(project: str) -> LocalizedText:
    return LocalizedText(key="daemon.look_failed", facts={"project": project})


__all__ = ["Daemon", "Hooks", "Issues", "Limits", "ProjectPort", "UnstartedIssue"]

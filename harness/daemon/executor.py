"""Acting: applies people's words, starts and continues runs as `decide` says, follows the
activations under way. Called by one task at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from harness.core.errors import HarnessError, LeaseLost, StateReplaced
from harness.core.slot import Slots
from harness.core.types import Command, LocalizedText, Run, RunState, Waiting
from harness.daemon.backlog import Backlog, ProjectPort
from harness.daemon.dispatch import (
    Action,
    Activate,
    Apply,
    Candidate,
    DispatchState,
    Hold,
    Limits,
    RunProgress,
    Start,
    decide,
    next_deadline,
)
from harness.daemon.elapsed import Deadlines, Elapsed
from harness.daemon.rounds import LOOK, Rounds
from harness.daemon.standings import ProgressTable
from harness.daemon.unstarted import UnstartedIssue, explain_unstarted
from harness.pipeline.slots import ASKED, issue_key
from harness.ports.clock import Clock
from harness.ports.durable import Durable
from harness.ports.store import Inbox, RunStore, SessionStore

OPEN = (RunState.ACTIVE, RunState.WAITING, RunState.HELD)
Issues = Collection[tuple[str, int]]
"""(project, issue number)"""


Leavers = Mapping[str, Callable[[], Awaitable[None]]]
"""project -> what ends its work in order"""


@dataclass(frozen=True)
class Hooks:
    """What the daemon calls besides its ports; each may be left out."""

    publish: Callable[[], Awaitable[None]] | None = None
    """After each change: write what `status` and `why` read."""
    tell: Callable[[Sequence[LocalizedText]], None] | None = None
    """One line for the log, its sentences joined; must not raise."""
    stopped: Callable[[Run, LocalizedText], Awaitable[None]] | None = None
    """After a breaker held a run (its row says so): tell it in the run's own pages."""
    daily: Callable[[str], Awaitable[None]] | None = None
    """At the first tick of a day (YYYY-MM-DD, UTC): backups."""
    tidy: Callable[[], Awaitable[LocalizedText | None]] | None = None
    """At the first tick and every hour: clears up; why no run may start now, if so."""
    leavers: Callable[[Collection[str]], Awaitable[Leavers]] | None = None
    """Given the names of those at work: projects that are registered no more, or otherwise; must
    not raise. One that is registered otherwise comes as a newcomer then."""
    newcomers: Callable[[Collection[str]], Awaitable[Sequence[ProjectPort]]] | None = None
    """Given the names of those at work: projects that were registered since; must not raise for
    one that cannot be worked on."""
    nudged: Callable[[], Awaitable[Collection[str]]] | None = None
    """Projects whose forge of this machine a command may have changed since that was asked last."""


class DaemonStore(RunStore, SessionStore, Inbox, Slots, Protocol):
    """What the daemon keeps: no plans and no evidence."""


@dataclass(frozen=True)
class Ports:
    """What the daemon works with."""

    projects: dict[str, ProjectPort]
    """Changes when a project is registered, or no more, meanwhile."""
    store: DaemonStore
    durable: Durable
    clock: Clock
    limits: Limits
    hooks: Hooks


class ActionExecutor:
    """`open` before use. `wake` is set whenever an activation ended."""

    def __init__(self, ports: Ports) -> None:
        made = (Backlog(p, ports.store, ports.clock) for p in ports.projects.values())
        self.backlogs = {backlog.project.name: backlog for backlog in made}
        self.standings = ProgressTable(ports.store)
        self.rounds = Rounds(ports.store)
        self.working: dict[str, asyncio.Task[None]] = {}
        self.wake = asyncio.Event()
        self.held: tuple[UnstartedIssue, ...] = ()
        self.deadline_s: float | None = None
        """When a stored Wait passes next, by the time that goes by."""
        self.elapsed = Elapsed(ports.clock)
        self._deadlines = Deadlines(ports.clock, self.elapsed)
        self.full: LocalizedText | None = None
        """Why no run may start: the disk."""
        self._ports = ports
        self._store = ports.store
        self._last = ""
        self._elsewhere: dict[tuple[str, int], LeaseLost] = {}
        """Issues that another daemon works on."""
        self._away: list[UnstartedIssue] = []
        self.down: set[str] = set()
        """Projects whose forge did not answer the last look: nothing of theirs is started."""
        self.astray: dict[str, LocalizedText] = {}
        """Projects whose repository is not the one that was registered, with the sentence that
        says so: nothing of theirs begins, and a run that is told to go on rests again."""
        self._opened = False

    async def open(self) -> None:
        """What an earlier process knew, and what the engine took up of its work. May be called
        again."""
        if self._opened:
            return
        for backlog in self.backlogs.values():
            await backlog.load()
        await self.standings.load()
        await self._follow_under_way()
        self._opened = True

    async def take_up(self, project: ProjectPort) -> None:
        """One that was registered after `open`, with what it left under way when it was still
        registered before."""
        backlog = Backlog(project, self._store, self._ports.clock)
        await backlog.load()
        self._ports.projects[project.name] = project
        self.backlogs[project.name] = backlog
        await self._follow_under_way(project.name)

    def take_out(self, project: str) -> None:
        """One that is not worked on any more: its rows stay as they are."""
        for mine in (self._ports.projects, self.backlogs, self.astray):
            mine.pop(project, None)
        self.down.discard(project)
        self.held = tuple(issue for issue in self.held if issue.project != project)
        self._elsewhere = {k: v for k, v in self._elsewhere.items() if k[0] != project}
        for run in [run for run in self.working if run.startswith(f"{project}/")]:
            self.working.pop(run).cancel()

    async def _follow_under_way(self, project: str = "") -> None:
        """Of every project when none is named."""
        under_way = set(await self._ports.durable.active())
        for run in await self._store.runs(project or None, states=[RunState.ACTIVE]):
            workflow = f"{run.id}/{run.activation}"
            if workflow in under_way:
                self._follow(run, workflow)

    async def state(self, only: Issues | None) -> DispatchState:
        """Everything a decision needs, people's words aside."""
        # before the rows: one whose work ends meanwhile was active when they were read
        working = set(self.working)
        stored = await self._store.runs(states=OPEN)
        await self.standings.forget({run.id for run in stored})
        runs = [run for run in stored if run.project in self.backlogs]
        self._away, now = [], self._ports.clock.now()
        known = (self.standings.of(run, working=run.id in working) for run in runs)
        standings = [self._with_passing(one, now) for one in known]
        candidates: list[Candidate] = []
        elsewhere = self._elsewhere.items()
        self._elsewhere = {k: v for k, v in elsewhere if self._left_elsewhere(k, v) > 0}
        unmet: set[tuple[str, int]] = set()
        for name, backlog in self.backlogs.items():
            if name in self.down or name in self.astray:
                continue
            found = backlog.candidates({run.issue for run in runs if run.project == name})
            if only is not None:
                found = [c for c in found if (c.project, c.issue) in only]
            found = [c for c in found if not self._worked_elsewhere(c)]
            candidates += found
            needed = {number for c in found for number in c.depends}
            unmet |= {(name, number) for number in await backlog.unmet(needed)}
        if only is not None:
            standings = [s for s in standings if s.working or (s.run.project, s.run.issue) in only]
        standings = [s for s in standings if s.working or s.run.project not in self.down]
        lefts = [self._left_elsewhere(k, lost) for k, lost in self._elsewhere.items()]
        passes = next_deadline([s for s in standings if not s.working])
        lefts += [(passes - now).total_seconds()] if passes is not None else []
        self.deadline_s = self.elapsed.seconds() + min(lefts) if lefts else None
        self._deadlines.keep({*(run.id for run in runs), *map(_elsewhere_name, self._elsewhere)})
        return DispatchState(
            projects=tuple(self.backlogs),
            limits=self._ports.limits,
            last=self._last,
            full=self.full,
            standings=tuple(standings),
            candidates=tuple(candidates),
            unmet=frozenset(unmet),
            orderings={name: one.project.ordering for name, one in self.backlogs.items()},
        )

    def _with_passing(self, standing: RunProgress, now: datetime) -> RunProgress:
        run = standing.run
        if run.wait is None or run.wait.until is None:
            return standing
        left = timedelta(seconds=self._deadlines.left_s(run.id, run.wait.until, run.updated_at))
        return standing.model_copy(update={"passes": now + left})

    def _left_elsewhere(self, key: tuple[str, int], lost: LeaseLost) -> float:
        return self._deadlines.left_s(_elsewhere_name(key), lost.until)

    async def dispatch(self, only: Issues | None) -> None:
        """People's words first, then what follows from the rows."""
        await self.apply_inbox()
        state = await self.state(only)
        actions = decide(state, self._ports.clock.now())
        self.held = explain_unstarted(self.backlogs, self.astray, self._away, state, actions)
        for action in actions:
            try:
                await self._act(action)
            except HarnessError as error:
                # one issue in trouble must not keep the others from their turn
                self.tell(_about("daemon.act_failed", action), error.say)

    async def apply_inbox(self) -> None:
        """Applies what waits there; starts nothing."""
        while commands := await self.rounds.unheard():
            for command in commands:
                await self._apply(command)

    async def hold_astray(self, project: str, why: LocalizedText) -> None:
        """The repository is another: each run that rests says so."""
        self.astray[project] = why
        for run in await self._store.runs(project, (RunState.WAITING, RunState.HELD)):
            if run.id not in self.working:
                await self._ports.projects[project].hold_astray(run, why)

    async def release_astray(self, project: str) -> None:
        """It is the one that was registered."""
        self.astray.pop(project, None)
        for run in await self._store.runs(project, (RunState.WAITING, RunState.HELD)):
            if run.id not in self.working:
                await self._ports.projects[project].release_astray(run)

    def tell(self, *says: LocalizedText) -> None:
        """One line for the log."""
        if self._ports.hooks.tell is not None:
            self._ports.hooks.tell(says)

    # ---- runs

    async def _act(self, action: Action) -> None:
        match action:
            case Apply():
                await self._apply(action.command)
            case Start():
                await self._start(action)
            case Activate():
                run = await self._store.run(action.run)
                await self.standings.activating(run, action.signal)
                await self._activate(run)
            case Hold() if action.run:
                await self._hold(action)

    async def _start(self, action: Start) -> None:
        backlog, project = self.backlogs[action.project], self._ports.projects[action.project]
        newest = await self._store.find_run(action.project, action.issue)
        known = backlog.was_started(action.issue) or backlog.is_asked_for(action.issue)
        if newest is not None and not known:
            # it had its run before this list existed
            await backlog.mark_started(action.issue)
            return
        issue = await backlog.look(action.issue)
        if issue is None:
            return
        try:
            run = await project.begin(issue)
        except LeaseLost as lost:
            self._elsewhere[action.project, action.issue] = lost
            self._left_elsewhere((action.project, action.issue), lost)
            self._away.append(UnstartedIssue(action.project, action.issue, issue.title, lost.say))
            self.held = (*self.held, self._away[-1])
            return
        await backlog.mark_started(action.issue)
        await self._activate(run)

    def _worked_elsewhere(self, candidate: Candidate) -> bool:
        """True until the other daemon's lease is over."""
        lost = self._elsewhere.get((candidate.project, candidate.issue))
        if lost is not None:
            held = UnstartedIssue(candidate.project, candidate.issue, candidate.title, lost.say)
            self._away.append(held)
        return lost is not None

    async def _activate(self, run: Run) -> None:
        workflow = await self._ports.projects[run.project].activate(run)
        self._last = run.project
        self._follow(run, workflow)

    def _follow(self, run: Run, workflow: str) -> None:
        async def follow() -> None:
            try:
                await self._ports.durable.join(workflow)
            except StateReplaced:
                return  # the next look into the inbox ends the process
            except HarnessError as error:
                self.tell(_about("daemon.activation_failed", run), error.say)

        def on_end(task: asyncio.Task[None]) -> None:
            if self.working.get(run.id) is task:
                del self.working[run.id]
            self.wake.set()

        task = asyncio.create_task(follow())
        self.working[run.id] = task
        task.add_done_callback(on_end)

    async def _hold(self, action: Hold) -> None:
        run = await self._store.run(action.run)
        wait = Waiting(reason=action.why, signals=("retry", "cancel"), person=True)
        changes = {
            "state": RunState.HELD,
            "wait": wait,
            "updated_at": self._ports.clock.now(),
        }
        held = run.model_copy(update=changes)
        await self._store.save_run(held)
        self.tell(action.why)
        if self._ports.hooks.stopped is not None:
            await self._ports.hooks.stopped(held, action.why)

    # ---- people

    async def _apply(self, command: Command) -> None:
        """Answered as a LocalizedText in JSON. After a kill in between it is applied again: the
        pipeline's verbs bear that."""
        if command.verb == LOOK:
            self.rounds.ask(command)
            return
        project = self._ports.projects.get(command.project)
        if project is None:
            answer = LocalizedText(key="daemon.project_unknown", facts={"project": command.project})
        else:
            try:
                answer = await self._heard(project, command)
            except HarnessError as error:
                answer = error.say
        await self._store.inbox_done(command.id, answer.model_dump_json())
        if project is not None:
            try:
                await project.reply_to(command, answer)
            except HarnessError as error:
                self.tell(_about("daemon.act_failed", Apply(command=command)), error.say)

    async def _heard(self, project: ProjectPort, command: Command) -> LocalizedText:
        before = await self._store.find_run(project.name, command.issue)
        if before is None or before.state.over:
            if command.verb in ("start", "retry"):
                return await self._ask_start(project, command.issue)
            return await project.command(command)
        answer = await project.command(command)
        after = await self._store.run(before.id)
        ends = before.wait is not None and command.verb in before.wait.signals
        woken = before.state is not RunState.ACTIVE and after.state is RunState.ACTIVE
        if (ends or woken) and not after.state.over:
            await self.standings.note_word(after, command.verb)
        return answer

    async def _ask_start(self, project: ProjectPort, issue: int) -> LocalizedText:
        self._elsewhere.pop((project.name, issue), None)
        await self._store.put(ASKED, issue_key(project.name, issue), True)
        found = await self.backlogs[project.name].look(issue, asked=True)
        if found is None:
            return LocalizedText(key="daemon.may_not_start", facts={"issue": issue})
        return LocalizedText(key="daemon.will_start", facts={"issue": issue})


def _elsewhere_name(issue: tuple[str, int]) -> str:
    return f"elsewhere {issue[0]} {issue[1]}"


def _about(key: str, thing: Action | Run) -> LocalizedText:
    named = thing.command if isinstance(thing, Apply) else thing
    return LocalizedText(key=key, facts={"project": named.project, "issue": named.issue})

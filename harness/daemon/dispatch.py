"""What to do next, as a plain function: state and time in, actions out. No I/O, no clock.

No new signal, no dispatch: an open run moves only for a person's word, a changed forge, a passed
deadline of its stored Wait, or because a crash left it in the middle; an issue starts once.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from harness.core.base import Value
from harness.core.trust_types import Ordering
from harness.core.types import Command, LocalizedText, Run, RunState

Priority = Literal["high", "normal", "low"]
_RANK: dict[Priority, int] = {"high": 1, "normal": 2, "low": 3}
_USUAL = Ordering()
Signal = Literal["word", "changed", "timer", "resume"]


class Limits(Value):
    """How much at once, and when to stop trying."""

    runs: int = 4
    """Runs worked on at once, over all projects; waiting ones do not count."""
    project_runs: int = 3
    crashes: int = 3
    """Activations in a row that broke off without progress before a person is asked."""
    timers: int = 100
    """Activations in a row by a timer alone, without progress, before a person is asked."""


class Candidate(Value):
    """An issue that may start and has no open run. `depends` are the issues it names."""

    project: str
    issue: int
    title: str = ""
    priority: Priority = "normal"
    milestone: int = 0
    """Place of its milestone among those that are wanted, from 0."""
    created_at: datetime
    depends: tuple[int, ...] = ()


class RunProgress(Value):
    """An open run as the daemon sees it. `word` is a person's verb that ends its Wait; `crashed`
    and `timed` count activations without progress."""

    run: Run
    working: bool = False
    word: str = ""
    changed: bool = False
    crashed: int = 0
    timed: int = 0
    passes: datetime | None = None
    """When its Wait passes by the present clock, if that was set since; else as it is stored."""

    @property
    def due(self) -> datetime | None:
        """When its Wait passes, if it does by itself."""
        wait = self.run.wait
        if wait is None or wait.until is None:
            return None
        return self.passes or wait.until


class DispatchState(Value):
    """Everything a decision needs. `projects` in their fixed order, `last` the one served last;
    `unmet` are issues (project, number) that are known to be open."""

    projects: tuple[str, ...]
    limits: Limits = Limits()
    last: str = ""
    full: LocalizedText | None = None
    """Why nothing new may start: the disk. What is under way goes on."""
    commands: tuple[Command, ...] = ()
    standings: tuple[RunProgress, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    unmet: frozenset[tuple[str, int]] = frozenset()
    orderings: dict[str, Ordering] = {}
    """By project; without one: the usual names."""


class Apply(Value):
    """A person's word comes before everything else; decide again after it."""

    kind: Literal["apply"] = "apply"
    command: Command


class Hold(Value):
    """Do not go on; `run` is empty for an issue that has none yet."""

    kind: Literal["hold"] = "hold"
    project: str
    issue: int
    run: str = ""
    why: LocalizedText


class Activate(Value):
    """Start the next activation of an open run."""

    kind: Literal["activate"] = "activate"
    project: str
    issue: int
    run: str
    signal: Signal
    why: LocalizedText


class Start(Value):
    """Open a run for an issue and start its first activation."""

    kind: Literal["start"] = "start"
    project: str
    issue: int


Action = Apply | Hold | Activate | Start


def decide(state: DispatchState, now: datetime) -> tuple[Action, ...]:
    """The actions, in order. Words of people are applied alone: what follows from them is
    decided on the rows they leave."""
    if state.commands:
        return tuple(Apply(command=command) for command in state.commands)
    holds: list[Action] = []
    going: list[tuple[int, Activate]] = []
    for standing in sorted(state.standings, key=lambda one: _run_order(one, state.orderings)):
        found = _for_run(standing, state.limits, now)
        if isinstance(found, Hold):
            holds.append(found)
        elif found is not None:
            going.append((0, found))
    coming: list[tuple[int, Candidate]] = []
    for candidate in in_line(state.candidates):
        blocked = [n for n in candidate.depends if (candidate.project, n) in state.unmet]
        if blocked:
            holds.append(_depends(candidate, blocked))
        elif state.full is not None:
            project, issue = candidate.project, candidate.issue
            holds.append(Hold(project=project, issue=issue, why=state.full))
        else:
            coming.append((_RANK[candidate.priority], candidate))
    return (*holds, *_fairly(state, [*going, *coming]))


def in_line(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The order in which they would start in one project: priority, milestone, then age."""
    return sorted(candidates, key=lambda c: (_RANK[c.priority], c.milestone, c.created_at, c.issue))


def next_deadline(standings: Sequence[RunProgress]) -> datetime | None:
    """When a stored Wait passes next, if any."""
    times = [s.due for s in standings if s.due is not None and not s.run.paused]
    return min(times, default=None)


_DEPENDS = re.compile(r"^\W*(?:depends on|blocked by)\b:?(.{0,200})$", re.IGNORECASE | re.MULTILINE)


def depends_of(body: str, own: int) -> tuple[int, ...]:
    """Numbers in lines like `Depends on #3, #4`."""
    lines = _DEPENDS.findall(body[:100_000])
    found = {int(n) for line in lines for n in re.findall(r"(?<!\w)#(\d{1,9})\b", line)}
    return tuple(sorted(found - {own}))


def _run_order(standing: RunProgress, orderings: dict[str, Ordering]) -> tuple[int, datetime, str]:
    run = standing.run
    ordering = orderings.get(run.project, _USUAL)
    return _RANK[ordering.priority(run.snapshot.labels)], run.created_at, run.id


def _for_run(standing: RunProgress, limits: Limits, now: datetime) -> Activate | Hold | None:
    run = standing.run
    if standing.working or run.state.over or run.paused:
        return None
    if standing.word:
        return _activate(
            run, "word", LocalizedText(key="daemon.word", facts={"verb": standing.word})
        )
    if run.state is RunState.ACTIVE:
        if standing.crashed >= limits.crashes:
            facts: dict[str, str | int | float] = {"times": standing.crashed}
            return _hold(run, LocalizedText(key="daemon.crash_loop", facts=facts))
        return _activate(run, "resume", LocalizedText(key="daemon.resume"))
    if standing.changed:
        return _activate(run, "changed", LocalizedText(key="daemon.changed"))
    if standing.due is not None and standing.due <= now:
        if standing.timed >= limits.timers:
            return _hold(
                run, LocalizedText(key="daemon.timer_loop", facts={"times": standing.timed})
            )
        return _activate(run, "timer", LocalizedText(key="daemon.timer"))
    return None


def _activate(run: Run, signal: Signal, why: LocalizedText) -> Activate:
    return Activate(project=run.project, issue=run.issue, run=run.id, signal=signal, why=why)


def _hold(run: Run, why: LocalizedText) -> Hold:
    return Hold(project=run.project, issue=run.issue, run=run.id, why=why)


def _depends(candidate: Candidate, blocked: Sequence[int]) -> Hold:
    numbers = ", ".join(f"#{n}" for n in blocked)
    why = LocalizedText(key="daemon.depends", facts={"issues": numbers})
    return Hold(project=candidate.project, issue=candidate.issue, why=why)


def _fairly(
    state: DispatchState, work: Sequence[tuple[int, Activate | Candidate]]
) -> list[Activate | Start]:
    """As many as there are places: lower ranks first, within a rank the projects take turns,
    beginning after the one served last."""
    busy = Counter(s.run.project for s in state.standings if s.working)
    free = state.limits.runs - busy.total()
    turns = _after(state.projects, state.last)
    queues: dict[tuple[int, str], deque[Activate | Candidate]] = defaultdict(deque)
    for rank, one in work:
        queues[rank, one.project].append(one)
    chosen: list[Activate | Start] = []
    for rank in sorted({rank for rank, _ in queues}):
        while free > 0:
            room = [p for p in turns if busy[p] < state.limits.project_runs]
            project = next((p for p in room if queues.get((rank, p))), None)
            if project is None:
                break
            one = queues[rank, project].popleft()
            chosen.append(
                Start(project=project, issue=one.issue) if isinstance(one, Candidate) else one
            )
            busy[project] += 1
            free -= 1
            turns = _after(turns, project)
    return chosen


def _after(projects: tuple[str, ...], last: str) -> tuple[str, ...]:
    if last not in projects:
        return projects
    place = projects.index(last) + 1
    return projects[place:] + projects[:place]

"""Our tables: the truth, by role. A user asks for the narrowest role that it needs.

Every method that waits is a coroutine on one event loop. Every write is one transaction; keyed
writes may be repeated. An adapter raises the errors of core.errors and nothing else for what can
be expected to happen: an unknown run is an EngineError."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from harness.core.change_proof import Seen
from harness.core.lesson_types import Lesson, LessonState
from harness.core.slot import Slots
from harness.core.types import (
    Command,
    Event,
    Evidence,
    IssueSnapshot,
    Plan,
    Run,
    RunState,
    Session,
    TaskResult,
    Turn,
)


class RunReader(Protocol):
    """Runs and what happened in them, to look at."""

    async def run(self, run: str) -> Run: ...
    async def find_run(self, project: str, issue: int) -> Run | None:
        """The newest run of an issue."""
        ...

    async def runs(
        self, project: str | None = None, states: Sequence[RunState] = ()
    ) -> tuple[Run, ...]:
        """Oldest issue first, each issue's runs in order."""
        ...

    async def events(self, run: str, after: int = 0) -> tuple[Event, ...]: ...


class RunStore(RunReader, Protocol):
    """Runs and what happened in them."""

    async def open_run(
        self, project: str, snapshot: IssueSnapshot, at: datetime
    ) -> tuple[Run, bool]:
        """The issue's active run, or a new one (True). Atomic: never two active runs."""
        ...

    async def save_run(self, run: Run) -> None: ...

    async def record(self, event: Event) -> Event:
        """Append once per (run, key); the stored one comes back with its id."""
        ...


class EvidenceStore(Protocol):
    """Plans, what was seen of them, and test results that need not be had twice."""

    async def put_plan(self, run: str, plan: Plan, by: str, at: datetime) -> Plan:
        """The next version; the same hash as the newest is not stored again."""
        ...

    async def plan(self, run: str, version: int = 0) -> Plan | None:
        """That version, 0 the newest."""
        ...

    async def put_evidence(self, run: str, evidence: Evidence) -> None: ...
    async def evidence(self, run: str) -> tuple[Evidence, ...]: ...
    async def cached_tests(self, key: str) -> Evidence | None:
        """A base's test result by (tree, environment, command)."""
        ...

    async def cache_tests(self, key: str, evidence: Evidence) -> None: ...
    async def kept_trial(self, key: str) -> Seen | None:
        """What tests did on a variant of a change, by (tree, environment, command)."""
        ...

    async def keep_trial(self, key: str, seen: Seen) -> None:
        """The newest are kept, and none that is very large."""
        ...


class LessonReader(Protocol):
    """What runs taught, to look at."""

    async def lessons(self, project: str, state: LessonState | None = None) -> tuple[Lesson, ...]:
        """Of a project, of that state alone if one is named, the older ones first; a bounded
        number."""
        ...


class LessonStore(LessonReader, Protocol):
    """What runs taught."""

    async def find_lesson(self, project: str, key: str) -> Lesson | None: ...
    async def put_lesson(self, lesson: Lesson) -> None:
        """Insert or replace by (project, key). Of a project's many the least telling one goes, but
        none that was ever proposed."""
        ...


class SessionStore(Protocol):
    """Agent sessions, their turns, and what sub-agents brought back."""

    async def open_session(self, session: Session) -> Session:
        """Stored once per id; the stored one comes back."""
        ...

    async def session(self, session: str) -> Session | None: ...
    async def sessions(self, run: str) -> tuple[Session, ...]: ...
    async def turns(self, session: str) -> tuple[Turn, ...]: ...
    async def put_turn(self, turn: Turn) -> None:
        """Insert or replace by (session, number)."""
        ...

    async def put_task_result(self, session: str, result: TaskResult) -> None: ...
    async def task_result(self, session: str) -> TaskResult | None: ...


class Inbox(Protocol):
    """What people asked by the command line, until the daemon has answered it."""

    async def post(self, command: Command) -> Command: ...
    async def inbox(self) -> tuple[Command, ...]:
        """Not yet done, oldest first."""
        ...

    async def inbox_done(self, command: int, answer: str) -> None: ...
    async def inbox_answer(self, command: int) -> str | None: ...


class Store(RunStore, EvidenceStore, LessonStore, SessionStore, Inbox, Slots, Protocol):
    """Every role in one: what an adapter implements and the composition root hands out."""

"""SqlStore: the Store port over our tables. Every write is one transaction."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from pydantic import ValidationError

from harness.core.base import Json, Value
from harness.core.change_proof import Seen
from harness.core.errors import EngineError
from harness.core.lesson_types import Lesson, LessonState
from harness.core.slot import Slot
from harness.core.types import (
    Command,
    Event,
    Evidence,
    IssueSnapshot,
    Plan,
    Run,
    RunState,
    Session,
    Stage,
    TaskResult,
    Turn,
)
from harness.engine.database import Database
from harness.engine.lesson_rows import MOST_LESSONS, forget_lessons, put_lesson, read_lessons
from harness.engine.tables import (
    CACHED_TESTS,
    EVENTS,
    EVIDENCE,
    INBOX,
    KEPT,
    KEPT_TRIALS,
    PLANS,
    RUNS,
    SESSIONS,
    TASK_RESULTS,
    TURNS,
)

log = logging.getLogger(__name__)
T = TypeVar("T")
MOST_TRIALS = 400
LARGEST_TRIAL = 200_000
"""Characters."""


class SqlStore:
    """Runs, events, plans, evidence, sessions, inbox and small facts. Unknown runs: EngineError."""

    def __init__(
        self,
        database: Database,
        most_trials: int = MOST_TRIALS,
        most_lessons: int = MOST_LESSONS,
    ) -> None:
        self._database = database
        self._most_trials = most_trials
        self._most_lessons = most_lessons

    # ---- runs

    async def open_run(
        self, project: str, snapshot: IssueSnapshot, at: datetime
    ) -> tuple[Run, bool]:
        def work(c: sa.Connection) -> tuple[Run, bool]:
            newest = _newest_run(c, project, snapshot.number)
            if newest is not None and not newest.state.over:
                return newest, False
            number = 1 if newest is None else newest.number + 1
            run = Run(
                id=f"{project}/{snapshot.number}/{number}",
                project=project,
                issue=snapshot.number,
                number=number,
                state=RunState.ACTIVE,
                stage=Stage.TRIAGE,
                snapshot=snapshot,
                created_at=at,
                updated_at=at,
            )
            c.execute(RUNS.insert().values(**_run_row(run)))
            return run, True

        return await self._database.write(work)

    async def run(self, run: str) -> Run:
        def work(c: sa.Connection) -> Run:
            data = c.execute(sa.select(RUNS.c.data).where(RUNS.c.id == run)).scalar()
            if data is None:
                raise EngineError("engine.no_run", run=run)
            return Run.model_validate(data)

        return await self._database.read(work)

    async def find_run(self, project: str, issue: int) -> Run | None:
        return await self._database.read(lambda c: _newest_run(c, project, issue))

    async def runs(
        self, project: str | None = None, states: Sequence[RunState] = ()
    ) -> tuple[Run, ...]:
        """Oldest issue first, each issue's runs in order."""
        query = sa.select(RUNS.c.data).order_by(RUNS.c.project, RUNS.c.issue, RUNS.c.number)
        if project is not None:
            query = query.where(RUNS.c.project == project)
        if states:
            query = query.where(RUNS.c.state.in_([s.value for s in states]))
        rows = await self._database.read(lambda c: c.execute(query).scalars().all())
        return tuple(Run.model_validate(row) for row in rows)

    async def save_run(self, run: Run) -> None:
        def work(c: sa.Connection) -> None:
            done = c.execute(RUNS.update().where(RUNS.c.id == run.id).values(**_run_row(run)))
            if done.rowcount != 1:
                raise EngineError("engine.no_run", run=run.id)

        await self._database.write(work)

    # ---- what happened

    async def record(self, event: Event) -> Event:
        def work(c: sa.Connection) -> Event:
            same = (EVENTS.c.run == event.run) & (EVENTS.c.key == event.key)
            row = c.execute(sa.select(EVENTS.c.id, EVENTS.c.data).where(same)).first()
            if row is None:
                made = c.execute(
                    EVENTS.insert().values(run=event.run, key=event.key, data=_dump(event))
                )
                return event.model_copy(update={"id": _key(made)})
            return Event.model_validate({**row.data, "id": row.id})

        return await self._database.write(work)

    async def events(self, run: str, after: int = 0) -> tuple[Event, ...]:
        query = (
            sa.select(EVENTS.c.id, EVENTS.c.data)
            .where(EVENTS.c.run == run, EVENTS.c.id > after)
            .order_by(EVENTS.c.id)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(Event.model_validate({**row.data, "id": row.id}) for row in rows)

    async def put_plan(self, run: str, plan: Plan, by: str, at: datetime) -> Plan:
        def work(c: sa.Connection) -> Plan:
            newest = c.execute(_plans(run).limit(1)).scalar()
            version = 0
            if newest is not None:
                held = Plan.model_validate(newest)
                if held.hash == plan.hash:
                    return held
                version = held.version
            stored = plan.model_copy(update={"version": version + 1})
            row = {"run": run, "version": stored.version, "hash": stored.hash, "by": by, "at": at}
            c.execute(PLANS.insert().values(**row, data=_dump(stored)))
            return stored

        return await self._database.write(work)

    async def plan(self, run: str, version: int = 0) -> Plan | None:
        query = _plans(run).limit(1)
        if version:
            query = query.where(PLANS.c.version == version)
        data = await self._database.read(lambda c: c.execute(query).scalar())
        return None if data is None else Plan.model_validate(data)

    async def put_evidence(self, run: str, evidence: Evidence) -> None:
        key = {"run": run, "id": evidence.id}
        await self._database.write(lambda c: _upsert(c, EVIDENCE, key, {"data": _dump(evidence)}))

    async def evidence(self, run: str) -> tuple[Evidence, ...]:
        query = sa.select(EVIDENCE.c.data).where(EVIDENCE.c.run == run).order_by(EVIDENCE.c.seq)
        rows = await self._database.read(lambda c: c.execute(query).scalars().all())
        return tuple(Evidence.model_validate(row) for row in rows)

    async def cached_tests(self, key: str) -> Evidence | None:
        query = sa.select(CACHED_TESTS.c.data).where(CACHED_TESTS.c.key == key)
        data = await self._database.read(lambda c: c.execute(query).scalar())
        return None if data is None else Evidence.model_validate(data)

    async def cache_tests(self, key: str, evidence: Evidence) -> None:
        row = {"data": _dump(evidence)}
        await self._database.write(lambda c: _upsert(c, CACHED_TESTS, {"key": key}, row))

    async def kept_trial(self, key: str) -> Seen | None:
        query = sa.select(KEPT_TRIALS.c.data).where(KEPT_TRIALS.c.key == key)
        data = await self._database.read(lambda c: c.execute(query).scalar())
        return None if data is None else Seen.model_validate_json(data)

    async def keep_trial(self, key: str, seen: Seen) -> None:
        data = seen.model_dump_json()
        if len(data) > LARGEST_TRIAL:
            return

        def work(c: sa.Connection) -> None:
            seq = KEPT_TRIALS.c.seq
            c.execute(KEPT_TRIALS.delete().where(KEPT_TRIALS.c.key == key))
            c.execute(KEPT_TRIALS.insert().values(key=key, data=data))
            newest = sa.select(sa.func.max(seq)).scalar_subquery()
            c.execute(KEPT_TRIALS.delete().where(seq <= newest - self._most_trials))

        await self._database.write(work)

    # ---- what runs teach

    async def lessons(self, project: str, state: LessonState | None = None) -> tuple[Lesson, ...]:
        return await self._database.read(lambda c: read_lessons(c, project, state=state))

    async def find_lesson(self, project: str, key: str) -> Lesson | None:
        found = await self._database.read(lambda c: read_lessons(c, project, key))
        return found[0] if found else None

    async def put_lesson(self, lesson: Lesson) -> None:
        await self._database.write(lambda c: put_lesson(c, lesson, self._most_lessons))

    async def forget_lessons(self, project: str) -> None:
        await self._database.write(lambda c: forget_lessons(c, project))

    # ---- conversations

    async def open_session(self, session: Session) -> Session:
        def work(c: sa.Connection) -> Session:
            held = c.execute(_session(session.id)).scalar()
            if held is not None:
                return Session.model_validate(held)
            row = {"id": session.id, "run": session.run, "data": _dump(session)}
            c.execute(SESSIONS.insert().values(**row))
            return session

        return await self._database.write(work)

    async def session(self, session: str) -> Session | None:
        data = await self._database.read(lambda c: c.execute(_session(session)).scalar())
        return None if data is None else Session.model_validate(data)

    async def sessions(self, run: str) -> tuple[Session, ...]:
        query = sa.select(SESSIONS.c.data).where(SESSIONS.c.run == run).order_by(SESSIONS.c.seq)
        rows = await self._database.read(lambda c: c.execute(query).scalars().all())
        return tuple(Session.model_validate(row) for row in rows)

    async def turns(self, session: str) -> tuple[Turn, ...]:
        query = sa.select(TURNS.c.data).where(TURNS.c.session == session).order_by(TURNS.c.number)
        rows = await self._database.read(lambda c: c.execute(query).scalars().all())
        return tuple(Turn.model_validate(row) for row in rows)

    async def put_turn(self, turn: Turn) -> None:
        key = {"session": turn.session, "number": turn.number}
        row = {"data": _dump(turn)}
        await self._database.write(lambda c: _upsert(c, TURNS, key, row))

    async def put_task_result(self, session: str, result: TaskResult) -> None:
        row = {"data": _dump(result)}
        await self._database.write(lambda c: _upsert(c, TASK_RESULTS, {"session": session}, row))

    async def task_result(self, session: str) -> TaskResult | None:
        query = sa.select(TASK_RESULTS.c.data).where(TASK_RESULTS.c.session == session)
        data = await self._database.read(lambda c: c.execute(query).scalar())
        return None if data is None else TaskResult.model_validate(data)

    # ---- people's words and small facts

    async def post(self, command: Command) -> Command:
        def work(c: sa.Connection) -> Command:
            # text may hold what cannot be UTF-8; as JSON it survives
            made = c.execute(INBOX.insert().values(done=False, data=_dump(command), answer=None))
            return command.model_copy(update={"id": _key(made)})

        return await self._database.write(work)

    async def inbox(self) -> tuple[Command, ...]:
        query = (
            sa.select(INBOX.c.id, INBOX.c.data)
            .where(INBOX.c.done.is_(sa.false()))
            .order_by(INBOX.c.id)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(Command.model_validate({**row.data, "id": row.id}) for row in rows)

    async def inbox_done(self, command: int, answer: str) -> None:
        change = INBOX.update().where(INBOX.c.id == command).values(done=True, answer=answer)
        await self._database.write(lambda c: c.execute(change).rowcount)

    async def inbox_answer(self, command: int) -> str | None:
        query = sa.select(INBOX.c.answer).where(INBOX.c.id == command)
        answer = await self._database.read(lambda c: c.execute(query).scalar())
        return None if answer is None else str(answer)

    async def get(self, slot: Slot[T], owner: str = "") -> T | None:
        query = sa.select(KEPT.c.value).where(_at(slot, owner))
        value: Json = await self._database.read(lambda c: c.execute(query).scalar())
        if value is None:
            return None
        try:
            return slot.read(value)
        except ValidationError as error:
            place, why = "/".join(slot.row(owner)), _first(error)
            if slot.unreadable == "absent":
                log.warning("the stored %s cannot be read and counts as absent: %s", place, why)
                return None
            raise EngineError("engine.unreadable", place=place, why=why) from error

    async def put(self, slot: Slot[T], owner: str, value: T) -> None:
        scope, key = slot.row(owner)
        row = {"value": self._clean(slot.dump(value))}
        await self._database.write(lambda c: _upsert(c, KEPT, {"scope": scope, "key": key}, row))

    async def drop(self, slot: Slot[T], owner: str = "") -> None:
        change = KEPT.delete().where(_at(slot, owner))
        await self._database.write(lambda c: c.execute(change).rowcount)

    def _clean(self, value: Json) -> Json:
        """What is written of a small fact."""
        return value


def _at(slot: Slot[T], owner: str) -> sa.ColumnElement[bool]:
    scope, key = slot.row(owner)
    return (KEPT.c.scope == scope) & (KEPT.c.key == key)


def _first(error: ValidationError) -> str:
    """What is wrong, without the value itself."""
    fault = error.errors(include_url=False, include_input=False)[0]
    return ".".join([*map(str, fault["loc"]), str(fault["msg"])])


def _dump(value: Value) -> dict[str, Json]:
    dumped: dict[str, Json] = value.model_dump(mode="json")
    return dumped


def _key(made: sa.CursorResult[tuple[()]] | sa.CursorResult[object]) -> int:
    inserted = made.inserted_primary_key
    assert inserted is not None
    return int(inserted[0])


def _run_row(run: Run) -> dict[str, object]:
    return {
        "id": run.id,
        "project": run.project,
        "issue": run.issue,
        "number": run.number,
        "state": run.state.value,
        "over": run.state.over,
        "data": _dump(run),
    }


def _newest_run(c: sa.Connection, project: str, issue: int) -> Run | None:
    query = (
        sa.select(RUNS.c.data)
        .where(RUNS.c.project == project, RUNS.c.issue == issue)
        .order_by(RUNS.c.number.desc())
        .limit(1)
    )
    data = c.execute(query).scalar()
    return None if data is None else Run.model_validate(data)


def _plans(run: str) -> sa.Select[tuple[object]]:
    return sa.select(PLANS.c.data).where(PLANS.c.run == run).order_by(PLANS.c.version.desc())


def _session(session: str) -> sa.Select[tuple[object]]:
    return sa.select(SESSIONS.c.data).where(SESSIONS.c.id == session)


def _upsert(
    c: sa.Connection, table: sa.Table, key: Mapping[str, object], row: Mapping[str, object]
) -> None:
    """Update by key, else insert; safe because there is one writer."""
    same = sa.and_(*(table.c[name] == value for name, value in key.items()))
    if c.execute(table.update().where(same).values(**row)).rowcount == 0:
        c.execute(table.insert().values(**key, **row))

"""Values the engine's tests are about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import JsonValue, TypeAdapter

from harness.core.base import Json
from harness.core.slot import Slot
from harness.core.types import (
    Actor,
    Event,
    Evidence,
    IssueSnapshot,
    Message,
    Run,
    Session,
    Stage,
    Tally,
    Text,
    ToolCall,
    Turn,
)
from harness.engine.database import Database
from harness.engine.ledger import Cap, Caps

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
ANN = Actor(id=7, login="ann")
NO_CAPS = Caps(session=Cap(), run=Cap(), issue=Cap(), project_day=Cap(), day=Cap())
ODD = "한글 \x00 \ud83d lone \U0001f600"
"""Text that breaks careless storage: NUL, a lone surrogate, beyond the basic plane."""


def make_caps(**given: Cap) -> Caps:
    """These caps and no other."""
    return NO_CAPS.model_copy(update=given)


def snapshot(number: int = 1, body: str = "body") -> IssueSnapshot:
    return IssueSnapshot(
        number=number, title="title", body=body, author=ANN, taken_at=AT, trigger=ANN
    )


def make_event(run: Run, key: str, kind: str = "note") -> Event:
    return Event(run=run.id, key=key, at=AT, stage=Stage.PLAN, kind=kind, facts={"n": [1, None]})


def proof(id: str, output: str = "") -> Evidence:
    return Evidence(
        id=id,
        kind="tests",
        tree="t",
        side="base",
        command="pytest",
        exit_code=1,
        output=output,
        tests=Tally(outcomes={"a": "failed"}),
        started_at=AT,
        duration_s=0.5,
        sandbox="bare",
    )


def session(run: Run, id: str = "s1") -> Session:
    return Session(
        id=id,
        run=run.id,
        kind="worker",
        model="m",
        system="system",
        opening="hello",
        tools=("bash", "edit"),
        prompt_version="1",
        base_tree="t",
        created_at=AT,
    )


def reply(text: str = "hi") -> Message:
    call = ToolCall(id="c1", name="bash", arguments={"command": "ls"})
    return Message(role="assistant", parts=(Text(text=text), call), stop="tool_calls")


def turn(number: int, text: str = "hi") -> Turn:
    return Turn(session="s1", number=number, reply=reply(text), tree_before="t")


FACT: Slot[Json] = Slot("fact", "state", TypeAdapter[Json](JsonValue))
"""Anything, to fill a database with."""


async def with_database(path: Path, work: Callable[[Database], Awaitable[None]]) -> None:
    """Opens, works, closes."""
    database = Database(path)
    await database.open()
    try:
        await work(database)
    finally:
        await database.close()

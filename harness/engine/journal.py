"""SqlJournal: every model reply, on the disk before anything acts on it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from harness.core.errors import JournalMismatch
from harness.core.types import CallRecord, Message
from harness.engine.database import Database
from harness.engine.tables import CALLS


class SqlJournal:
    """The Journal port. Keyed by (session, turn); the request hash is a check, not a key."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lookup(self, session: str, turn: int, request_hash: str) -> Message | None:
        row = await self._database.read(lambda c: _find(c, session, turn))
        if row is None:
            return None
        recorded, message = row
        _check(recorded, session, turn, request_hash)
        return Message.model_validate(message)

    async def record(
        self, session: str, turn: int, request_hash: str, message: Message, call: CallRecord
    ) -> None:
        """The first reply stands: the same call again changes nothing."""

        def work(c: sa.Connection) -> None:
            row = _find(c, session, turn)
            if row is not None:
                _check(row[0], session, turn, request_hash)
                return
            c.execute(
                CALLS.insert().values(
                    session=session,
                    turn=turn,
                    run=call.run,
                    request_hash=request_hash,
                    message=message.model_dump(mode="json"),
                    data=call.model_dump(mode="json"),
                )
            )

        await self._database.write(work)

    async def calls(self, run: str) -> tuple[CallRecord, ...]:
        """In the order they were made."""
        query = sa.select(CALLS.c.data).where(CALLS.c.run == run).order_by(CALLS.c.seq)
        rows = await self._database.read(lambda c: c.execute(query).scalars().all())
        return tuple(CallRecord.model_validate(row) for row in rows)


def _find(c: sa.Connection, session: str, turn: int) -> tuple[str, Any] | None:
    same = (CALLS.c.session == session) & (CALLS.c.turn == turn)
    row = c.execute(sa.select(CALLS.c.request_hash, CALLS.c.message).where(same)).first()
    return None if row is None else (row.request_hash, row.message)


def _check(recorded: str, session: str, turn: int, request_hash: str) -> None:
    if recorded != request_hash:
        raise JournalMismatch("engine.journal_mismatch", session=session, turn=turn)

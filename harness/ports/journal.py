"""Every model reply, written before anything acts on it.

Every method that waits is a coroutine on one event loop. An adapter raises the errors of
core.errors and nothing else for what can be expected to happen."""

from __future__ import annotations

from typing import Protocol

from harness.core.types import (
    CallRecord,
    Message,
)


class Journal(Protocol):
    """Every model reply, written before anything acts on it."""

    async def lookup(self, session: str, turn: int, request_hash: str) -> Message | None:
        """JournalMismatch when the recorded request was another."""
        ...

    async def record(
        self, session: str, turn: int, request_hash: str, message: Message, call: CallRecord
    ) -> None: ...
    async def calls(self, run: str) -> tuple[CallRecord, ...]: ...

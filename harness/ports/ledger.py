"""What may still be spent.

Every method that waits is a coroutine on one event loop. An adapter raises the errors of
core.errors and nothing else for what can be expected to happen."""

from __future__ import annotations

from typing import Protocol

from harness.core.types import (
    Granted,
    Run,
    Spend,
    SpendScope,
)


class Ledger(Protocol):
    """Caps per session, run, issue, project's day and day in tokens, money and tool calls,
    counted in flight, kept through a kill."""

    async def reserve(self, run: Run, session: str, turn: int, estimate: Spend, day: str) -> None:
        """CapReached when any scope would be crossed, or has no tool call left. The same (session,
        turn) again while it is in flight: what became of the first is unknown, so it is spent."""
        ...

    async def settle(self, session: str, turn: int, actual: Spend, day: str = "") -> Granted:
        """What the call took, and room for the tool calls that its reply asks for, counted before
        they run. Repeated, nothing counts twice; under raised caps, or on a new `day`, it grants
        more."""
        ...

    async def spend_of(self, scope: SpendScope, key: str) -> Spend: ...

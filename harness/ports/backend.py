"""Who does the thinking, and a conversation with it.

Every method that waits is a coroutine on one event loop. An adapter raises the errors of
core.errors and nothing else for what can be expected to happen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from harness.core.talk_types import Answered, Assignment, Ended, Verdict

OnVerdict = Callable[[Verdict], Awaitable[Answered]]


class Conversation(Protocol):
    """One agent session under way."""

    async def send(self, message: str, on_verdict: OnVerdict) -> Ended:
        """Say something (empty: go on) and work until a checkpoint, a delegation or a stop.
        A message already said at this place of a resumed transcript is not said again."""
        ...

    async def suspend(self) -> str:
        """Close the Box at a snapshot; the tree id."""
        ...


class Backend(Protocol):
    """Who does the thinking: our own loop, Claude Code, Codex. Opening a session that has turns
    resumes it at (turn, tree)."""

    async def open(self, assignment: Assignment) -> Conversation: ...

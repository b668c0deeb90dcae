"""Workflows that survive a kill.

Every method that waits is a coroutine on one event loop. An adapter raises the errors of
core.errors and nothing else for what can be expected to happen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from harness.core.base import Json

Body = Callable[["Flow", Json], Awaitable[Json]]


class Flow(Protocol):
    """What a workflow's body may do. Bodies are deterministic between these calls."""

    @property
    def id(self) -> str: ...
    async def step(self, name: str, work: Callable[[], Awaitable[Json]]) -> Json:
        """Runs once; on recovery a recorded step answers without running."""
        ...

    async def start(self, workflow: str, workflow_id: str, argument: Json) -> None:
        """Start a child; the same id again is the same child."""
        ...

    async def join(self, workflow_id: str) -> Json: ...


class Durable(Protocol):
    """Workflows that survive kill -9. Bodies and steps run on the loop that called `launch`."""

    def define(self, workflow: str, body: Body) -> None:
        """Before `launch`, or at any time after it: what was under way of it is taken up then."""
        ...

    async def retire(self, *workflows: str, grace_s: float = 10.0) -> None:
        """Takes definitions away. What is under way of them ends as it does when we close, and is
        taken up when they are defined again. One that is not defined is fine."""
        ...

    async def launch(self) -> None:
        """Opens the database and takes up what was under way."""
        ...

    async def start(self, workflow: str, workflow_id: str, argument: Json) -> None: ...
    async def join(self, workflow_id: str) -> Json: ...
    async def active(self) -> tuple[str, ...]: ...
    async def close(self, *, grace_s: float = 10.0) -> None: ...

"""A language model.

Every method that waits is a coroutine on one event loop. An adapter raises the errors of
core.errors and nothing else for what can be expected to happen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from harness.core.types import (
    Message,
    Request,
    StreamEvent,
)

OnStream = Callable[[StreamEvent], None]


class Model(Protocol):
    """A language model. A reply is returned when its meaning is whole, whatever happens after it;
    of one that is not, ModelError says what it took, and nothing of it is kept. Cancelled by
    cancelling the task. Never retries by itself."""

    @property
    def name(self) -> str: ...
    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message: ...
    async def close(self) -> None: ...

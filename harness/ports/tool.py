"""Something a model can do.

Every method that waits is a coroutine on one event loop. An adapter raises the errors of
core.errors and nothing else for what can be expected to happen."""

from __future__ import annotations

from typing import Literal, Protocol

from harness.core.types import (
    ToolCall,
    ToolResult,
    ToolSpec,
)


class Tool(Protocol):
    """Something a model can do. `run` never raises for a model's mistake: it answers with
    is_error and a sentence that says how to ask rightly."""

    @property
    def spec(self) -> ToolSpec: ...
    @property
    def effects(self) -> Literal["none", "tree", "outside"]:
        """What running it again would change: nothing, the work tree, or the world."""
        ...

    async def run(self, call: ToolCall) -> ToolResult: ...

"""What stands before and after each tool call: rules and hooks, as the loop sees them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Protocol

from harness.core.base import Json, Say, Value
from harness.core.ports import Box
from harness.core.types import Session, ToolCall, ToolResult

OpenBox = Callable[[], Awaitable[Box]]
Moment = Literal["SessionStart", "UserPromptSubmit", "Stop", "SubagentStop", "PreCompact"]


class Passage(Value):
    """pass: run `call`, then say `text` after its result. refuse: the agent is told `text`.
    ask: a person must approve `subject` first. stop: the stretch ends, `why` says it."""

    kind: Literal["pass", "refuse", "ask", "stop"] = "pass"
    text: str = ""
    call: ToolCall | None = None
    """The call as it is to be run, when a hook changed it; kept, so that a resume runs the same."""
    why: Say | None = None
    subject: str = ""


class Gate(Protocol):
    """Policy and convenience, not the boundary: the sandbox is. Never raises for a failed hook."""

    async def before(self, session: Session, call: ToolCall, box: OpenBox) -> Passage: ...
    async def after(
        self, session: Session, call: ToolCall, result: ToolResult, box: OpenBox
    ) -> Passage:
        """refuse: `text` follows the result as blame; pass: as context."""
        ...

    async def at(
        self, session: Session, moment: Moment, about: str, facts: Mapping[str, Json], box: OpenBox
    ) -> Passage:
        """refuse at Stop: the agent goes on with `text`; at UserPromptSubmit: the stretch ends."""
        ...


class OpenGate:
    """Everything passes: no rule and no hook is configured."""

    async def before(self, session: Session, call: ToolCall, box: OpenBox) -> Passage:
        return Passage()

    async def after(
        self, session: Session, call: ToolCall, result: ToolResult, box: OpenBox
    ) -> Passage:
        return Passage()

    async def at(
        self, session: Session, moment: Moment, about: str, facts: Mapping[str, Json], box: OpenBox
    ) -> Passage:
        return Passage()

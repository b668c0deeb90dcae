"""What stands before and after each tool call: rules and hooks, as the loop sees them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Literal, Protocol

from harness.core.base import Json, LocalizedText, Value
from harness.core.types import Session, ToolCall, ToolResult
from harness.ports.sandbox import Box

OpenBox = Callable[[], Awaitable[Box]]
HookEvent = Literal["SessionStart", "UserPromptSubmit", "Stop", "SubagentStop", "PreCompact"]


class HookDecision(Value):
    """pass: run `call`, then say `text` after its result. refuse: the agent is told `text`.
    ask: a person must approve `subject` first. stop: the stretch ends, `why` says it."""

    kind: Literal["pass", "refuse", "ask", "stop"] = "pass"
    text: str = ""
    call: ToolCall | None = None
    """The call as it is to be run, when a hook changed it; kept, so that a resume runs the same."""
    why: LocalizedText | None = None
    subject: str = ""


class Gate(Protocol):
    """Policy and convenience, not the boundary: the sandbox is. Never raises for a failed hook."""

    async def before(self, session: Session, call: ToolCall, box: OpenBox) -> HookDecision: ...
    async def after(
        self, session: Session, call: ToolCall, result: ToolResult, box: OpenBox
    ) -> HookDecision:
        """refuse: `text` follows the result as blame; pass: as context."""
        ...

    async def at(
        self,
        session: Session,
        moment: HookEvent,
        about: str,
        facts: Mapping[str, Json],
        box: OpenBox,
    ) -> HookDecision:
        """refuse at Stop: the agent goes on with `text`; at UserPromptSubmit: the stretch ends."""
        ...


class OpenGate:
    """Everything passes: no rule and no hook is configured."""

    async def before(self, session: Session, call: ToolCall, box: OpenBox) -> HookDecision:
        return HookDecision()

    async def after(
        self, session: Session, call: ToolCall, result: ToolResult, box: OpenBox
    ) -> HookDecision:
        return HookDecision()

    async def at(
        self,
        session: Session,
        moment: HookEvent,
        about: str,
        facts: Mapping[str, Json],
        box: OpenBox,
    ) -> HookDecision:
        return HookDecision()

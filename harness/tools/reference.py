"""reference: words are looked for, a source is opened. What it does is kept by the session's call:
again it finds the first answer and asks nobody."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from pydantic import Field

from harness.core.types import ToolCall, ToolResult
from harness.tools.context import ToolContext
from harness.tools.declare import Arguments, DeclaredTool, ToolRefused

REFERENCE = "reference"


class LookupArguments(Arguments):
    """Arguments of reference. `part` counts the pages of a long text from 1."""

    query: str = ""
    source: str = ""
    part: int = Field(default=1, ge=1)


class Look(Protocol):
    """Answers what a session's call asks for; the same call is answered the same. Raises
    ToolRefused for what may not be asked."""

    async def __call__(self, session: str, call: str, asked: LookupArguments) -> str: ...


async def look_nowhere(session: str, call: str, asked: LookupArguments) -> str:
    """Of a project where nothing is looked up: for a session that was opened before that."""
    raise ToolRefused("calls/look_off")


class ReferenceTool:
    """The tool over this bench."""

    def __init__(self, look: Look, bench: ToolContext) -> None:
        self._look = look
        self._bench = bench
        self.spec = self._declared("").spec
        self.effects = self._declared("").effects

    async def run(self, call: ToolCall) -> ToolResult:
        return await self._declared(call.id).run(call)

    def _declared(self, call: str) -> DeclaredTool[LookupArguments]:
        return DeclaredTool(
            REFERENCE,
            prompts=self._bench.prompts,
            arguments=LookupArguments,
            effects="none",
            body=partial(self._look, self._bench.session, call),
        )


def reference_maker(look: Look) -> partial[ReferenceTool]:
    """What makes it for a bench."""
    return partial(ReferenceTool, look)

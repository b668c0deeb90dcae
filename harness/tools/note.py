"""note: a decision or a lesson worth keeping beyond this conversation."""

from __future__ import annotations

from pydantic import Field

from harness.tools.context import NoteKind, ToolContext
from harness.tools.declare import Arguments, DeclaredTool


class Note(Arguments):
    """Arguments of note."""

    kind: NoteKind = "decision"
    text: str = Field(min_length=1, max_length=2000)


def note(bench: ToolContext) -> DeclaredTool[Note]:
    """The tool over this bench."""

    async def run(arguments: Note) -> str:
        await bench.note(arguments.kind, arguments.text)
        return "Noted."

    return DeclaredTool("note", prompts=bench.prompts, arguments=Note, effects="none", body=run)

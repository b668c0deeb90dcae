"""todo: the agent's own list. The transcript is its store: `latest` reads it back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationError

from harness.core.types import Turn
from harness.tools.context import ToolContext
from harness.tools.declare import Arguments, DeclaredTool, unpack

_MARKS = {"open": "[ ]", "doing": "[>]", "done": "[x]"}


class TodoItem(Arguments):
    """One thing to do."""

    text: str
    state: Literal["open", "doing", "done"] = "open"


class Items(Arguments):
    """Arguments of todo: the whole list."""

    items: Annotated[tuple[TodoItem, ...], BeforeValidator(unpack)] = Field(max_length=50)


def view(items: Iterable[TodoItem]) -> str:
    """One line an item."""
    return "\n".join(f"{_MARKS[item.state]} {item.text}" for item in items) or "The list is empty."


def latest(turns: Iterable[Turn]) -> tuple[TodoItem, ...]:
    """The list as it was last set in this transcript."""
    items: tuple[TodoItem, ...] = ()
    for turn in turns:
        fine = {r.call_id for r in turn.results if not r.is_error}
        for call in turn.reply.calls:
            if call.name == "todo" and call.id in fine:
                try:
                    items = Items.model_validate(call.arguments).items
                except ValidationError:
                    continue
    return items


def todo(bench: ToolContext) -> DeclaredTool[Items]:
    """The tool over this bench."""

    async def run(arguments: Items) -> str:
        return view(arguments.items)

    return DeclaredTool("todo", prompts=bench.prompts, arguments=Items, effects="none", body=run)

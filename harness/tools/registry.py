"""Every tool by name, in the one order that requests keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from harness.core.errors import EngineError
from harness.ports.tool import Tool
from harness.tools.bash import bash
from harness.tools.checkpoints import TASK, VERDICT
from harness.tools.context import ToolContext
from harness.tools.edit import edit
from harness.tools.note import note
from harness.tools.read import read
from harness.tools.search import search
from harness.tools.todo import todo
from harness.tools.write import write

Maker = Callable[[ToolContext], Tool]
MAKERS: Mapping[str, Maker] = {
    "bash": bash,
    "read": read,
    "edit": edit,
    "write": write,
    "search": search,
    "todo": todo,
    "note": note,
}


def make(names: Sequence[str], bench: ToolContext, extra: Mapping[str, Maker]) -> dict[str, Tool]:
    """The named tools but `verdict` and `task`. EngineError for a name nobody knows: the session
    was opened by another version."""
    made: dict[str, Tool] = {}
    for name in names:
        if name in (VERDICT, TASK):
            continue
        maker = MAKERS.get(name) or extra.get(name)
        if maker is None:
            raise EngineError("agent.unknown_tool", name=name)
        made[name] = maker(bench)
    return made

"""What an agent session keeps beside its turns. Names are stored in databases: they stay."""

from __future__ import annotations

from typing import Final

from pydantic import TypeAdapter

from harness.core.base import Value
from harness.core.slot import Slot
from harness.core.types import ToolCall


class SessionState(Value):
    """What outlives a process beside the turns: time at work; the room for the conversation and
    for a reply when the model turned out to have less than was configured (0: as configured);
    the turn whose replies were broken, and how many they were; the skills as it knows them, name ->
    digest (None: it was not looked yet)."""

    worked_s: float = 0.0
    context_tokens: int = 0
    reply_tokens: int = 0
    broken_turn: int = 0
    broken_times: int = 0
    skills: dict[str, str] | None = None


SESSION: Final = Slot("", "session", TypeAdapter(SessionState), under="agent")
"""Time at work, and the room there is: a cap, so nothing else will do for it."""
HOOK_FILES: Final = Slot("", "session", TypeAdapter(dict[str, str | None]), under="hook_files")
"""Path -> blob (None: deleted) as a project's hook left it."""
CHANGED_CALLS: Final = Slot("", "session", TypeAdapter(dict[str, ToolCall | None]), under="gate")
"""Calls as a hook changed them, None where one was refused: what is done again must be that."""

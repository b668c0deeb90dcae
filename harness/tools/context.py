"""What tools work with: the session's Box, its prompts, what is remembered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from harness.ports.sandbox import Box
from harness.prompting.templates import Prompts

NoteKind = Literal["decision", "lesson"]


@dataclass(frozen=True)
class ToolContext:
    """`box` opens the session's Box when it is first needed; `at_root(cwd)` says whether that is
    the tree's own folder. `note(kind, text)` remembers; it may
    be called twice with the same text. `session`: its id."""

    prompts: Prompts
    box: Callable[[], Awaitable[Box]]
    at_root: Callable[[str], bool]
    note: Callable[[NoteKind, str], Awaitable[None]]
    session: str = ""

"""What passes between a stage and an agent's conversation. Pure values."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from harness.core.base import Json, Value
from harness.core.message_types import ToolCall, Usage
from harness.core.run_types import LocalizedText, Run, Session


class Verdict(Value):
    """What an agent claims at a checkpoint; code checks it."""

    call: str
    kind: str
    data: dict[str, Json]
    tree: str = ""
    """The agent's work tree when it spoke, as a tree id (taken with the Box frozen)."""


class Answered(Value):
    """The checkpoint's answer to a verdict: text for the agent, and whether the stage has what
    it needs (`reached`)."""

    text: str
    is_error: bool = False
    reached: bool = False


class Instructions(Value):
    """What a project tells agents in files of its own, as one bounded text; "" when it has none."""

    text: str = ""
    files: tuple[str, ...] = ()
    """Those shown, in order."""
    hidden: int = 0
    """Characters nobody sees, left out."""
    left_out: int = 0
    """Bytes that did not fit."""


class AgentRole(Value):
    """What a project's file about an agent opens a session with. `tools`: those that it may have
    at most, of all there are; `model`: a configured one's name, "" for the usual; `turns`: its
    replies at most, 0 for the usual; `skills`: what it is given at once; `unused`: what of the file
    does not hold here."""

    name: str
    words: str
    tools: tuple[str, ...]
    model: str = ""
    turns: int = 0
    skills: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


class Assignment(Value):
    """What a conversation is opened with."""

    session: Session
    run: Run
    stage: str


class Ended(Value):
    """How a stretch of conversation ended. reached: the checkpoint has what it needs;
    delegated: a task call waits for its children (`calls`); stopped: the agent cannot go on
    (`why`)."""

    kind: Literal["reached", "delegated", "stopped"]
    why: LocalizedText | None = None
    retry_at: datetime | None = None
    """stopped by a fault outside (model down, rate limit): worth trying again then."""
    calls: tuple[ToolCall, ...] = ()
    subject: str = ""
    """stopped because a person must approve this first."""
    text: str = ""
    tree: str = ""
    usage: Usage = Usage()

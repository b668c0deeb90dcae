"""What a project's pipeline holds in this process only: lost at its end, made anew by the next."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field
from typing import NamedTuple

from harness.core.types import Stage
from harness.ports.backend import Conversation
from harness.testruns.detect.detection import Detected
from harness.weakening.reach import BaseKnowledge


class Look(NamedTuple):
    """One look at a run's issue and pull request."""

    mark: str
    """Of what a look reads first; the same again means nothing changed."""
    fingerprint: str
    conflict: bool


@dataclass(frozen=True)
class LiveState:
    """Open conversations, locks and what was read a moment ago. Nothing here is truth: a crash
    costs a second look, never a fact."""

    conversations: dict[str, Conversation] = field(default_factory=dict)
    """Conversations open in this process, by session id."""
    active_sessions: dict[str, str] = field(default_factory=dict)
    """Session -> run of each agent whose Box may be open in this process."""
    agent_slots: AbstractAsyncContextManager[object] = field(default_factory=nullcontext)
    """Held by each session while it works, and by nobody who waits for another session: workers,
    reviewers and sub-agents of all projects share so many. By itself it bounds nothing."""
    stops: dict[str, Stage] = field(default_factory=dict)
    """Project -> the stage after which its runs rest: a command may ask for no more than that."""
    merging: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One merge at a time in a project, first come first served: each is tested on what the one
    before left."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One pull request opened at a time in a project: its caps are counted."""
    looked: dict[str, Look] = field(default_factory=dict)
    """Run -> what the forge showed of it at this process's last look."""
    detections: dict[str, Detected] = field(default_factory=dict)
    """Commit -> how its tree says that it is set up and tested; a few are kept."""
    bases: dict[str, BaseKnowledge] = field(default_factory=dict)
    """Base tree -> what its code says of tests and imports: read once a base, a few are kept."""

"""What the composition root hands a pipeline: ports, and the guard's pure decisions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

from harness.core.ports import (
    Backend,
    Clock,
    Conversation,
    Durable,
    Forge,
    Journal,
    Ledger,
    Sandbox,
    Store,
    Words,
    Workspace,
)
from harness.core.types import (
    Actor,
    Comment,
    Event,
    FileChange,
    Finding,
    Issue,
    IssueSnapshot,
    Permission,
    Run,
    Say,
    Stage,
)
from harness.pipeline.leases import Leases
from harness.pipeline.rules import Rules
from harness.prompting.templates import Prompts


class Guard(Protocol):
    """Trust in, policy out. Pure but for nothing: values in, values out."""

    def may_start(self, issue: Issue, permission: Permission) -> Say | None:
        """None: this issue may start; else the rule and the fact that hold it (A4)."""
        ...

    def may_speak(self, actor: Actor, permission: Permission) -> bool:
        """True when this person's words may reach an agent and steer a run."""
        ...

    def snapshot(self, issue: Issue, comments: Sequence[Comment], trigger: Actor) -> IssueSnapshot:
        """The visible text, normalised and capped (A7). `comments`: trusted ones only."""
        ...

    def visible(self, text: str) -> str:
        """Untrusted text as a person sees it."""
        ...

    def publishable(
        self,
        changes: Sequence[FileChange],
        contents: Mapping[str, bytes],
        approved: Sequence[str],
        before: Mapping[str, bytes],
    ) -> tuple[Finding, ...]:
        """What of this change may not leave. `contents` and `before`: path -> bytes afterwards
        and on the base. `approved`: globs that a plan approved by a person names."""
        ...

    def outgoing(self, markdown: str, issue: int) -> str:
        """Text for the forge, re-rendered so that it can do nothing."""
        ...

    def plain(self, words: str, issue: int) -> str:
        """A title or a commit message, made harmless."""
        ...

    def lint(self, title: str, body: str, issue: int) -> tuple[Finding, ...]:
        """What a pull request's text lacks (F4)."""
        ...


class Look(NamedTuple):
    """One look at a run's issue and pull request."""

    mark: str
    """Of what a look reads first; the same again means nothing changed."""
    fingerprint: str
    conflict: bool


@dataclass(frozen=True)
class Parts:
    """Everything one project's pipeline works with."""

    forge: Forge
    store: Store
    journal: Journal
    ledger: Ledger
    workspace: Workspace
    sandbox: Sandbox
    backend: Backend
    durable: Durable
    clock: Clock
    guard: Guard
    prompts: Prompts
    words: Words
    rules: Rules
    models: Mapping[str, str]
    """Session kind -> name of the configured model."""
    folder: Callable[[Run], Path]
    """Where a run's PLAN.md, PROGRESS.md, REPORT.md and evidence are written for people."""
    on_event: Callable[[Run, Event], None]
    """Told each recorded fact; must return at once and not raise."""
    skills: Mapping[str, str] = field(default_factory=dict)
    """Name of a skill -> its text."""
    talks: dict[str, Conversation] = field(default_factory=dict)
    """Conversations open in this process, by session id."""
    stops: dict[str, Stage] = field(default_factory=dict)
    """Project -> the stage after which its runs rest: a command may ask for no more than that."""
    merging: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One merge at a time in a project, first come first served: each is tested on what the one
    before left."""
    opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One pull request opened at a time in a project: its caps are counted."""
    looked: dict[str, Look] = field(default_factory=dict)
    """Run -> what the forge showed of it at this process's last look."""
    leases: Leases | None = None
    """The right to act on an issue; None: nobody else could."""

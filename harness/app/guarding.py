"""The guard's pure decisions, bound to one project's settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.ports import Clock
from harness.core.types import (
    Actor,
    Comment,
    FileChange,
    Finding,
    Issue,
    IssueSnapshot,
    Permission,
    Say,
)


class Guarding:
    """Implements the pipeline's Guard."""

    def __init__(self, settings: Settings, sources: Sources, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock

    def may_start(self, issue: Issue, permission: Permission) -> Say | None:
        return None

    def may_speak(self, actor: Actor, permission: Permission) -> bool:
        return permission.covers(self._settings.trust.permission)

    def snapshot(self, issue: Issue, comments: Sequence[Comment], trigger: Actor) -> IssueSnapshot:
        return IssueSnapshot(
            number=issue.number,
            title=issue.title,
            body=issue.body,
            author=issue.author,
            labels=issue.labels,
            comments=tuple(c.body for c in comments),
            taken_at=self._clock.now(),
            trigger=trigger,
        )

    def visible(self, text: str) -> str:
        return text

    def publishable(
        self,
        changes: Sequence[FileChange],
        contents: Mapping[str, bytes],
        approved: Sequence[str],
    ) -> tuple[Finding, ...]:
        return ()

    def outgoing(self, markdown: str, issue: int) -> str:
        return markdown

"""The guard of one project: the pure decisions of this package bound to its policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

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
from harness.guard import lint, publishing, text, trust
from harness.guard.visible import visible


class ProjectGuard:
    """What a pipeline asks: who may start and speak, what is seen, what may leave. `secrets` are
    our own; `hosts` are where outgoing links may lead; `now` gives the present, aware UTC."""

    def __init__(
        self,
        trusted: trust.TrustPolicy,
        publishing_policy: publishing.PublishPolicy,
        now: Callable[[], datetime],
        secrets: Sequence[str] = (),
        hosts: Sequence[str] = (),
    ) -> None:
        self._trusted = trusted
        self._publishing = publishing_policy
        self._now = now
        self._secrets = tuple(secrets)
        self._hosts = tuple(hosts)

    def may_start(self, issue: Issue, permission: Permission) -> Say | None:
        """None: this issue may start; `permission` is its author's."""
        return trust.may_start(issue, issue.author, permission, self._trusted)

    def may_speak(self, actor: Actor, permission: Permission) -> bool:
        """True when this person's words may steer a run."""
        return trust.allowed(actor, permission, self._trusted) is None

    def snapshot(self, issue: Issue, comments: Sequence[Comment], trigger: Actor) -> IssueSnapshot:
        """The text as it is now, visible and capped."""
        return trust.snapshot(issue, comments, trigger, self._now())

    def visible(self, markdown: str) -> str:
        """Untrusted text as a person sees it."""
        return visible(markdown).text

    def publishable(
        self,
        changes: Sequence[FileChange],
        contents: Mapping[str, bytes],
        approved: Sequence[str],
    ) -> tuple[Finding, ...]:
        """Why this change may not leave by itself; empty: it may."""
        return publishing.publishable(changes, contents, approved, self._publishing, self._secrets)

    def outgoing(self, markdown: str, issue: int) -> str:
        """Text for the forge that can do nothing but be read."""
        return text.outgoing(markdown, issue, self._hosts)

    def plain(self, line: str, issue: int) -> str:
        """A title or a commit message that pings nobody and closes only its own issue."""
        return text.plain(line, issue)

    def leaks(self, outgoing: str) -> tuple[Finding, ...]:
        """Secrets in a text that is about to leave."""
        return publishing.scan_text(outgoing, self._secrets)

    def lint(
        self, title: str, body: str, issue: int, required: Sequence[str], evidence: str
    ) -> tuple[Finding, ...]:
        """What is wrong with the form of a pull request."""
        return lint.lint(title, body, issue, required, evidence)

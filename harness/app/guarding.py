"""The guard's pure decisions, bound to one project's settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.errors import ConfigError
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
from harness.core.words import Catalogue
from harness.guard import lint, publishing, text, trust
from harness.guard.visible import visible


class Guarding:
    """Implements the pipeline's Guard."""

    def __init__(self, settings: Settings, sources: Sources, clock: Clock) -> None:
        self._clock = clock
        self._words = Catalogue(settings.report.language or settings.language)
        self._secrets = own_secrets(settings, sources)
        chosen = settings.trust
        self._trust = trust.TrustPolicy(
            permission=chosen.permission,
            people=chosen.people,
            bots=chosen.bots,
            labels=chosen.labels,
            skip_labels=chosen.skip_labels,
        )
        policy = settings.policy
        self._policy = publishing.PublishPolicy(
            protected=tuple(dict.fromkeys((*publishing.PROTECTED, *policy.protected))),
            max_files=policy.max_files,
            max_lines=policy.max_lines,
            max_bytes=policy.max_bytes,
        )

    @property
    def protected(self) -> tuple[str, ...]:
        """Globs that need a plan approved by a person."""
        return self._policy.protected

    def may_start(self, issue: Issue, permission: Permission) -> Say | None:
        return trust.may_start(issue, issue.author, permission, self._trust)

    def may_speak(self, actor: Actor, permission: Permission) -> bool:
        return trust.allowed(actor, permission, self._trust) is None

    def snapshot(self, issue: Issue, comments: Sequence[Comment], trigger: Actor) -> IssueSnapshot:
        return trust.snapshot(issue, comments, trigger, self._clock.now())

    def visible(self, words: str) -> str:
        return visible(words).text

    def publishable(
        self,
        changes: Sequence[FileChange],
        contents: Mapping[str, bytes],
        approved: Sequence[str],
        before: Mapping[str, bytes],
    ) -> tuple[Finding, ...]:
        return publishing.publishable(
            changes, contents, approved, self._policy, self._secrets, before
        )

    def outgoing(self, markdown: str, issue: int) -> str:
        return text.outgoing(markdown, issue)

    def plain(self, words: str, issue: int) -> str:
        return text.plain(words, issue)

    def lint(self, title: str, body: str, issue: int) -> tuple[Finding, ...]:
        required = (self._words("page.what"), self._words("page.evidence"))
        return lint.lint(title, body, issue, required, self._words("page.evidence"))


def own_secrets(settings: Settings, sources: Sources) -> tuple[str, ...]:
    """Every key of ours that could leak: of all models, and the forge's token."""
    found = [sources.forge_token(settings)]
    for name in settings.models:
        try:
            found.append(sources.secret(settings, name))
        except ConfigError:
            continue  # no key here: nothing that could leak
    return tuple(secret for secret in found if secret)

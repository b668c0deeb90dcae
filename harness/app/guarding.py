"""The guard's pure decisions, bound to one project's settings."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Final

from harness.config.load import Sources
from harness.config.settings import Settings
from harness.core.errors import ConfigError
from harness.core.ports import Clock
from harness.core.trust_types import Trigger, TriggerKind
from harness.core.types import (
    Actor,
    Comment,
    FileChange,
    Finding,
    Issue,
    IssueSnapshot,
    Permission,
    Say,
    TimelineEvent,
)
from harness.core.words import Catalogue
from harness.guard import lint, publishing, speech, text, triggers, trust
from harness.guard.hidden import revealed, seen
from harness.guard.visible import visible
from harness.system.text import clean_text

DEFAULT_TRIGGERS: Final[dict[str, tuple[TriggerKind, ...]]] = {
    "local": ("author", "label", "assign", "comment"),
    "github": ("label", "assign", "comment"),
}
"""On a public forge anybody may open an issue, so opening one asks for nothing."""


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
            milestones=chosen.milestones,
            authors=chosen.authors,
        )
        self._triggers = triggers.TriggerPolicy(
            kinds=chosen.trigger or DEFAULT_TRIGGERS[settings.forge.kind],
            label=chosen.label,
            word=chosen.word,
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

    def filtered(self, issue: Issue) -> Say | None:
        return trust.filtered(issue, self._trust)

    def trigger_kinds(self, issue: Issue, me: Actor) -> frozenset[TriggerKind]:
        return triggers.kinds_at(issue, self._triggers, me)

    def triggers(
        self,
        issue: Issue,
        timeline: Sequence[TimelineEvent],
        comments: Sequence[Comment],
        me: Actor,
    ) -> tuple[Trigger, ...]:
        return triggers.triggers(issue, timeline, comments, self._triggers, me)

    def may_trigger(self, actor: Actor, permission: Permission) -> Say | None:
        return trust.allowed(actor, permission, self._trust)

    def edited(self, issue: Issue, trigger: Trigger) -> Say | None:
        return triggers.edited(issue, trigger)

    def trigger_words(self) -> tuple[str, str]:
        return self._triggers.label, self._triggers.word

    def spoken(self, body: str) -> tuple[tuple[str, str], ...]:
        return tuple((one.verb, one.text) for one in speech.spoken(body, self._triggers.word))

    def hidden(self, *texts: str) -> int:
        return sum(visible(text).removed for text in texts)

    def may_speak(self, actor: Actor, permission: Permission) -> bool:
        return trust.allowed(actor, permission, self._trust) is None

    def snapshot(
        self, issue: Issue, comments: Sequence[Comment], trigger: Trigger, others: int = 0
    ) -> IssueSnapshot:
        return trust.snapshot(issue, comments, trigger, self._clock.now(), others)

    def visible(self, words: str) -> str:
        return visible(words).text

    def legible(self, words: str) -> str:
        return seen(clean_text(words))[0]

    def revealed(self, code: str) -> str:
        return revealed(code)

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
    """Every key of ours that could leak: of all models, the forge's, the webhook's."""
    found = []
    for read in (sources.forge_token, sources.forge_key, sources.webhook_secret):
        with contextlib.suppress(ConfigError):  # whoever needs it says so
            found.append(read(settings))
    for name in settings.models:
        try:
            found.append(sources.secret(settings, name))
        except ConfigError:
            continue  # no key here: nothing that could leak
    return tuple(secret for secret in found if secret)

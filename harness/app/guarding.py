"""The guard's pure decisions, bound to one project's settings."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from harness.app.adapters import load
from harness.config.load import Sources
from harness.config.secret_sources import parts, values
from harness.config.settings import Settings
from harness.core.errors import ConfigError
from harness.core.house_types import CommitStyle, HouseRules, PullRequestTemplate
from harness.core.trust_types import Trigger, TriggerKind
from harness.core.types import (
    Actor,
    Comment,
    FileChange,
    Finding,
    Issue,
    IssueSnapshot,
    LocalizedText,
    Permission,
    TimelineEvent,
)
from harness.environment.registries.logins import registry_logins
from harness.guard import (
    commit_text,
    house_rules,
    lint,
    outgoing_text,
    pr_template,
    publishing,
    speech,
    subject_style,
    triggers,
    trust,
)
from harness.guard.hidden import reveal, strip_invisible
from harness.guard.visible import visible
from harness.i18n.catalogue import Catalogue
from harness.ports.clock import Clock
from harness.system.text import clean_text
from harness.system.upstream import upstream_secrets

if TYPE_CHECKING:
    from harness.guard.scanning import Scanner

MOST_TALK = 4 << 20
"""Characters of comments, hidden ones too, that a run begins with."""


class Guarding:
    """Implements the pipeline's Guard."""

    def __init__(
        self,
        settings: Settings,
        sources: Sources,
        clock: Clock,
        live: Callable[[], Sequence[str]] = tuple,
        redact: Callable[[str], str] = str,
    ) -> None:
        """`live`: secrets that came to be since, such as a token minted for an hour. `redact`
        takes our own secrets out of what is told to an agent."""
        self._clock = clock
        self._live = live
        self._redact = redact
        self._words = Catalogue(settings.report.language or settings.language)
        self._stored = own_secrets(settings, sources)
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
            kinds=chosen.trigger or settings.forge.descriptor.triggers,
            label=chosen.label,
            word=chosen.word,
        )
        policy = settings.policy
        self._policy = publishing.PublishPolicy(
            protected=tuple(dict.fromkeys((*publishing.PROTECTED, *policy.protected))),
            manifests=policy.manifests,
            max_files=policy.max_files,
            max_lines=policy.max_lines,
            max_bytes=policy.max_bytes,
            max_binaries=policy.max_binaries,
            max_links=policy.max_links,
            max_executables=policy.max_executables,
        )
        self._rules = SecretRules(policy.secret_rules)

    @property
    def _secrets(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._stored, *self._live())))

    @property
    def protected_globs(self) -> tuple[str, ...]:
        """Globs that need a plan approved by a person."""
        return self._policy.protected

    def why_excluded(self, issue: Issue) -> LocalizedText | None:
        return trust.why_excluded(issue, self._trust)

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

    def may_trigger(self, actor: Actor, permission: Permission) -> LocalizedText | None:
        return trust.why_untrusted(actor, permission, self._trust)

    def why_stale(self, issue: Issue, trigger: Trigger) -> LocalizedText | None:
        return triggers.why_stale(issue, trigger)

    def trigger_words(self) -> tuple[str, str]:
        return self._triggers.label, self._triggers.word

    def find_words(self, body: str) -> tuple[tuple[str, str], ...]:
        return tuple((one.verb, one.text) for one in speech.find_words(body, self._triggers.word))

    def count_hidden(self, *texts: str) -> int:
        return sum(visible(text).removed for text in texts)

    def may_speak(self, actor: Actor, permission: Permission) -> bool:
        return trust.why_untrusted(actor, permission, self._trust) is None

    def snapshot(
        self,
        issue: Issue,
        comments: Sequence[Comment],
        trigger: Trigger,
        others: int = 0,
        maintainers: Collection[int] = (),
    ) -> IssueSnapshot:
        first = {*maintainers, *self._trust.people}
        shown = newest(comments, {issue.author.id, *first})
        taken = trust.snapshot(issue, shown, trigger, self._clock.now(), others, first)
        return taken.model_copy(
            update={
                "title": self._redact(taken.title),
                "body": self._redact(taken.body),
                "comments": tuple(map(self._redact, taken.comments)),
                "left_comments": taken.left_comments + len(comments) - len(shown),
            }
        )

    def visible(self, words: str) -> str:
        return self._redact(visible(words).text)

    def legible(self, words: str) -> str:
        return self._redact(strip_invisible(clean_text(words))[0])

    def reveal(self, code: str) -> str:
        return reveal(code)

    def publishable(
        self,
        changes: Sequence[FileChange],
        contents: Mapping[str, bytes],
        before: Mapping[str, bytes],
        tree: Sequence[str],
        approved: Sequence[str],
        project_rules: str,
    ) -> tuple[Finding, ...]:
        change = publishing.OutgoingChange(changes, contents, before, tree, approved)
        rules = self._rules.beside(project_rules)
        return publishing.publishable(change, self._policy, self._secrets, rules)

    def leaving(self, what: str, text: str, project_rules: str) -> tuple[Finding, ...]:
        rules = self._rules.beside(project_rules)
        return publishing.scan_text(what, text, self._secrets, rules)

    def lasting(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        return publishing.lasting(findings)

    def secret_rules(self) -> tuple[int, tuple[str, ...]]:
        """How many rules of the operator's files are in use, and the ids of those that cannot be.
        ConfigError for a file that cannot be read."""
        scanner = self._rules.scanner
        return scanner.count, scanner.skipped_rules

    def outgoing(self, markdown: str, issue: int) -> str:
        return outgoing_text.outgoing(markdown, issue)

    def commit_style(self, subjects: Sequence[str]) -> CommitStyle:
        return subject_style.read_style(subjects)

    def subject(
        self, text: str, issue: int, style: CommitStyle, kind: str, paths: Sequence[str]
    ) -> str:
        return commit_text.subject(text, issue, style, kind, paths)

    def paragraphs(self, markdown: str, issue: int) -> str:
        return commit_text.paragraphs(markdown, issue)

    def house_files(self, paths: Sequence[str]) -> tuple[str, ...]:
        return house_rules.house_files(paths)

    def house_rules(self, files: Mapping[str, str]) -> HouseRules:
        return house_rules.read_rules(files)

    def template(self, files: Mapping[str, str], kind: str) -> PullRequestTemplate:
        return pr_template.read_template(files, kind)

    def line(self, words: str, issue: int) -> str:
        return commit_text.words(words[: commit_text.MOST_TEXT], issue)

    def lint(
        self, title: str, body: str, issue: int, template: PullRequestTemplate
    ) -> tuple[Finding, ...]:
        what = template.heading_of("what", self._words("page.what"))
        evidence = template.heading_of("evidence", self._words("page.evidence"))
        return lint.lint(title, body, issue, (what, evidence), evidence)


class SecretRules:
    """The rule sets beside our own shapes; loaded at the first scan."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = files
        self._texts = tuple(map(_rules_file, files))
        self._scanner: Scanner | None = None

    @property
    def scanner(self) -> Scanner:
        """Made once. ConfigError for a file of the operator's that holds no rules."""
        if self._scanner is None:
            make = load("harness.guard.scanning:Scanner")
            try:
                self._scanner = make(self._texts)
            except ValueError as fault:
                path = ", ".join(map(str, self._files))
                raise ConfigError(
                    "guard.secret_rules_missing", path=path, why=str(fault)
                ) from fault
        return self._scanner

    def beside(self, project: str) -> publishing.SecretScanner:
        """With the project's own gitleaks file; "" when it has none."""

        def rules(path: str, text: str, until: float) -> Iterable[tuple[str, int]]:
            return self.scanner.find(path, text, project, until)

        return rules


def newest(comments: Sequence[Comment], deciding: Collection[int]) -> Sequence[Comment]:
    """As many as one look goes through, the newest of those who decide (ids) before the newest of
    others: what nobody sees of them takes time too."""
    room, shown = MOST_TALK, set[int]()
    for decides in (True, False):
        for place in range(len(comments) - 1, -1, -1):
            if (comments[place].author.id in deciding) is not decides:
                continue
            room -= len(comments[place].body)
            if room < 0:
                break
            shown.add(place)
    return [comment for place, comment in enumerate(comments) if place in shown]


def _rules_file(path: Path) -> str:
    """A file that is named and not there would be a rule that silently does not hold."""
    try:
        return path.read_text("utf-8")
    except (OSError, ValueError) as fault:
        why = getattr(fault, "strerror", None) or str(fault)
        raise ConfigError("guard.secret_rules_missing", path=str(path), why=why) from fault


def own_secrets(settings: Settings, sources: Sources) -> tuple[str, ...]:
    """Every key of ours that could leak: those that these settings need, wherever they are, and
    every other one that lies on this machine."""
    reads = [partial(sources.secret, settings, name) for name in settings.models]
    chosen = settings.environment
    if settings.forge.descriptor.credential:
        read = sources.forge_key if settings.forge.app_id else sources.forge_token
        reads.append(partial(read, settings))
    if settings.webhook.listen:
        reads.append(partial(sources.webhook_secret, settings))
    if settings.references.provider:
        reads.append(partial(sources.search_key, settings))
    found = [*values(sources.place), *registry_logins(chosen.env, chosen.files)]
    found += upstream_secrets(sources.place.env)
    for read in reads:
        with contextlib.suppress(ConfigError):  # whoever needs it says so
            found += parts(read())
    return tuple(dict.fromkeys(found))

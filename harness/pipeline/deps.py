"""What the composition root hands a pipeline: ports, and the guard's pure decisions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from harness.core.errors import ConfigError
from harness.core.house_types import CommitStyle, HouseRules, PullRequestTemplate
from harness.core.trust_types import Trigger, TriggerKind
from harness.core.types import (
    Actor,
    AgentRole,
    Comment,
    Event,
    FileChange,
    Finding,
    Instructions,
    Issue,
    IssueSnapshot,
    LocalizedText,
    Permission,
    Run,
    TimelineEvent,
)
from harness.pipeline.live_state import LiveState
from harness.pipeline.outbound.leases import Leases
from harness.pipeline.run_policy import RunPolicy
from harness.ports.backend import Backend
from harness.ports.clock import Clock
from harness.ports.durable import Durable
from harness.ports.forge import Forge
from harness.ports.journal import Journal
from harness.ports.ledger import Ledger
from harness.ports.sandbox import Sandbox
from harness.ports.store import Store
from harness.ports.words import Words
from harness.ports.workspace import Workspace
from harness.prompting.templates import Prompts


class Guard(Protocol):
    """Trust in, policy out. Pure but for nothing: values in, values out."""

    def why_excluded(self, issue: Issue) -> LocalizedText | None:
        """None: harness looks at such issues, whoever asks; else the rule that leaves it out."""
        ...

    def trigger_kinds(self, issue: Issue, me: Actor) -> frozenset[TriggerKind]:
        """Which acts may ask for work on it, by its face alone."""
        ...

    def triggers(
        self,
        issue: Issue,
        timeline: Sequence[TimelineEvent],
        comments: Sequence[Comment],
        me: Actor,
    ) -> tuple[Trigger, ...]:
        """The acts that ask for work, newest first."""
        ...

    def may_trigger(self, actor: Actor, permission: Permission) -> LocalizedText | None:
        """None: this person's acts count; else the rule and the fact that say no (A4)."""
        ...

    def why_stale(self, issue: Issue, trigger: Trigger) -> LocalizedText | None:
        """Not None: the text is not the one that was asked for (A7)."""
        ...

    def trigger_words(self) -> tuple[str, str]:
        """The label that asks for work, and what a word in a comment begins with."""
        ...

    def find_words(self, body: str) -> tuple[tuple[str, str], ...]:
        """The words to harness in a comment: (verb, what follows)."""
        ...

    def count_hidden(self, *texts: str) -> int:
        """Characters of these that no reader sees."""
        ...

    def may_speak(self, actor: Actor, permission: Permission) -> bool:
        """True when this person's words may reach an agent and steer a run."""
        ...

    def snapshot(
        self,
        issue: Issue,
        comments: Sequence[Comment],
        trigger: Trigger,
        others: int = 0,
        maintainers: Collection[int] = (),
    ) -> IssueSnapshot:
        """The visible text, normalised and capped (A7). `comments`: trusted people's only;
        `others`: how many more there are; `maintainers`: ids of whose comments come first."""
        ...

    def visible(self, text: str) -> str:
        """Untrusted Markdown as a person sees it."""
        ...

    def legible(self, text: str) -> str:
        """Untrusted text that is no Markdown (a log, an agent's words) without what nobody sees."""
        ...

    def reveal(self, code: str) -> str:
        """A file's text or a diff, with what nobody sees written as numbers."""
        ...

    def publishable(
        self,
        changes: Sequence[FileChange],
        contents: Mapping[str, bytes],
        before: Mapping[str, bytes],
        tree: Sequence[str],
        approved: Sequence[str],
        project_rules: str,
    ) -> tuple[Finding, ...]:
        """What of this change may not leave. `contents` and `before`: path -> bytes afterwards
        and on the base; one that is not in `contents` was not read. `tree`: every path
        afterwards. `approved`: globs that a plan approved by a person names. `project_rules`: the
        project's own gitleaks file. Takes seconds for a large change: call it on a thread."""
        ...

    def leaving(self, what: str, text: str, project_rules: str) -> tuple[Finding, ...]:
        """What in a text may be a secret. Nothing in the answer shows it."""
        ...

    def secret_rules(self) -> tuple[int, tuple[str, ...]]:
        """Rules of the operator's files in use, and the ids of those that cannot be."""
        ...

    def lasting(self, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Those that no person's approval lifts."""
        ...

    def outgoing(self, markdown: str, issue: int) -> str:
        """Text for the forge, re-rendered so that it can do nothing."""
        ...

    def commit_style(self, subjects: Sequence[str]) -> CommitStyle:
        """The habit of a repository's last subjects."""
        ...

    def subject(
        self, text: str, issue: int, style: CommitStyle, kind: str, paths: Sequence[str]
    ) -> str:
        """A title built of a text's words, in that habit; "" when nothing of it may stay."""
        ...

    def paragraphs(self, markdown: str, issue: int) -> str:
        """A text's paragraphs and lists as plain words: no order to any tool is left."""
        ...

    def house_files(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Of a tree's files those that say what a contribution should be like."""
        ...

    def house_rules(self, files: Mapping[str, str]) -> HouseRules:
        """What these ask for."""
        ...

    def template(self, files: Mapping[str, str], kind: str) -> PullRequestTemplate:
        """The template among them that holds for this kind of issue."""
        ...

    def line(self, words: str, issue: int) -> str:
        """The same of one line."""
        ...

    def lint(
        self, title: str, body: str, issue: int, template: PullRequestTemplate
    ) -> tuple[Finding, ...]:
        """What a pull request's text lacks (F4); sections may stand under a template's headings."""
        ...


class ReadInstructions(Protocol):
    """Reads what a project tells agents in files of its own, at one commit; `paths` names files
    or globs whose folders count too. Bounded, as a person sees it."""

    async def __call__(self, commit: str, paths: Sequence[str] = ()) -> Instructions: ...


async def no_instructions(commit: str, paths: Sequence[str] = ()) -> Instructions:
    """Of a project that tells agents nothing."""
    return Instructions()


class ReadAgent(Protocol):
    """What a project's agent file of that name opens a session with, at one commit. ConfigError
    when it is not there or cannot be read."""

    async def __call__(self, commit: str, name: str) -> AgentRole: ...


async def no_agent(commit: str, name: str) -> AgentRole:
    """Of a project without any."""
    raise ConfigError("config.no_agent_file", name=name)


class AgentNames(Protocol):
    """The names of the project's agent files that can be used, at one commit."""

    async def __call__(self, commit: str) -> tuple[str, ...]: ...


async def no_agents(commit: str) -> tuple[str, ...]:
    """Of a project without any."""
    return ()


class ReadSkill(Protocol):
    """The body of a skill by its name as it holds for who works from a commit; "": none."""

    async def __call__(self, commit: str, name: str) -> str: ...


async def no_skill(commit: str, name: str) -> str:
    """Of a project without any."""
    return ""


@dataclass(frozen=True)
class PipelineDeps:
    """What one project's pipeline works with: ports, what is allowed, what lives in the process."""

    # ---- ports
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
    folder: Callable[[Run], Path]
    """Where a run's PLAN.md, PROGRESS.md, REPORT.md and evidence are written for people."""
    on_event: Callable[[Run, Event], None]
    """Told each recorded fact; must return at once and not raise."""
    # ---- policy
    policy: RunPolicy
    # ---- the rest has a default
    instructions: ReadInstructions = no_instructions
    skill: ReadSkill = no_skill
    agent_file: ReadAgent = no_agent
    agent_names: AgentNames = no_agents
    leases: Leases | None = None
    """The right to act on an issue; None: nobody else could."""
    live: LiveState = field(default_factory=LiveState)

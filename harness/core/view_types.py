"""What the commands are shown of the composed parts. Pure values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from harness.core.base import Value
from harness.core.run_types import LocalizedText


class Preview(Value):
    """What one tick would do. Nothing was written and no model was asked."""

    project: str
    issue: int
    title: str
    action: Literal["start", "continue", "hold", "ignore"]
    why: LocalizedText
    most_cost_usd: float = 0.0
    """The cap that would bound it; 0: no cap, or nothing would be spent."""
    writes: tuple[LocalizedText, ...] = ()
    """What would be written outside: branch, draft PR, comment, merge."""


class Probe(Value):
    """One check of `doctor`. `fix` says what to do when it is not ok."""

    name: LocalizedText
    ok: bool
    needed: bool = True
    detail: str = ""
    fix: LocalizedText | None = None


OnBegin = Callable[[LocalizedText], None]
"""Told what is being looked at; several may be under way."""
OnEnd = Callable[[LocalizedText | None, Probe | None], None]
"""Told of each check: its title as it began, None when it took no time. A title may end in several
checks, or in None: there is nothing to say."""


OnTry = Callable[[LocalizedText, bool], None]
"""Told each step of a try: what is begun (True), what came of it (False)."""


class ListedSkill(Value):
    """A skill as people see it."""

    name: str
    description: str
    origin: Literal["operator", "project", "built-in"]
    path: str
    purpose: Literal["stage", "agents", "people"]
    """Given by a stage, taken up by agents when they look, or nothing but asked for by people."""
    hidden_by: str = ""
    """Where the one of the same name lies that counts; "": this one does."""
    refused_by: str = ""
    """The settings file with a rule that refuses it to agents; "": none does."""
    listed_tokens: int
    """What its line costs an agent that lists skills."""
    body_tokens: int
    body: str
    files: tuple[str, ...] = ()
    """What lies beside its page."""


class SkillList(Value):
    """Every skill, and what could not be read: path -> why."""

    skills: tuple[ListedSkill, ...] = ()
    broken: dict[str, LocalizedText] = {}


class AgentDone(Value):
    """What a single session did in its sandboxed copy."""

    text: str
    """Its last words."""
    diff: str
    """Unified diff of its change against the copied work tree; "" = no change."""
    files: tuple[str, ...] = ()
    applied: bool = False
    why: LocalizedText | None = None
    """Why it stopped early, or why the change was not applied."""
    turns: int = 0
    tokens: int = 0
    cost_usd: float = 0.0
    estimated: bool = False
    """Whether some of that no server told us."""

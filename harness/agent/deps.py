"""What our own loop is made of: ports, limits, and the hooks of the composition root."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from harness.agent.gate import Gate, OpenGate
from harness.agent.skill_news import NoSkills, SkillShelf
from harness.core.base import Value
from harness.core.egress_types import Refusal
from harness.core.slot import Slots
from harness.core.types import BoxLimits, LocalizedText, Session, Turn, Usage
from harness.ports.clock import Clock
from harness.ports.journal import Journal
from harness.ports.ledger import Ledger
from harness.ports.model import Model, OnStream
from harness.ports.sandbox import Sandbox
from harness.ports.store import EvidenceStore, RunReader, SessionStore
from harness.ports.workspace import Workspace
from harness.prompting.templates import Prompts
from harness.tools.context import NoteKind
from harness.tools.registry import Maker


class LoopLimits(Value):
    """Bounds on one session; money, tokens and tool calls are the ledger's."""

    turns: int = 150
    idle_turns: int = 8
    """Without progress; then the stretch ends."""
    wall_s: float = 4 * 3600.0
    """Time at work; waiting between stretches does not count."""
    max_tokens: int = 8_192
    """Of one reply, thinking aside."""
    context_tokens: int = 120_000
    """Above this, old tool outputs are dropped from what is sent."""
    retries: int = 4
    """Of one model call."""
    patience_s: float = 60.0
    """A server that asks for a longer pause ends the stretch."""
    box: BoxLimits = BoxLimits()


async def _never(run: str) -> LocalizedText | None:
    return None


async def _forget(session: Session, kind: NoteKind, text: str) -> None:
    return None


async def _ignore_turn(session: Session, turn: Turn) -> None:
    return None


async def _ignore_refusals(session: str, scope: str, refusals: tuple[Refusal, ...]) -> None:
    return None


def _as_it_is(text: str) -> str:
    return text


def _no_listener(session: Session) -> OnStream | None:
    return None


class LoopStore(RunReader, EvidenceStore, SessionStore, Slots, Protocol):
    """What a loop reads of its run, and where it keeps its turns."""


@dataclass(frozen=True, kw_only=True)
class LoopDeps:
    """`model(name)` gives the configured model. `cost(model, usage)` is USD. `interrupted(run)`
    is asked between turns: a sentence stops the stretch. `gate` stands before and after each
    tool call. `note(session, kind, text)` may be called twice with the same text. `on_turn` is
    told each turn when its calls are answered; `on_stream(session)` may give a listener for
    pieces of replies. `on_refused(session, scope, refusals)` is told what a Box was not let out
    to, maybe twice with the same scope. `redact` takes out what no row may hold, of each result
    and each message before it is part of the transcript. `extra` holds more tools by name.
    `skills`:
    the rules for their work that agents may read. `early`: every session will need its Box (a
    sub-agent always does)."""

    model: Callable[[str], Model]
    store: LoopStore
    journal: Journal
    ledger: Ledger
    workspace: Workspace
    sandbox: Sandbox
    clock: Clock
    cost: Callable[[str, Usage], float]
    prompts: Prompts
    limits: LoopLimits = field(default_factory=LoopLimits)
    interrupted: Callable[[str], Awaitable[LocalizedText | None]] = _never
    gate: Gate = field(default_factory=OpenGate)
    note: Callable[[Session, NoteKind, str], Awaitable[None]] = _forget
    on_turn: Callable[[Session, Turn], Awaitable[None]] = _ignore_turn
    on_stream: Callable[[Session], OnStream | None] = _no_listener
    on_refused: Callable[[str, str, tuple[Refusal, ...]], Awaitable[None]] = _ignore_refusals
    redact: Callable[[str], str] = _as_it_is
    extra: Mapping[str, Maker] = field(default_factory=dict)
    skills: SkillShelf = field(default_factory=NoSkills)
    early: bool = False

"""What settings let out of a sandbox, and where what was refused is recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from harness.config.settings import Settings
from harness.core.egress_types import EgressPolicy, Refusal, refusal_facts
from harness.core.hosts import targets
from harness.core.types import BoxLimits, Event, Layout, Run
from harness.ports.clock import Clock
from harness.ports.sandbox import Box, Sandbox
from harness.ports.store import RunStore, SessionStore

PATIENCE = 12
"""More in a row than a package manager asks for one thing again."""


def of_setup(settings: Settings) -> EgressPolicy | None:
    """None: no network. A policy that allows nothing still tells what was asked for."""
    chosen = settings.environment
    if chosen.network == "none":
        return None
    policy = _policy(settings, chosen.allow, chosen.private)
    return policy.model_copy(update={"patience": PATIENCE})


def of_agent(settings: Settings) -> EgressPolicy | None:
    """None: no network, as for everybody who listed nothing."""
    chosen = settings.egress
    return _policy(settings, chosen.allow, chosen.private) if chosen.allow else None


def _policy(settings: Settings, allow: tuple[str, ...], private: tuple[str, ...]) -> EgressPolicy:
    budget = settings.egress
    return EgressPolicy(
        allow=targets(allow)[0],
        private=targets(private)[0],
        total_bytes=budget.total_mb << 20,
        connections=budget.connections,
    )


class LetOut:
    """A Sandbox whose every Box may reach what the policy says."""

    def __init__(self, sandbox: Sandbox, policy: EgressPolicy | None) -> None:
        self._sandbox = sandbox
        self._policy = policy

    @property
    def name(self) -> str:
        return self._sandbox.name

    async def check(self) -> None:
        await self._sandbox.check()

    async def open(self, layout: Layout, limits: BoxLimits) -> Box:
        let = layout.model_copy(update={"egress": self._policy})
        return await self._sandbox.open(let, limits)


class RefusalStore(RunStore, SessionStore, Protocol):
    """Whose Box it was, and where a refusal is recorded."""


class Recorder:
    """Refusals as facts of the run that a session belongs to."""

    def __init__(
        self, store: RefusalStore, clock: Clock, on_event: Callable[[Run, Event], None]
    ) -> None:
        self._store = store
        self._clock = clock
        self._on_event = on_event

    async def __call__(self, session: str, scope: str, refusals: tuple[Refusal, ...]) -> None:
        """May be called twice with the same: a scope's targets are recorded once."""
        found = await self._store.session(session) if refusals else None
        if found is None:
            return
        run = await self._store.run(found.run)
        for kind, key, facts in refusal_facts(refusals, scope):
            event = Event(
                run=run.id,
                key=f"{kind}:{key}",
                at=self._clock.now(),
                stage=run.stage,
                kind=kind,
                facts={**facts},
            )
            stored = await self._store.record(event)
            if stored.at == event.at:
                self._on_event(run, stored)

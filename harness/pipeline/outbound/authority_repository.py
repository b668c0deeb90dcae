"""A repository is who it is by its id. Before anything is written it is asked whether the name
still leads to the one that was registered; when it does not, nothing is written.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from harness.core.errors import Conflict, NotFound, Strayed
from harness.core.naming import fold_name
from harness.core.slot import Slots
from harness.core.types import LocalizedText, Repository
from harness.pipeline import slots
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.outbound.forwarding import ForwardingForge
from harness.ports.forge import Forge

log = logging.getLogger(__name__)
ASTRAY = ("authority.moved", "authority.other", "authority.gone", "authority.branch")
T = TypeVar("T")


def is_astray(say: LocalizedText) -> bool:
    """Whether a run rests because its repository is not where its name leads."""
    return say.key in ASTRAY


class Identity:
    """One project's repository. `number` is the id that `harness init` wrote down, 0 when it did
    not: then the first that is seen counts, and is kept."""

    def __init__(self, forge: Forge, store: Slots, project: str, name: str, number: int) -> None:
        self._forge = forge
        self._store = store
        self._project = project
        self._name = name
        self._known = {number} if number else set[int]()
        self._loaded = False
        self._lock = asyncio.Lock()

    async def check(self) -> Repository:
        """The repository. Strayed when the name does not lead to the one that was registered; the
        forge's errors."""
        async with self._lock:
            found = await self._ask()
            await self._compare(found)
            return found

    async def _ask(self) -> Repository:
        try:
            return await self._forge.repository()
        except NotFound as fault:
            raise Strayed("authority.gone", repository=self._name) from fault
        except Conflict as fault:
            if fault.key != "forge.other_repository":
                raise
            number, known = (int(str(fault.facts.get(name, 0))) for name in ("id", "known"))
            raise self._other(number, known) from fault

    async def _compare(self, found: Repository) -> None:
        if not self._loaded:
            kept = await self._store.get(slots.REPOSITORY, self._project)
            self._known |= {kept} if kept is not None else set()
            if kept is None and self._known <= {found.id}:
                if not self._known:
                    log.info("project %s: its repository's id is %s", self._project, found.id)
                await self._store.put(slots.REPOSITORY, self._project, found.id)
                self._known.add(found.id)
            self._loaded = True
        for known in sorted(self._known - {found.id}):
            raise self._other(found.id, known)
        if self._name and fold_name(found.name) != fold_name(self._name):
            raise Strayed("authority.moved", repository=self._name, now=found.name)

    def _other(self, found: int, known: int) -> Strayed:
        return Strayed("authority.other", repository=self._name, id=found, known=known)


class Belonging(ForwardingForge):
    """The Forge port of one project: each write asks first whose repository it is, at that moment.
    Reads ask nothing: each stage and each look asks before them."""

    def __init__(self, forge: Forge, identity: Identity) -> None:
        super().__init__(forge)
        self._identity = identity

    async def repository(self) -> Repository:
        """See the port. Strayed when it is not the one that was registered."""
        return await self._identity.check()

    async def _write(self, call: Callable[[], Awaitable[T]]) -> T:
        await self._identity.check()
        try:
            return await call()
        except NotFound:
            # what is not found may be the repository: it moved since it was asked for
            await self._identity.check()
            raise

    async def _lease(self, call: Callable[[], Awaitable[T]]) -> T:
        return await self._write(call)


def belonging(forge: Forge, store: Slots, project: str, name: str, number: int) -> Forge:
    """The forge, which writes only to the repository that was registered."""
    return Belonging(forge, Identity(forge, store, project, name, number))


def checked_forge(deps: PipelineDeps) -> Forge:
    """The forge of these parts as `belonging` makes it; made so already: as it is."""
    if isinstance(deps.forge, Belonging):
        return deps.forge
    rules = deps.policy
    return belonging(
        deps.forge,
        deps.store,
        rules.project,
        rules.repository,
        rules.repository_id,
    )

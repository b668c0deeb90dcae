"""The ports of a run with its lease in front: nothing leaves unless the lease is still ours."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import TypeVar

from harness.core.errors import Conflict, NotFound
from harness.pipeline.deps import PipelineDeps
from harness.pipeline.outbound.forwarding import ForwardingForge
from harness.pipeline.outbound.forwarding_workspace import ForwardingWorkspace
from harness.ports.forge import Forge
from harness.ports.workspace import Workspace

T = TypeVar("T")
Check = Callable[[], Awaitable[None]]


def with_lease(deps: PipelineDeps, issue: int) -> PipelineDeps:
    """The same deps for one issue's run: each write to the forge, and each push, looks at the
    lease first and raises LeaseLost when another has it."""
    leases = deps.leases
    if leases is None:
        return deps

    async def check() -> None:
        await leases.check(issue)

    forge = LeasedForge(deps.forge, check)
    workspace = LeasedWorkspace(deps.workspace, deps.forge, check)
    return dataclasses.replace(deps, forge=forge, workspace=workspace)


class LeasedForge(ForwardingForge):
    """The Forge port; writes check first, those of leases themselves do not."""

    def __init__(self, forge: Forge, check: Check) -> None:
        super().__init__(forge)
        self._check = check

    async def _write(self, call: Callable[[], Awaitable[T]]) -> T:
        await self._check()
        return await call()


class LeasedWorkspace(ForwardingWorkspace):
    """The Workspace port; a push checks first, and takes over a branch that another daemon left:
    one on which no person committed."""

    def __init__(self, workspace: Workspace, forge: Forge, check: Check) -> None:
        super().__init__(workspace)
        self._forge = forge
        self._check = check

    async def push(self, commit: str, branch: str, expected: str | None) -> None:
        await self._check()
        try:
            await self._workspace.push(commit, branch, expected)
        except Conflict:
            left = await self._left_by_us(branch)
            if left is None:
                raise
            await self._workspace.push(commit, branch, left)

    async def _left_by_us(self, branch: str) -> str | None:
        """Where that branch is, when harness made every commit that only it has."""
        await self._workspace.sync()
        base = (await self._forge.repository()).default_branch
        try:
            tip = await self._workspace.resolve(branch)
        except NotFound:
            return None
        commits = await self._workspace.commits_between(await self._workspace.resolve(base), tip)
        for commit in commits:
            if not await self._workspace.ours(commit):
                return None
        return tip if commits else None

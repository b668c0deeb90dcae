"""The ports of a run with its lease in front: nothing leaves unless the lease is still ours."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any, cast

from harness.core.errors import Conflict, NotFound
from harness.core.ports import Forge, Workspace
from harness.pipeline.parts import Parts

READS = frozenset(
    {
        *("repository", "me", "permission", "remote", "limits", "powers", "protection"),
        *("issues", "issue", "blockers", "timeline", "comments", "file_at"),
        *("find_pr", "pr", "pulls", "reviews", "threads", "checks", "check_log"),
        *("lease", "holds_lease", "take_lease", "drop_lease"),
    }
)
"""What of the Forge port needs no lease. Everything else writes."""
Check = Callable[[], Awaitable[None]]


def leased(parts: Parts, issue: int) -> Parts:
    """The same parts for one issue's run: each write to the forge, and each push, looks at the
    lease first and raises LeaseLost when another has it."""
    leases = parts.leases
    if leases is None:
        return parts

    async def check() -> None:
        await leases.check(issue)

    forge = cast(Forge, LeasedForge(parts.forge, check))
    workspace = cast(Workspace, LeasedWorkspace(parts.workspace, parts.forge, check))
    return dataclasses.replace(parts, forge=forge, workspace=workspace)


class LeasedForge:
    """The Forge port; writes check first."""

    def __init__(self, forge: Forge, check: Check) -> None:
        self._forge = forge
        self._check = check

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._forge, name)
        if name in READS:
            return found

        async def checked(*args: Any, **named: Any) -> Any:
            await self._check()
            return await found(*args, **named)

        return checked


class LeasedWorkspace:
    """The Workspace port; a push checks first, and takes over a branch that another daemon left:
    one on which no person committed."""

    def __init__(self, workspace: Workspace, forge: Forge, check: Check) -> None:
        self._workspace = workspace
        self._forge = forge
        self._check = check

    def __getattr__(self, name: str) -> Any:
        return getattr(self._workspace, name)

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

"""The ports of a run with its lease in front: nothing leaves unless the lease is still ours."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any, cast

from harness.core.errors import Conflict, HarnessError
from harness.core.ports import Forge, Workspace
from harness.pipeline.parts import Parts
from harness.pipeline.stages.publish import CHECK

READS = frozenset(
    {
        *("repository", "me", "permission", "remote", "limits", "powers", "protection"),
        *("issues", "issue", "blockers", "timeline", "comments", "file_at"),
        *("find_pr", "pr", "pulls", "reviews", "threads", "checks", "check_log"),
        *("lease", "holds_lease", "take_lease", "drop_lease"),
    }
)
"""What of the Forge port needs no lease. Everything else writes."""
MOST_COMMITS = 50
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
    """The Workspace port; a push checks first, and takes over a branch of which every commit was
    left by a harness on this forge: its check stands on it."""

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
            left = None if expected else await self._left_by_us(branch)
            if left is None:
                raise
            await self._workspace.push(commit, branch, left)

    async def _left_by_us(self, branch: str) -> str | None:
        """Where that branch is, when only harness ever pushed to it: another daemon, or an
        earlier state folder of this one."""
        await self._workspace.sync()
        base = (await self._forge.repository()).default_branch
        try:
            tip = await self._workspace.resolve(branch)
            old = await self._workspace.resolve(base)
        except HarnessError:
            return None
        me = (await self._forge.me()).login.removesuffix("[bot]")
        commits = await self._workspace.commits_between(old, tip)
        if not 0 < len(commits) <= MOST_COMMITS:
            return None
        for commit in commits:
            checks = await self._forge.checks(commit)
            if not any(c.name == CHECK and c.app in ("", me) for c in checks):
                return None
        return tip

"""What the contract of every forge is tried on: one repository and three people at it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from harness.core.forge_types import Check, PullRequest, Review, Thread
from harness.ports.forge import Forge

Push = Callable[[str, Mapping[str, str | None], str], Awaitable[str]]


@dataclass(frozen=True)
class ForgeWorld:
    """A forge with one repository whose default branch is main and holds README.md, "hello"."""

    forge: Forge
    """Ours; may write."""
    colleague: Forge
    """Another person who may write."""
    stranger: Forge
    """May read."""
    push: Push
    """(branch, path -> text or None, start) -> the new commit: pushes one commit made on `start`,
    a branch, onto `branch`, whatever stood there."""
    drop: Callable[[str], Awaitable[None]]
    """Delete a branch by a push."""
    review: Callable[[int, Literal["approved", "changes_requested"], str], Awaitable[Review]]
    """A colleague's review."""
    thread: Callable[[int, str, int, str], Awaitable[Thread]]
    """A colleague's conversation on a line."""
    queue: Callable[[str, str], Awaitable[Check]]
    """(commit, name): a check that waits to be run."""
    lock: Callable[[int, bool], Awaitable[object]]
    """(issue, locked): a colleague locks the conversation, or unlocks it."""

    async def pull(
        self, branch: str = "fix", *, body: str = "", draft: bool = False
    ) -> PullRequest:
        """A pull request that adds the file <branch>.txt."""
        await self.push(branch, {f"{branch}.txt": "one\ntwo\n"}, "main")
        return await self.forge.open_pr(branch, "main", f"Add {branch}", body, draft=draft)

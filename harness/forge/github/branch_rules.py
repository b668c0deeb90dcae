"""What a branch at GitHub asks for before a merge, as far as our token may see it."""

from __future__ import annotations

from typing import Any, Final

from harness.core.errors import Forbidden, NotFound
from harness.core.forge_types import Protection
from harness.forge.github import map_pulls as shaped
from harness.forge.github.payload import Data
from harness.forge.github.repository import GithubRepository, checked_branch, in_path

KEPT_S: Final = 300.0
"""How long "this branch has a merge queue" is not asked again."""


class BranchRules:
    """The rules of one repository's branches."""

    def __init__(self, site: GithubRepository) -> None:
        self._site = site
        self._queues: dict[str, tuple[float, bool]] = {}

    async def of(self, branch: str) -> Protection:
        """The sum of rule sets and classic protection. What the token may not see is left out:
        GitHub itself enforces it at the merge."""
        name = in_path(checked_branch(branch))
        facts = await self._site.facts()
        summary = await self._site.get(f"/branches/{name}")
        classic: Data = {}
        if isinstance(summary, dict) and summary.get("protected") is True:
            classic = await self._classic(name)
        return shaped.protection(
            await self._rules(branch),
            summary if isinstance(summary, dict) else {},
            classic,
            auto_merge=facts.get("allow_auto_merge") is True,
        )

    async def has_queue(self, branch: str) -> bool:
        """Whether merges into it go through GitHub's own queue."""
        now = self._site.clock.monotonic()
        asked_at, known = self._queues.get(branch, (now - KEPT_S, False))
        if now - asked_at >= KEPT_S:
            rules = await self._rules(branch)
            known = shaped.protection(rules, {}, {}, auto_merge=False).queue
            self._queues[branch] = (now, known)
        return known

    async def _rules(self, branch: str) -> list[Any]:
        try:
            return await self._site.pages(f"/rules/branches/{in_path(checked_branch(branch))}")
        except (NotFound, Forbidden):
            return []  # a plan or a GitHub without rule sets

    async def _classic(self, name: str) -> Data:
        try:
            data = await self._site.get(f"/branches/{name}/protection")
        except (NotFound, Forbidden):
            return {}  # for administrators only
        return data if isinstance(data, dict) else {}

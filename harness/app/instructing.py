"""What a project tells agents in its own files: read from one commit, as a person sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from harness.core.types import Instructions, TreeEntry
from harness.guard.visible import visible
from harness.knowledge.memory import MOST_READ, compose, gather
from harness.ports.workspace import Workspace


class InstructionReader:
    """Implements the pipeline's Instructing over a project's git."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def __call__(self, commit: str, paths: Sequence[str] = ()) -> Instructions:
        tree = await self._workspace.tree_of(commit)
        parts = await gather(_At(self._workspace, tree), paths)
        return await asyncio.to_thread(compose, parts, _clean)


class _At:
    """One tree of a workspace."""

    def __init__(self, workspace: Workspace, tree: str) -> None:
        self._workspace = workspace
        self._tree = tree

    async def entry(self, path: str) -> TreeEntry | None:
        return await self._workspace.entry(self._tree, path)

    async def file(self, path: str) -> bytes | None:
        return await self._workspace.file(self._tree, path)


def _clean(text: str) -> tuple[str, int]:
    seen = visible(text, MOST_READ)
    return seen.text, seen.removed

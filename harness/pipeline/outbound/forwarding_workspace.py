"""The Workspace port over another of its kind: all but what writes to the forge's branches, which a
subclass says itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from harness.core.box_types import (
    Environment,
    FileChange,
    Layout,
    MergedTree,
    TreeEntry,
)
from harness.ports.workspace import Copy, Workspace


class ForwardingWorkspace:
    """Hands everything on but `push`."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    async def tip(self, branch: str) -> str:
        return await self._workspace.tip(branch)

    async def resolve(self, ref: str) -> str:
        return await self._workspace.resolve(ref)

    async def tree_of(self, commit: str) -> str:
        return await self._workspace.tree_of(commit)

    async def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        return await self._workspace.changes(old, new)

    async def diff(self, old: str, new: str, *, limit: int = 200000) -> str:
        return await self._workspace.diff(old, new, limit=limit)

    async def files(self, tree: str) -> tuple[str, ...]:
        return await self._workspace.files(tree)

    async def file(self, tree: str, path: str) -> bytes | None:
        return await self._workspace.file(tree, path)

    async def texts(
        self, tree: str, paths: Sequence[str], *, limit: int = 64 << 20
    ) -> dict[str, str]:
        return await self._workspace.texts(tree, paths, limit=limit)

    async def entry(self, tree: str, path: str) -> TreeEntry | None:
        return await self._workspace.entry(tree, path)

    async def blob(self, tree: str, path: str) -> str | None:
        return await self._workspace.blob(tree, path)

    async def log(self, commit: str, *, limit: int) -> tuple[str, ...]:
        return await self._workspace.log(commit, limit=limit)

    async def subjects(self, commit: str, *, limit: int) -> tuple[str, ...]:
        return await self._workspace.subjects(commit, limit=limit)

    async def commits_between(self, old: str, new: str) -> tuple[str, ...]:
        return await self._workspace.commits_between(old, new)

    async def ours(self, commit: str) -> bool:
        return await self._workspace.ours(commit)

    async def with_files(self, tree: str, files: Mapping[str, str | None]) -> str:
        return await self._workspace.with_files(tree, files)

    async def put_blob(self, data: bytes) -> str:
        return await self._workspace.put_blob(data)

    async def merge_trees(self, base: str, ours: str, theirs: str) -> MergedTree:
        return await self._workspace.merge_trees(base, ours, theirs)

    async def commit(self, tree: str, parents: Sequence[str], message: str, at: datetime) -> str:
        return await self._workspace.commit(tree, parents, message, at)

    async def copy(self, name: str, tree: str, base_sha: str) -> Copy:
        return await self._workspace.copy(name, tree, base_sha)

    async def environment(self, base_sha: str) -> Environment:
        return await self._workspace.environment(base_sha)

    async def layout(self, copy: Copy, environment: Environment) -> Layout:
        return await self._workspace.layout(copy, environment)

    async def forget(self, run: str) -> None:
        await self._workspace.forget(run)

    async def sync(self) -> None:
        await self._workspace.sync()

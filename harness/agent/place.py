"""Where a session works: its clone and its Box, opened when first needed, and the last snapshot."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from harness.agent.parts import Parts
from harness.core.errors import SandboxError
from harness.core.ports import Box, Copy

Redo = Callable[[], Awaitable[None]]


def file_safe(session: str) -> str:
    """A session id as a folder's name; different ids stay different."""
    return re.sub(r"[^A-Za-z0-9.-]", lambda found: f"_{ord(found[0]):x}", session)


class Place:
    """`tree` is the newest snapshot; `dirty` says the work tree may have moved on since."""

    def __init__(self, parts: Parts, session: str, base_sha: str, tree: str) -> None:
        self._parts = parts
        self._name = file_safe(session)
        self._base_sha = base_sha
        self._copy: Copy | None = None
        self._box: Box | None = None
        self._redo: Redo | None = None
        self.tree = tree
        self.dirty = False

    async def box(self) -> Box:
        """The session's Box at `tree`, with what was done since then done again."""
        if self._box is None:
            workspace = self._parts.workspace
            if self._copy is None:
                self._copy = await workspace.copy(self._name, self.tree, self._base_sha)
            else:
                await self._copy.restore(self.tree)
            environment = await workspace.environment(self._base_sha)
            layout = await workspace.layout(self._copy, environment)
            self._box = await self._parts.sandbox.open(layout, self._parts.limits.box)
            redo, self._redo = self._redo, None
            if redo is not None:
                self.dirty = True
                await redo()
        return self._box

    def resume(self, redo: Redo) -> None:
        """When the Box opens, `redo` is run in it before anything else."""
        self._redo = redo
        self.dirty = True

    async def snapshot(self) -> str:
        """The work tree as a tree id; the last one when nothing was done since."""
        if not self.dirty:
            return self.tree
        box = await self.box()
        assert self._copy is not None
        try:
            async with box.frozen():
                self.tree = await self._copy.snapshot()
        except SandboxError:
            # a dead Box runs nothing any more: its tree holds still by itself
            await self._close_box()
            self.tree = await self._copy.snapshot()
        self.dirty = False
        return self.tree

    async def lose(self, redo: Redo) -> None:
        """The Box died: the next use opens one at the last snapshot and runs `redo`."""
        await self._close_box()
        self.resume(redo)

    async def move(self, tree: str) -> None:
        """Go on at another tree."""
        if tree != self.tree:
            await self._close_box()
        self.tree, self.dirty, self._redo = tree, False, None

    async def leave(self) -> None:
        """Close the Box and remove the clone: everything is in the snapshot."""
        await self._close_box()
        if self._copy is not None:
            copy, self._copy = self._copy, None
            await copy.remove()

    async def _close_box(self) -> None:
        if self._box is not None:
            box, self._box = self._box, None
            await box.close()

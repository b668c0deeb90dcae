"""Where a session works: its clone and its Box, opened when first needed, and the last snapshot."""

from __future__ import annotations

import contextlib
import hashlib
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from harness.agent.deps import LoopDeps
from harness.agent.skill_news import INSIDE, VARIABLE
from harness.core.errors import HarnessError, SandboxError
from harness.core.types import Layout
from harness.ports.sandbox import Box
from harness.ports.workspace import Copy

_NAME_CHARS = 180
Opened = Callable[[Box], Awaitable[None]]


def copy_name(session: str) -> str:
    """A name for the session's clone: its id, which says whose it is, made short enough for a
    folder of any escaping."""
    if len(quote(session, safe="")) <= _NAME_CHARS:
        return session
    return f"{session[:40]}-{hashlib.sha256(session.encode()).hexdigest()[:16]}"


async def _nothing(box: Box) -> None:
    return None


class AgentWorkspace:
    """`tree` is the newest snapshot; `dirty` says the work tree may have moved on since."""

    def __init__(self, deps: LoopDeps, session: str, base_sha: str, tree: str) -> None:
        self._deps = deps
        self._session = session
        self._name = copy_name(session)
        self.base_sha = base_sha
        self._copy: Copy | None = None
        self._box: Box | None = None
        self._roots: frozenset[str] = frozenset()
        self.on_open: Opened = _nothing
        self.tree = tree
        self.dirty = False

    async def box(self) -> Box:
        """The session's Box at `tree`; `on_open` then brings it to where the session is."""
        if self._box is None:
            workspace = self._deps.workspace
            if self._copy is None:
                self._copy = await workspace.copy(self._name, self.tree, self.base_sha)
            else:
                await self._copy.restore(self.tree)
            environment = await workspace.environment(self.base_sha)
            refused = self._deps.on_refused
            await refused(self._session, f"setup-{environment.id}", environment.refused)
            layout = await self._with_skills(await workspace.layout(self._copy, environment))
            self._roots = frozenset({layout.inside, str(layout.tree)})
            self._box = await self._deps.sandbox.open(layout, self._deps.limits.box)
            await self.on_open(self._box)
        return self._box

    async def _with_skills(self, layout: Layout) -> Layout:
        folder = await self._deps.skills.folder(self.base_sha)
        if folder is None:
            return layout
        return layout.model_copy(
            update={
                "read_only": {**layout.read_only, str(folder): INSIDE},
                "env": {**layout.env, VARIABLE: INSIDE},
            }
        )

    async def ready(self) -> None:
        """Opens the Box ahead of need. What goes wrong shows when it is needed."""
        with contextlib.suppress(HarnessError):
            await self.box()

    def at_root(self, cwd: str) -> bool:
        """Whether a working directory is the tree's own folder."""
        return cwd.rstrip("/") in self._roots

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

    async def look(self) -> str:
        """The work tree now as a tree id; where the session goes on from stays."""
        if not self.dirty:
            return self.tree
        box = await self.box()
        assert self._copy is not None
        async with box.frozen():
            return await self._copy.snapshot()

    async def lose(self) -> None:
        """The Box died: the next use opens one at the last snapshot."""
        await self._close_box()

    @property
    def nested_repositories(self) -> tuple[str, ...]:
        """Git repositories that the last snapshot left out."""
        return self._copy.nested_repositories if self._copy is not None else ()

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
            if box.refusals:
                scope = f"{self._session}-{secrets.token_hex(4)}"
                await self._deps.on_refused(self._session, scope, box.refusals)

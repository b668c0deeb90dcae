"""One project's git: trees, copies, and the way to and from the forge.

Every method that waits is a coroutine on one event loop. An adapter raises the errors of
core.errors and nothing else for what can be expected to happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from harness.core.box_types import (
    Environment,
    FileChange,
    Layout,
    MergedTree,
    TreeEntry,
)


class Copy(Protocol):
    """An agent's own clone: `path` on the host, bound into a Box. Its own .git is never opened
    by us."""

    @property
    def path(self) -> Path: ...
    @property
    def nested_repositories(self) -> tuple[str, ...]:
        """Git repositories inside the tree that the last snapshot left out."""
        ...

    async def snapshot(self) -> str:
        """The work tree as a tree id in state.git (call with the Box frozen)."""
        ...

    async def restore(self, tree: str) -> None:
        """Makes the work tree that tree (call with no Box open)."""
        ...

    async def remove(self) -> None: ...


class Trees(Protocol):
    """What commits and trees hold. Ids are git object ids; every id we hand out stays reachable
    until `forget`."""

    async def resolve(self, ref: str) -> str:
        """Commit id of a branch of the forge or a commit-ish. NotFound."""
        ...

    async def tip(self, branch: str) -> str:
        """Commit id of a branch of the forge and of nothing else of that name. NotFound."""
        ...

    async def tree_of(self, commit: str) -> str: ...
    async def changes(self, old: str, new: str) -> tuple[FileChange, ...]: ...
    async def diff(self, old: str, new: str, *, limit: int = 200_000) -> str:
        """Unified diff as text, cut with a note at `limit` characters."""

    async def files(self, tree: str) -> tuple[str, ...]: ...
    async def file(self, tree: str, path: str) -> bytes | None: ...
    async def texts(
        self, tree: str, paths: Sequence[str], *, limit: int = 64 << 20
    ) -> dict[str, str]:
        """These files, decoded; those that are absent or beyond `limit` bytes are left out."""

    async def entry(self, tree: str, path: str) -> TreeEntry | None:
        """The file or link at a path; None when there is neither."""
        ...

    async def blob(self, tree: str, path: str) -> str | None:
        """Blob id at a path."""
        ...

    async def log(self, commit: str, *, limit: int) -> tuple[str, ...]:
        """First-parent ancestors, newest first, `commit` included."""

    async def subjects(self, commit: str, *, limit: int) -> tuple[str, ...]:
        """First lines of the newest commits people made that are no merges, newest first, each cut
        to 200 characters."""
        ...

    async def commits_between(self, old: str, new: str) -> tuple[str, ...]: ...
    async def ours(self, commit: str) -> bool:
        """Whether that commit names our configured author as its committer: no person's work."""
        ...


class TreeWriter(Protocol):
    """New blobs, trees and commits: made here, seen by nobody."""

    async def with_files(self, tree: str, files: Mapping[str, str | None]) -> str:
        """Tree with these paths set to blob ids (mode kept or 100644), or removed (None)."""
        ...

    async def put_blob(self, data: bytes) -> str: ...
    async def merge_trees(self, base: str, ours: str, theirs: str) -> MergedTree: ...
    async def commit(self, tree: str, parents: Sequence[str], message: str, at: datetime) -> str:
        """A commit by the configured author; the same arguments give the same id."""
        ...


class Copies(Protocol):
    """Clones for agents and commands, and what their commands need beside them."""

    async def copy(self, name: str, tree: str, base_sha: str) -> Copy:
        """A fresh or existing clone called `name` holding exactly `tree`, its HEAD at base_sha."""
        ...

    async def environment(self, base_sha: str) -> Environment:
        """Set up or taken from the cache."""

    async def layout(self, copy: Copy, environment: Environment) -> Layout: ...
    async def forget(self, run: str) -> None: ...


class RemoteBranches(Protocol):
    """The forge's branches."""

    async def sync(self) -> None:
        """Fetch the forge's branches into the mirror."""
        ...

    async def push(self, commit: str, branch: str, expected: str | None) -> None:
        """Push with lease: `expected` is the branch's present commit, None when it must not
        exist. Already there at `commit`: fine. Conflict otherwise."""
        ...


class Workspace(Trees, TreeWriter, Copies, RemoteBranches, Protocol):
    """One project's git, ours alone: a bare mirror of the forge and state.git."""

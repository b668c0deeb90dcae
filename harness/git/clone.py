"""A throw-away clone for one agent: files, and a `.git` of its own that only the agent opens.

The clone's objects come from the mirror by an alternate that the Box mounts read-only. Hard
links would be as fast, but an agent could change the mirror through them: same inode, same owner.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from harness.core.errors import GitError, RefusedError
from harness.git.converting import converting
from harness.git.state import Author
from harness.git.tree_snapshot import TreeTaker
from harness.system.files import as_git_error, private_dir, remove_tree
from harness.system.git import Git, storable_name

_CONFIG = """[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = false
\tlogallrefupdates = true
[user]
\tname = {name}
\temail = {email}
"""
_ENCODE = re.compile("failed to encode '(.*)' from ")
BRANCH = "work"
UMASK = 0o022  # as the runner in a Box has it


@dataclass(frozen=True)
class Origin:
    """What a clone is made from: our git, the mirror, who commits, the base with its tree and
    its ignore rules, and what reads the attribute rules of a tree."""

    git: Git
    mirror: Path
    author: Author
    base_sha: str
    base_tree: str
    ignores: bytes
    attributes: Callable[[str], Awaitable[bytes]]


class Clone:
    """One copy. `folder` holds the work tree and, beside it, what the agent never sees; `tree` is
    what it was last known to hold."""

    def __init__(
        self, folder: Path, origin: Origin, keep: Callable[[str, str], Awaitable[str]]
    ) -> None:
        self.folder = folder
        self.path = folder / "work"
        self.nested_repositories: tuple[str, ...] = ()
        self.tree = ""
        self._origin = origin
        self._git = origin.git
        self._keep = keep
        self._taker = self._new_taker()

    async def snapshot(self) -> str:
        """See the port. New repositories inside the tree are left out and stand in
        `nested_repositories`. RefusedError for a file that is not in the encoding that its
        attributes name."""
        try:
            tree, nested = await self._taker.take()
        except GitError as fault:
            if found := _ENCODE.search(str(fault.facts.get("said", ""))):
                raise RefusedError("git.unreadable", path=storable_name(found[1])) from fault
            raise
        self.nested_repositories = tuple(map(storable_name, nested))
        self.tree = tree
        return await self._keep(tree, self.folder.name)

    async def restore(self, tree: str) -> None:
        """Everything anew: also ignored files and the agent's own commits go."""
        await self.remove()
        with as_git_error():
            private_dir(self.folder)
            await asyncio.to_thread((self.folder / "exclude").write_bytes, self._origin.ignores)
            index = self.folder / "index"
            self._git = self._origin.git
            if rules := await self._origin.attributes(tree):
                convert = self.folder / "convert.git"
                self._git = await converting(self._git, rules, tree, convert, index)
            await check_out(self._git, tree, self.path, index)
            await self._make_git(tree)
        self._taker = self._new_taker()
        self.nested_repositories = ()
        self.tree = tree

    @property
    def base_tree(self) -> str:
        return self._origin.base_tree

    def _new_taker(self) -> TreeTaker:
        whole = replace(self._git, work_tree=self.path, index=self.folder / "index")
        return TreeTaker(whole, self.folder / "exclude")

    async def remove(self) -> None:
        with as_git_error():
            await asyncio.to_thread(discard, self.folder)

    async def _make_git(self, tree: str) -> None:
        """The agent's repository: on branch `work` at the base, its index that of the base.
        Written once, before any Box; never opened after."""
        origin = self._origin
        index = self.folder / "index"
        if tree != origin.base_tree:
            index = self.folder / "base-index"
            git = Git(origin.git.gitdir, index=index, program=origin.git.program)
            await git.run("read-tree", origin.base_tree)
        tags = await Git(origin.mirror, program=origin.git.program).text(
            "for-each-ref", "--format=%(objectname) %(refname)", "refs/tags"
        )
        await asyncio.to_thread(self._write_git, index, tags)

    def _write_git(self, index: Path, tags: str) -> None:
        origin, git = self._origin, self.path / ".git"
        for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
            (git / name).mkdir(parents=True)
        (git / "HEAD").write_text(f"ref: refs/heads/{BRANCH}\n", encoding="utf-8")
        (git / "refs/heads" / BRANCH).write_text(f"{origin.base_sha}\n", encoding="utf-8")
        (git / "config").write_text(
            _CONFIG.format(name=_quote(origin.author.name), email=_quote(origin.author.email)),
            encoding="utf-8",
        )
        alternates = f"{origin.mirror / 'objects'}\n"
        (git / "objects/info/alternates").write_text(alternates, encoding="utf-8")
        if tags:
            (git / "packed-refs").write_text(
                f"# pack-refs with: sorted\n{tags}\n", "utf-8", "surrogateescape"
            )
        if (origin.mirror / "shallow").exists():
            shutil.copyfile(origin.mirror / "shallow", git / "shallow")
        shutil.copy2(index, git / "index")


async def check_out(git: Git, tree: str, path: Path, index: Path) -> None:
    """The files of `tree` in the new folder `path`; `index` knows them. With the modes that a
    person's checkout has, not the daemon's: suites look at them. The folder above is ours alone."""
    await asyncio.to_thread(path.mkdir, parents=True)
    await asyncio.to_thread(path.chmod, 0o755)
    whole = replace(git, work_tree=path, index=index)
    await whole.run("read-tree", "--reset", "-u", tree, timeout_s=1800, umask=UMASK)


def discard(folder: Path) -> None:
    """Gone at once by name, then from the disk. Absent is fine."""
    if not os.path.lexists(folder):
        return
    trash = folder.with_name(f".gone-{secrets.token_hex(8)}")
    folder.rename(trash)
    remove_tree(trash)


def _quote(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") + '"'

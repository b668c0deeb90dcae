"""A forge's bare repository, somebody's clone of it, and a workspace over both. All real."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path

from harness.core.types import Environment, Remote
from harness.git.clone import Clone
from harness.git.workspace import Author, ProjectWorkspace

ENV = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/var/empty",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.org",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.org",
    "GIT_AUTHOR_DATE": "2024-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2024-01-01T00:00:00Z",
}


def git(folder: Path, *args: str, check: bool = True) -> str:
    """As a person or an agent runs it: with whatever configuration the folder holds."""
    done = subprocess.run(
        ["git", *args], cwd=folder, env=ENV, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0 or not check, done.stderr.decode()
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def write(folder: Path, files: Mapping[str, bytes | str | None]) -> None:
    for name, data in files.items():
        path = folder / name
        if data is None:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)


class Made:
    """An EnvironmentMaker that remembers what it was asked and shown."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[str]]] = []

    async def make(self, key: str, tree: Path) -> Environment:
        names = await asyncio.to_thread(
            lambda: [
                str(p.relative_to(tree)) for p in sorted(tree.rglob("*")) if ".git" not in p.parts
            ]
        )
        self.asked.append((key, names))
        return Environment(id=key, read_only={"/opt/env": "/env"}, env={"PATH": "/usr/bin"})


class Project:
    """`forge` is bare, `user` a clone with branch main; `workspace` is ours."""

    def __init__(self, root: Path, author: Author | None = None) -> None:
        self.forge, self.user, self.root = root / "forge.git", root / "user", root / "ours"
        for folder, how in ((self.forge, ["--bare"]), (self.user, [])):
            folder.mkdir()
            git(folder, "init", "--quiet", "--initial-branch=main", *how)
        git(self.user, "remote", "add", "origin", str(self.forge))
        self.made = Made()
        self.author = author or Author("Harness", "harness@example.org")
        self.workspace = self.again()

    def again(self) -> ProjectWorkspace:
        """Another daemon over the same folder."""
        return ProjectWorkspace(
            self.root, "own/project", lambda: Remote(url=str(self.forge)), self.author, self.made
        )

    def push(self, files: Mapping[str, bytes | str | None], message: str = "Change") -> str:
        """Commit these on main and push; the commit."""
        write(self.user, files)
        git(self.user, "add", "--all", "--force")
        git(self.user, "commit", "--quiet", "--allow-empty", "-m", message)
        git(self.user, "push", "--quiet", "--follow-tags", "origin", "HEAD")
        return git(self.user, "rev-parse", "HEAD")

    async def copy(self, name: str = "run/1") -> tuple[Clone, str, str]:
        """(a copy at main, its tree, its commit)."""
        await self.workspace.sync()
        base = await self.workspace.resolve("main")
        tree = await self.workspace.tree_of(base)
        clone = await self.workspace.copy(name, tree, base)
        assert isinstance(clone, Clone)
        return clone, tree, base

"""A workspace of plain folders, without git: for tests of what does not care."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from harness.core.types import Environment, FileChange, Layout


class FolderCopy:
    """The Copy port over a plain folder."""

    def __init__(self, path: Path, workspace: FolderWorkspace) -> None:
        self.path = path
        self.nested_repositories: tuple[str, ...] = ()
        self._workspace = workspace

    async def snapshot(self) -> str:
        return self._workspace.take(self.path)

    async def restore(self, tree: str) -> None:
        self._workspace.put(self.path, tree)

    async def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


class FolderWorkspace:
    """The part of the Workspace port that conversations use; trees are dictionaries."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.trees: dict[str, dict[str, bytes]] = {}

    def tree(self, files: dict[str, bytes]) -> str:
        """The id of a tree with these files."""
        digest = hashlib.sha256()
        for name in sorted(files):
            digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
        self.trees[digest.hexdigest()[:40]] = dict(files)
        return digest.hexdigest()[:40]

    def take(self, path: Path) -> str:
        """What stands in a folder, as a tree."""
        return self.tree(
            {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}
        )

    def put(self, path: Path, tree: str) -> None:
        """Makes a folder hold exactly this tree."""
        path.mkdir(parents=True, exist_ok=True)
        for child in path.iterdir():
            shutil.rmtree(child) if child.is_dir() else child.unlink()
        for name, data in self.trees[tree].items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(data)

    async def copy(self, name: str, tree: str, base_sha: str) -> FolderCopy:
        path = self._root / "copies" / name
        self.put(path, tree)
        return FolderCopy(path, self)

    async def environment(self, base_sha: str) -> Environment:
        return Environment(id="none")

    async def layout(self, copy: FolderCopy, environment: Environment) -> Layout:
        return Layout(tree=copy.path)

    async def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        before, after = self.trees[old], self.trees[new]
        found = []
        for name in sorted({*before, *after}):
            if before.get(name) == after.get(name):
                continue
            gone, fresh = name not in after, name not in before
            found.append(
                FileChange(
                    path=name, status="deleted" if gone else "added" if fresh else "modified"
                )
            )
        return tuple(found)

    async def blob(self, tree: str, path: str) -> str | None:
        data = self.trees[tree].get(path)
        return None if data is None else hashlib.sha256(data).hexdigest()

"""What a run made and the forge has not, as a git bundle: nothing unpublished is ever lost."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote

from harness.core.types import Run
from harness.git.state import Author, ObjectStore
from harness.ports.workspace import Workspace
from harness.system.files import as_git_error, sync_dir, sync_file
from harness.system.git import Git, object_id

_REFS = "refs/heads/harness-saved"


class Saving:
    """Over one project's state.git and mirror below `root`, as `workspace` keeps them."""

    def __init__(self, root: Path, project: str, workspace: Workspace, author: Author) -> None:
        folder = root.resolve() / quote(project, safe="")
        self._state = ObjectStore(folder / "state.git", author)
        self._mirror = Git(folder / "mirror.git")
        self._workspace = workspace

    async def holds(self, run: str) -> bool:
        """Whether snapshots of that run are still kept."""
        return bool(await self._state.snapshots(quote(run, safe="")))

    async def forget(self, run: str) -> None:
        """The run's copies and snapshots go."""
        await self._workspace.forget(run)

    async def save(self, run: Run, target: Path) -> bool:
        """A bundle with a branch `harness-saved/<issue>-<run>-<n>` for each tree of the run that
        is not on the forge, on top of its base. False when all of it is. GitError when a tree
        cannot be read: then nothing may be forgotten."""
        if run.merged_sha or not (self._state.gitdir / "HEAD").exists():
            return False
        trees = await self._unpublished_trees(run)
        if not trees:
            return False
        git, refs = self._state.git, []
        for number, tree in enumerate(trees, 1):
            refs.append(f"{_REFS}/{run.issue}-{run.number}-{number}")
            await git.run("update-ref", refs[-1], await self._commit(tree, run))
        try:
            await self._bundle(refs, run.base_sha, target)
        finally:
            for ref in refs:
                await git.run("update-ref", "-d", ref)
        return True

    async def _unpublished_trees(self, run: Run) -> list[str]:
        """The result and the last snapshot of each copy, without what the forge has."""
        snapshots = await self._state.snapshots(quote(run.id, safe=""))
        wanted = [tree for tree in (run.tree, *snapshots.values()) if tree]
        known = set()
        for commit in (run.base_sha, run.head_sha):
            if commit and (commit == run.base_sha or await self._on_forge(commit)):
                known.add(await self._state.tree_of(commit))
        return [tree for tree in dict.fromkeys(wanted) if tree not in known]

    async def _commit(self, tree: str, run: Run) -> str:
        """A commit that is not kept: the bundle carries it away."""
        stamp, author = f"@{int(run.updated_at.timestamp())} +0000", self._state.author
        who = {"NAME": author.name, "EMAIL": author.email, "DATE": stamp}
        env = {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()}
        on = ("-p", object_id(run.base_sha)) if run.base_sha else ()
        message = f"Unpublished work on #{run.issue} (run {run.number})\n".encode()
        git = self._state.git.with_env(env)
        return await git.text("commit-tree", object_id(tree), *on, "-F", "-", input=message)

    async def _on_forge(self, commit: str) -> bool:
        """Whether some branch or tag of the forge reaches it, as of the last fetch."""
        done = await self._mirror.run(
            *("for-each-ref", "--count=1", f"--contains={object_id(commit)}"), ok=(0, 128, 129)
        )
        return done.exit_code == 0 and bool(done.stdout.strip())

    async def _bundle(self, refs: list[str], base: str, target: Path) -> None:
        half = target.with_suffix(".part")
        # without what every clone has, as long as the forge still has it
        without = [f"^{base}"] if base and await self._on_forge(base) else []
        half.unlink(missing_ok=True)
        git = self._state.git
        await git.run("bundle", "create", "--quiet", str(half), *refs, *without, timeout_s=3600)
        await git.run("bundle", "verify", "--quiet", str(half), timeout_s=3600)
        with as_git_error():
            await asyncio.to_thread(_put, half, target)


def _put(half: Path, target: Path) -> None:
    half.chmod(0o600)
    sync_file(half)
    half.replace(target)
    sync_dir(target.parent)

"""The user's own checkout: bringing in what was merged, and nothing else.

It is the user's git with the user's configuration, filters of files too, but no hook runs: one
that lives in the tree may just have been written by an agent. A dirty file is never touched.
Blocking.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import GitError, RefusedError, UsageError
from harness.git.own_repository import OwnRepository, own_repository

REMOTE = "harness"
SHOWN = 5


@dataclass(frozen=True)
class Pulled:
    """What a pull did: `new == old` when there was nothing to do. `ahead`: commits of the user's
    that the forge lacks."""

    branch: str
    old: str
    new: str
    commits: int
    files: tuple[str, ...]
    ahead: int = 0


class Checkout:
    """The work tree that holds `folder`."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        """`env`: the user's environment without any secret of ours."""
        self._folder = folder
        self._env = dict(env)

    def pull(self, default_branch: str) -> Pulled:
        """Fast-forward the current branch to the same branch of the remote `harness`.
        RefusedError says why it cannot be."""
        found = own_repository(self._folder, self._env)
        if found is None:
            raise UsageError("forge.pull_no_checkout", path=str(self._folder))
        with found as repository:
            return _pull(repository, default_branch)


def _pull(own: OwnRepository, default_branch: str) -> Pulled:
    branch = _branch(own)
    target = _fetch(own, branch, default_branch)
    head = own.id("HEAD")
    if not head:
        raise RefusedError("forge.pull_unborn", branch=branch)
    ahead, behind = _distance(own, head, target)
    if not behind:
        return Pulled(branch, head, head, 0, (), ahead)
    if ahead:
        raise RefusedError(
            "forge.pull_diverged", branch=branch, ahead=ahead, behind=behind, remote=REMOTE
        )
    files = own.names("diff", "--name-only", "--no-renames", "-z", head, target, "--")
    _refuse_dirty(own, files)
    done = own.run("merge", "--ff-only", "--no-overwrite-ignore", "--quiet", target)
    if done.status:
        raise RefusedError("forge.pull_failed", branch=branch, detail=done.error_line)
    return Pulled(branch, head, own.id("HEAD"), behind, files)


def _branch(own: OwnRepository) -> str:
    branch = own.branch()
    if not branch:
        raise RefusedError("forge.pull_detached")
    if own.id("MERGE_HEAD"):
        raise RefusedError("forge.pull_busy")
    return branch


def _fetch(own: OwnRepository, branch: str, default_branch: str) -> str:
    if not own.url(REMOTE):
        raise RefusedError("forge.pull_no_remote", remote=REMOTE)
    try:
        tip = own.tip(REMOTE, branch)
    except GitError as error:
        detail = str(error.facts.get("said", error))
        raise GitError("forge.pull_fetch", remote=REMOTE, detail=detail) from error
    if not tip:
        raise RefusedError(
            "forge.pull_no_branch", branch=branch, default=default_branch, remote=REMOTE
        )
    ref = f"refs/remotes/{REMOTE}/{branch}"
    done = own.fetch(REMOTE, f"+refs/heads/{branch}:{ref}")
    if done.status:
        raise GitError("forge.pull_fetch", remote=REMOTE, detail=done.error_line)
    return own.id(ref)


def _distance(own: OwnRepository, head: str, target: str) -> tuple[int, int]:
    counted = own.ask("rev-list", "--left-right", "--count", f"{head}...{target}", "--")
    ahead, behind = counted.split()
    return int(ahead), int(behind)


def _refuse_dirty(own: OwnRepository, files: tuple[str, ...]) -> None:
    listed = own.names("status", "--porcelain=v1", "--no-renames", "--untracked-files=all", "-z")
    dirty = {entry[3:] for entry in listed}
    tracked = set(own.names("ls-files", "--full-name", "-z"))
    # an ignored file is in no list of git's, and a merge would write over it
    hidden = {name for name in files if name not in tracked and _exists(own.top / name)}
    touched = sorted(hidden | {name for name in files if _meets(name, dirty)})
    if touched:
        shown = ", ".join(touched[:SHOWN]) + (" …" if len(touched) > SHOWN else "")
        raise RefusedError("forge.pull_dirty", count=len(touched), paths=shown)


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _meets(name: str, dirty: set[str]) -> bool:
    """True when a dirty file is `name`, stands where its folder must be, or lies below it."""
    parts = name.split("/")
    above = {"/".join(parts[:i]) for i in range(1, len(parts) + 1)}
    return bool(above & dirty) or any(path.startswith(f"{name}/") for path in dirty)

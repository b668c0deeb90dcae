"""The user's own checkout: bringing in what was merged, and nothing else.

It is the user's git with the user's configuration, but no hook runs: one that lives in the tree
may just have been written by an agent. A dirty file is never touched. Blocking.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.core.errors import GitError, MissingError, RefusedError, UsageError

REMOTE = "harness"
TIMEOUT_S = 300.0
SHOWN = 5
_QUIET = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
)


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
        top = self._top()
        branch = self._branch()
        target = self._fetch(branch, default_branch)
        head = self._id("HEAD")
        if not head:
            raise RefusedError("forge.pull_unborn", branch=branch)
        ahead, behind = self._distance(head, target)
        if not behind:
            return Pulled(branch, head, head, 0, (), ahead)
        if ahead:
            raise RefusedError(
                "forge.pull_diverged", branch=branch, ahead=ahead, behind=behind, remote=REMOTE
            )
        files = self._names("diff", "--name-only", "--no-renames", "-z", head, target, "--")
        self._refuse_dirty(top, files)
        done = self._run("merge", "--ff-only", "--no-overwrite-ignore", "--quiet", target)
        if done.returncode:
            raise RefusedError("forge.pull_failed", branch=branch, detail=_words(done))
        return Pulled(branch, head, self._id("HEAD"), behind, files)

    def _top(self) -> Path:
        done = self._run("rev-parse", "--show-toplevel")
        if done.returncode or not done.stdout.strip():
            raise UsageError("forge.pull_no_checkout", path=str(self._folder))
        return Path(_text(done))

    def _branch(self) -> str:
        done = self._run("symbolic-ref", "--quiet", "HEAD")
        if done.returncode:
            raise RefusedError("forge.pull_detached")
        if self._id("MERGE_HEAD"):
            raise RefusedError("forge.pull_busy")
        return _text(done).removeprefix("refs/heads/")

    def _fetch(self, branch: str, default_branch: str) -> str:
        if self._run("remote", "get-url", REMOTE).returncode:
            raise RefusedError("forge.pull_no_remote", remote=REMOTE)
        listed = self._run("ls-remote", "--heads", REMOTE, f"refs/heads/{branch}")
        if listed.returncode:
            raise GitError("forge.pull_fetch", remote=REMOTE, detail=_words(listed))
        if not listed.stdout.strip():
            raise RefusedError(
                "forge.pull_no_branch", branch=branch, default=default_branch, remote=REMOTE
            )
        ref = f"refs/remotes/{REMOTE}/{branch}"
        done = self._run(
            "fetch", "--quiet", "--no-tags", "--no-recurse-submodules", REMOTE,
            f"+refs/heads/{branch}:{ref}",
        )  # fmt: skip
        if done.returncode:
            raise GitError("forge.pull_fetch", remote=REMOTE, detail=_words(done))
        return self._id(ref)

    def _distance(self, head: str, target: str) -> tuple[int, int]:
        done = self._run("rev-list", "--left-right", "--count", f"{head}...{target}", "--")
        ahead, behind = _text(done).split()
        return int(ahead), int(behind)

    def _refuse_dirty(self, top: Path, files: tuple[str, ...]) -> None:
        listed = self._names(
            "status", "--porcelain=v1", "--no-renames", "--untracked-files=all", "-z"
        )
        dirty = {entry[3:] for entry in listed}
        tracked = set(self._names("ls-files", "--full-name", "-z", "--", str(top)))
        # an ignored file is in no list of git's, and a merge would write over it
        hidden = {name for name in files if name not in tracked and _exists(top / name)}
        touched = sorted(hidden | {name for name in files if _meets(name, dirty)})
        if touched:
            shown = ", ".join(touched[:SHOWN]) + (" …" if len(touched) > SHOWN else "")
            raise RefusedError("forge.pull_dirty", count=len(touched), paths=shown)

    def _id(self, name: str) -> str:
        done = self._run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
        return _text(done) if done.returncode == 0 else ""

    def _names(self, *arguments: str) -> tuple[str, ...]:
        done = self._run(*arguments)
        if done.returncode:
            raise GitError("forge.pull_git", detail=_words(done))
        parts = done.stdout.decode(errors="surrogateescape").split("\0")
        return tuple(part for part in parts if part)

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(
                ["git", *(word for option in _QUIET for word in ("-c", option)), *arguments],
                cwd=self._folder,
                env=self._env,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except FileNotFoundError as error:
            if error.filename == "git":
                raise MissingError("forge.no_git") from error
            raise UsageError("forge.pull_no_checkout", path=str(self._folder)) from error
        except (NotADirectoryError, PermissionError) as error:
            raise UsageError("forge.pull_no_checkout", path=str(self._folder)) from error
        except subprocess.TimeoutExpired as error:
            raise GitError("forge.pull_git", detail=str(error)) from error


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _meets(name: str, dirty: set[str]) -> bool:
    """True when a dirty file is `name`, stands where its folder must be, or lies below it."""
    parts = name.split("/")
    above = {"/".join(parts[:i]) for i in range(1, len(parts) + 1)}
    return bool(above & dirty) or any(path.startswith(f"{name}/") for path in dirty)


def _text(done: subprocess.CompletedProcess[bytes]) -> str:
    return done.stdout.decode(errors="surrogateescape").strip("\n")


def _words(done: subprocess.CompletedProcess[bytes]) -> str:
    said = " ".join(done.stderr.decode(errors="replace").split())
    return said[:500] or f"exit {done.returncode}"

"""git for the embedded forge: one bare repository, its refs, diffs and merges.

Blocking, because a merge moves a branch inside a database transaction; the forge calls it off
the event loop. The environment is made from nothing, hooks and other people's configuration are
off.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from harness.core.errors import Conflict, GitError, MissingError, NotFound

TIMEOUT_S = 120.0
STALE_LOCK_S = 300.0
"""git holds a lock for milliseconds; one this old has lost its owner."""
_ID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ENVIRONMENT = {
    "PATH": os.defpath,
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    # whoever may push could push a replacement for a commit that was reviewed
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}
_OPTIONS = (
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={os.devnull}",
    "core.fsmonitor=false",
    "core.quotePath=false",
    # a larger file is compared as a whole, never line by line in memory
    "core.bigFileThreshold=16m",
    "commit.gpgSign=false",
    "gc.auto=0",
)
_FIXED = {
    # a merge that was told must outlive a power cut
    "core.fsync": "all",
    "receive.hideRefs": "refs/pull",
    "receive.autogc": "false",
    "gc.auto": "0",
    "uploadpack.allowFilter": "true",
    "uploadpack.allowAnySHA1InWant": "true",
    "core.logAllRefUpdates": "true",
}


@dataclass(frozen=True)
class Person:
    """Who git writes into a commit."""

    name: str
    email: str
    date: str = ""
    """Git's own form; empty: now."""


@dataclass(frozen=True)
class MergeResult:
    """What a three-way merge makes: a tree, or the paths in conflict."""

    tree: str
    conflicts: tuple[str, ...] = ()


class BareRepository:
    """A bare repository of ours at `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    # -- asking

    def branch(self, name: str) -> str | None:
        """The commit a branch stands at."""
        return self._resolve(f"refs/heads/{name}^{{commit}}")

    def commit(self, ref: str) -> str:
        """Commit id of a branch, a tag or a commit. NotFound."""
        for candidate in (f"refs/heads/{ref}", f"refs/tags/{ref}", ref):
            found = self._resolve(f"{candidate}^{{commit}}")
            if found:
                return found
        raise NotFound("forge.no_ref", ref=ref)

    def file(self, commit: str, path: str) -> bytes | None:
        """The file's bytes at a commit, None when there is none."""
        blob = self._resolve(f"{commit}:{path}")
        if blob is None:
            return None
        # a folder is a tree; a submodule is a commit that is not here
        kind = self.run("cat-file", "-t", blob, accept=(0, 128))
        return self.run("cat-file", "blob", blob).stdout if kind.stdout == b"blob\n" else None

    def contains(self, tip: str, commit: str) -> bool:
        """True when `commit` is `tip` or behind it."""
        code = self.run("merge-base", "--is-ancestor", commit, tip, accept=(0, 1, 128)).returncode
        return code == 0

    def merge_tree(self, ours: str, theirs: str) -> MergeResult:
        """The merge of two commits, made without a work tree."""
        return _merge_at(self.path, ours, theirs)

    def common(self, one: str, other: str) -> str | None:
        """The merge base; None for unrelated histories."""
        done = self.run("merge-base", one, other, accept=(0, 1))
        return done.stdout.decode().strip() or None

    def is_related(self, branch: str, commit: str, objects: Path) -> bool:
        """Whether the branch and a commit have one in common; that one's objects may be in
        another folder."""
        quoted = str(objects).replace("\\", "\\\\").replace('"', '\\"')
        env = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{quoted}"'}
        found = self.run("merge-base", f"refs/heads/{branch}", commit, accept=(0, 1), env=env)
        return found.returncode == 0

    def diff(self, base: str, head: str) -> str:
        """What `head` changed since it left `base`, as a unified diff."""
        start = self.common(base, head) or base
        done = self.run("diff", "--no-ext-diff", "--no-textconv", "--no-color", start, head, "--")
        return done.stdout.decode(errors="replace")

    def differs(self, base: str, head: str) -> bool:
        """True when `head` holds a change since it left `base`."""
        start = self.common(base, head)
        return start is None or self.tree(start) != self.tree(head)

    def tree(self, commit: str) -> str:
        """Tree id of a commit."""
        return self._text("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}")

    def merged_by(self, base: str, head: str) -> str:
        """The first commit of `base`'s own line that brought `head` in."""
        path = self._text("rev-list", "--first-parent", "--ancestry-path", f"{head}..{base}")
        return path.splitlines()[-1] if path else head

    # -- writing

    def create(self, default_branch: str) -> None:
        """Make it, or finish making it."""
        self._git("init", "--bare", "--quiet", "--", str(self.path))
        for key, value in _FIXED.items():
            self.run("config", key, value)
        self.run("symbolic-ref", "HEAD", f"refs/heads/{default_branch}")

    def check_history(self, commit: str) -> None:
        """GitError when a commit behind it, or a file or folder of its own, is not here."""
        self.run("rev-list", "--quiet", commit)
        self.run("rev-list", "--quiet", "--objects", "--no-walk", commit)

    def swap(self, ref: str, new: str, old: str) -> None:
        """Set a full ref from `old` to `new` ("" to delete it). Conflict when it stands
        elsewhere."""
        change = ("update-ref", ref, new, old) if new else ("update-ref", "-d", ref, old)
        done = self.run(*change, accept=(0, 1, 128))
        if done.returncode and self._resolve(ref) != old:
            raise Conflict("forge.ref_moved", ref=ref.removeprefix("refs/heads/"))
        if done.returncode:
            self._unlock(ref)
            self.run(*change)

    def _unlock(self, ref: str) -> None:
        """Remove the locks that a git which was killed left behind."""
        for lock in (self.path / f"{ref}.lock", self.path / "packed-refs.lock"):
            # as old whichever way the clock was set since
            if lock.exists() and abs(time.time() - lock.stat().st_mtime) > STALE_LOCK_S:
                lock.unlink(missing_ok=True)

    def keep(self, ref: str, commit: str) -> None:
        """Set a full ref wherever it stands."""
        self.run("update-ref", ref, commit)

    def commit_tree(
        self,
        tree: str,
        parents: tuple[str, ...],
        message: str,
        author: Person,
        committer: Person,
    ) -> str:
        """A commit object; no ref moves."""
        given = [word for parent in parents for word in ("-p", parent)]
        people = _person_env("AUTHOR", author) | _person_env("COMMITTER", committer)
        done = self.run(
            "commit-tree", tree, *given, data=message.encode(errors="replace"), env=people
        )
        return done.stdout.decode().strip()

    def author(self, commit: str) -> Person:
        """Who wrote a commit, and when."""
        text = self._text("log", "-1", "--no-show-signature", "--format=%an%x00%ae%x00%aI", commit)
        name, email, date = text.split("\0")
        return Person(name, email, date)

    def message(self, commit: str) -> str:
        """A commit's whole message."""
        return self._text("log", "-1", "--no-show-signature", "--format=%B", commit)

    def line(self, base: str, head: str) -> tuple[str, ...]:
        """The commits of `head` that `base` lacks, oldest first, merges left out."""
        text = self._text("rev-list", "--reverse", "--topo-order", "--no-merges", f"{base}..{head}")
        return tuple(text.split())

    def has_merges(self, base: str, head: str) -> bool:
        """True when `head` holds a merge commit that `base` lacks."""
        return bool(self._text("rev-list", "--max-count=1", "--merges", f"{base}..{head}"))

    def rebase(self, base: str, head: str, committer: Person) -> str | None:
        """The commits of `head` copied onto `base`; None when one does not apply."""
        tip = base
        for commit in self.line(base, head):
            parent = self._resolve(f"{commit}^1")
            if parent is None:
                return None
            # a stand-in for `tip` whose merge base with `commit` is the commit's own parent:
            # merge-tree learned --merge-base only in git 2.40
            nobody = Person("harness", "harness@localhost")
            stand_in = self.commit_tree(self.tree(tip), (parent,), "", nobody, nobody)
            merged = self.merge_tree(stand_in, commit)
            if merged.conflicts or not merged.tree:
                return None
            if merged.tree != self.tree(tip):
                tip = self.commit_tree(
                    merged.tree, (tip,), self.message(commit), self.author(commit), committer
                )
        return tip

    # -- running git

    def _resolve(self, name: str) -> str | None:
        done = self.run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", name, accept=(0, 1, 128)
        )
        found = done.stdout.decode().strip()
        # "^main" is answered with "^" and an id, and exit 0
        return found if done.returncode == 0 and _ID.fullmatch(found) else None

    def _text(self, *arguments: str) -> str:
        return self.run(*arguments).stdout.decode(errors="replace").strip("\n")

    def run(
        self,
        *arguments: str,
        accept: tuple[int, ...] = (0,),
        data: bytes | None = None,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        return self._git(f"--git-dir={self.path}", *arguments, accept=accept, data=data, env=env)

    @staticmethod
    def _git(
        *arguments: str,
        accept: tuple[int, ...] = (0,),
        data: bytes | None = None,
        env: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        program = shutil.which("git")
        if program is None:
            raise MissingError("forge.no_git")
        command = [program, *(word for option in _OPTIONS for word in ("-c", option)), *arguments]
        try:
            done = subprocess.run(
                command,
                input=data if data is not None else b"",
                cwd="/",
                env=_ENVIRONMENT | dict(env or {}),
                capture_output=True,
                timeout=TIMEOUT_S,
                check=False,
            )
        except (subprocess.TimeoutExpired, ValueError) as error:
            raise GitError("forge.git", detail=str(error)) from error
        if done.returncode not in accept:
            words = done.stderr.decode(errors="replace").strip().replace("\n", " ")
            raise GitError("forge.git", detail=words[:500] or f"exit {done.returncode}")
        return done


def _person_env(role: str, person: Person) -> dict[str, str]:
    given = {f"GIT_{role}_NAME": person.name, f"GIT_{role}_EMAIL": person.email}
    return given | ({f"GIT_{role}_DATE": person.date} if person.date else {})


@lru_cache(maxsize=2048)
def _merge_at(path: Path, ours: str, theirs: str) -> MergeResult:
    # two commits merge the same way for ever, so the answer is kept
    bare = BareRepository(path)
    if bare.common(ours, theirs) is None:
        return MergeResult("", ("*",))
    done = bare.run(
        "merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", ours, theirs,
        accept=(0, 1),
    )  # fmt: skip
    tree, *rest = [p.decode(errors="replace") for p in done.stdout.split(b"\0")]
    if done.returncode == 0:
        return MergeResult(tree)
    return MergeResult(tree, tuple(dict.fromkeys(p for p in rest if p)) or ("*",))

"""Trees, blobs and commits of one project in state.git, ours alone.

Bytes are read and written as they are: no attribute of a tree converts, filters or hides anything
here. Line ends and encodings change in copies alone (converting.py).
Every id handed out is written down in `kept`; nothing is pruned that stands there.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from harness.core.types import MergedTree
from harness.git.object_reader import ObjectReader, sound_path
from harness.system.files import as_git_error, naming
from harness.system.git import Git, object_id, split_names, storable_name
from harness.system.objects import write_object
from harness.system.text import clean_text

ATTRIBUTES = "* -text !eol !filter !ident !working-tree-encoding !diff !merge !export-subst\n"
_NOTHING = "0" * 40
_KEEP = "refs/harness/keep"
_LOOSE = 6000


@dataclass(frozen=True)
class Author:
    """Who commits. `sign_off` adds the Signed-off-by line."""

    name: str
    email: str
    sign_off: bool = False


class ObjectStore(ObjectReader):
    """Reading and writing objects. `gitdir` is state.git; its alternate is the mirror."""

    def __init__(self, gitdir: Path, author: Author, program: str = "git") -> None:
        super().__init__(Git(gitdir, program=program))
        self.gitdir = gitdir
        self.author = author
        self._kept: set[tuple[str, str]] = set()

    async def put_blob(self, data: bytes) -> str:
        return await self.keep(await self._write("blob", data))

    async def with_files(self, tree: str, files: Mapping[str, str | None]) -> str:
        """See the port. Mode is kept; a link's place keeps being a link."""
        present = await self.entries(tree)
        lines = []
        for name, blob in files.items():
            path = sound_path(name)
            mode = present.get(path, ("100644", ""))[0] or "100644"
            entry = f"0 {_NOTHING}" if blob is None else f"{mode} {object_id(blob)}"
            lines.append(f"{entry}\t{path}\0".encode("utf-8", "surrogateescape"))
        with self._scratch_index() as git:
            await git.run("read-tree", object_id(tree))
            await git.run("update-index", "-z", "--index-info", input=b"".join(lines))
            return await self.keep(await git.text("write-tree"))

    async def merge_trees(self, base: str, ours: str, theirs: str) -> MergedTree:
        """A three-way merge by git's own rules, renames found."""
        root = await self._bare_commit(base)
        sides = [await self._bare_commit(ours, root), await self._bare_commit(theirs, root)]
        done = await self.git.run(
            "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", *sides, ok=(0, 1)
        )
        tree, *conflicts = split_names(done.stdout)
        return MergedTree(
            tree=await self.keep(tree),
            conflicts=tuple(map(storable_name, dict.fromkeys(conflicts))),
        )

    async def commit(self, tree: str, parents: Sequence[str], message: str, at: datetime) -> str:
        """See the port. Control characters leave the message; times are UTC seconds."""
        options = [word for parent in parents for word in ("-p", object_id(parent))]
        text = self._sign_off(clean_text(message).strip()) + "\n"
        stamp = f"@{int(at.timestamp())} +0000"
        who = {"NAME": self.author.name, "EMAIL": self.author.email, "DATE": stamp}
        git = self.git.with_env(
            {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in who.items()}
        )
        commit = await git.text(
            "commit-tree", object_id(tree), *options, "-F", "-", input=text.encode()
        )
        return await self.keep(commit)

    async def ours(self, commit: str) -> bool:
        """Whether the configured author committed it."""
        found = await self.git.text(
            "log", "--max-count=1", "--no-show-signature", "--format=%cn%x00%ce", object_id(commit)
        )
        return found == f"{self.author.name}\0{self.author.email}"

    async def keep(self, entry: str, owner: str = "-") -> str:
        """Writes the id down, on the disk, so that it is never pruned; `owner` is the copy it
        came from."""
        if (entry, owner) not in self._kept:
            with as_git_error():
                await asyncio.to_thread(self._write_down, f"{entry} {owner}\n")
            self._kept.add((entry, owner))
        return entry

    async def snapshots(self, run: str) -> dict[str, str]:
        """Copy -> the last id kept of it, for the copies of one run (its quoted name)."""
        return await asyncio.to_thread(self._snapshots, run)

    def _snapshots(self, run: str) -> dict[str, str]:
        path = self.gitdir / "kept"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        pairs = [line.split() for line in lines if line.strip()]
        return {owner: entry for entry, owner in pairs if belongs(owner, run)}

    def _write_down(self, line: str) -> None:
        path = self.gitdir / "kept"
        with naming(path), self._alone(), path.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """No id is written down while the list is made anew: it would be lost."""
        handle = os.open(self.gitdir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    async def prune(self, *, force: bool = False) -> None:
        """When many loose objects have gathered: packs what is kept, and removes what is not
        and is older than two hours. Ids under way are younger."""
        loose = await asyncio.to_thread(lambda: len(list((self.gitdir / "objects/17").glob("*"))))
        if loose * 256 < _LOOSE and not force:
            return
        kept = await asyncio.to_thread(self._kept_ids)
        asked = "".join(f"{entry}\n" for entry in kept).encode()
        listed = await self.git.text("cat-file", "--batch-check=%(objectname)", input=asked)
        there = {line for line in listed.split() if line in kept}
        old = set((await self.git.text("for-each-ref", "--format=%(refname)", _KEEP)).split())
        new = {f"{_KEEP}/{entry}" for entry in there}
        orders = [f"delete {ref}\n" for ref in old - new]
        orders += [f"create {ref} {ref.rpartition('/')[2]}\n" for ref in new - old]
        await self.git.run("update-ref", "--stdin", input="".join(orders).encode())
        await self.git.run("pack-refs", "--all")
        await self.git.run(
            *("repack", "-A", "-d", "-l", "--quiet", "--unpack-unreachable=2.hours.ago"),
            timeout_s=3600,
        )
        await self.git.run("prune", "--expire=2.hours.ago", timeout_s=3600)

    def _kept_ids(self) -> set[str]:
        path = self.gitdir / "kept"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return {line.split()[0] for line in lines if line.strip()}

    async def _bare_commit(self, tree: str, *parents: str) -> str:
        lines = [f"tree {object_id(tree)}", *(f"parent {parent}" for parent in parents)]
        lines += [f"{role} harness <harness> 946684800 +0000" for role in ("author", "committer")]
        data = "\n".join([*lines, "", "tree\n"]).encode()
        return await self._write("commit", data)

    async def _write(self, kind: str, data: bytes) -> str:
        with as_git_error():
            return await asyncio.to_thread(write_object, self.gitdir, kind, data)

    def _sign_off(self, message: str) -> str:
        line = f"Signed-off-by: {self.author.name} <{self.author.email}>"
        if not self.author.sign_off or line in message.split("\n"):
            return message
        last = message.split("\n\n")[-1].split("\n")
        trailers = "\n\n" in message and all(
            ": " in word and " " not in word.split(": ")[0] for word in last
        )
        return f"{message}\n{line}" if trailers else f"{message}\n\n{line}"

    @contextlib.contextmanager
    def _scratch_index(self) -> Iterator[Git]:
        index = self.gitdir / f"scratch-{os.getpid()}-{secrets.token_hex(8)}"
        try:
            yield Git(self.gitdir, index=index, program=self.git.program)
        finally:
            index.unlink(missing_ok=True)
            index.with_name(f"{index.name}.lock").unlink(missing_ok=True)


def belongs(name: str, run: str) -> bool:
    """`name` is the run's own name or it, a sign that is no letter and no digit, and more."""
    rest = name.removeprefix(run)
    return bool(run) and name.startswith(run) and not rest[:1].isalnum()

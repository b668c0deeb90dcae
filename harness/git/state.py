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
from typing import Literal

from harness.core.errors import GitError
from harness.core.types import FileChange, MergedTree, TreeEntry
from harness.system.files import as_git_error, naming
from harness.system.git import Git, object_id, real, split_names, storable_name
from harness.system.objects import write_object
from harness.system.text import clean_text

ATTRIBUTES = "* -text !eol !filter !ident !working-tree-encoding !diff !merge !export-subst\n"
_NOTHING = "0" * 40
_KEEP = "refs/harness/keep"
_LOOSE = 6000
_STATUS: dict[str, Literal["added", "modified", "deleted"]] = {"A": "added", "D": "deleted"}


@dataclass(frozen=True)
class Author:
    """Who commits. `sign_off` adds the Signed-off-by line."""

    name: str
    email: str
    sign_off: bool = False


class ObjectStore:
    """Reading and writing objects. `gitdir` is state.git; its alternate is the mirror."""

    def __init__(self, gitdir: Path, author: Author, program: str = "git") -> None:
        self.gitdir = gitdir
        self.author = author
        self.git = Git(gitdir, program=program)
        self._kept: set[tuple[str, str]] = set()

    async def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        """What differs, by path; a rename is a deletion and an addition."""
        done = await self.git.run(
            *("diff-tree", "-r", "-z", "--raw", "--numstat", "--no-renames", "--no-abbrev"),
            *("--no-ext-diff", "--no-textconv", object_id(old), object_id(new)),
        )
        raw, counts = _parse_diff(done.stdout)
        sizes = await self._sizes([new_id for _, new_mode, new_id, _ in raw.values()])
        return tuple(
            FileChange(
                path=storable_name(path),
                status=_STATUS.get(letter, "modified"),
                old_mode="" if old_mode == "000000" else old_mode,
                new_mode="" if new_mode == "000000" else new_mode,
                binary=counts[path] is None,
                added=(counts[path] or (0, 0))[0],
                removed=(counts[path] or (0, 0))[1],
                size=size,
            )
            for (path, (old_mode, new_mode, _, letter)), size in zip(
                raw.items(), sizes, strict=True
            )
        )

    async def diff(self, old: str, new: str, *, limit: int = 200_000) -> str:
        """Unified diff, renames found; beyond `limit` characters a last line counts the rest."""
        done = await self.git.run(
            *("diff-tree", "-r", "-p", "--find-renames", "--no-ext-diff", "--no-textconv"),
            *("--no-color", "--full-index", object_id(old), object_id(new)),
            limit=4 * limit,
        )
        text = clean_text(done.stdout)
        if len(text) <= limit and not done.cut:
            return text
        rest = len(text[limit:].encode()) + done.cut
        return f"{text[:limit]}\n[… +{rest} bytes]\n"

    async def files(self, tree: str) -> tuple[str, ...]:
        """Every file and link of the tree, submodules left out."""
        return tuple(
            storable_name(path) for path, (mode, _) in (await self.entries(tree)).items() if mode
        )

    async def entries(self, tree: str) -> dict[str, tuple[str, str]]:
        """Real path -> (mode, blob id); the mode of a submodule is empty."""
        found: dict[str, tuple[str, str]] = {}
        for line in await self.git.names("ls-tree", "-r", "-z", "--full-tree", object_id(tree)):
            about, path = line.split("\t", 1)
            mode, kind, entry = about.split()
            found[path] = ("" if kind == "commit" else mode, entry)
        return found

    async def blob(self, tree: str, path: str) -> str | None:
        path = _sound(path)
        lines = await self.git.names("ls-tree", "-z", "--full-tree", object_id(tree), "--", path)
        for line in lines:
            about, name = line.split("\t", 1)
            _, kind, entry = about.split()
            if name == path and kind == "blob":
                return entry
        return None

    async def file(self, tree: str, path: str) -> bytes | None:
        """Content of a file, or the target of a link; None when there is neither."""
        entry = await self.blob(tree, path)
        return None if entry is None else await self.content(entry)

    async def texts(
        self, tree: str, paths: Sequence[str], *, limit: int = 64 << 20
    ) -> dict[str, str]:
        """See the port."""
        present = await self.entries(tree)
        wanted = [p for p in map(_sound, paths) if present.get(p, ("",))[0].startswith("100")]
        ids = [present[path][1] for path in wanted]
        fitting: list[tuple[str, str]] = []
        room = limit
        for path, entry, size in zip(wanted, ids, await self._sizes(ids), strict=True):
            room -= size
            if room < 0:
                break
            fitting.append((path, entry))
        asked = "".join(f"{entry}\n" for _, entry in fitting).encode()
        done = await self.git.run("cat-file", "--batch", input=asked, limit=2 * limit + (1 << 20))
        found = _batch(done.stdout)
        return {
            storable_name(path): found[entry].decode("utf-8", "replace")
            for path, entry in fitting
            if entry in found
        }

    async def entry(self, tree: str, path: str) -> TreeEntry | None:
        """Mode and size of a file or link."""
        words = ("ls-tree", "-z", "--long", "--full-tree", object_id(tree), "--", _sound(path))
        for line in await self.git.names(*words):
            mode, kind, _, size = line.split("\t", 1)[0].split()
            if kind == "blob":
                return TreeEntry(mode=mode, size=int(size))
        return None

    async def content(self, blob: str) -> bytes:
        return (await self.git.run("cat-file", "blob", object_id(blob), limit=1 << 31)).stdout

    async def put_blob(self, data: bytes) -> str:
        return await self.keep(await self._write("blob", data))

    async def with_files(self, tree: str, files: Mapping[str, str | None]) -> str:
        """See the port. Mode is kept; a link's place keeps being a link."""
        present = await self.entries(tree)
        lines = []
        for name, blob in files.items():
            path = _sound(name)
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

    async def tree_of(self, commit: str) -> str:
        return await self.git.text("rev-parse", "--verify", f"{object_id(commit)}^{{tree}}")

    async def log(self, commit: str, *, limit: int) -> tuple[str, ...]:
        found = await self.git.text(
            "rev-list", "--first-parent", f"--max-count={limit}", object_id(commit)
        )
        return tuple(found.split())

    async def subjects(self, commit: str, *, limit: int) -> tuple[str, ...]:
        """See the port."""
        found = await self.git.text(
            *("log", "--no-merges", "--no-show-signature", f"--max-count={limit}"),
            *("-z", "--format=tformat:%<(60,trunc)%an%x1f%<(200,trunc)%s", object_id(commit)),
        )
        lines = [one.partition("\x1f")[::2] for one in found.split("\0") if one.strip()]
        return tuple(line.strip() for author, line in lines if "[bot]" not in author)

    async def commits_between(self, old: str, new: str) -> tuple[str, ...]:
        """Commits that `new` has and `old` has not, newest first."""
        found = await self.git.text("rev-list", object_id(new), f"^{object_id(old)}")
        return tuple(found.split())

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

    async def _sizes(self, ids: list[str]) -> list[int]:
        """Bytes of each blob; 0 for what is no blob of ours (absent, a submodule)."""
        if not ids:
            return []
        asked = "".join(f"{entry}\n" for entry in ids).encode()
        text = await self.git.text(
            "cat-file", "--batch-check=%(objecttype) %(objectsize)", input=asked
        )
        return [int(line.split()[1]) if line.startswith("blob") else 0 for line in text.split("\n")]

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


def _sound(path: str) -> str:
    """The real name of a path that a tree can hold; GitError otherwise."""
    path = real(path)
    parts = path.split("/")
    if "\0" in path or any(p in ("", ".", "..") or p.lower() == ".git" for p in parts):
        raise GitError("git.bad_path", path=storable_name(path).replace("\0", "\\0"))
    return path


def _parse_diff(
    data: bytes,
) -> tuple[dict[str, tuple[str, str, str, str]], dict[str, tuple[int, int] | None]]:
    """(path -> old mode, new mode, new id, letter), (path -> lines added and removed, or None
    for a binary file)."""
    raw: dict[str, tuple[str, str, str, str]] = {}
    counts: dict[str, tuple[int, int] | None] = {}
    words = iter(split_names(data))
    for word in words:
        if word.startswith(":"):
            old_mode, new_mode, _, new_id, letter = word[1:].split()
            raw[next(words)] = (old_mode, new_mode, new_id, letter[0])
        else:
            added, removed, path = word.split("\t", 2)
            counts[path] = None if added == "-" else (int(added), int(removed))
    return raw, counts


def _batch(data: bytes) -> dict[str, bytes]:
    """Blob id -> bytes, of what `cat-file --batch` printed."""
    found: dict[str, bytes] = {}
    at = 0
    while at < len(data):
        end = data.index(b"\n", at)
        entry, kind, size = data[at:end].decode().split()
        at = end + 1 + int(size)
        if kind == "blob":
            found[entry] = data[end + 1 : at]
        at += 1
    return found

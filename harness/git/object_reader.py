"""Reading the objects of one repository: trees, blobs, commits. Bytes are as they are: no
attribute of a tree converts, filters or hides anything here."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Literal

from harness.core.errors import GitError
from harness.core.types import FileChange, TreeEntry
from harness.git.recent import Recent
from harness.system.git import Git, object_id, real, split_names, storable_name
from harness.system.text import clean_text

_PATHS = 60_000
"""Of the trees read last."""
_CHANGES = 20_000
_COMMITS = 4_000
_SIZES = 20_000
_BYTES = 4 << 20
_LARGEST = 1 << 16
_STATUS: dict[str, Literal["added", "modified", "deleted"]] = {"A": "added", "D": "deleted"}


class ObjectReader:
    """What the objects say that `git` sees."""

    def __init__(self, git: Git) -> None:
        self.git = git
        self._trees: Recent[str, Mapping[str, tuple[str, str]]] = Recent(_PATHS, len)
        self._changed: Recent[tuple[str, str], tuple[FileChange, ...]] = Recent(_CHANGES, _weight)
        self._tree_of: Recent[str, str] = Recent(_COMMITS)
        self._size_of: Recent[str, int] = Recent(_SIZES)
        self._contents: Recent[str, bytes] = Recent(_BYTES, lambda data: 128 + len(data))

    async def changes(self, old: str, new: str) -> tuple[FileChange, ...]:
        """What differs, by path; a rename is a deletion and an addition."""
        return await self._changed.get((old, new), lambda: self._compare(old, new))

    async def _compare(self, old: str, new: str) -> tuple[FileChange, ...]:
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

    async def entries(self, tree: str) -> Mapping[str, tuple[str, str]]:
        """Real path -> (mode, blob id); the mode of a submodule is empty."""
        return await self._trees.get(tree, lambda: self._list(tree))

    async def _list(self, tree: str) -> Mapping[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for line in await self.git.names("ls-tree", "-r", "-z", "--full-tree", object_id(tree)):
            about, path = line.split("\t", 1)
            mode, kind, entry = about.split()
            found[path] = ("" if kind == "commit" else sys.intern(mode), entry)
        return found

    async def blob(self, tree: str, path: str) -> str | None:
        path = sound_path(path)
        if (listed := self._trees.known(tree)) is not None:
            mode, entry = listed.get(path, ("", ""))
            return entry if mode else None
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
        wanted = [p for p in map(sound_path, paths) if present.get(p, ("",))[0].startswith("100")]
        ids = [present[path][1] for path in wanted]
        fitting: list[tuple[str, str]] = []
        room = limit
        for path, entry, size in zip(wanted, ids, await self._sizes(ids), strict=True):
            room -= size
            if room < 0:
                break
            fitting.append((path, entry))
        found = await self._all_contents([entry for _, entry in fitting], limit)
        return {
            storable_name(path): found[entry].decode("utf-8", "replace")
            for path, entry in fitting
            if entry in found
        }

    async def _all_contents(self, blobs: Sequence[str], limit: int) -> dict[str, bytes]:
        """Those that are there, together at most `limit` bytes."""
        known = {one: data for one in blobs if (data := self._contents.known(one)) is not None}
        if not (unknown := [one for one in blobs if one not in known]):
            return known
        asked = "".join(f"{one}\n" for one in unknown).encode()
        done = await self.git.run("cat-file", "--batch", input=asked, limit=2 * limit + (1 << 20))
        read = _batch(done.stdout)
        for one, data in read.items():
            self._keep(one, data)
        return {**known, **read}

    def _keep(self, blob: str, data: bytes) -> None:
        if len(data) <= _LARGEST:
            self._contents.put(blob, data)

    async def entry(self, tree: str, path: str) -> TreeEntry | None:
        """Mode and size of a file or link."""
        words = ("ls-tree", "-z", "--long", "--full-tree", object_id(tree), "--", sound_path(path))
        for line in await self.git.names(*words):
            mode, kind, _, size = line.split("\t", 1)[0].split()
            if kind == "blob":
                return TreeEntry(mode=mode, size=int(size))
        return None

    async def content(self, blob: str) -> bytes:
        """Of a blob; GitError when it is none of ours."""
        if (known := self._contents.known(blob)) is not None:
            return known
        done = await self.git.run("cat-file", "blob", object_id(blob), limit=1 << 31)
        self._keep(blob, done.stdout)
        return done.stdout

    async def tree_of(self, commit: str) -> str:
        words = ("rev-parse", "--verify", f"{object_id(commit)}^{{tree}}")
        return await self._tree_of.get(commit, lambda: self.git.text(*words))

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

    async def _sizes(self, ids: Sequence[str]) -> list[int]:
        """Bytes of each blob; 0 for what is no blob of ours (absent, a submodule)."""
        unknown = [one for one in ids if self._size_of.known(one) is None]
        told = dict(zip(unknown, await self._ask_sizes(unknown), strict=True))
        for one, size in told.items():
            if size:  # what is absent may come
                self._size_of.put(one, size)
        return [told[one] if one in told else self._size_of.known(one) or 0 for one in ids]

    async def _ask_sizes(self, ids: Sequence[str]) -> list[int]:
        if not ids:
            return []
        asked = "".join(f"{entry}\n" for entry in ids).encode()
        text = await self.git.text(
            "cat-file", "--batch-check=%(objecttype) %(objectsize)", input=asked
        )
        return [int(line.split()[1]) if line.startswith("blob") else 0 for line in text.split("\n")]


def sound_path(path: str) -> str:
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


def _weight(found: Sequence[FileChange]) -> int:
    return 1 + len(found)

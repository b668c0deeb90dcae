"""A project's own instructions for agents, AGENTS.md and CLAUDE.md, as one bounded text.

They are read from one tree of git and never from a work tree. An entry that is a link is followed
inside the tree only; `@docs/style.md` outside code brings that file in, from the folder of the
file that says so, two files deep. Each file is shown once: CLAUDE.md is often AGENTS.md.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from harness.core.base import Value
from harness.core.types import Instructions, TreeEntry

MOST_BYTES = 16 * 1024
"""Of all files together, as they are shown."""
MOST_READ = 256 * 1024
"""A larger file is left out whole."""
MOST_FILES = 16
MOST_IMPORTS = 32
"""Looked for in one file."""
DEEP = 2
LINKS = 3
SMALLEST = 200
"""With less room than that a file is left out whole."""
ROOT: tuple[tuple[str, ...], ...] = (("AGENTS.md",), ("CLAUDE.md", ".claude/CLAUDE.md"))
"""Of each group the first that is there. Both groups count; what is said later is nearer to us."""
FOLDER = ("AGENTS.md", "CLAUDE.md")
LINK = "120000"
IMPORT = re.compile(r"(?:^|(?<=\s))@(?P<path>[^\s`'\"<>|*?]+)")
SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
WILD = re.compile(r"[*?\[]")

Clean = Callable[[str], tuple[str, int]]
"""A text as a person sees it, and how many characters that leaves out."""


class GitTree(Protocol):
    """One tree of git."""

    async def entry(self, path: str) -> TreeEntry | None: ...
    async def file(self, path: str) -> bytes | None:
        """Content of a file, or where a link points."""
        ...


class MemoryFile(Value):
    """One file. `unread`: its bytes, when it is too large to be read."""

    path: str
    text: str = ""
    unread: int = 0


async def gather(tree: GitTree, paths: Sequence[str] = ()) -> tuple[MemoryFile, ...]:
    """The root's files and what they bring in, then those of the folders on the way to `paths`
    (names or globs), outer folders first."""
    found = _Gathered(tree)
    for names in ROOT:
        await found.first("", names)
    for folder in folders(paths):
        await found.first(folder, FOLDER)
    return tuple(found.parts)


def folders(paths: Sequence[str]) -> tuple[str, ...]:
    """Every folder on the way to these, without the root, outer ones first."""
    found: dict[str, None] = {}
    for path in paths:
        steps = [step for step in path.split("/")[:-1] if step not in ("", ".")]
        for number, step in enumerate(steps):
            if step == ".." or WILD.search(step):
                break
            found["/".join(steps[: number + 1])] = None
    return tuple(sorted(found, key=lambda folder: (folder.count("/"), folder))[:MOST_FILES])


def imports(text: str) -> tuple[str, ...]:
    """What a text brings in by `@path`, code left out, each once."""
    found = [m["path"].rstrip(".,;:!?)]}") for line in _prose(text) for m in IMPORT.finditer(line)]
    named = [path for path in found if "." in path or "/" in path]
    return tuple(dict.fromkeys(named))[:MOST_IMPORTS]


def beside(folder: str, name: str) -> str | None:
    """The path in the tree of what a file in `folder` calls `name`; None when that is outside."""
    if not name or name[0] in "/~" or "\\" in name or "\0" in name:
        return None
    path = posixpath.normpath(posixpath.join(folder, name))
    steps = path.split("/")
    if any(step in ("", ".", "..") or step.lower() == ".git" for step in steps):
        return None
    return path


def compose(
    parts: Sequence[MemoryFile], clean: Clean, most_bytes: int = MOST_BYTES
) -> Instructions:
    """One text: each file under its name, in order, as long as there is room. What was cut is
    told where it was cut."""
    shown: list[str] = []
    files: list[str] = []
    seen: set[str] = set()
    hidden = left_out = 0
    room = most_bytes
    for part in parts:
        text, removed = clean(part.text)
        hidden += removed
        text = text.strip()
        if not part.unread and (text in seen or not _says(text)):
            continue
        seen.add(text)
        kept = _fitting(text, room)
        missing = part.unread + len(text.encode()) - len(kept.encode())
        room -= len(kept.encode())
        left_out += missing
        name = " ".join(clean(part.path)[0].split())
        files.append(name)
        note = f"[{missing} bytes of {name} left out]" if missing else ""
        shown.append("\n".join(piece for piece in (f"[{name}]", kept, note) if piece))
    return Instructions(
        text="\n\n".join(shown), files=tuple(files), hidden=hidden, left_out=left_out
    )


def _fitting(text: str, room: int) -> str:
    """As many whole lines as there is room for."""
    data = text.encode()
    if len(data) <= room:
        return text
    if room < SMALLEST:
        return ""
    head = data[:room].decode("utf-8", "ignore")
    return head.rpartition("\n")[0].rstrip() or head


def _says(text: str) -> bool:
    """Whether it says anything but where to look: what that brings in stands for itself."""
    return any(line.strip() and not re.fullmatch(r"\s*@\S+\s*", line) for line in text.split("\n"))


def _prose(text: str) -> Iterator[str]:
    """Lines outside fenced code, without code spans."""
    fence = ""
    for line in text.split("\n"):
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence) and not line.strip(" `~"):
            fence = ""
        elif not fence:
            yield SPAN.sub(" ", line)


class _Gathered:
    def __init__(self, tree: GitTree) -> None:
        self.parts: list[MemoryFile] = []
        self._tree = tree
        self._known: set[str] = set()

    async def first(self, folder: str, names: Sequence[str]) -> None:
        for name in names:
            path = beside(folder, name)
            if path is not None and await self._add(path, 0):
                return

    async def _add(self, path: str, depth: int) -> bool:
        """True when there is such a file."""
        found = await self._file(path)
        if found is None:
            return False
        place, size = found
        if place in self._known or len(self.parts) >= MOST_FILES:
            return True
        self._known.add(place)
        if size > MOST_READ:
            self.parts.append(MemoryFile(path=place, unread=size))
            return True
        data = await self._tree.file(place) or b""
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
        self.parts.append(MemoryFile(path=place, text=text))
        for name in imports(text) if depth < DEEP else ():
            target = beside(posixpath.dirname(place), name)
            if target is not None:
                await self._add(target, depth + 1)
        return True

    async def _file(self, path: str) -> tuple[str, int] | None:
        """Where the file really is, links followed inside the tree, and its bytes."""
        place: str | None = path
        for _ in range(LINKS + 1):
            entry = await self._tree.entry(place) if place is not None else None
            if place is None or entry is None:
                return None
            if entry.mode != LINK:
                return place, entry.size
            target = await self._tree.file(place) or b""
            place = beside(posixpath.dirname(place), target.decode("utf-8", "replace"))
        return None

"""The parts of a change that can be taken out one at a time: pieces joined until what is left can
be read, definitions with what uses them. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final, NamedTuple

from harness.core.base import Value
from harness.proof import compiled, python, script
from harness.proof.hunks import Hunk, cut, hunks_of, lines_of, without

Texts = Mapping[str, tuple[str | None, str | None]]
SCRIPT: Final = frozenset((".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx"))
LONGEST: Final = 1_000_000


class Group(Value):
    """Pieces that stand or fall together. `exempt`: without them the texts mean the same. `read`:
    every file of it is in a language that we can take apart."""

    id: str
    hunks: tuple[Hunk, ...]
    exempt: bool = False
    read: bool = True

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(hunk.path for hunk in self.hunks))

    def lines(self, path: str) -> tuple[tuple[int, int], ...]:
        """What it wrote in a file: ranges of lines from 1, both ends included. What only takes
        away wrote nothing."""
        found = [h.new for h in self.hunks if h.path == path]
        return tuple((start + 1, end) for start, end in found if end > start)


class Reader(NamedTuple):
    """How one language is read."""

    meaning: Callable[[str], str | None]
    bound: Callable[[str], dict[str, tuple[int, ...]]]
    used: Callable[[str], dict[str, tuple[int, ...]]]
    definition_lines: Callable[[str], tuple[int, ...]]


def reader_of(path: str) -> Reader | None:
    """None for a language that we cannot take apart."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix == ".py":
        return Reader(python.meaning, python.bound, python.names_used, python.definition_lines)
    if suffix in SCRIPT:
        return Reader(
            lambda text: script.meaning(text, path),
            lambda text: script.bound(text, path),
            lambda text: script.names_used(text, path),
            lambda text: script.definition_lines(text, path),
        )
    if suffix in compiled.LANGUAGES:
        return Reader(
            lambda text: compiled.meaning(text, path),
            lambda text: compiled.bound(text, path),
            lambda text: compiled.names_used(text, path),
            lambda text: compiled.definition_lines(text, path),
        )
    return None


def groups_of(texts: Texts) -> tuple[Group, ...]:
    """From path -> (old text, new text) of changed product files, None for one that is not there.
    In the order of the paths and lines."""
    files = [_File(path, old or "", new or "") for path, (old, new) in sorted(texts.items())]
    units = [unit for file in files for unit in file.units()]
    joined = _join(units, _bonds(files, units))
    return tuple(_group(hunks, texts) for hunks in joined)


def undone(texts: Texts, group: Group) -> dict[str, str]:
    """Path -> the new text without the group; "" for a file that the group alone made."""
    return {
        path: without(*_both(texts, path), [h for h in group.hunks if h.path == path])
        for path in group.paths
    }


def _both(texts: Texts, path: str) -> tuple[str, str]:
    old, new = texts.get(path, (None, None))
    return old or "", new or ""


def _group(hunks: Sequence[Hunk], texts: Texts) -> Group:
    said = "\0".join(hunk.model_dump_json() for hunk in hunks)
    group = Group(id=hashlib.sha256(said.encode()).hexdigest()[:12], hunks=tuple(hunks))
    readers = {path: reader_of(path) for path in group.paths}
    left = undone(texts, group)
    read = all(
        reader is not None and reader.meaning(left[path]) is not None
        for path, reader in readers.items()
    )
    same = read and all(
        reader is not None and reader.meaning(left[path]) == reader.meaning(_both(texts, path)[1])
        for path, reader in readers.items()
    )
    return group.model_copy(update={"exempt": same, "read": read})


class _File:
    """One changed file, its pieces, and the names that they bring."""

    def __init__(self, path: str, old: str, new: str) -> None:
        self.path, self.old, self.new = path, old, new
        short = len(old) + len(new) <= LONGEST
        self.reader = reader_of(path) if short else None

    def units(self) -> list[tuple[Hunk, ...]]:
        """Pieces, joined with their neighbours until the file without them can be read."""
        hunks = hunks_of(self.path, self.old, self.new)
        if self.reader is None or self.reader.meaning(self.new) is None:
            return [hunks] if hunks else []
        starts = self.reader.definition_lines(self.new)
        pieces = [piece for hunk in hunks for piece in cut(hunk, self._edges(hunk, starts))]
        return self._whole([(piece,) for piece in pieces])

    def _edges(self, hunk: Hunk, lines: Sequence[int]) -> frozenset[int]:
        """Where a hunk is cut, so that no piece is of blank lines only."""
        rows = lines_of(self.new)
        full = [at for at in range(hunk.new[0] + 1, hunk.new[1] + 1) if rows[at - 1].strip()]
        later = [next((at for at in full if at >= line), 0) for line in lines]
        return frozenset(line for line in later if line and line > full[0])

    def _whole(self, units: list[tuple[Hunk, ...]]) -> list[tuple[Hunk, ...]]:
        at = 0
        while at < len(units):
            if len(units) == 1 or self._reads_without(units[at]):
                at += 1
            elif at + 1 < len(units):
                units[at : at + 2] = [units[at] + units[at + 1]]
            else:
                units[at - 1 :] = [units[at - 1] + units[at]]
                at -= 1
        return units

    def _reads_without(self, unit: Sequence[Hunk]) -> bool:
        assert self.reader is not None
        return self.reader.meaning(without(self.old, self.new, unit)) is not None

    def brings(self, unit: Sequence[Hunk]) -> frozenset[str]:
        """Names that the new text binds by this piece alone."""
        if self.reader is None:
            return frozenset()
        left = self.reader.bound(without(self.old, self.new, unit))
        return frozenset(self.reader.bound(self.new).keys() - left.keys())

    def uses(self, unit: Sequence[Hunk]) -> frozenset[str]:
        """Names that stand in what this piece wrote."""
        if self.reader is None:
            return frozenset()
        there = self.reader.used(self.new).items()
        return frozenset(
            name for name, lines in there if any(h.holds(line) for h in unit for line in lines)
        )


def _bonds(files: Sequence[_File], units: Sequence[Sequence[Hunk]]) -> list[tuple[int, int]]:
    """Pairs of pieces of which one brings a name that the other uses."""
    by_path = {file.path: file for file in files}
    brought = [by_path[unit[0].path].brings(unit) for unit in units]
    wanted = [by_path[unit[0].path].uses(unit) for unit in units]
    return [
        (one, other)
        for one, names in enumerate(brought)
        for other, mentioned in enumerate(wanted)
        if names and one != other and names & mentioned
    ]


def _join(
    units: Sequence[tuple[Hunk, ...]], bonds: Sequence[tuple[int, int]]
) -> list[tuple[Hunk, ...]]:
    """Units that a bond ties, as one; in the order of their first."""
    parent = list(range(len(units)))

    def root(at: int) -> int:
        while parent[at] != at:
            at = parent[at] = parent[parent[at]]
        return at

    for one, other in bonds:
        low, high = sorted((root(one), root(other)))
        parent[high] = low
    found: dict[int, tuple[Hunk, ...]] = {}
    for at, unit in enumerate(units):
        found[root(at)] = found.get(root(at), ()) + unit
    return [found[at] for at in sorted(found)]

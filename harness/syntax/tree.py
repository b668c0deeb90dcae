"""Source text as a syntax tree, by tree-sitter's grammars: a table by language, one reading of it.

Refuses what is larger than people write; says of every tree whether all of it was understood. Pure.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from itertools import accumulate, islice
from pathlib import PurePosixPath
from typing import Final, NamedTuple

import tree_sitter_c
import tree_sitter_cpp
import tree_sitter_go
import tree_sitter_java
import tree_sitter_javascript
import tree_sitter_rust
import tree_sitter_typescript
from tree_sitter import Language, Parser, Query, QueryCursor
from tree_sitter import Node as Raw
from tree_sitter import Tree as RawTree

from harness.syntax import queries

MOST_CHARACTERS: Final = 2 << 20
MOST_DEEP: Final = 500
MOST_NODES: Final = 600_000
CHUNK: Final = 1 << 16
SLACK: Final = 1000
"""A parser reports progress once for 16 bytes at most; one that reports oftener than once for four
and this many times more is lost in a text made for that."""
MOST_LOST: Final = 4_000
"""So often may it report after a place that it did not understand: some 80,000 bytes."""
MOST_OPEN: Final = 400
"""So many `<` may stand in one statement of Java: its parser needs room by the square of them."""
STATEMENTS = re.compile(r"[;{}]")
EMBEDDED = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.S | re.I)
_RAW = re.compile(r"\\[^`$]*")
LANG = re.compile(r"\blang\s*=\s*[\"']?(\w+)", re.I)


class Grammar(NamedTuple):
    """One language: what loads its grammar, and what is asked of a tree of it, by name."""

    load: Callable[[], object]
    queries: Mapping[str, str]


GRAMMARS: Final[Mapping[str, Grammar]] = {
    "javascript": Grammar(tree_sitter_javascript.language, queries.JAVASCRIPT),
    "typescript": Grammar(tree_sitter_typescript.language_typescript, queries.TYPESCRIPT),
    "tsx": Grammar(tree_sitter_typescript.language_tsx, queries.TSX),
    "go": Grammar(tree_sitter_go.language, {}),
    "rust": Grammar(tree_sitter_rust.language, {}),
    "java": Grammar(tree_sitter_java.language, {}),
    "c": Grammar(tree_sitter_c.language, {}),
    "cpp": Grammar(tree_sitter_cpp.language, {}),
}
COMMENTS: Final = frozenset(("comment", "html_comment", "line_comment", "block_comment"))
# the first that understands all of a file; a .js may hold Flow's types, which read as TypeScript's
SCRIPT: Final[tuple[str, ...]] = ("javascript", "tsx")
LANGUAGES: Final[Mapping[str, tuple[str, ...]]] = {
    **dict.fromkeys((".js", ".mjs", ".cjs", ".jsx"), SCRIPT),
    **dict.fromkeys((".ts", ".mts", ".cts"), ("typescript",)),
    ".tsx": ("tsx",),
    **dict.fromkeys((".vue", ".svelte"), SCRIPT),
    ".go": ("go",),
    ".rs": ("rust",),
    ".java": ("java",),
}
NATIVE: Final[Mapping[str, tuple[str, ...]]] = {
    ".c": ("c", "cpp"),
    **dict.fromkeys((".cc", ".cpp", ".cxx", ".c++"), ("cpp",)),
    **dict.fromkeys((".h", ".hh", ".hpp", ".hxx"), ("cpp", "c")),
}
"""C and C++, whose parsers overflow on hostile text: not among those that `parse` reads."""


class Node:
    """A node of a tree: its places count characters of the text, not bytes."""

    __slots__ = ("children", "end", "field", "named", "parent", "source", "start", "type")

    def __init__(self, raw: Raw, field: str, parent: Node | None, source: str) -> None:
        self.type = raw.type
        self.named = raw.is_named
        self.field = field
        self.start = raw.start_byte
        self.end = raw.end_byte
        self.parent = parent
        self.source = source
        self.children: list[Node] = []
        if parent is not None:
            parent.children.append(self)

    @property
    def text(self) -> str:
        return self.source[self.start : self.end]

    @property
    def parts(self) -> list[Node]:
        """Its named children without comments."""
        return [c for c in self.children if c.named and c.type not in COMMENTS]

    def get(self, field: str) -> Node | None:
        """The child that stands in this place of the grammar."""
        return next((c for c in self.children if c.field == field), None)

    def walk(self) -> Iterator[Node]:
        """Itself and everything below it, in the order of the text."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)

    def above(self) -> Iterator[Node]:
        """What it stands in, from the nearest."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent


class SyntaxTree:
    """One text, read. `whole`: all of it was understood; else it holds gaps."""

    def __init__(self, raw: RawTree, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self._raw = raw
        self._nodes: dict[int, Node] = {}
        self._gaps: list[Node] = []
        self.root = self._build()
        known = bool(self._gaps) and all(map(_is_raw_text, self._gaps))
        self.whole = known or not raw.root_node.has_error

    def captures(self, query: str) -> list[tuple[str, Node]]:
        """What the language's query of this name finds, with the names given there, in the order
        of the text; none for a language without it."""
        asked = _query(self.language, query)
        if asked is None:
            return []
        found = QueryCursor(asked).captures(self._raw.root_node)
        pairs = [(name, self._nodes[raw.id]) for name, nodes in found.items() for raw in nodes]
        return sorted(pairs, key=lambda pair: (pair[1].start, -pair[1].end))

    def _add_gap(self, node: Node) -> None:
        # one that stands in another is told by that
        if node.parent is None or node.parent.type != "ERROR":
            self._gaps.append(node)

    def _build(self) -> Node:
        """Raises ValueError for a tree that is nested deeper than people write."""
        if self._raw.root_node.descendant_count > MOST_NODES:
            raise ValueError("more than people write")
        cursor = self._raw.walk()
        root: Node | None = None
        above: list[Node] = []
        ends = _characters(self.text)
        while True:
            raw = cursor.node
            assert raw is not None
            node = Node(raw, cursor.field_name or "", above[-1] if above else None, self.text)
            if ends is not None:
                node.start, node.end = ends[node.start], ends[node.end]
            self._nodes[raw.id] = node
            if raw.is_error or raw.is_missing:
                self._add_gap(node)
            root = node if root is None else root
            if cursor.goto_first_child():
                above.append(node)
                if len(above) > MOST_DEEP:
                    raise ValueError("nested deeper than people write")
                continue
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return root
                above.pop()


def _is_raw_text(gap: Node) -> bool:
    """Text of a tagged template that the grammars take for a wrong escape: its tag gets it as it
    stands (`String.raw`C:\\users``)."""
    told = gap.parent is not None and gap.parent.type == "template_string"
    tagged = told and next(islice(gap.above(), 1, None)).type == "call_expression"
    return tagged and _RAW.fullmatch(gap.text) is not None


def parse(text: str, path: str) -> SyntaxTree | None:
    """The tree of a text by the grammar that its path asks for, the one with gaps only where no
    grammar of that path understands it all; None when there is none, or the text is beyond
    reading. Never raises."""
    ending = PurePosixPath(path).suffix.lower()
    if ending not in LANGUAGES or len(text) > MOST_CHARACTERS or "\0" in text:
        return None
    names = LANGUAGES[ending]
    if ending in (".vue", ".svelte"):
        text, names = _embedded_scripts(text)
    return _first_whole(text, names)


def parse_native(text: str, path: str) -> SyntaxTree | None:
    """The same of a text in C or C++. It may end the process: called in one of its own only."""
    ending = PurePosixPath(path).suffix.lower()
    if ending not in NATIVE or len(text) > MOST_CHARACTERS or "\0" in text:
        return None
    return _first_whole(text, NATIVE[ending])


def _first_whole(text: str, names: tuple[str, ...]) -> SyntaxTree | None:
    first: SyntaxTree | None = None
    for name in names:
        tree = _parse_text(text, name)
        if tree is not None and tree.whole:
            return tree
        first = first or tree
    return first


def _parse_text(text: str, language: str) -> SyntaxTree | None:
    if language == "java" and any(s.count("<") > MOST_OPEN for s in STATEMENTS.split(text)):
        return None
    data = text.encode("utf-8", "replace")
    left = len(data) // 4 + SLACK

    def is_lost(_at: int, error: bool) -> bool:
        nonlocal left
        left = min(left, MOST_LOST) - 1 if error else left - 1
        return left < 0

    try:
        raw = Parser(_language(language)).parse(
            lambda at, _point: data[at : at + CHUNK], progress_callback=is_lost
        )
        return SyntaxTree(raw, text, language)
    except ValueError:
        return None


def _embedded_scripts(text: str) -> tuple[str, tuple[str, ...]]:
    """The scripts of a page in their places, all else blank; the grammars they ask for."""
    out, at, names = [], 0, SCRIPT
    for found in EMBEDDED.finditer(text):
        out += [re.sub(r"[^\n]", " ", text[at : found.start(2)]), found[2]]
        at = found.end(2)
        said = LANG.search(found[1])
        names = {"ts": ("typescript",), "tsx": ("tsx",)}.get(said[1] if said else "", names)
    return "".join([*out, re.sub(r"[^\n]", " ", text[at:])]), names


def _characters(text: str) -> array[int] | None:
    """For each byte of the text in UTF-8 the character it belongs to; None where they are one."""
    if text.isascii():
        return None
    sizes = [len(c.encode("utf-8", "replace")) for c in text]
    found = array("L", bytes(8 * (sum(sizes) + 1)))
    for number, end in enumerate(accumulate(sizes)):
        found[end - sizes[number] : end] = array("L", [number] * sizes[number])
    found[-1] = len(text)
    return found


@cache
def _language(name: str) -> Language:
    return Language(GRAMMARS[name].load())


@cache
def _query(language: str, name: str) -> Query | None:
    said = GRAMMARS[language].queries.get(name)
    return Query(_language(language), said) if said else None

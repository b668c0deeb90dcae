"""The tests and suites of a JavaScript or TypeScript file: calls of what a runner gives, however it
is named and reached there. By the syntax tree. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from harness.syntax.script import UNKNOWN, bare, dotted_name, literal
from harness.syntax.tree import Node
from harness.weakening.script_names import FUNCTIONS
from harness.weakening.script_text import normal

GROUPS = frozenset(("describe", "context", "suite", "xdescribe", "xcontext", "fdescribe"))
KINDS = GROUPS | {"it", "test", "specify", "xit", "xtest", "fit", "ftest"}
TABLES = frozenset(("each", "for", "skipIf", "runIf"))
MAKES = TABLES | {"extend", "bind"}
RUNNERS = re.compile(r"^⟨(node:test|ava|tape|uvu|vitest|@jest/globals|mocha|bun:test)⟩(\S+)$")


class Block(NamedTuple):
    """A call of `describe`, `it`, ...: from `start`, its arguments between `open` and `end`."""

    kind: str
    modifiers: tuple[str, ...]
    node: Node
    given: Node
    table: Node | None
    """What the test is made from row by row, or on what condition."""

    @property
    def start(self) -> int:
        return self.node.start

    @property
    def open(self) -> int:
        return self.given.start

    @property
    def end(self) -> int:
        return self.given.end - 1


class Meant(NamedTuple):
    """What a name or an expression is of a runner."""

    kind: str
    modifiers: tuple[str, ...] = ()
    table: Node | None = None


class Blocks:
    """Those of one file. `origins`: what names at its head stand for."""

    def __init__(self, nodes: Mapping[str, list[Node]], origins: Mapping[str, str]) -> None:
        self._nodes = nodes
        self._aliases: dict[str, Meant] = {}
        """Other names of what a runner gives; one may be made from another."""
        for name, origin in origins.items():
            found = RUNNERS.match(origin)
            if found and name not in KINDS and (found[2] in KINDS or found[2] == "default"):
                self._aliases[name] = Meant("test" if found[2] == "default" else found[2])
        for node in nodes.get("variable_declarator", ()):
            title, value = node.get("name"), node.get("value")
            if title is not None and value is not None:
                self._alias(title, bare(value))
        self.all = list(self._read_blocks())
        self.above = dict(self._around())

    def _read_blocks(self) -> Iterator[Block]:
        """Every test and suite, in the order of the text."""
        for call in self._nodes.get("call_expression", ()):
            callee, given = call.get("function"), call.get("arguments")
            if callee is None or given is None or given.type != "arguments":
                continue
            meant = self._meaning_of(callee)
            if meant is None or (TABLES & set(meant.modifiers) and meant.table is None):
                continue  # the table itself, or none of a runner's
            yield Block(meant.kind, meant.modifiers, call, given, meant.table)

    def _around(self) -> Iterator[tuple[int, list[Block]]]:
        """The suites around each block, by where it starts."""
        around: list[Block] = []
        for block in self.all:
            while around and around[-1].end < block.start:
                around.pop()
            yield block.start, [g for g in around if g.start < block.start]
            if block.kind in GROUPS:
                around.append(block)

    def _meaning_of(self, callee: Node) -> Meant | None:
        """What an expression is of a runner, by the words it is made of."""
        words: list[str] = []
        table: Node | None = None
        node = bare(callee)
        while node.type in ("member_expression", "subscript_expression", "call_expression"):
            inner = node.get("object") or node.get("function")
            if inner is None or (node.type == "call_expression" and table is not None):
                return None
            if node.type == "call_expression":
                made = dotted_name(inner).rpartition(".")[2]
                if made not in MAKES:
                    return None
                table = node.get("arguments") if made in TABLES else None
            else:
                words.append(member(node))
            node = bare(inner)
        if node.type != "identifier":
            return None
        root = self._root(node)
        modifiers = (*root.modifiers, *reversed(words)) if root is not None else ()
        return root and Meant(root.kind, modifiers, table or root.table)

    def _root(self, word: Node) -> Meant | None:
        if word.text in KINDS:
            return Meant(word.text)
        known = self._aliases.get(word.text)
        if known is None or any(word.text in _parameter_words(up) for up in word.above()):
            return None
        return known

    def _alias(self, title: Node, value: Node) -> None:
        meant = self._meaning_of_value(value)
        if meant is not None and title.type == "identifier" and title.text not in KINDS:
            self._aliases[title.text] = meant
        elif meant is not None and title.type == "object_pattern":
            for one in title.parts:
                key, name = one.get("key") or one, one.get("value") or one
                if name.text not in KINDS:
                    modifiers = (*meant.modifiers, key.text)
                    self._aliases[name.text] = meant._replace(modifiers=modifiers)

    def _meaning_of_value(self, value: Node) -> Meant | None:
        """What a name that is given this value is of a runner."""
        if value.type != "ternary_expression":
            return self._meaning_of(value)
        sides = [value.get(f) for f in ("consequence", "alternative")]
        meant = [m for m in (self._meaning_of(s) for s in sides if s is not None) if m is not None]
        if not meant:
            return None
        return meant[0]._replace(modifiers=("skipIf",), table=value)


def title(block: Block) -> str:
    given = block.given.parts
    if not given:
        return ""
    first = bare(given[0])
    if first.type in ("string", "template_string"):
        return " ".join(first.text[1:-1].split())
    said = literal(first)
    return normal(first)[:80] if said is None else " ".join(said.split())


def member(node: Node) -> str:
    """The word of a member, `?` where it is worked out at run time."""
    name = node.get("property") or node.get("index")
    if name is None:
        return UNKNOWN
    return name.text if node.type == "member_expression" else literal(name) or UNKNOWN


def _parameter_words(function: Node) -> set[str]:
    """The words of a function's parameters."""
    if function.type not in FUNCTIONS:
        return set()
    taken = function.get("parameters") or function.get("parameter")
    return {n.text for n in taken.walk() if n.named} if taken is not None else set()

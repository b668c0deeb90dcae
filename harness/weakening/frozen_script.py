"""One test of a JavaScript or TypeScript file in two versions of it, by the syntax tree. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from harness.syntax.tree import Node
from harness.weakening.script import ScriptFile
from harness.weakening.script_blocks import GROUPS, Block, title
from harness.weakening.script_names import words_of
from harness.weakening.script_text import normal

# calls whose effect reaches beyond the name that their result gets
ACTS = re.compile(r"\b(mock\w*|doMock|hoisted|spyOn|stub\w*|assign|defineProperty|useFakeTimers)\b")
HOISTED = re.compile(r"(?:^|\.)(?:jest|vi|vitest)\.(?:mock|unmock|doMock|hoisted)$")
WORD = re.compile(r"[A-Za-z_$][\w$]*")
DECLARES = frozenset(("lexical_declaration", "variable_declaration"))
LONGEST = 500_000


def same_block(frozen_text: str, now_text: str, name: str, path: str) -> bool:
    """True when the test `suite > name` is in both texts and it and what it stands on are the
    same. A mock that is hoisted counts for every test of its file, wherever it is written. What
    is not understood is not the same."""
    if max(len(frozen_text), len(now_text)) > LONGEST:
        return False
    try:
        frozen, now = Source(frozen_text, path), Source(now_text, path)
    except ValueError:
        return False
    was = frozen.parts(name)
    return (
        was is not None and was == now.parts(name) and frozen.hoisted_calls() == now.hoisted_calls()
    )


class Source:
    """One file, read for its tests and the statements around them. Raises ValueError where it is
    not understood."""

    def __init__(self, text: str, path: str) -> None:
        self.script = ScriptFile(text, path)
        self.blocks = self.script.blocks

    def parts(self, name: str) -> list[str] | None:
        """The test, its suites without their other tests, and the statements of the file that
        it reaches; None when it is not there, or two have its name."""
        mine = [b for b in self.blocks if b.kind not in GROUPS and self._is(b, name)]
        if len(mine) != 1:
            return None
        (own,) = mine
        kept = list(self._statements(own))
        used = set(WORD.findall(normal(own.node)))
        free = [(n, s) for n, s in kept if n]
        found = [s for n, s in kept if not n]
        for statement in found:
            used |= set(WORD.findall(statement))
        grown = True
        while grown:
            reached = [(n, s) for n, s in free if n & used]
            free = [(n, s) for n, s in free if not n & used]
            grown = bool(reached)
            for _, statement in reached:
                found.append(statement)
                used |= set(WORD.findall(statement))
        return sorted(found)

    def hoisted_calls(self) -> list[str]:
        """Calls that a runner moves to the head of the file."""
        return [normal(call) for call, name in self.script.mocks if HOISTED.search(name)]

    def _is(self, block: Block, name: str) -> bool:
        above = self.script.groups_above[block.start]
        titles = [title(b) for b in (*above, block)]
        wanted = r"(?: > | )".join(_pattern(t) for t in titles)
        return bool(re.fullmatch(wanted, " ".join(name.split())))

    def _statements(self, own: Block) -> Iterator[tuple[frozenset[str], str]]:
        """(names it declares, text) of each statement of the file without its other tests; no
        names: it acts."""
        others = [b for b in self.blocks if not (b.start <= own.start < b.end)]
        gone = frozenset(_whole(b.node) for b in others)
        for statement in self.script.root.parts:
            text = normal(statement, without=gone)
            if text:
                names = frozenset(_names(statement))
                acts = _inner(statement).type in DECLARES and ACTS.search(text)
                yield frozenset() if acts else names, text


def _whole(call: Node) -> Node:
    """The statement that a call is, where it is one."""
    parent = call.parent
    return parent if parent is not None and parent.type == "expression_statement" else call


def _inner(statement: Node) -> Node:
    declared = statement.get("declaration") if statement.type == "export_statement" else None
    return declared or statement


def _names(statement: Node) -> Iterator[str]:
    """The names that a statement gives something to; none for one that does more."""
    node = _inner(statement)
    if node.type == "import_statement":
        for one in node.walk():
            if one.type == "identifier":
                yield one.text
    elif node.type in DECLARES:
        for one in node.parts:
            name = one.get("name")
            yield from (w.text for w in words_of(name)) if name is not None else ()
    elif node.type.endswith("_declaration"):
        name = node.get("name")
        yield from (name.text,) if name is not None else ()


def _pattern(said: str) -> str:
    """A title as it may stand in a report: placeholders of a table may be anything."""
    parts = re.split(r"%[sdifjopc#$%]|\$\{[^}]*\}|\$[\w.]+", said)
    return ".*".join(re.escape(p) for p in parts)

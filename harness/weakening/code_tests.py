"""What the tests of a file in a compiled language demand, by its syntax tree: one reading, a
dialect for each language. Pure.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol

from harness.syntax.tree import Node, SyntaxTree
from harness.weakening.code_demands import Words, truth
from harness.weakening.code_flow import DEAD, CodeFlow, Shapes
from harness.weakening.code_text import Bound, CodeNames, digest_if_long, tokens
from harness.weakening.demands import Demand, DemandedTest, TestFile

MOST_TESTS = 5000
MOST_DEMANDS = 20_000
MOST_NESTED = 40


class Written(NamedTuple):
    """A function of a test file, as it stands there."""

    id: str
    node: Node
    body: Node
    helper: bool = False
    """No test itself."""
    silenced: str = ""
    wrapped: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    guarded: int = 0
    """Its head says that it has to fail."""
    demands: tuple[Demand, ...] = ()
    """What its head demands: an exception, the rows that it is run for."""


class Dialect(Protocol):
    """What tests look like in one language."""

    shapes: Shapes
    calls: frozenset[str]
    """Node types that may assert, skip or fail."""

    def origins(self, root: Node) -> Mapping[str, str]:
        """What the names at the head of the file stand for."""
        ...

    def bound(self, root: Node) -> Iterator[Bound]: ...

    def written(self, root: Node, names: CodeNames) -> Iterator[Written]: ...

    def read_assertions(self, call: Node, names: CodeNames) -> Iterator[Demand]:
        """What a call demands; nothing for one that is no assertion."""
        ...

    def fails(self, node: Node) -> bool:
        """Whether the test fails where this is reached."""
        ...

    def skips(self, node: Node) -> bool: ...

    def callee(self, call: Node) -> str:
        """The name that is called, "" where it is none."""
        ...

    def given(self, call: Node) -> list[Words]:
        """What a call is given, one by one."""
        ...

    def is_foreign(self, name: str, names: CodeNames) -> bool:
        """Whether a name that is called may be the product's."""
        ...

    def find_silences(self, tree: SyntaxTree) -> tuple[str, int]:
        """What keeps the whole file from counting, and its line."""
        ...


class CodeFile:
    """One file, read."""

    def __init__(self, tree: SyntaxTree, dialect: Dialect) -> None:
        self._tree = tree
        self._dialect = dialect
        self._names = CodeNames(
            dialect.bound(tree.root), dialect.origins(tree.root), dialect.shapes.functions
        )
        self._flow = CodeFlow(dialect.shapes, self._names, dialect.fails, dialect.skips)
        self._lines = [n for n, c in enumerate(tree.text) if c == "\n"]
        self._functions = list(dialect.written(tree.root, self._names))
        if len(self._functions) > MOST_TESTS:
            raise ValueError("more tests than people write")
        self._own = {w.id.rpartition("::")[2]: w for w in self._functions}

    def read_tests(self) -> TestFile:
        """Raises ValueError beyond what people write."""
        checks = {w.id for w in self._functions if self._checks(w)}
        probes: dict[str, DemandedTest] = {}
        count = 0
        for one in self._functions:
            if one.helper and one.id not in checks:
                continue
            probe = self._probe(one, checks)
            count += len(probe.demands)
            if count > MOST_DEMANDS:
                raise ValueError("more assertions than people write")
            number = 2
            while probe.id in probes:
                probe = probe.model_copy(update={"id": f"{one.id} #{number}"})
                number += 1
            probes[probe.id] = probe
        how, line = self._dialect.find_silences(self._tree)
        return TestFile(probes=probes, silenced=how, silenced_line=line)

    def _line(self, at: int) -> int:
        return bisect_right(self._lines, at - 1) + 1

    def _checks(self, one: Written) -> bool:
        """Whether a function asserts anything itself."""
        if one.demands:
            return True
        found = (
            self._dialect.fails(n)
            or any(True for _ in self._dialect.read_assertions(n, self._names))
            for n in one.body.walk()
            if n.type in self._dialect.calls or n.type.startswith("throw")
        )
        return any(found)

    def _probe(self, one: Written, checks: set[str]) -> DemandedTest:
        demands = [*one.demands, *self._demands(one, checks)]
        line = self._line(one.node.start)
        return DemandedTest(
            id=one.id,
            line=line,
            silenced=one.silenced or self._skipped(one),
            demands=tuple(d if d.line else d.model_copy(update={"line": line}) for d in demands),
            acts=any(n.type in self._dialect.calls for n in one.body.walk()),
            body=hashlib.sha256(
                self._names.normal(one.body).encode("utf-8", "replace")
            ).hexdigest(),
            wrapped=one.wrapped,
            replaced=one.replaced,
            leans=self._leans(one),
            helper=one.helper,
        )

    def _skipped(self, one: Written) -> str:
        """A skip of the test itself: one of a subtest counts against what stands behind it."""
        functions = self._dialect.shapes.functions
        for node in one.body.walk():
            if self._dialect.skips(node) and node.type in self._dialect.calls:
                between = [up for up in node.above() if up.start > one.body.start]
                if not any(up.type in functions for up in between):
                    return self._dialect.callee(node).rpartition(".")[2] or "skip"
        return ""

    # ------------------------------------------------------------ what a test demands

    def _demands(self, one: Written, checks: set[str]) -> Iterator[Demand]:
        for node in one.body.walk():
            if node.type in self._dialect.shapes.loops:
                yield from self._rows(node)
            if node.type not in self._dialect.calls and not self._dialect.fails(node):
                continue
            found = list(self._dialect.read_assertions(node, self._names)) or [
                *self._helped(node, checks)
            ]
            place = node
            if not found and self._dialect.fails(node):
                place, found = self._failure(node, one.body)
            if not found:
                continue
            depth = self._flow.guards(place, one.body) + one.guarded
            if depth >= DEAD:
                continue
            text = self._written_as(place)
            line = self._line(node.start)
            for demand in found:
                said = {"guarded": demand.guarded + depth, "line": line, "text": text}
                yield demand.model_copy(update=said)

    def _written_as(self, place: Node) -> str:
        condition = place.get("condition")
        if condition is not None and place.type in self._dialect.shapes.branches:
            return f"if {condition.text}"
        return place.text

    def _failure(self, node: Node, body: Node) -> tuple[Node, list[Demand]]:
        """What the condition demands on which the test fails here."""
        child = node
        for up in node.above():
            if up.type in self._dialect.shapes.branches:
                condition = up.get("condition")
                if condition is None or child.field == "condition":
                    break
                positive = child.field == "alternative"
                found = list(truth(tokens(condition), self._names, positive=positive))
                return up, found or [self._bare_failure(node, up)]
            straight = up.type in self._dialect.shapes.blocks or up.type in (
                *("expression_statement", "else_clause", "statement_list"),
            )
            if up is body or not straight:
                break
            child = up
        return node, [self._bare_failure(node, node.parent)]

    def _bare_failure(self, node: Node, around: Node | None) -> Demand:
        """A failure without a condition: what stands before it is what it is about."""
        before = ""
        statement = node
        while statement.parent is not None and statement.parent.type == "expression_statement":
            statement = statement.parent
        if statement.parent is not None:
            earlier = [p for p in statement.parent.parts if p.end <= statement.start]
            before = self._names.normal(earlier[-1]) if earlier else ""
        return Demand(op="call", subject="fail", expected=digest_if_long(before))

    def _helped(self, call: Node, checks: set[str]) -> Iterator[Demand]:
        """A call of a function of this file that asserts."""
        name = self._dialect.callee(call)
        own = self._own.get(name.rpartition(".")[2].rpartition("::")[2])
        if own is not None and own.id in checks and call.type in self._dialect.calls:
            said = [self._names.normal(part) for part in self._dialect.given(call)]
            yield Demand(
                op="call", subject=f"{name}({', '.join(said[:1])})", expected=", ".join(said[1:])
            )

    def _rows(self, loop: Node) -> Iterator[Demand]:
        """One demand for each row of a table that a loop goes over."""
        over = next((n for n in loop.children if n.field in ("value", "right")), None)
        if over is None:
            ranged = next((n for n in loop.children if n.type == "range_clause"), None)
            over = ranged.get("right") if ranged is not None else None
        if over is None:
            return
        for row in rows_of(over, self._names):
            said = digest_if_long(self._names.normal(row))
            line = self._line(row.start)
            yield Demand(op="call", subject="each", expected=said, line=line, text=row.text)

    def _leans(self, one: Written) -> dict[str, frozenset[str]]:
        """Which functions from elsewhere the test, and each function of this file that it calls,
        calls."""
        found: dict[str, frozenset[str]] = {}
        waiting: list[tuple[str, Written]] = [("", one)]
        while waiting and len(found) < MOST_NESTED:
            name, function = waiting.pop()
            used: set[str] = set()
            for node in function.body.walk():
                if node.type not in self._dialect.calls:
                    continue
                called = self._dialect.callee(node)
                own = self._own.get(called)
                if own is not None and called not in found and own is not one:
                    waiting.append((called, own))
                elif own is None and called and self._dialect.is_foreign(called, self._names):
                    root = re.split(r"[.:]", called, maxsplit=1)[0]
                    used.add(self._names.origins.get(root, root) + called[len(root) :])
            found[name] = frozenset(used)
        return found


def rows_of(over: Node, names: CodeNames) -> list[Node]:
    """The rows of a table that is written down, behind a name or not."""
    while over.type in ("expression_list", "reference_expression", "parenthesized_expression"):
        if not over.parts:
            return []
        over = over.parts[-1]
    if over.type == "identifier":
        value = names.value_of(over.text, over)
        return rows_of(value, names) if value is not None else []
    if over.type == "composite_literal":
        inner = over.get("body")
        return inner.parts if inner is not None else []
    if over.type in ("array_expression", "array_initializer", "initializer_list"):
        return over.parts
    if over.type == "macro_invocation":
        tree = next((c for c in over.parts if c.type == "token_tree"), None)
        return list(tree.parts) if tree is not None else []
    if over.type in ("method_invocation", "call_expression"):
        return _given(over) or []
    if over.type == "array_creation_expression":
        inner = over.get("value")
        return inner.parts if inner is not None else []
    return []


def _given(call: Node) -> list[Node] | None:
    found = call.get("arguments")
    return None if found is None else found.parts


def read_code(tree: SyntaxTree, dialect: Dialect) -> TestFile | None:
    """The tests of one file; None when it is beyond reading."""
    if not tree.whole:
        return None
    try:
        return CodeFile(tree, dialect).read_tests()
    except ValueError:
        return None

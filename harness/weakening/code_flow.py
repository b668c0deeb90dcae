"""Which assertions of a compiled language's test are reached: what stands around them, and what
leaves the blocks that they stand in. By the syntax tree; what the languages call things is in a
table. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from harness.syntax.tree import Node
from harness.weakening.code_text import CodeNames, bare, tokens

DEAD = 1000
LAST = re.compile(r"\W+")
NEVER = frozenset(("false", "0", "!true", "NULL", "nullptr", "Boolean.FALSE"))
ALWAYS = frozenset(("true", "1", "!false", "Boolean.TRUE"))

AROUND = frozenset(("expression_list", "parenthesized_expression", "cast_expression"))
NAMED = ("left", "pattern", "declarator", "name")
"""Fields of what gives a function a name."""
USES = frozenset(
    (
        *("call_expression", "argument_list", "arguments", "return_statement", "return_expression"),
        *("literal_element", "keyed_element", "token_tree", "method_invocation"),
    )
)


class Shapes(NamedTuple):
    """Node types of one language."""

    functions: frozenset[str]
    """Those that are run by themselves: closures, methods, nested functions."""
    blocks: frozenset[str]
    branches: frozenset[str]
    """`if` and its like: condition, consequence, alternative."""
    cases: frozenset[str]
    """One of several branches."""
    loops: frozenset[str]
    over: tuple[str, ...]
    """Fields or types of a loop's head that say what it goes over."""
    tries: frozenset[str]
    catches: frozenset[str]
    leaves: frozenset[str]
    """Statements that leave a block and say nothing."""
    jumps: frozenset[str]
    """Those of them that leave a loop or a switch only."""
    later: frozenset[str]
    """What is run beside the test or not at all."""
    later_calls: frozenset[str]
    """Names of functions that do so with what they are given."""
    empty: re.Pattern[str]
    """A list without anything in it, in one form."""


class CodeFlow:
    """What keeps a place from counting. `fails`: whether a statement makes the test fail; `skips`:
    whether it ends the test and says that it did not run."""

    def __init__(
        self,
        shapes: Shapes,
        names: CodeNames,
        fails: Callable[[Node], bool],
        skips: Callable[[Node], bool],
    ) -> None:
        self._shapes = shapes
        self._names = names
        self._fails: Callable[[Node], bool] = lambda node: fails(inner_of(node))
        self._skips = skips
        self._exits: dict[int, list[tuple[int, bool]]] = {}

    def guards(self, node: Node, top: Node) -> int:
        """How much keeps the node from counting inside of `top`: 0 for nothing, `DEAD` and more
        when it is never reached."""
        found, child = 0, node
        for up in node.above():
            found += self._step(up, child)
            if up is top or found >= DEAD:
                break
            child = up
        return found

    def fails_inside(self, block: Node | None) -> bool:
        """Whether a block, or a branch, always ends in a failure of the test."""
        if block is None:
            return False
        if block.type in self._shapes.branches:
            sides = [block.get("consequence"), block.get("alternative")]
            return all(self.fails_inside(side) for side in sides)
        if block.type in self._shapes.blocks or block.type == "else_clause":
            return any(self.fails_inside(part) for part in block.parts)
        return self._fails(block)

    def _step(self, up: Node, child: Node) -> int:
        shapes = self._shapes
        if up.type in shapes.branches:
            return self._branch(up, child)
        if up.type in shapes.cases:
            return 0 if child.field in ("value", "pattern") and not _is_arm(up) else self._case(up)
        if up.type in shapes.loops:
            return self._loop(up, child)
        if up.type in shapes.tries:
            caught = any(c.type in shapes.catches for c in up.parts)
            return int(child.field == "body" and caught)
        if up.type in shapes.catches or up.type in shapes.later:
            return 1
        if up.type in shapes.blocks:
            return self._block(up, child)
        if child.field == "arguments" and shapes.later_calls:
            called = up.get("name") or up.get("function") or up.get("type") or up
            return int(LAST.split(called.text)[-1] in shapes.later_calls)
        return DEAD if up.type in shapes.functions and self._is_unused(up) else 0

    def _branch(self, up: Node, child: Node) -> int:
        condition = up.get("condition")
        if condition is None or child.field not in ("consequence", "alternative"):
            return 0
        said = self._said(condition)
        first = child.field == "consequence"
        if said in (NEVER if first else ALWAYS):
            return DEAD
        if said in ALWAYS | NEVER or said.startswith('"'):
            return 0
        other = up.get("alternative" if first else "consequence")
        return 0 if self.fails_inside(other) else 1

    def _case(self, up: Node) -> int:
        """A case counts for sure where every other one fails the test."""
        parent = up.parent
        others = [c for c in parent.parts if c is not up and c.type == up.type] if parent else []
        return 0 if others and all(self._arm_fails(c) for c in others) else 1

    def _arm_fails(self, arm: Node) -> bool:
        said = arm.get("value") if _is_arm(arm) else None
        return self.fails_inside(said) or any(self.fails_inside(part) for part in arm.parts)

    def _loop(self, up: Node, child: Node) -> int:
        if child.field != "body":
            return 0
        condition = up.get("condition")
        if condition is not None and self._said(condition) in NEVER:
            return DEAD if up.type != "do_statement" else 0
        over = next((n for n in up.children if n.field in self._shapes.over), None)
        ranged = next((n for n in up.children if n.type in self._shapes.over), None)
        over = over or (ranged.get("right") if ranged is not None else None)
        if over is None:
            if ranged is not None and ranged.get("condition") is not None:
                head = ranged.get("condition")
                return DEAD if head is not None and self._said(head) in NEVER else 0
            return 0
        return DEAD if self._shapes.empty.fullmatch(self._said(over)) else 0

    def _said(self, node: Node) -> str:
        return self._names.normal(bare(tokens(node)))

    # ------------------------------------------------------------ what is left

    def _block(self, block: Node, child: Node) -> int:
        if id(block) not in self._exits:
            self._exits[id(block)] = [*self._leaving(block)]
        before = [always for at, always in self._exits[id(block)] if at < child.start]
        return DEAD if any(before) else int(bool(before))

    def _leaving(self, block: Node) -> list[tuple[int, bool]]:
        """(where, whether for sure) each statement of a block leaves it without a failure."""
        found: list[tuple[int, bool]] = []
        for statement in block.parts:
            if self._leaves(statement):
                found.append((statement.start, True))
            elif self._may_leave(statement):
                found.append((statement.start, False))
        return found

    def _leaves(self, statement: Node) -> bool:
        inner = inner_of(statement)
        if inner.type in self._shapes.leaves or self._skips(inner):
            return not self._fails(inner)
        if inner.type in self._shapes.blocks:
            return any(self._leaves(s) for s in inner.parts) and not self.fails_inside(inner)
        if inner.type in self._shapes.branches:
            condition, then = inner.get("condition"), inner.get("consequence")
            always = condition is not None and self._said(condition) in ALWAYS
            return always and then is not None and self._leaves(then)
        return False

    def _may_leave(self, statement: Node) -> bool:
        """Whether something below a statement leaves the block around it."""
        waiting = [(statement, False)]
        while waiting:
            node, looped = waiting.pop()
            if node.type in self._shapes.functions:
                continue
            if node.type in self._shapes.blocks and self.fails_inside(node):
                continue
            quiet = node.type in self._shapes.leaves and not self._fails(node)
            if (quiet and not (looped and node.type in self._shapes.jumps)) or self._skips(node):
                return True
            looped = looped or node.type in self._shapes.loops
            waiting += [(c, looped) for c in node.parts]
        return False

    def _is_unused(self, function: Node) -> bool:
        """True for a function that has a name in the test and is not called by it, or given on."""
        parent = function.parent
        while parent is not None and parent.type in AROUND:
            parent = parent.parent
        if function.get("name") is not None:
            named, parent = function.get("name"), function.parent
        elif parent is not None:
            named = next((n for f in NAMED if (n := parent.get(f)) is not None), None)
        if named is None or parent is None or not named.text.isidentifier():
            return False
        if named.text == "_":
            return True
        functions = (up for up in function.above() if up.type in self._shapes.functions)
        home = next(functions, None)
        return home is not None and not any(
            n.type == "identifier"
            and n.text == named.text
            and n.start != named.start
            and n.parent is not None
            and n.parent.type in USES
            for n in home.walk()
        )


def _is_arm(node: Node) -> bool:
    return node.type == "match_arm"


def inner_of(statement: Node) -> Node:
    """The expression that a statement is, where it is one."""
    while statement.type == "expression_statement" and statement.parts:
        statement = statement.parts[0]
    return statement

"""What can be altered in lines of JavaScript and TypeScript. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.proof.edits import Edit, Kind
from harness.proof.script import Lines, is_message, is_silent, whole_tree
from harness.syntax.tree import Node

OPERATORS: Final[dict[str, tuple[str, Kind]]] = {
    "<": ("<=", "boundary"),
    "<=": ("<", "boundary"),
    ">": (">=", "boundary"),
    ">=": (">", "boundary"),
    "===": ("!==", "condition"),
    "!==": ("===", "condition"),
    "==": ("!=", "condition"),
    "!=": ("==", "condition"),
    "&&": ("||", "condition"),
    "||": ("&&", "condition"),
    "??": ("&&", "condition"),
    "+": ("-", "constant"),
    "-": ("+", "constant"),
    "*": ("/", "constant"),
    "/": ("*", "constant"),
    "%": ("*", "constant"),
}
REMOVED: Final[dict[str, Kind]] = {
    "expression_statement": "statement",
    "break_statement": "statement",
    "continue_statement": "statement",
    "throw_statement": "raise",
}
CONDITIONS: Final = ("if_statement", "while_statement", "ternary_expression")
COMPARES: Final = ("binary_expression", "unary_expression")


def edits_of(text: str, path: str, lines: frozenset[int]) -> tuple[Edit, ...]:
    """In the order of the text; those only that read."""
    tree = whole_tree(text, path)
    if tree is None:
        return ()
    at = Lines(text)
    found = [
        Edit(at.of(node.start), kind, node.start, node.end, made)
        for one in _asked(tree.root)
        for node, kind, made in _of(one)
        if at.of(node.start) in lines
    ]
    return tuple(e for e in sorted(found) if whole_tree(e.applied(text), path) is not None)


def _asked(root: Node) -> Iterator[Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if is_silent(node):
            continue
        yield node
        waiting += reversed(node.children)


def _of(node: Node) -> Iterator[tuple[Node, Kind, str]]:
    yield from _operators(node)
    yield from _values(node)
    if node.type in CONDITIONS:
        yield from _negated(node)
    elif node.type in REMOVED and not node.text.startswith(("'use", '"use')):
        yield node, REMOVED[node.type], ";"


def _operators(node: Node) -> Iterator[tuple[Node, Kind, str]]:
    if node.type == "binary_expression":
        operator = node.get("operator")
        if operator is not None and operator.text in OPERATORS and not _joins_text(node):
            made, kind = OPERATORS[operator.text]
            yield operator, kind, made
    elif node.type == "unary_expression" and node.text.startswith("!"):
        held = node.get("argument")
        if held is not None:
            yield node, "condition", f"({held.text})"


def _values(node: Node) -> Iterator[tuple[Node, Kind, str]]:
    if node.type in ("true", "false"):
        yield node, "constant", "false" if node.type == "true" else "true"
    elif node.type == "number" and re.fullmatch(r"\d{1,15}", node.text):
        yield node, "constant", str(int(node.text) + 1)
    elif node.type == "string" and _is_value(node):
        yield node, "constant", '""'
    elif node.type == "return_statement" and node.parts:
        yield node.parts[0], "return", "undefined"


def _negated(node: Node) -> Iterator[tuple[Node, Kind, str]]:
    test = node.get("condition")
    while test is not None and test.type == "parenthesized_expression" and test.parts:
        test = test.parts[0]
    if test is not None and test.type not in COMPARES:
        yield test, "condition", f"!({test.text})"


def _joins_text(node: Node) -> bool:
    return any(part.type in ("string", "template_string") for part in node.parts)


def _is_value(node: Node) -> bool:
    """No module's name, no key, no message, and not empty."""
    parent = node.parent
    if parent is None or len(node.text) <= 2 or is_message(node):
        return False
    held = parent.type in ("import_statement", "export_statement", "import_require_clause")
    key = parent.type in ("pair", "method_definition") and node.field in ("key", "name")
    return not held and not key and parent.type not in ("expression_statement", "literal_type")

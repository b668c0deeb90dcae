"""Examples in JavaScript and TypeScript: an input and its answer side by side. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.proof.script import Lines, whole_tree
from harness.syntax.script import dotted_name, literal
from harness.syntax.tree import Node

Literal = str | int | float
Row = frozenset[Literal]
MOST_ROW: Final = 40
FIELD: Final = "\0"
"""Marks the name of a field, which is no input."""
DISPLAYS: Final = frozenset(
    (
        *("string", "string_fragment", "escape_sequence", "template_string", "number", "true"),
        *("false", "null", "undefined", "array", "object", "pair", "property_identifier"),
        *("unary_expression", "parenthesized_expression", "as_expression"),
    )
)
HEADS: Final = frozenset(("expect", "assert", "t", "strictEqual", "deepEqual", "equal"))
FUNCTIONS: Final = frozenset(("arrow_function", "function_expression"))


def rows_in(text: str) -> Iterator[Row]:
    """What each assertion, each row of a table of a test says together."""
    tree = whole_tree(text, "a.ts") or whole_tree(text, "a.tsx")
    for node in tree.root.walk() if tree is not None else ():
        listed = node.type == "array" and len(node.parts) > 1 and is_written(node)
        row = _values(node) if listed or _asserts(node) else frozenset[Literal]()
        if 1 < len(row) <= MOST_ROW:
            yield row


def _asserts(node: Node) -> bool:
    """A statement that calls an assertion, and holds no function of its own."""
    if node.type != "expression_statement":
        return False
    heads = {
        dotted_name(called).split(".")[0]
        for one in node.walk()
        if one.type == "call_expression" and (called := one.get("function")) is not None
    }
    return bool(heads & HEADS) and not any(one.type in FUNCTIONS for one in node.walk())


def answers(text: str, path: str) -> Iterator[tuple[int, Row, Row]]:
    """(line, values of a condition, values of the answer that is written down)."""
    tree = whole_tree(text, path)
    lines = Lines(text)
    for node in tree.root.walk() if tree is not None else ():
        for test, given in _pairs(node):
            asked = _values(test)
            if asked and is_written(given):
                yield lines.of(given.start), asked, _values(given)


def _pairs(node: Node) -> Iterator[tuple[Node, Node]]:
    test, given = node.get("condition"), node.get("consequence")
    if node.type == "pair":
        test, given = node.get("key"), node.get("value")
    elif node.type == "array" and node.parent is not None and node.parent.type == "array":
        test, given = node.parts if len(node.parts) == 2 else (None, None)
    elif node.type == "switch_case":
        test = node.get("value")
        if test is not None:
            yield from ((test, one) for part in node.parts for one in _returned(part))
        return
    elif node.type == "binary_expression" and _operator(node) == "&&":
        test, given = node.get("left"), node.get("right")
    if test is None or given is None:
        return
    if node.type == "if_statement":
        yield from ((test, one) for one in _returned(given))
    else:
        yield test, given


def _operator(node: Node) -> str:
    sign = node.get("operator")
    return "" if sign is None else sign.text


def _returned(node: Node) -> Iterator[Node]:
    """What a statement answers, or each of a block."""
    if node.type == "return_statement":
        yield from node.parts[:1]
    elif node.type == "statement_block":
        for part in node.parts:
            yield from _returned(part) if part.type == "return_statement" else ()


def is_written(node: Node) -> bool:
    """Whether an expression is only written down: nothing is looked up or called in it."""
    kinds = {one.type for one in node.walk()}
    return all(kind in DISPLAYS or not kind.replace("_", "").isalpha() for kind in kinds)


def _values(node: Node) -> Row:
    found: set[Literal] = set()
    for one in node.walk():
        if one.type in ("string", "template_string") and (said := literal(one)) is not None:
            found.add(said)
        elif one.type == "number" and one.text.replace(".", "", 1).isdigit():
            found.add(float(one.text) if "." in one.text else int(one.text))
        elif one.type in ("true", "false"):
            found.add(one.type == "true")
        elif one.type == "property_identifier" and one.field == "key":
            # a name of a field is no input
            found.add(f"{FIELD}{one.text}")
    return frozenset(found)

"""What signs of a false fix are read from in JavaScript and TypeScript. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from harness.proof.script import Lines, whole_tree
from harness.syntax.script import literal
from harness.syntax.tree import Node


def literals(text: str) -> frozenset[str | int | float]:
    """Values written in a text."""
    tree = whole_tree(text, "a.ts") or whole_tree(text, "a.tsx")
    return frozenset(
        value
        for node in (tree.root.walk() if tree is not None else ())
        if (value := _value(node)) is not None
    )


def _value(node: Node) -> str | int | float | None:
    if node.type in ("string", "template_string"):
        return literal(node)
    if node.type == "number":
        try:
            return float(node.text) if "." in node.text else int(node.text, 0)
        except ValueError:
            return None
    return None


def comparisons(text: str, path: str) -> Iterator[tuple[int, str | int | float]]:
    """Values that a branch compares with, and the lines where it does."""
    tree = whole_tree(text, path)
    lines = Lines(text)
    for node in tree.root.walk() if tree is not None else ():
        test = node.get("condition")
        if node.type == "switch_case":
            test = node.get("value")
        elif node.type == "pair":
            test = node.get("key")
        for one in test.walk() if test is not None else ():
            value = _value(one)
            if value is not None:
                yield lines.of(one.start), value


def broad_handlers(text: str, path: str) -> Iterator[int]:
    """Lines of handlers that throw nothing again: every handler takes every error there."""
    tree = whole_tree(text, path)
    lines = Lines(text)
    for node in tree.root.walk() if tree is not None else ():
        if node.type == "catch_clause":
            inner = {one.type for one in node.walk()}
            if "throw_statement" not in inner and "if_statement" not in inner:
                yield lines.of(node.start)

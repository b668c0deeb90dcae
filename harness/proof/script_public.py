"""What a module of JavaScript or TypeScript exports, and how it may be called. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from harness.proof.calls import ANYTHING, Shape
from harness.proof.script import DECLARES, whole_tree
from harness.syntax.tree import Node

OPTIONAL: Final = frozenset(("optional_parameter", "assignment_pattern"))
REST: Final = frozenset(("rest_pattern", "spread_element"))


def exports(text: str, path: str) -> dict[str, Shape]:
    """Name -> how it may be called, by places alone."""
    tree = whole_tree(text, path)
    found: dict[str, Shape] = {}
    for node in tree.root.walk() if tree is not None else ():
        if node.type == "export_statement":
            found |= dict(_exported(node))
        elif node.type == "assignment_expression":
            found |= dict(_assigned(node))
    return found


def _exported(node: Node) -> Iterator[tuple[str, Shape]]:
    made = node.get("declaration") or node.get("value")
    if any(child.type == "default" for child in node.children):
        yield "default", ANYTHING if made is None else _shape(made)
    elif made is None:
        for one in node.walk():
            if one.type == "export_specifier" and (name := one.get("alias") or one.get("name")):
                yield name.text, ANYTHING
            elif one.type == "*":
                yield one.type, ANYTHING
    elif made.type in DECLARES and (name := made.get("name")) is not None:
        yield name.text, _shape(made)
    else:
        yield from _declared(made)


def _declared(node: Node) -> Iterator[tuple[str, Shape]]:
    for one in node.parts:
        name, value = one.get("name"), one.get("value")
        if one.type == "variable_declarator" and name is not None:
            yield name.text, ANYTHING if value is None else _shape(value)


def _assigned(node: Node) -> Iterator[tuple[str, Shape]]:
    """`exports.a = ...`, `module.exports = { a, b }`."""
    left, right = node.get("left"), node.get("right")
    if left is None or right is None:
        return
    head, _, name = left.text.rpartition(".")
    if head in ("exports", "module.exports"):
        yield name, _shape(right)
    elif left.text == "module.exports" and right.type == "object":
        for one in right.parts:
            key = one if one.type == "shorthand_property_identifier" else one.get("key")
            if key is not None:
                yield key.text, ANYTHING


def _shape(node: Node) -> Shape:
    given = node.get("parameters")
    if "class" in node.type or given is None:
        return ANYTHING
    needed = [p for p in given.parts if not _may_lack(p)]
    return Shape(
        by_place=tuple(str(at) for at in range(len(given.parts))),
        needed=len(needed),
        named=frozenset(),
        needed_named=frozenset(),
        any_place=any(_is_rest(part) for part in given.parts),
        any_name=False,
    )


def _may_lack(node: Node) -> bool:
    return node.type in OPTIONAL or node.get("value") is not None or _is_rest(node)


def _is_rest(node: Node) -> bool:
    return bool(REST & {node.type, *(part.type for part in node.parts)})

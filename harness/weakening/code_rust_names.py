"""What names are given in Rust: by `let`, patterns, loops, parameters, constants. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from harness.syntax.tree import Node
from harness.weakening.code_text import Bound, scope_of

FUNCTIONS = frozenset(("closure_expression", "function_item"))
SCOPES = frozenset(
    (
        *("block", "function_item", "closure_expression", "match_arm", "if_expression"),
        *("for_expression", "while_expression", "source_file", "declaration_list"),
    )
)
TABLES = frozenset(("identifier", "array_expression", "reference_expression", "macro_invocation"))


def bindings(root: Node) -> Iterator[Bound]:
    """Every one of a file."""
    for node in root.walk():
        reading = BOUND.get(node.type)
        if reading is not None:
            yield from reading(node, scope_of(node, SCOPES))


def _patterned(pattern: Node, node: Node, scope: Node, value: Node | None) -> Iterator[Bound]:
    words = [
        n
        for n in pattern.walk()
        if n.type in ("identifier", "shorthand_field_identifier") and not n.text[:1].isupper()
    ]
    plain = len(words) == 1 and pattern.type in ("identifier", "mut_pattern", "ref_pattern")
    for number, word in enumerate(words):
        yield Bound(word.text, node.end, scope, value, "" if plain else f"{number}:")


def _let(node: Node, scope: Node) -> Iterator[Bound]:
    pattern = node.get("pattern")
    if pattern is not None:
        yield from _patterned(pattern, node, scope, node.get("value"))


def _loop(node: Node, scope: Node) -> Iterator[Bound]:
    pattern, over = node.get("pattern"), node.get("value")
    if pattern is not None:
        table = over is not None and over.type in TABLES
        for bound in _patterned(pattern, node, node, None if table else over):
            yield bound._replace(at=pattern.end, prefix=f"each {bound.prefix}")


def _arm(node: Node, scope: Node) -> Iterator[Bound]:
    pattern = node.get("pattern")
    value = next((up.get("value") for up in node.above() if up.type == "match_expression"), None)
    if pattern is not None:
        for bound in _patterned(pattern, node, node, value):
            yield bound._replace(at=pattern.end)


def _taken(node: Node, scope: Node) -> Iterator[Bound]:
    inner = node.get("pattern") or node
    for bound in _patterned(inner, node, scope_of(node, FUNCTIONS), None):
        yield bound._replace(prefix=bound.name)


def _constant(node: Node, scope: Node) -> Iterator[Bound]:
    title = node.get("name")
    if title is not None:
        yield Bound(title.text, scope.start - 1, scope, node.get("value"))


def _assigned(node: Node, scope: Node) -> Iterator[Bound]:
    left = node.get("left")
    if left is not None and left.type == "identifier":
        value = node.get("right") if node.type == "assignment_expression" else node
        yield Bound(left.text, node.end, scope, value, anew=False)


BOUND: Mapping[str, Callable[[Node, Node], Iterator[Bound]]] = {
    "let_declaration": _let,
    "let_condition": _let,
    "for_expression": _loop,
    "match_arm": _arm,
    "parameter": _taken,
    "closure_parameters": _taken,
    "const_item": _constant,
    "static_item": _constant,
    "assignment_expression": _assigned,
    "compound_assignment_expr": _assigned,
}

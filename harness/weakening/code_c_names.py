"""What names stand for in C and C++: declarations, what is given to them, tables. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.syntax.tree import Node
from harness.weakening.code_text import Bound, scope_of

DECLARATORS = frozenset(
    (
        *("function_declarator", "pointer_declarator", "reference_declarator", "init_declarator"),
        *("parenthesized_declarator", "array_declarator"),
    )
)
FUNCTIONS = frozenset(("function_definition", "lambda_expression"))
SCOPES = FUNCTIONS | {
    *("compound_statement", "for_statement", "for_range_loop", "translation_unit"),
    *("namespace_definition", "field_declaration_list", "catch_clause"),
}
NOBODY = frozenset(("translation_unit", "namespace_definition"))


def declaration_of(node: Node) -> tuple[str, str]:
    """The name of a function, a variable, and the parameters of the first."""
    given = ""
    found = node.get("declarator")
    while found is not None and found.type in DECLARATORS:
        if found.type == "function_declarator":
            taken = found.get("parameters")
            given = "".join(taken.text.split()) if taken is not None else ""
            names = [c.text for c in taken.parts] if taken is not None else []
            if any("**" in "".join(name.split()) for name in names) and len(names) == 1:
                given = "(void**)"
        found = found.get("declarator") or next(iter(found.parts), None)
    return ("".join(found.text.split()) if found is not None else "", given)


def bound_names(root: Node) -> Iterator[Bound]:
    """The names that are given something, and what."""
    for node in root.walk():
        reading = READINGS.get(node.type)
        if reading is not None:
            yield from reading(node, scope_of(node, SCOPES))


def tables(root: Node) -> Mapping[str, list[Node]]:
    """Arrays and lists that are written down as rows, by name."""
    found: dict[str, list[Node]] = {}
    for node in root.walk():
        value = node.get("value") if node.type == "init_declarator" else None
        rows = _rows(node, value)
        if rows:
            found[declaration_of(node)[0]] = rows
    return found


def _rows(node: Node, value: Node | None) -> list[Node]:
    if value is None or value.type != "initializer_list" or len(value.parts) < 1:
        return []
    is_array = any(n.type == "array_declarator" for n in node.parts)
    nested = all(part.type == "initializer_list" for part in value.parts)
    return value.parts if is_array or nested else []


def _given(node: Node, scope: Node) -> Iterator[Bound]:
    name, _ = declaration_of(node)
    value = node.get("value")
    at = -1 if scope.type in NOBODY else node.end
    if _rows(node, value):
        yield Bound(name, at, scope, None, "each")
    else:
        yield Bound(name, at, scope, value, "" if value is not None else name)


def _assigned(node: Node, scope: Node) -> Iterator[Bound]:
    left, sign = node.get("left"), node.get("operator")
    if left is not None and left.type == "identifier":
        plain = sign is None or sign.text == "="
        yield Bound(left.text, node.end, scope, node.get("right") if plain else node, anew=False)


def _counted(node: Node, scope: Node) -> Iterator[Bound]:
    one = node.get("argument")
    if one is not None and one.type == "identifier":
        yield Bound(one.text, node.end, scope, node, anew=False)


def _looped(node: Node, scope: Node) -> Iterator[Bound]:
    name, _ = declaration_of(node)
    over = node.get("right")
    plain = over is None or over.type in ("identifier", "initializer_list")
    end = over.end if over is not None else node.start
    yield Bound(name, end, node, None if plain else over, "each")


def _taken(node: Node, scope: Node) -> Iterator[Bound]:
    """By its place: whatever it is called, a caller gives the same."""
    name, _ = declaration_of(node)
    if name and node.parent is not None:
        place = f"⟨{node.parent.parts.index(node)}⟩"
        yield Bound(name, node.end, scope_of(node, FUNCTIONS), None, place)


def _counter(node: Node, scope: Node) -> Iterator[Bound]:
    name, value = node.get("name"), node.get("value")
    if name is not None and value is not None:
        yield Bound(name.text, -1, scope, value)


READINGS = {
    "init_declarator": _given,
    "assignment_expression": _assigned,
    "update_expression": _counted,
    "for_range_loop": _looped,
    "parameter_declaration": _taken,
    "enumerator": _counter,
}

"""JavaScript and TypeScript as a proof reads them: what a text means, which names it binds and
uses. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Final

from harness.syntax.script import dotted_name
from harness.syntax.tree import Node, SyntaxTree, parse

TYPES: Final = frozenset(
    (
        *("comment", "html_comment", "type_annotation", "type_arguments", "type_parameters"),
        *("interface_declaration", "type_alias_declaration", "import_statement"),
        *("accessibility_modifier", "override_modifier", "ambient_declaration", "asserts"),
        *("implements_clause", "type_predicate_annotation", "function_signature", "readonly"),
    )
)
"""What no test is asked to notice."""
CASTS: Final = frozenset(("as_expression", "satisfies_expression", "non_null_expression"))
LOGGERS: Final = frozenset(("console", "log", "logger", "debug"))
ERRORS: Final = ("Error", "Exception")
BINDS: Final = frozenset(("identifier", "shorthand_property_identifier_pattern"))
NAMES: Final = frozenset(
    (
        *("identifier", "property_identifier", "private_property_identifier"),
        *("shorthand_property_identifier", "type_identifier"),
    )
)
DECLARES: Final = frozenset(
    (
        *("function_declaration", "generator_function_declaration", "class_declaration"),
        *("method_definition", "field_definition", "public_field_definition"),
        *("abstract_class_declaration", "function_expression", "class"),
    )
)
PATTERNS: Final = frozenset(
    (
        *("formal_parameters", "variable_declarator", "import_specifier", "import_clause"),
        *("namespace_import", "catch_clause", "arrow_function"),
    )
)


def whole_tree(text: str, path: str) -> SyntaxTree | None:
    """None for what its grammar does not understand throughout."""
    tree = parse(text, path)
    return tree if tree is not None and tree.whole else None


def meaning(text: str, path: str) -> str | None:
    """What is left of a text without comments, types, imports, logging and the words of errors;
    None for what cannot be read."""
    tree = whole_tree(text, path)
    return None if tree is None else "\n".join(_words(tree.root))


def _words(root: Node) -> Iterator[str]:
    def shown(node: Node) -> str | Node | None:
        if node.type in CASTS and node.parts:
            return node.parts[0]
        return '""' if node.type in ("string", "template_string") and is_message(node) else None

    return leaves(root, is_silent, shown)


def leaves(
    root: Node, silent: Callable[[Node], bool], shown: Callable[[Node], str | Node | None]
) -> Iterator[str]:
    """The words of a tree in their order, without what is silent. `shown`: what stands for a node
    and all below it; None: its own words."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        if silent(node):
            continue
        instead = shown(node)
        if isinstance(instead, str):
            yield instead
        elif instead is not None:
            waiting.append(instead)
        elif not node.children:
            yield node.text
        else:
            waiting += reversed(node.children)


def is_silent(node: Node) -> bool:
    """A comment, a type, an import, a call of a logger."""
    return node.type in TYPES or _logs(node)


def _logs(node: Node) -> bool:
    if node.type != "expression_statement" or not node.parts:
        return False
    call = node.parts[0]
    called = call.get("function") if call.type == "call_expression" else None
    if called is None or called.type != "member_expression":
        return False
    return bool(LOGGERS & set(dotted_name(called).split(".")[-2:-1]))


def is_message(node: Node) -> bool:
    """What stands in `new SomeError("...")`."""
    held = node.parent
    made = held.parent if held is not None and held.type == "arguments" else None
    named = made.get("constructor") if made is not None and made.type == "new_expression" else None
    return named is not None and named.text.endswith(ERRORS)


def bound(text: str, path: str) -> dict[str, tuple[int, ...]]:
    """Names that a text binds -> the lines where it does."""
    tree = whole_tree(text, path)
    if tree is None:
        return {}
    lines = Lines(text)
    found: dict[str, list[int]] = {}
    for node in tree.root.walk():
        if _binds(node):
            found.setdefault(node.text, []).append(lines.of(node.start))
    return {name: tuple(at) for name, at in found.items()}


def _binds(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    if parent.type in DECLARES and node.field in ("name", "property"):
        return True
    if parent.type == "pair" and node.field == "key" and node.type in NAMES:
        return True
    if node.type not in BINDS or node.field in ("value", "right"):
        return False
    for above in node.above():
        if above.type in PATTERNS:
            title = above.get("name") if above.type == "variable_declarator" else None
            return title is None or title.start <= node.start < title.end
        if above.type.endswith(("statement", "_expression", "body", "block")):
            return False
    return False


def names_used(text: str, path: str) -> dict[str, tuple[int, ...]]:
    """Names that a text mentions without binding them there -> the lines where it does."""
    tree = whole_tree(text, path)
    if tree is None:
        return {}
    lines = Lines(text)
    found: dict[str, list[int]] = {}
    for node in tree.root.walk():
        if node.type in NAMES and not _binds(node):
            found.setdefault(node.text, []).append(lines.of(node.start))
    return {name: tuple(at) for name, at in found.items()}


def definition_lines(text: str, path: str) -> tuple[int, ...]:
    """Lines where a definition of a module or a class begins, and the one after its end."""
    tree = whole_tree(text, path)
    if tree is None:
        return ()
    lines, found = Lines(text), set()
    waiting = list(tree.root.parts)
    while waiting:
        node = waiting.pop()
        inner = node.get("declaration") if node.type == "export_statement" else node
        if inner is not None and inner.type in DECLARES:
            found |= {lines.of(node.start), lines.of(max(node.end - 1, 0)) + 1}
            body = inner.get("body") if "class" in inner.type else None
            waiting += body.parts if body is not None else []
    return tuple(sorted(found))


class Lines:
    """Places of a text as lines, counted from 1."""

    def __init__(self, text: str) -> None:
        self._ends: list[int] = []
        at = text.find("\n")
        while at >= 0:
            self._ends.append(at)
            at = text.find("\n", at + 1)

    def of(self, place: int) -> int:
        return bisect_left(self._ends, place) + 1

"""Code of JavaScript and TypeScript in one form: spacing, comments, quotes, trailing commas and
what is for the type checker alone are no part of it. By the syntax tree. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from harness.syntax.tree import Node

SILENT = frozenset(
    (
        *("comment", "html_comment", "type_annotation", "type_arguments", "type_parameters", ";"),
        *("accessibility_modifier", "asserts_annotation", "type_predicate_annotation"),
    )
)
CASTS = frozenset(("as_expression", "satisfies_expression", "non_null_expression"))
WHOLE = frozenset(("string", "regex", "jsx_text", "template_literal_type"))
ENDED = frozenset(
    (
        *("expression_statement", "lexical_declaration", "variable_declaration", "throw_statement"),
        *("return_statement", "break_statement", "continue_statement", "empty_statement"),
        *("public_field_definition", "field_definition", "debugger_statement"),
    )
)
APART = re.compile(r"[\w$\"][\w$\"]|\+\+|--|//")
CLOSING = (")", "]", "}")

Resolve = Callable[[Node], str]


def normal(
    node: Node, resolve: Resolve | None = None, without: Collection[Node] = frozenset()
) -> str:
    """The code of a node in that form; a name is what `resolve` makes of it, and the nodes of
    `without` are not there."""
    out: list[str] = []
    waiting: list[Node | str] = [node]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            _append_token(out, one)
        elif one.type not in SILENT and one not in without:
            said = _leaf_text(one, resolve)
            if said is None:
                waiting += reversed(_inner(one))
            else:
                _append_token(out, said)
    return "".join(out).strip(";, ")


def _append_token(out: list[str], token: str) -> None:
    last = out[-1] if out else ""
    if token in CLOSING and last == ",":
        out.pop()
    elif last and token and APART.fullmatch(last[-1] + token[0]):
        out.append(" ")
    out.append(token)


def _inner(node: Node) -> list[Node | str]:
    if node.type in CASTS:
        return [*node.parts[:1]]
    if node.type == "type_assertion":
        return [*node.parts[-1:]]
    return [*node.children, ";"] if node.type in ENDED else [*node.children]


def _leaf_text(node: Node, resolve: Resolve | None) -> str | None:
    """A node that is one word or text; None for one that is put together."""
    if node.type == "string":
        text = node.text
        if text[0] == "'" and '"' not in text:
            return '"' + text[1:-1].replace("\\'", "'") + '"'
        return text
    if node.type == "template_string":
        return _template(node, resolve)
    if node.type in WHOLE:
        return node.text
    if resolve is not None and node.type == "identifier":
        return resolve(node)
    if resolve is not None and node.type == "shorthand_property_identifier":
        return f"{node.text}:{resolve(node)}"
    return None if node.children else node.text


def _template(node: Node, resolve: Resolve | None) -> str:
    out, at = [], node.start
    for hole in node.children:
        if hole.type == "template_substitution":
            inner = normal(hole.parts[0], resolve) if hole.parts else ""
            out += [node.source[at : hole.start], "${", inner, "}"]
            at = hole.end
    return "".join([*out, node.source[at : node.end]])

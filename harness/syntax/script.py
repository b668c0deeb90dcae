"""What JavaScript and TypeScript write in many ways, in one: called names, literal texts, imports.
By the syntax tree. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from harness.syntax.tree import Node, SyntaxTree

WRAPS = frozenset(
    (
        *("parenthesized_expression", "as_expression", "satisfies_expression"),
        *("non_null_expression", "type_assertion", "instantiation_expression"),
    )
)
UNKNOWN = "?"
"""A part of a name that is worked out at run time."""
ESCAPE = re.compile(r"\\(u\{[0-9A-Fa-f]{1,6}\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|\r\n|.)", re.S)
PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "v": "\v", "f": "\f", "0": "\0"}
LOADS = frozenset(("require", "import", "module.require"))
MAY_LOAD = re.compile(
    r"(?:^require\.resolve|\.(?:mock|doMock|unmock|setMock|requireActual|requireMock|importActual"
    r"|importMock|unstable_mockModule))$"
)
ASKS = frozenset(("main", "resolve", "cache", "extensions"))


def bare(node: Node) -> Node:
    """The expression without brackets, casts and other words for the type checker alone."""
    while node.type in WRAPS and node.parts:
        # `<T>x` has its type first, the others have it last
        node = node.parts[-1 if node.type == "type_assertion" else 0]
    return node


def dotted_name(node: Node) -> str:
    """`a.b.c` of a name and its members, however they are written; `?` stands for a part that is
    no fixed name; "" for what is no such thing."""
    words: list[str] = []
    node = bare(node)
    while node.type in ("member_expression", "subscript_expression"):
        name, inner = node.get("property") or node.get("index"), node.get("object")
        if name is None or inner is None:
            return ""
        computed = node.type == "subscript_expression"
        words.append((literal(name) or UNKNOWN) if computed else name.text)
        node = bare(inner)
    if node.type not in ("identifier", "this", "import", "super", "meta_property"):
        return ""
    return ".".join([node.text, *reversed(words)])


def literal(node: Node) -> str | None:
    """The text that an expression is, when that is written down: quoted, or put together of such.
    None for any other."""
    node = bare(node)
    if node.type == "string":
        return _unescape(node.text[1:-1])
    if node.type == "template_string":
        holes = any(c.type == "template_substitution" for c in node.children)
        return None if holes else _unescape(node.text[1:-1])
    if node.type != "binary_expression":
        return None
    texts: list[str] = []
    while node.type == "binary_expression":
        left, right, sign = node.get("left"), node.get("right"), node.get("operator")
        if left is None or right is None or sign is None or sign.type != "+":
            return None
        right = bare(right)
        said = None if right.type == "binary_expression" else literal(right)
        if said is None:
            return None
        texts.append(said)
        node = bare(left)
    said = literal(node)
    return None if said is None else "".join([said, *reversed(texts)])


def _unescape(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        word = found[1]
        if word[0] in "ux" and len(word) > 1:
            return chr(min(int(word[1:].strip("{}"), 16), 0x10FFFF))
        return "" if word in ("\n", "\r", "\r\n") else PLAIN.get(word, word)

    return ESCAPE.sub(one, text) if "\\" in text else text


def arguments(call: Node) -> list[Node]:
    """What a call is given; none for one with a template."""
    found = call.get("arguments")
    return found.parts if found is not None and found.type == "arguments" else []


class Specifier(NamedTuple):
    """A file or package that is named; `begin` to `end` is the text inside its quotes."""

    text: str
    begin: int
    end: int
    runs: bool
    """What it means is loaded by that; else only its types are read, or it may be replaced."""
    names: tuple[str, ...] = ()
    """What is taken of it, by the names that it has there."""


class Imports(NamedTuple):
    """`told`: nothing else is imported, as far as the text says."""

    found: tuple[Specifier, ...]
    told: bool


def imports(tree: SyntaxTree) -> Imports:
    """What a file imports; of a tree with gaps, what can be seen."""
    found: list[Specifier] = []
    told = tree.whole
    for name, node in tree.captures("imports"):
        if name == "from":
            found.append(_specifier(node, runs=not _types_only(node)))
        elif name == "call":
            callee = node.get("function")
            called = dotted_name(callee) if callee is not None else ""
            given = arguments(node)
            loads = called in LOADS
            if given and (loads or MAY_LOAD.search(called)):
                if literal(given[0]) is not None:
                    found.append(_specifier(given[0], runs=loads))
                else:
                    told = told and not loads
        elif node.text in ("require", "eval") and not _plain_use(node):
            told = False
    return Imports(tuple(found), told)


def _specifier(node: Node, *, runs: bool) -> Specifier:
    clause = node.parent.walk() if node.parent is not None and node.field == "source" else ()
    titles = [one.get("name") for one in clause if one.type == "import_specifier"]
    names = tuple(title.text for title in titles if title is not None)
    return Specifier(literal(node) or "", node.start + 1, node.end - 1, runs, names)


def _types_only(node: Node) -> bool:
    """True for `import type ... from`."""
    statement = node.parent
    return statement is not None and any(
        c.type in ("type", "typeof") and not c.named for c in statement.children
    )


def _plain_use(node: Node) -> bool:
    """True where `require` is called, declared by `createRequire` or asked about itself."""
    parent = node.parent
    while parent is not None and parent.type in WRAPS:
        node, parent = parent, parent.parent
    if parent is None or "eval" in node.text:
        return False
    if parent.type == "call_expression":
        return node.field == "function"
    if parent.type == "member_expression":
        name = parent.get("property")
        return name is not None and name.text in ASKS
    if parent.type == "variable_declarator" and node.field == "name":
        value = parent.get("value")
        return value is not None and "createRequire" in value.text
    return parent.type == "unary_expression"


def exported_names(tree: SyntaxTree) -> Iterator[str]:
    """Names under which a file gives something of its own, or of another file, to others."""
    for statement in tree.root.parts:
        if statement.type != "export_statement":
            continue
        if any(c.type == "default" for c in statement.children):
            yield "default"
        for node in statement.parts:
            yield from _declares(node)


def _declares(node: Node) -> Iterator[str]:
    if node.type == "export_clause":
        for one in node.parts:
            name = one.get("alias") or one.get("name")
            if name is not None:
                yield name.text
    elif node.field == "declaration":
        name = node.get("name")
        if name is not None:
            yield name.text
        for one in node.parts:
            title = one.get("name") if one.type == "variable_declarator" else None
            for word in title.walk() if title is not None else ():
                if word.type in ("identifier", "shorthand_property_identifier_pattern"):
                    yield word.text

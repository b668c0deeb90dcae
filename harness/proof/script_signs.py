"""What signs of a false fix are read from in JavaScript and TypeScript. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from harness.proof.script import LOGGERS, Lines, whole_tree
from harness.syntax.script import dotted_name, literal
from harness.syntax.tree import Node

LOOKS_UP: Final = frozenset(("get", "has", "includes", "indexOf", "startsWith", "endsWith", "test"))
FUNCTIONS: Final = frozenset(("arrow_function", "function_expression"))
ALL_ERRORS: Final = frozenset(("uncaughtException", "unhandledRejection"))
FOREIGN: Final = re.compile(
    r"(?:globalThis\.|global\.|window\.)?(?:(?:Array|Object|String|Number|Date|Math|JSON|Promise"
    r"|RegExp|Function|Map|Set|Reflect|Symbol|BigInt|Error)(?:\.prototype)?|console|performance)"
    r"(?:\.\w+|\[.+?\]|$)|(?:globalThis|global)(?:\.\w+|\[.+?\]|$)"
    r"|process\.(?:exit|on|emit|env|hrtime|nextTick)\b(?!\.)"
)
"""What is the language's own."""


def literals(text: str) -> frozenset[str | int | float]:
    """Values written in a text."""
    tree = whole_tree(text, "a.ts") or whole_tree(text, "a.tsx")
    return frozenset(
        value
        for node in (tree.root.walk() if tree is not None else ())
        if (value := _value(node)) is not None
    )


def _value(node: Node) -> str | int | float | None:
    if node.type in ("string", "template_string", "binary_expression"):
        return literal(node)
    if node.type == "number":
        try:
            return float(node.text) if "." in node.text else int(node.text, 0)
        except ValueError:
            return None
    return None


def comparisons(text: str, path: str) -> Iterator[tuple[int, str | int | float]]:
    """Values that a branch compares with, and the lines where it does, or where the value got the
    name that it is compared by."""
    tree = whole_tree(text, path)
    if tree is None:
        return
    lines, known = Lines(text), _named(tree.root)
    for node in tree.root.walk():
        for test in _tests(node):
            for one in test.walk():
                if (value := _value(one)) is not None:
                    yield lines.of(one.start), value
                for held in known.get(one.text, ()) if one.type == "identifier" else ():
                    yield lines.of(held.start), _value(held) or 0


def _tests(node: Node) -> Iterator[Node]:
    test = node.get("condition")
    compares = node.type == "binary_expression" and "=" in _operator(node)
    if compares or (node.type == "call_expression" and _called(node) in LOOKS_UP):
        test = node
    elif node.type == "switch_case":
        test = node.get("value")
    elif node.type == "pair":
        key = node.get("key")
        # words that could be names are names of fields
        test = None if key is None or key.text.strip("'\"").isidentifier() else key
    if test is not None:
        yield test


def _operator(node: Node) -> str:
    sign = node.get("operator")
    return "" if sign is None else sign.text


def _called(node: Node) -> str:
    called = node.get("function")
    last = called.get("property") or called if called is not None else None
    return "" if last is None else last.text


def _named(root: Node) -> dict[str, list[Node]]:
    """Name of a variable -> values that it is given: one, or those of a collection."""
    found: dict[str, list[Node]] = {}
    for node in root.walk():
        if node.type == "variable_declarator":
            name, given = node.get("name"), node.get("value")
            if name is not None and given is not None and _is_collection(given):
                values = [one for one in given.walk() if _value(one) is not None]
                found.setdefault(name.text, []).extend(values)
    return found


def _is_collection(node: Node) -> bool:
    return node.type in ("array", "new_expression") or _value(node) is not None


def broad_handlers(text: str, path: str) -> Iterator[int]:
    """Lines where every error ends: handlers that throw nothing again and hand the error to
    nobody, `finally` that returns, a process that is told to go on."""
    tree = whole_tree(text, path)
    lines = Lines(text)
    for node in tree.root.walk() if tree is not None else ():
        if _swallows(node):
            yield lines.of(node.start)


def _swallows(node: Node) -> bool:
    if node.type == "catch_clause":
        return _ends(node, node.get("parameter"))
    if node.type == "finally_clause":
        return any(one.type == "return_statement" for one in node.walk())
    if node.type != "call_expression":
        return False
    given = node.get("arguments")
    first = given.parts[0] if given is not None and given.parts else None
    if first is None:
        return False
    if _called(node) == "catch" and first.type in FUNCTIONS:
        return _ends(first, first.get("parameter") or first.get("parameters"))
    return _called(node) in ("on", "once") and literal(first) in ALL_ERRORS


def _ends(node: Node, error: Node | None) -> bool:
    """Whether what caught an error throws none, decides nothing and passes it on to nobody."""
    words = {one.text for one in error.walk() if one.type == "identifier"} if error else set()
    for one in node.walk():
        if one.type in ("throw_statement", "if_statement"):
            return False
        if one.type == "call_expression":
            called = one.get("function")
            logs = called is not None and bool(LOGGERS & set(dotted_name(called).split(".")))
            given = one.get("arguments")
            passed = {n.text for n in given.walk()} if given is not None else set()
            if not logs and words & passed:
                return False
    return True


def patches(text: str, path: str) -> Iterator[tuple[int, str]]:
    """Where something of the language's own is put in the place of it: the line and its name."""
    tree = whole_tree(text, path)
    lines = Lines(text)
    for node in tree.root.walk() if tree is not None else ():
        target = node.get("left") if node.type == "assignment_expression" else None
        if node.type == "call_expression" and _called(node) in ("defineProperty", "assign"):
            given = node.get("arguments")
            target = given.parts[0] if given is not None and given.parts else None
        if target is not None and (found := FOREIGN.match(target.text)):
            yield lines.of(node.start), found[0]

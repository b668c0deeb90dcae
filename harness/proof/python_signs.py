"""What signs of a false fix are read from in Python. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from harness.proof.python import FUNCTION, parse

Literal = str | int | float
BROAD = frozenset(("Exception", "BaseException"))


def literals(text: str) -> frozenset[Literal]:
    """Values written in a text, docstrings left out."""
    tree = parse(text)
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)} if tree else ()
    return frozenset(
        node.value
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, ast.Constant) and id(node) not in docs
        if isinstance(node.value, (str, int, float))
    )


def comparisons(text: str, _path: str) -> Iterator[tuple[int, Literal]]:
    """Values that a branch compares with, and the lines where it does."""
    tree = parse(text)
    for node in ast.walk(tree) if tree is not None else ():
        for test in _tests(node):
            for one in ast.walk(test):
                value = one.value if isinstance(one, ast.Constant) else None
                if isinstance(value, (str, int, float)):
                    yield one.lineno, value  # type: ignore[attr-defined]


def _tests(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield test
        case ast.match_case(pattern=pattern):
            yield pattern
        case ast.comprehension(ifs=ifs):
            yield from ifs
        case ast.Dict(keys=keys):
            # a table of inputs is a branch too
            yield from (key for key in keys if key is not None)
        case _:
            return


def broad_handlers(text: str, _path: str) -> Iterator[int]:
    """Lines of handlers that take every error and raise none again."""
    tree = parse(text)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
            inner = (one for statement in node.body for one in ast.walk(statement))
            if not any(isinstance(one, ast.Raise) for one in inner):
                yield node.lineno


def _is_broad(kind: ast.expr | None) -> bool:
    if kind is None:
        return True
    if isinstance(kind, ast.Tuple):
        return any(_is_broad(one) for one in kind.elts)
    return isinstance(kind, ast.Name) and kind.id in BROAD


class Shape(NamedTuple):
    """How something may be called: parameters by place, how many of them must be given, names
    that may be given, whether anything goes."""

    by_place: tuple[str, ...]
    needed: int
    named: frozenset[str]
    needed_named: frozenset[str]
    any_place: bool
    any_name: bool

    def takes(self, other: Shape) -> bool:
        """Whether each call that the other takes is taken here, as far as their heads tell."""
        fewer = len(self.by_place) < len(other.by_place) and not self.any_place
        gone = {*other.by_place, *other.named} - {*self.by_place, *self.named}
        renamed = bool(gone) and not self.any_name
        must = self.needed_named - other.needed_named - {*other.by_place[: other.needed]}
        return not (fewer or renamed or self.needed > other.needed or must)


def public_calls(text: str) -> dict[str, Shape]:
    """Functions, classes and methods of a module that have no leading underscore -> how each may
    be called; a class by its __init__."""
    tree = parse(text)
    found: dict[str, Shape] = {}
    for node in tree.body if tree is not None else ():
        if isinstance(node, FUNCTION) and not node.name.startswith("_"):
            found[node.name] = _shape(node, method=False)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found[node.name] = ANYTHING
            for inner in node.body:
                if isinstance(inner, FUNCTION) and not inner.name.startswith("_"):
                    found[f"{node.name}.{inner.name}"] = _shape(inner, method=True)
                elif isinstance(inner, FUNCTION) and inner.name == "__init__":
                    found[node.name] = _shape(inner, method=True)
    return found


ANYTHING = Shape((), 0, frozenset(), frozenset(), any_place=True, any_name=True)


def _shape(node: ast.FunctionDef | ast.AsyncFunctionDef, *, method: bool) -> Shape:
    given = node.args
    placed = [one.arg for one in (*given.posonlyargs, *given.args)]
    marks = {one.id for one in node.decorator_list if isinstance(one, ast.Name)}
    own = 1 if method and placed and "staticmethod" not in marks else 0
    needed = max(0, len(placed) - own - len(given.defaults))
    named = [one.arg for one in given.kwonlyargs]
    must = [one for one, default in zip(named, given.kw_defaults, strict=True) if default is None]
    return Shape(
        by_place=tuple(placed[own:]),
        needed=needed,
        named=frozenset(named),
        needed_named=frozenset(must),
        any_place=given.vararg is not None,
        any_name=given.kwarg is not None,
    )

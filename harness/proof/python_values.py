"""Values that Python code writes down, however it puts them together. Pure."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import Final

Literal = str | int | float
LONGEST: Final = 10_000
BROAD: Final = frozenset(("Exception", "BaseException"))
DISPLAYS = (ast.List, ast.Tuple, ast.Set, ast.Dict, ast.UnaryOp, ast.Constant, ast.JoinedStr)


def value_of(node: ast.AST) -> Literal | None:
    """The text or number that an expression is, where that is written down: as it is, joined,
    repeated, turned round, decoded."""
    match node:
        case ast.Constant(value=bytes() as data):
            return data.decode("utf-8", "replace")
        case ast.Constant(value=(str() | int() | float()) as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            number = value_of(inner)
            return -number if isinstance(number, (int, float)) else None
        case ast.BinOp(left=left, op=op, right=right):
            return _joined(op, value_of(left), value_of(right))
        case ast.JoinedStr(values=parts):
            return _together(parts)
        case ast.FormattedValue(value=inner, format_spec=None):
            return value_of(inner)
        case ast.Subscript(value=inner, slice=ast.Slice(lower=None, upper=None, step=step)):
            text = value_of(inner)
            turned = step is not None and value_of(step) == -1
            return text[::-1] if turned and isinstance(text, str) else None
        case ast.Call():
            return _called(node)
        case _:
            return None


def _joined(op: ast.operator, left: Literal | None, right: Literal | None) -> Literal | None:
    match op, left, right:
        case ast.Add(), str(), str():
            return left + right if len(left) + len(right) <= LONGEST else None
        case ast.Mult(), str(), int():
            return left * right if len(left) * max(right, 0) <= LONGEST else None
        case _:
            return None


def _together(parts: list[ast.expr]) -> str | None:
    said = [value_of(part) for part in parts]
    return None if any(one is None for one in said) else "".join(map(str, said))[:LONGEST]


def _called(node: ast.Call) -> Literal | None:
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr="decode" | "encode" | "strip")):
            return value_of(inner)
        case ast.Call(func=ast.Attribute(value=between, attr="join"), args=[parts]):
            if value_of(between) == "" and isinstance(parts, (ast.List, ast.Tuple)):
                return _together(parts.elts)
            return None
        case ast.Call(func=ast.Name(id="chr"), args=[ast.Constant(value=int() as code)]):
            return chr(code) if 0 <= code < 0x110000 else None
        case ast.Call(func=ast.Name(id="str" | "int" | "float"), args=[inner]):
            return value_of(inner)
        case _:
            return None


def values_in(node: ast.AST) -> Iterator[tuple[int, Literal]]:
    """Each value that stands anywhere in it, whole and in parts, and its line."""
    for one in ast.walk(node):
        if isinstance(one, ast.expr) and (value := value_of(one)) is not None:
            yield one.lineno, value


def written(node: ast.AST) -> bool:
    """Whether an expression is only written down: nothing is looked up or called in it."""
    return all(
        isinstance(one, (*DISPLAYS, ast.expr_context, ast.unaryop, ast.FormattedValue))
        for one in ast.walk(node)
    )


def values_by_name(tree: ast.AST) -> Mapping[str, list[tuple[int, Literal]]]:
    """Name of a variable, an attribute or a parameter -> values that it is given: one, or those
    of a collection."""
    found: dict[str, list[tuple[int, Literal]]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                pairs: list[tuple[ast.expr, ast.expr]] = [(target, value) for target in targets]
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                pairs = [(target, value)]
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                pairs = list(_defaults(node.args))
            case _:
                continue
        for owner, given in pairs:
            name = name_of(owner)
            if name and (values := list(_held(given))):
                found.setdefault(name, []).extend(values)
    return found


def _defaults(given: ast.arguments) -> Iterator[tuple[ast.expr, ast.expr]]:
    placed = [*given.posonlyargs, *given.args][-len(given.defaults) :] if given.defaults else []
    for one, default in zip(placed, given.defaults, strict=True):
        yield ast.Name(id=one.arg), default
    for one, maybe in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        if maybe is not None:
            yield ast.Name(id=one.arg), maybe


def name_of(node: ast.AST) -> str:
    """Its last word, "" for what is no name."""
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _held(value: ast.expr) -> Iterator[tuple[int, Literal]]:
    if isinstance(value, ast.Call) and name_of(value.func) in ("frozenset", "set", "list", "tuple"):
        for arg in value.args:
            yield from _held(arg)
    elif isinstance(value, (ast.List, ast.Tuple, ast.Set)):
        for one in value.elts:
            yield from _held(one)
    elif (said := value_of(value)) is not None:
        yield value.lineno, said


def is_broad(kind: ast.expr | None, broad: Collection[str] = BROAD) -> bool:
    """Whether a handler of this kind takes every error; `broad` are the names of all of them."""
    if kind is None:
        return True
    if isinstance(kind, ast.Tuple):
        return any(is_broad(one, broad) for one in kind.elts)
    return name_of(kind) in broad

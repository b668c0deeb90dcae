"""What signs of a false fix are read from in Python. Pure."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import Final

from harness.proof.calls import ANYTHING, Shape
from harness.proof.python import FUNCTION, parse
from harness.proof.python_values import (
    BROAD,
    Literal,
    is_broad,
    name_of,
    value_of,
    values_by_name,
    values_in,
)

OWN: Final = frozenset(("sys.stdout", "sys.stderr", "sys.stdin", "sys.argv", "sys.path"))
"""What a program may set of another module's."""


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
    """Values that a branch compares with, and the lines where it does, or where the value got the
    name that it is compared by."""
    tree = parse(text)
    if tree is None:
        return
    known = values_by_name(tree)
    for node in ast.walk(tree):
        for test in _tests(node):
            yield from values_in(test)
            for one in ast.walk(test):
                yield from known.get(name_of(one), ())


def _tests(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield test
        case ast.Compare(comparators=others):
            yield node.left
            yield from others
        case ast.match_case(pattern=pattern):
            yield pattern
        case ast.comprehension(ifs=ifs):
            yield from ifs
        case ast.Dict(keys=keys):
            # a table of inputs is a branch too; words that could be names are names of fields
            yield from (key for key in keys if key is not None and not _is_field(key))
        case ast.Call(func=ast.Attribute(attr="get" | "pop" | "index" | "count"), args=args):
            yield from args
        case _:
            return


def _is_field(key: ast.expr) -> bool:
    value = key.value if isinstance(key, ast.Constant) else None
    return isinstance(value, str) and value.isidentifier()


def broad_handlers(text: str, _path: str) -> Iterator[int]:
    """Lines where every error ends: handlers that take each and raise none again, `finally` that
    returns, contexts that say that all is well."""
    tree = parse(text)
    if tree is None:
        return
    broad = BROAD | {
        name_of(target)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and name_of(node.value) in BROAD
        for target in node.targets
    }
    for node in ast.walk(tree):
        match node:
            case ast.ExceptHandler(type=kind, body=body) if is_broad(kind, broad):
                inner = (one for statement in body for one in ast.walk(statement))
                if not any(isinstance(one, ast.Raise) for one in inner):
                    yield node.lineno
            case ast.Call(func=func, args=args) if name_of(func) == "suppress":
                if any(is_broad(arg, broad) for arg in args):
                    yield node.lineno
            case ast.Try(finalbody=body):
                yield from (one.lineno for one in body if isinstance(one, ast.Return))
            case ast.FunctionDef(name="__exit__") | ast.AsyncFunctionDef(name="__aexit__"):
                yield from _always_well(node)
            case _:
                continue


def _always_well(node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[int]:
    last = node.body[-1]
    if isinstance(last, ast.Return) and last.value is not None and value_of(last.value) is True:
        yield last.lineno


def patches(text: str, _path: str) -> Iterator[tuple[int, str]]:
    """Where something of another module is put in the place of its own: the line and its name."""
    tree = parse(text)
    if tree is None:
        return
    foreign = _imported(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets):
                yield from ((node.lineno, _foreign(t, foreign)) for t in targets)
            case ast.AugAssign(target=target) | ast.Delete(targets=[target]):
                yield node.lineno, _foreign(target, foreign)
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[owner, *_]):
                if (root := _root(owner)) in foreign:
                    yield node.lineno, root
            case _:
                continue


def _imported(tree: ast.AST) -> frozenset[str]:
    """Names of other packages' modules and of what is theirs."""
    found = {"builtins", "__builtins__"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {(one.asname or one.name).partition(".")[0] for one in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {one.asname or one.name for one in node.names}
    return frozenset(found)


def _foreign(target: ast.expr, foreign: Collection[str]) -> str:
    """The name of what is replaced; "" where it is one's own."""
    if isinstance(target, ast.Attribute) and _root(target) in foreign:
        return "" if ast.unparse(target) in OWN else ast.unparse(target)
    if isinstance(target, ast.Subscript) and _root(target) in foreign:
        held = ast.unparse(target.value)
        return held if held.endswith(("sys.modules", "__dict__", "__builtins__")) else ""
    return ""


def _root(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def public_calls(text: str) -> dict[str, Shape]:
    """What a module names without a leading underscore: functions, classes, methods, constants ->
    how each may be called; a class by its __init__."""
    tree = parse(text)
    found: dict[str, Shape] = {}
    for node in tree.body if tree is not None else ():
        if isinstance(node, FUNCTION) and not node.name.startswith("_"):
            found[node.name] = _shape(node, method=False)
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found[node.name] = ANYTHING
            found |= _methods(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = (one.id for one in targets if isinstance(one, ast.Name))
            found |= {name: ANYTHING for name in names if not name.startswith("_")}
    return found


def _methods(node: ast.ClassDef) -> dict[str, Shape]:
    found = {}
    for inner in node.body:
        if isinstance(inner, FUNCTION) and not inner.name.startswith("_"):
            found[f"{node.name}.{inner.name}"] = _shape(inner, method=True)
        elif isinstance(inner, FUNCTION) and inner.name == "__init__":
            found[node.name] = _shape(inner, method=True)
    return found


def still_there(text: str, names: Collection[str]) -> dict[str, Shape]:
    """What can be had from a module: its own, and those of the names that it imports from
    elsewhere, with their methods."""
    tree, own = parse(text), public_calls(text)
    imported = {
        one.asname or one.name
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, ast.ImportFrom)
        for one in node.names
    }
    every = "*" in imported
    heads = {name: name.partition(".")[0] for name in names}
    found = {n for n, head in heads.items() if head not in own and (every or head in imported)}
    return {**dict.fromkeys(found, ANYTHING), **own}


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

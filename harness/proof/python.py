"""Python as a proof reads it: what a text means, which names it binds and uses. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Final

from harness.syntax.python import parse_module

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITION = (*FUNCTION, ast.ClassDef)
LEVELS: Final = frozenset(
    ("debug", "info", "warning", "warn", "error", "exception", "critical", "log", "trace")
)
LOGGERS: Final = frozenset(("log", "logger", "logging", "_log", "_logger", "LOG", "LOGGER"))
NOTHING = ast.Pass()


def parse(text: str) -> ast.Module | None:
    """None for what Python cannot read."""
    try:
        return parse_module(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def meaning(text: str) -> str | None:
    """What is left of a text without comments, docstrings, imports, types, logging and the words
    of messages: two texts of one meaning do the same. None for what is no Python."""
    tree = parse(text)
    if tree is None:
        return None
    try:
        return ast.dump(_Plain().visit(tree))
    except RecursionError:
        return None


class _Plain(ast.NodeTransformer):
    """Takes away what no test is asked to notice."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name, value in ast.iter_fields(node):
            if name in ("body", "orelse", "finalbody") and isinstance(value, list):
                kept = [one for one in value if not _says_nothing(one)]
                setattr(node, name, kept or ([NOTHING] if name == "body" else []))
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST | None:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST | None:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST | None:
        if any(_last_name(one) == "overload" for one in node.decorator_list):
            return None
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            # a field of a dataclass is one by its annotation alone
            return ast.Expr(ast.Set([ast.Constant("annotated"), node.target]))
        plain = ast.Assign(targets=[node.target], value=node.value)
        return self.generic_visit(plain)

    def visit_Import(self, node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return None

    def visit_If(self, node: ast.If) -> ast.AST | None:
        if _last_name(node.test) == "TYPE_CHECKING" and not node.orelse:
            return None
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        if isinstance(node.exc, ast.Call):
            node.exc.args = [_wordless(one) for one in node.exc.args]
        return self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        node.msg = None
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = _last_name(node.func)
        if name == "cast" and len(node.args) == 2:
            return self.generic_visit(node.args[1])
        if name == "warn":
            node.args = [_wordless(one) for one in node.args]
        return self.generic_visit(node)


def _says_nothing(node: ast.stmt) -> bool:
    """A docstring, a bare constant, a call of a logger."""
    if isinstance(node, ast.Pass):
        return True
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    if isinstance(value, ast.Constant):
        return True
    return isinstance(value, ast.Call) and logs(value.func)


def logs(called: ast.expr) -> bool:
    """Whether what is called is a logger's."""
    if not isinstance(called, ast.Attribute) or called.attr not in LEVELS:
        return False
    return _last_name(called.value) in LOGGERS


def _wordless(node: ast.expr) -> ast.expr:
    """A message without its words; what it computes stays."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return ast.Constant("")
    if isinstance(node, ast.JoinedStr):
        return ast.Constant("")
    return node


def _last_name(node: ast.AST) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def bound(text: str) -> dict[str, tuple[int, ...]]:
    """Names that a text binds -> the lines where it does: definitions, parameters, assignments,
    attributes, imports."""
    found: dict[str, list[int]] = {}
    tree = parse(text)
    for node in ast.walk(tree) if tree is not None else ():
        for name in _bound_by(node):
            found.setdefault(name, []).append(getattr(node, "lineno", 0))
    return {name: tuple(lines) for name, lines in found.items()}


def _bound_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.arg():
            yield node.arg
        case ast.Name(ctx=ast.Store()):
            yield node.id
        case ast.Attribute(ctx=ast.Store()):
            yield node.attr
        case ast.alias():
            yield (node.asname or node.name).partition(".")[0]
        case ast.ExceptHandler(name=str()):
            yield node.name or ""
        case _:
            return


def names_used(text: str) -> dict[str, tuple[int, ...]]:
    """Names that a text uses -> the lines where it does."""
    found: dict[str, list[int]] = {}
    tree = parse(text)
    for node in ast.walk(tree) if tree is not None else ():
        for name in _used_by(node):
            found.setdefault(name, []).append(getattr(node, "lineno", 0))
    return {name: tuple(lines) for name, lines in found.items()}


def _used_by(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(ctx=ast.Load() | ast.Del()):
            yield node.id
        case ast.Attribute(ctx=ast.Load() | ast.Del()):
            yield node.attr
        case ast.keyword(arg=str()):
            yield node.arg or ""
        case ast.alias():
            yield node.name.rpartition(".")[2]
        case _:
            return


def definition_lines(text: str) -> tuple[int, ...]:
    """Lines where a definition of a module or a class begins, its decorators with it."""
    tree = parse(text)
    waiting: list[Sequence[ast.stmt]] = [tree.body] if tree is not None else []
    found = []
    while waiting:
        for node in waiting.pop():
            if isinstance(node, DEFINITION):
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                found += [first, (node.end_lineno or node.lineno) + 1]
            if isinstance(node, ast.ClassDef):
                waiting.append(node.body)
    return tuple(sorted(set(found)))

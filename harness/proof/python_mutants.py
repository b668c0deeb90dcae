"""What can be altered in lines of Python. Pure."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Final

from harness.proof.edits import Edit, Kind
from harness.proof.python import logs, parse

COMPARED: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], Kind]]] = {
    ast.Lt: (ast.LtE, "boundary"),
    ast.LtE: (ast.Lt, "boundary"),
    ast.Gt: (ast.GtE, "boundary"),
    ast.GtE: (ast.Gt, "boundary"),
    ast.Eq: (ast.NotEq, "condition"),
    ast.NotEq: (ast.Eq, "condition"),
    ast.Is: (ast.IsNot, "condition"),
    ast.IsNot: (ast.Is, "condition"),
    ast.In: (ast.NotIn, "condition"),
    ast.NotIn: (ast.In, "condition"),
}
COUNTED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
}
NONE: Final = ast.Constant(None)
REMOVED: Final = (ast.Expr, ast.Assign, ast.AugAssign, ast.Delete, ast.Break, ast.Continue)


def edits_of(text: str, lines: frozenset[int]) -> tuple[Edit, ...]:
    """In the order of the text; those only that read, and read as something else."""
    tree = parse(text)
    if tree is None:
        return ()
    places = _Places(text)
    found = [
        edit
        for node in _asked(tree)
        if getattr(node, "lineno", 0) in lines
        for edit in _of(node, places)
    ]
    meant = ast.dump(tree)
    return tuple(edit for edit in sorted(found) if _differs(edit.applied(text), meant))


def _differs(text: str, meant: str) -> bool:
    made = parse(text)
    return made is not None and ast.dump(made) != meant


def _asked(tree: ast.Module) -> Iterator[ast.AST]:
    """Everything but docstrings, types, logging and the words of messages."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Expr) and _says_only(node.value):
            continue
        yield node
        waiting += _below(node)


def _says_only(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) or (isinstance(value, ast.Call) and logs(value.func))


def _below(node: ast.AST) -> Iterator[ast.AST]:
    left_out: list[ast.AST | None] = []
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            left_out = [node.returns]
        case ast.arg() | ast.AnnAssign():
            left_out = [node.annotation]
        case ast.Assert():
            left_out = [node.msg]
        case ast.Raise(exc=ast.Call(args=args)):
            left_out = [one for one in args if isinstance(one, (ast.Constant, ast.JoinedStr))]
            yield from (a for a in args if not any(a is one for one in left_out))
            return
        case ast.Import() | ast.ImportFrom() | ast.JoinedStr():
            return
    yield from (
        one for one in ast.iter_child_nodes(node) if not any(one is skip for skip in left_out)
    )


def _of(node: ast.AST, places: _Places) -> Iterator[Edit]:
    for alter in (_condition, _value, _statement):
        if found := alter(node):
            target, kind, made = found
            yield places.edit(target, kind, made)


Altered = tuple[ast.stmt | ast.expr, Kind, ast.AST]


def _condition(node: ast.AST) -> Altered | None:
    match node:
        case ast.Compare(ops=[op]) if type(op) in COMPARED:
            other, kind = COMPARED[type(op)]
            return node, kind, ast.Compare(node.left, [other()], node.comparators)
        case ast.BoolOp():
            turned = ast.Or() if isinstance(node.op, ast.And) else ast.And()
            return node, "condition", ast.BoolOp(turned, node.values)
        case ast.UnaryOp(op=ast.Not()):
            return node, "condition", node.operand
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            if not isinstance(test, (ast.Compare, ast.UnaryOp, ast.Constant)):
                return test, "condition", ast.UnaryOp(ast.Not(), test)
    return None


def _value(node: ast.AST) -> Altered | None:
    match node:
        case ast.BinOp(op=op) if type(op) in COUNTED and not _is_text(node):
            return node, "constant", ast.BinOp(node.left, COUNTED[type(op)](), node.right)
        case ast.Constant(value=value) if (changed := _other(value)) is not None:
            return node, "constant", ast.Constant(changed)
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            return value, "return", NONE
    return None


def _statement(node: ast.AST) -> Altered | None:
    if isinstance(node, ast.Raise):
        return node, "raise", ast.Pass()
    return (node, "statement", ast.Pass()) if isinstance(node, REMOVED) else None


def _is_text(node: ast.BinOp) -> bool:
    sides = (node.left, node.right)
    return any(
        isinstance(s, ast.JoinedStr) or (isinstance(s, ast.Constant) and isinstance(s.value, str))
        for s in sides
    )


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _other(value: object) -> bool | int | float | str | None:
    """Another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return "" if isinstance(value, str) and value else None


class _Places:
    """Where nodes stand, in characters: Python counts bytes of a line."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._rows = text.encode("utf-8", "replace").splitlines(keepends=True)
        self._starts = [0]
        for row in self._rows:
            self._starts.append(self._starts[-1] + len(row.decode("utf-8", "replace")))

    def edit(self, node: ast.stmt | ast.expr, kind: Kind, made: ast.AST) -> Edit:
        """The node's text as another's; an expression in brackets of its own."""
        said = ast.unparse(ast.fix_missing_locations(copy.deepcopy(made)))
        simple = isinstance(made, (ast.stmt, ast.Constant))
        return Edit(
            line=node.lineno,
            kind=kind,
            start=self._at(node.lineno, node.col_offset),
            end=self._at(node.end_lineno or node.lineno, node.end_col_offset or 0),
            text=said if simple else f"({said})",
        )

    def _at(self, line: int, column: int) -> int:
        row = self._rows[line - 1]
        return self._starts[line - 1] + len(row[:column].decode("utf-8", "replace"))

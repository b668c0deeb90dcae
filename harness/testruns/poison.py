"""Is a function run at all? A raise at its head tells, where no tracer can look (a test that
starts a process of its own). Python, by its syntax tree. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from harness.syntax.python import parse_module

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef
RAISE = 'raise RuntimeError("harness asks whether this function is run")'


def executable(text: str, lines: Iterable[int]) -> frozenset[int] | None:
    """Those of the lines (from 1) on which a statement of a function begins or goes on: what a
    call can run. None when the text is no Python."""
    tree = _parse(text)
    if tree is None:
        return None
    wanted = frozenset(lines)
    found: set[int] = set()
    for function in _functions(tree):
        for statement in _statements(function):
            found |= wanted & set(_own_lines(statement))
    return frozenset(found)


def insert_raises(text: str, lines: Iterable[int]) -> str | None:
    """The text with a raise at the head of each function that holds one of the lines; None when
    there is none such, or the text is no Python."""
    tree = _parse(text)
    if tree is None:
        return None
    wanted = frozenset(lines)
    heads = [
        f for f in _functions(tree) if any(wanted & set(_own_lines(s)) for s in _statements(f))
    ]
    rows = text.splitlines(keepends=True)
    for function in sorted(heads, key=lambda f: -f.body[0].lineno):
        first = function.body[0]
        row = rows[first.lineno - 1]
        # a body on the line of its head begins where its first statement does
        before = row.encode()[: first.col_offset].decode()
        if before.strip():
            rows[first.lineno - 1] = f"{before}{RAISE}; {row[len(before) :]}"
        else:
            rows[first.lineno - 1] = f"{before}{RAISE}\n{row}"
    made = "".join(rows)
    return made if heads and _parse(made) is not None else None


def _parse(text: str) -> ast.Module | None:
    try:
        return parse_module(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _functions(tree: ast.Module) -> Iterator[Function]:
    for node in ast.walk(tree):
        if isinstance(node, FUNCTION):
            yield node


def _statements(function: Function) -> Iterator[ast.stmt]:
    """What a call of this function may run, what its inner functions hold left out."""
    waiting: list[ast.AST] = [s for s in function.body if not _is_text(s)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, (*FUNCTION, ast.ClassDef, ast.Lambda)):
            waiting += ast.iter_child_nodes(node)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _own_lines(statement: ast.stmt) -> Iterator[int]:
    """Its lines without those of the blocks below it."""
    if isinstance(statement, (*FUNCTION, ast.ClassDef)):
        yield statement.lineno
        return
    blocks: list[Sequence[ast.AST]] = [
        block for name, block in ast.iter_fields(statement) if name in BLOCKS and block
    ]
    inner = {
        line
        for block in blocks
        for node in block
        for line in range(_first(node), (getattr(node, "end_lineno", None) or 0) + 1)
    }
    end = statement.end_lineno or statement.lineno
    yield from (line for line in range(statement.lineno, end + 1) if line not in inner)


BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def _first(node: ast.AST) -> int:
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    return int(getattr(node, "lineno", 0))

"""Documentation of a Python module: its docstrings and the signatures that they are about, from its
tree. Nothing is imported, nothing is run."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Final

from harness.syntax.python import parse_module

MOST_SIGNATURE: Final = 400
Function = ast.FunctionDef | ast.AsyncFunctionDef
_CALLED: Final = frozenset(("__init__", "__call__"))


def module_docs(text: str, name: str) -> str:
    """Markdown; "" for a module that documents nothing, or cannot be read."""
    try:
        tree = parse_module(text)
        parts = [*_documented(tree, "", 2)]
        about = _docstring(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    if not about and not parts:
        return ""
    return "\n\n".join(part for part in (f"# {name}", about, *parts) if part)


def _documented(node: ast.Module | ast.ClassDef, prefix: str, depth: int) -> Iterator[str]:
    for part in node.body:
        if isinstance(part, Function) and _is_public(part.name):
            yield f"{'#' * depth} {prefix}{part.name}{_signature(part)}"
            yield _docstring(part)
        elif isinstance(part, ast.ClassDef) and _is_public(part.name):
            bases = ", ".join(_said(base) for base in part.bases)
            yield f"{'#' * depth} class {prefix}{part.name}{f'({bases})' if bases else ''}"
            yield _docstring(part)
            if depth < 4:
                yield from _documented(part, f"{prefix}{part.name}.", depth + 1)


def _is_public(name: str) -> bool:
    return not name.startswith("_") or name in _CALLED


def _signature(node: Function) -> str:
    returns = f" -> {_said(node.returns)}" if node.returns is not None else ""
    return f"({_said(node.args)}){returns}"


def _said(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= MOST_SIGNATURE else f"{text[:MOST_SIGNATURE]}…"


def _docstring(node: ast.Module | ast.ClassDef | Function) -> str:
    found = ast.get_docstring(node, clean=False)
    return inspect.cleandoc(found).strip() if found else ""

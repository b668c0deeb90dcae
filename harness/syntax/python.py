"""Python's own parser, for one thread at a time."""

from __future__ import annotations

import ast
import threading
from typing import Final

_PARSING: Final = threading.Lock()
"""Releases of Python before 3.11.8 and 3.12.2 count its depth once for all threads, and two at work
end in a SystemError (https://github.com/python/cpython/issues/106905)."""


def parse_module(text: str) -> ast.Module:
    """The tree of a file. Raises what `ast.parse` raises: SyntaxError, ValueError, RecursionError,
    MemoryError."""
    with _PARSING:
        return ast.parse(text)


def parse_expression(text: str) -> ast.Expression:
    """The tree of one expression; raises the same."""
    with _PARSING:
        return ast.parse(text, mode="eval")

"""The compiled languages whose tests are read by their syntax trees. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Final

from harness.syntax.tree import parse
from harness.weakening.code_go import Go
from harness.weakening.code_java import Java
from harness.weakening.code_rust import Rust
from harness.weakening.code_tests import Dialect, read_code
from harness.weakening.demands import TestFile

DIALECTS: Final[Mapping[str, Callable[[str], Dialect]]] = {
    ".go": Go,
    ".rs": lambda name: Rust(),
    ".java": lambda name: Java(),
}


def is_read(path: str) -> bool:
    """Whether the tests of such a file can be understood."""
    return PurePosixPath(path).suffix in DIALECTS


def read_code_file(text: str, path: str) -> TestFile | None:
    """Its tests; None when it is beyond reading. Never raises."""
    name = PurePosixPath(path)
    tree = parse(text, path)
    if tree is None:
        return None
    return read_code(tree, DIALECTS[name.suffix](name.name))

"""Python's parser in several threads: releases of 3.11 and 3.12 count its depth once for all."""

from __future__ import annotations

import ast
import gc
import sys
import threading
from collections.abc import Iterator

import pytest

from harness.syntax.python import parse_expression, parse_module

TEXT = "\n".join(
    f"def f{n}(a):\n    if a:\n        for x in [1, (2, (3, [4, {{5: a}}]))]:\n            return x"
    for n in range(100)
)


class Busy:
    """In a circle with itself: the collector ends it, wherever it comes to run."""

    def __init__(self) -> None:
        self.me = self

    def __del__(self) -> None:
        for _ in range(50):
            pass


@pytest.fixture
def eager() -> Iterator[None]:
    """Threads take turns and the collector runs all the time."""
    before, pause = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(50)
    sys.setswitchinterval(1e-6)
    yield
    gc.set_threshold(*before)
    sys.setswitchinterval(pause)


@pytest.mark.usefixtures("eager")
def test_threads_do_not_disturb_each_other() -> None:
    """`ast.parse` itself raises SystemError about one time in fifteen here, on 3.11.7."""
    read: list[ast.AST] = []

    def work() -> None:
        for _ in range(20):
            for _ in range(20):
                Busy()
            read.append(parse_module(TEXT))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read) == 80


def test_it_raises_what_the_parser_raises() -> None:
    assert isinstance(parse_expression("a + 1").body, ast.BinOp)
    with pytest.raises(SyntaxError):
        parse_module("def (:")
    with pytest.raises(SyntaxError):
        parse_expression("a = 1")
    with pytest.raises((SyntaxError, ValueError)):
        parse_module("a\0")

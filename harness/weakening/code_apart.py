"""Tests in C and C++, read by a child (`code_child.py`) whose end is nobody's harm: what crashed
it, took too long or was answered with nonsense is not understood. Blocks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

from pydantic import ValidationError

from harness.syntax.tree import NATIVE
from harness.system.apart import ask_apart
from harness.weakening.demands import TestFile

CHILD: Final = "harness.weakening.code_child"
PATIENCE_S: Final = 45.0
MOST_ENDS: Final = 4
"""So many texts of one change may end the child; the rest is then not read."""
MOST_ANSWER: Final = 64 << 20
Texts = Sequence[tuple[str, str]]


def is_read_apart(path: str) -> bool:
    """Whether the tests of such a file are read by the child."""
    return PurePosixPath(path).suffix.lower() in NATIVE


def read_apart(texts: Texts) -> Mapping[tuple[str, str], TestFile]:
    """Those (path, text) that are understood, with their tests. Never raises."""
    found: dict[tuple[str, str], TestFile] = {}
    waiting = [*texts]
    for _ in range(MOST_ENDS):
        if not waiting:
            break
        answers = _ask(waiting)
        for key, answer in zip(waiting, answers, strict=False):
            read = _tests(answer)
            if read is not None:
                found[key] = read
        # the one after the last answer is what the child did not get over
        waiting = waiting[len(answers) + 1 :]
    return found


def _tests(answer: bytes) -> TestFile | None:
    if answer == b"null":
        return None
    try:
        return TestFile.model_validate_json(answer)
    except ValidationError:
        return None


def _ask(texts: Texts) -> list[bytes]:
    """Its answers, a line for each text that it got over."""
    out = ask_apart(CHILD, json.dumps([*texts]).encode(), PATIENCE_S, MOST_ANSWER)
    whole = out.split(b"\n")
    return whole[:-1][: len(texts)]

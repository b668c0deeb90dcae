"""Changed lines, each altered a little: would a test notice? Python by its syntax tree, JavaScript
and TypeScript by theirs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import zip_longest
from typing import Final

from harness.core.base import Value
from harness.proof import python_mutants, script_mutants
from harness.proof.edits import Edit, Kind
from harness.proof.groups import SCRIPT

MOST: Final = 200
"""Of one file."""


class Mutant(Value):
    """One file with one alteration. `line` is the new text's, from 1; `before` and `after` are
    the altered code, for people."""

    path: str
    line: int
    kind: Kind
    before: str
    after: str
    text: str


def mutants_of(path: str, text: str, lines: Collection[int]) -> tuple[Mutant, ...]:
    """Of these lines of a file (from 1), one a line before a second of any; none of a language
    that we cannot read, and none that reads as the text does."""
    wanted = frozenset(lines)
    found = _edits(path, text, wanted)
    by_line: dict[int, list[Edit]] = {}
    for edit in found:
        by_line.setdefault(edit.line, []).append(edit)
    turns = zip_longest(*by_line.values())
    ordered = [edit for turn in turns for edit in turn if edit is not None]
    return tuple(
        Mutant(
            path=path,
            line=edit.line,
            kind=edit.kind,
            before=_short(text[edit.start : edit.end]),
            after=_short(edit.text),
            text=edit.applied(text),
        )
        for edit in ordered[:MOST]
    )


def is_alterable(path: str) -> bool:
    """Whether lines of that language can be altered at all."""
    return path.endswith((".py", *SCRIPT))


def _edits(path: str, text: str, lines: frozenset[int]) -> Sequence[Edit]:
    if path.endswith(".py"):
        return python_mutants.edits_of(text, lines)
    if path.endswith(tuple(SCRIPT)):
        return script_mutants.edits_of(text, path, lines)
    return ()


def _short(code: str) -> str:
    return " ".join(code.split())[:80]

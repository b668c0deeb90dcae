"""Which lines of the new text a test must have run to be touched by a part of a change. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from harness.proof import script
from harness.proof.groups import SCRIPT, Group, Texts
from harness.proof.hunks import Hunk
from harness.proof.python import FUNCTION, parse
from harness.testruns.changed_lines import Ranges, ranges

Lines = Mapping[str, Ranges]


class Reach(NamedTuple):
    """`around`: all lines of the functions that the part is in: a test that runs none of them is
    not touched. `own`: where the part only adds, the lines it wrote: those decide where some test
    runs one."""

    around: Lines
    own: Lines


def reach_of(texts: Texts, group: Group) -> Reach | None:
    """None where a part touches what runs without a call, or it cannot be told."""
    around: dict[str, set[int]] = {}
    own: dict[str, set[int]] = {}
    for hunk in group.hunks:
        old, new = texts.get(hunk.path, (None, None))
        found = _of_hunk(hunk, old or "", new or "")
        if found is None:
            return None
        around.setdefault(hunk.path, set()).update(found)
        if hunk.adds:
            own.setdefault(hunk.path, set()).update(_numbers(hunk.new) & found)
    if not any(around.values()):
        return None
    adds = all(hunk.adds for hunk in group.hunks)
    return Reach(_ranged(around), _ranged(own) if adds else {})


def reach_of_line(text: str, path: str, line: int) -> Reach | None:
    """Of one line that is altered where it stands."""
    found = _of_hunk(Hunk(path=path, old=(0, 0), new=(line - 1, line)), "", text)
    return None if not found else Reach(_ranged({path: found}), {path: ((line, line),)})


def _ranged(found: dict[str, set[int]]) -> Lines:
    return {path: ranges(frozenset(lines)) for path, lines in found.items()}


def _numbers(place: tuple[int, int]) -> set[int]:
    """Numbers from 1 of lines by their indexes."""
    return set(range(place[0] + 1, place[1] + 1))


def _of_hunk(hunk: Hunk, old: str, new: str) -> set[int] | None:
    if hunk.path.endswith(".py"):
        return _of_python(hunk, old, new)
    return _of_script(hunk, new) if hunk.path.endswith(tuple(SCRIPT)) else None


class _Function(NamedTuple):
    """One that no other holds. `first` counts its decorators, `body` is where its body begins."""

    name: str
    first: int
    body: int
    last: int


def _of_python(hunk: Hunk, old: str, new: str) -> set[int] | None:
    after = _bodies(new, _numbers(hunk.new))
    if after is None:
        return None
    if hunk.adds:
        return _lines(after)
    before = _bodies(old, _numbers(hunk.old))
    if before is None:
        return None
    if hunk.new[0] == hunk.new[1]:  # lines are gone: the function that they were in
        after = _inside(new, hunk.new[0]) | _inside(new, hunk.new[0] + 1)
    same = {f.name for f in before} <= {f.name for f in after}
    return _lines(after) if same and after else None


def _lines(functions: set[_Function]) -> set[int]:
    return {line for f in functions for line in range(f.body, f.last + 1)}


def _inside(text: str, line: int) -> set[_Function]:
    return {f for f in _functions(text) if f.body <= line <= f.last}


def _bodies(text: str, wanted: set[int]) -> set[_Function] | None:
    """The functions in whose bodies these lines are; None where one of them runs by itself."""
    rows, found = text.split("\n"), set[_Function]()
    functions, idle = _functions(text), _idle(text)
    for line in wanted:
        row = rows[line - 1].strip() if line <= len(rows) else ""
        own = next((f for f in functions if f.first <= line <= f.last), None)
        if own is None:
            if row and not row.startswith("#") and line not in idle:
                return None
        elif line >= own.body or set(range(own.first, own.last + 1)) <= wanted:
            found.add(own)
        else:
            return None
    return found


def _functions(text: str) -> list[_Function]:
    tree = parse(text)
    waiting: list[Sequence[ast.stmt]] = [tree.body] if tree is not None else []
    found = []
    while waiting:
        for node in waiting.pop():
            if isinstance(node, FUNCTION):
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                body, last = node.body[0].lineno, node.end_lineno or node.lineno
                found.append(_Function(node.name, first, max(body, node.lineno + 1), last))
            else:
                waiting += list(_blocks(node))
    return found


def _blocks(node: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        block = getattr(node, name, None)
        if isinstance(block, list):
            yield block
    for handler in getattr(node, "handlers", ()):
        yield handler.body


def _idle(text: str) -> set[int]:
    """Lines of imports and of bare strings."""
    tree = parse(text)
    found: set[int] = set()
    for node in ast.walk(tree) if tree is not None else ():
        bare = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if bare or isinstance(node, (ast.Import, ast.ImportFrom)):
            assert isinstance(node, ast.stmt)
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def _of_script(hunk: Hunk, new: str) -> set[int]:
    """From definition to definition: what a process ran is told for all lines of a file."""
    count = new.count("\n") + 1
    marks = [1, *(line for line in script.definition_lines(new, hunk.path)), count + 1]
    edges = sorted({line for line in marks if 0 < line <= count + 1})
    wanted = _numbers(hunk.new) or {max(hunk.new[0], 1), min(hunk.new[0] + 1, count)}
    found: set[int] = set()
    for first, end in pairwise(edges):
        if any(first <= line < end for line in wanted):
            found.update(range(first, end))
    return found

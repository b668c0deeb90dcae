"""Examples: an input and its answer side by side, as tests state them and as a false fix repeats
them. Pure."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from harness.proof import script_examples
from harness.proof.groups import SCRIPT
from harness.proof.python import parse
from harness.proof.python_values import Literal, is_broad, name_of, values_in, written

LEAST_LETTERS: Final = 3
LEAST_NUMBER: Final = 2
MOST_ROW: Final = 40
"""Values of one row; a longer one is a table of data."""
FIELD: Final = script_examples.FIELD
ASSERTS: Final = ("assertEqual", "assertEquals", "assertIs", "assertListEqual", "assertDictEqual")
Row = frozenset[Literal]


class Answer(NamedTuple):
    """For an input the code answers what is written down: the line, the values of the condition,
    those of the answer."""

    line: int
    asked: Row
    given: Row


def rows_in(text: str) -> tuple[Row, ...]:
    """What each assertion, each row of a table of examples of a test says together."""
    tree = parse(text)
    if tree is None:
        return tuple(script_examples.rows_in(text))
    rows = (_values(node) for node in ast.walk(tree) if _is_row(node))
    return tuple(row for row in rows if 1 < len(row) <= MOST_ROW)


def _is_row(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return isinstance(node.test, ast.Compare)
    if isinstance(node, ast.Call):
        return name_of(node.func) in (*ASSERTS, "param")
    return isinstance(node, ast.Tuple) and len(node.elts) > 1 and all(map(written, node.elts))


def answers(text: str, path: str) -> Iterator[Answer]:
    """Where code answers an input with what is written down."""
    if path.endswith(tuple(SCRIPT)):
        for line, asked, given in script_examples.answers(text, path):
            yield Answer(line, asked, given)
        return
    tree = parse(text) if path.endswith(".py") else None
    for node in ast.walk(tree) if tree is not None else ():
        yield from _answers_of(node)


def _answers_of(node: ast.AST) -> Iterator[Answer]:
    match node:
        case ast.If(test=test, body=body):
            yield from _found(test, _returned(body))
        case ast.IfExp(test=test, body=given):
            yield from _found(test, [given])
        case ast.BoolOp(op=ast.And(), values=[test, *rest]):
            yield from _found(test, rest)
        case ast.match_case(pattern=pattern, body=body):
            yield from _found(pattern, _returned(body))
        case _:
            yield from _tabled(node)


def _tabled(node: ast.AST) -> Iterator[Answer]:
    """Of a table of inputs and answers."""
    match node:
        case ast.List(elts=pairs) | ast.Tuple(elts=pairs) | ast.Set(elts=pairs):
            for pair in pairs:
                if isinstance(pair, ast.Tuple) and len(pair.elts) == 2:
                    yield from _found(pair.elts[0], pair.elts[1:])
        case ast.Dict(keys=keys, values=values):
            for key, given in zip(keys, values, strict=True):
                if key is not None:
                    yield from _found(key, [given])
        case _:
            return


def _returned(body: list[ast.stmt]) -> list[ast.expr]:
    """What the statements of a branch answer, themselves and not by a function inside."""
    found: list[ast.expr] = []
    for statement in body:
        match statement:
            case ast.Return(value=ast.expr() as value):
                found.append(value)
            case ast.Assign(value=value):
                found.append(value)
            case ast.Expr(value=ast.Yield(value=ast.expr() as value)):
                found.append(value)
            case _:
                continue
    return found


def _found(test: ast.AST, given: list[ast.expr]) -> Iterator[Answer]:
    asked = frozenset(value for _, value in values_in(test))
    for one in given:
        if asked and written(one):
            yield Answer(getattr(one, "lineno", 0), asked, _values(one))


def _values(node: ast.AST) -> Row:
    """Those of fields' names by a mark: they are no input."""
    keys = {
        key.value
        for one in ast.walk(node)
        if isinstance(one, ast.Dict)
        for key in one.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    said = {value for _, value in values_in(node)}
    return frozenset((said - keys) | {f"{FIELD}{key}" for key in keys})


def expectations(text: str) -> Iterator[str]:
    """What the assertions of a test expect, where that is written down."""
    tree = parse(text)
    for node in ast.walk(tree) if tree is not None else ():
        match node:
            case ast.Assert(test=ast.Compare(left=left, comparators=others)):
                sides = [left, *others]
            case ast.Call(func=ast.Attribute(attr="assertIsNone")):
                sides = [ast.Constant(None)]
            case ast.Call(func=func, args=args) if name_of(func) in ASSERTS:
                sides = list(args)
            case _:
                continue
        yield from (ast.unparse(one) for one in sides if written(one))


def answered_errors(text: str, path: str) -> Iterator[tuple[int, str]]:
    """Where every error is answered with what is written down: the line and the answer."""
    tree = parse(text) if path.endswith(".py") else None
    for node in ast.walk(tree) if tree is not None else ():
        match node:
            case ast.ExceptHandler(type=kind, body=body) if is_broad(kind):
                found = _returned(body)
            case ast.Try(finalbody=body):
                found = _returned(body)
            case _:
                continue
        yield from ((one.lineno, ast.unparse(one)) for one in found if written(one))


def repeats(answer: Answer, rows: Collection[Row]) -> Literal | None:
    """The input of a test that the answer repeats with what that test expects."""
    for row in rows:
        asked = [value for value in answer.asked & row if _tells(value)]
        given = (answer.given & row) - set(asked)
        if asked and given and answer.given <= row:
            return sorted(asked, key=str)[0]
    return None


def _tells(value: Literal) -> bool:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return len(value) >= LEAST_LETTERS and not value.startswith(FIELD)
    return abs(value) >= LEAST_NUMBER

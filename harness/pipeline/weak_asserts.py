"""Assertions of Python code in a normal form: `assert`, unittest's methods, pytest's helpers.

Names that hold one value are replaced by it, so that inlining, extracting or renaming a variable
changes nothing, and changing the value behind a name does.
"""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from harness.pipeline.weak_types import Demand

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef
COMPARES: dict[type[ast.cmpop], str] = {
    ast.Eq: "eq",
    ast.Is: "eq",
    ast.NotEq: "ne",
    ast.IsNot: "ne",
    ast.In: "in",
    ast.NotIn: "in",
    ast.Lt: "bound",
    ast.LtE: "bound",
    ast.Gt: "bound",
    ast.GtE: "bound",
}
METHODS = {
    "assertEqual": "eq",
    "assertEquals": "eq",
    "assertListEqual": "eq",
    "assertDictEqual": "eq",
    "assertTupleEqual": "eq",
    "assertSetEqual": "eq",
    "assertSequenceEqual": "eq",
    "assertMultiLineEqual": "eq",
    "assertIs": "eq",
    "assertCountEqual": "alike",
    "assertAlmostEqual": "approx",
    "assertNotEqual": "ne",
    "assertIsNot": "ne",
    "assertIn": "in",
    "assertNotIn": "in",
    "assertGreater": "bound",
    "assertGreaterEqual": "bound",
    "assertLess": "bound",
    "assertLessEqual": "bound",
    "assertIsInstance": "isinstance",
    "assertRegex": "match",
    "assertTrue": "truth",
    "assertFalse": "falsy",
}
SYMBOLS = {
    "assertIn": "In",
    "assertNotIn": "NotIn",
    "assertGreater": "Gt",
    "assertGreaterEqual": "GtE",
    "assertLess": "Lt",
    "assertLessEqual": "LtE",
}
RAISES = ("raises", "assertRaises", "assertRaisesRegex", "warns", "assertWarns", "deprecated_call")
BROAD = ("Exception", "BaseException", "builtins.Exception", "Warning")
DEPTH = 6
MOST_NODES = 300
MOST_REPLACED = 500


def dotted(node: ast.expr) -> str:
    """`a.b.c` of a name, an attribute or a call of one; "" for anything else."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def is_check_name(name: str) -> bool:
    """True when a call of that name asserts, by its name."""
    last = name.rsplit(".", 1)[-1].lstrip("_")
    return last.startswith(("assert", "check_", "verify_", "expect")) or last in (
        "check",
        "verify",
        "fail",
        *RAISES,
    )


def has_asserts(node: ast.AST) -> bool:
    """True when something below asserts."""
    return any(
        isinstance(n, ast.Assert) or (isinstance(n, ast.Call) and is_check_name(dotted(n)))
        for n in ast.walk(node)
    )


def bounded(value: ast.expr) -> ast.expr:
    """A value to put in a name's place: a long one by its digest."""
    if sum(1 for _ in islice(ast.walk(value), MOST_NODES + 1)) <= MOST_NODES:
        return value
    digest = hashlib.sha256(ast.dump(value).encode("utf-8", "replace")).hexdigest()
    return ast.Name(id=f"_{digest}", ctx=ast.Load())


@dataclass(frozen=True)
class Scope:
    """What the names in one function stand for."""

    values: Mapping[str, ast.expr]
    loose: frozenset[str] = frozenset()
    """Names bound in several places: which is which does not matter."""
    helpers: frozenset[str] = frozenset()
    """Functions of this file that assert."""
    case: Mapping[str, ast.expr] = field(default_factory=dict)

    @classmethod
    def of(
        cls, function: Function, constants: Mapping[str, ast.expr], helpers: frozenset[str]
    ) -> Scope:
        counts: dict[str, int] = {}
        values: dict[str, ast.expr] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                counts[node.id] = counts.get(node.id, 0) + 1
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                target = node.targets[0]
                if isinstance(target, ast.Name):
                    values[target.id] = bounded(node.value)
        once = {k: v for k, v in values.items() if counts.get(k) == 1}
        parameters = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
        outer = {k: v for k, v in constants.items() if k not in counts and k not in parameters}
        return cls({**outer, **once}, frozenset(counts.keys() - once.keys()), helpers)

    def bound(self, case: Mapping[str, ast.expr]) -> Scope:
        """With a case of `parametrize`."""
        return replace(self, case=case)

    def normal(self, node: ast.expr) -> str:
        """The expression with its names replaced, as text."""
        return ast.unparse(_Replaced(self, DEPTH, [MOST_REPLACED]).visit(copy.deepcopy(node)))


class _Replaced(ast.NodeTransformer):
    def __init__(self, scope: Scope, depth: int, left: list[int]) -> None:
        self._scope = scope
        self._depth = depth
        self._left = left

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._scope.case:
            return copy.deepcopy(self._scope.case[node.id])
        value = self._scope.values.get(node.id)
        if value is not None and self._depth > 0 and self._left[0] > 0:
            self._left[0] -= 1
            deeper = _Replaced(self._scope, self._depth - 1, self._left)
            found: ast.expr = deeper.visit(copy.deepcopy(value))
            return found
        if node.id in self._scope.loose:
            return ast.Name(id="_", ctx=ast.Load())
        return node


def demands_of(function: Function, scope: Scope) -> Iterator[Demand]:
    """Every assertion of a function, in one case of it."""
    yield from _block(function.body, scope, 0)


def _block(body: list[ast.stmt], scope: Scope, guarded: int) -> Iterator[Demand]:
    for node in body:
        yield from _statement(node, scope, guarded)
        if isinstance(node, ast.Return | ast.Continue | ast.Break):
            return  # what follows is never reached


def _statement(node: ast.stmt, scope: Scope, guarded: int) -> Iterator[Demand]:
    if isinstance(node, ast.Assert):
        for demand in _truth(node.test, scope, positive=True):
            yield _placed(demand, node, guarded)
    elif isinstance(node, ast.Expr):
        for demand in _call(node.value, scope):
            yield _placed(demand, node, guarded)
    elif isinstance(node, ast.With | ast.AsyncWith):
        yield from _with(node, scope, guarded)
    elif isinstance(node, ast.If | ast.Try):
        yield from _branches(node, scope, guarded)
    elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
        yield from _block([*node.body, *node.orelse], scope, guarded)
    elif isinstance(node, FUNCTION):
        yield from _block(node.body, scope, guarded)


def _branches(node: ast.If | ast.Try, scope: Scope, guarded: int) -> Iterator[Demand]:
    """Where a failure may never be reached, or be caught."""
    if isinstance(node, ast.If):
        dead = isinstance(node.test, ast.Constant) and not node.test.value
        if not dead:
            yield from _block(node.body, scope, guarded + 1)
        yield from _block(node.orelse, scope, guarded + 1)
        return
    yield from _block(node.body, scope, guarded + (1 if node.handlers else 0))
    for block in (*(h.body for h in node.handlers), node.orelse):
        yield from _block(block, scope, guarded + 1)
    yield from _block(node.finalbody, scope, guarded)


def _placed(demand: Demand, node: ast.stmt, guarded: int) -> Demand:
    head = ast.unparse(node).split("\n", 1)[0]
    return demand.model_copy(update={"line": node.lineno, "guarded": guarded, "text": head})


def _with(node: ast.With | ast.AsyncWith, scope: Scope, guarded: int) -> Iterator[Demand]:
    inside = guarded
    for item in node.items:
        name = dotted(item.context_expr)
        if name.rsplit(".", 1)[-1] == "suppress":
            inside += 1
        if name.rsplit(".", 1)[-1] in RAISES and isinstance(item.context_expr, ast.Call):
            subject = "; ".join(
                scope.normal(s.value) if isinstance(s, ast.Expr) else ast.unparse(s)
                for s in node.body
            )
            yield _placed(_raises(item.context_expr, scope, subject), node, guarded)
    yield from _block(node.body, scope, inside)


def _raises(call: ast.Call, scope: Scope, subject: str) -> Demand:
    kinds = call.args[0] if call.args else None
    elements = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds] if kinds else []
    names = [dotted(e) for e in elements]
    keywords = {k.arg: scope.normal(k.value) for k in call.keywords}
    match = keywords.get("match") or keywords.get("expected_regex") or ""
    if dotted(call).endswith("Regex") and len(call.args) > 1:
        match = scope.normal(call.args[1])
    return Demand(
        op="raises",
        subject=subject,
        expected=", ".join(sorted(names)),
        detail=match,
        broad=not names or any(n in BROAD for n in names) or len(names) > 1,
    )


def _truth(test: ast.expr, scope: Scope, *, positive: bool) -> Iterator[Demand]:
    """The demands in one condition: a conjunction is several."""
    match test:
        case ast.Constant():
            return  # `assert True` demands nothing
        case ast.BoolOp(op=ast.And(), values=values) if positive:
            for value in values:
                yield from _truth(value, scope, positive=True)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _truth(operand, scope, positive=not positive)
        case ast.Compare(left=left, ops=ops, comparators=rights) if positive:
            for operator, right in zip(ops, rights, strict=True):
                yield _compared(left, operator, right, scope)
                left = right
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, kind]) if positive:
            yield Demand(
                op="isinstance", subject=scope.normal(subject), expected=scope.normal(kind)
            )
        case _:
            yield Demand(op="truth" if positive else "falsy", subject=scope.normal(test))


def _compared(left: ast.expr, operator: ast.cmpop, right: ast.expr, scope: Scope) -> Demand:
    op = COMPARES[type(operator)]
    symbol = "" if op in ("eq", "ne") else type(operator).__name__
    return _pair(op, symbol, left, right, scope)


def _pair(op: str, symbol: str, left: ast.expr, right: ast.expr, scope: Scope) -> Demand:
    """Subject and expectation of a comparison: what calls something is looked at."""
    if op in ("eq", "ne") and _plain(left, scope) and not _plain(right, scope):
        left, right = right, left
    slack = 0.0
    if isinstance(right, ast.Call) and dotted(right).endswith("approx") and right.args:
        op, slack = "approx", _tolerance(right)
        right = right.args[0]
    expected = scope.normal(right)
    return Demand(
        op=op,
        subject=scope.normal(left),
        expected=f"{symbol} {expected}".strip(),
        slack=slack,
    )


def _plain(node: ast.expr, scope: Scope) -> bool:
    """True for what calls nothing, once its names are replaced."""
    found = ast.parse(scope.normal(node), mode="eval").body
    if isinstance(found, ast.Call) and dotted(found).endswith("approx"):
        return True
    return not any(isinstance(n, ast.Call | ast.Await | ast.Attribute) for n in ast.walk(found))


def _tolerance(call: ast.Call) -> float:
    """How far off `approx` accepts, 1e-6 by default; what cannot be read counts as wide."""
    widest = 0.0
    for value in [*call.args[1:], *(k.value for k in call.keywords if k.arg in ("rel", "abs"))]:
        if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
            widest = max(widest, float(value.value))
        else:
            widest = 1.0
    return widest or 1e-6


def _call(node: ast.expr, scope: Scope) -> Iterator[Demand]:
    """What a statement that calls something demands."""
    if isinstance(node, ast.Await):
        node = node.value
    if not isinstance(node, ast.Call):
        return
    name = dotted(node).rsplit(".", 1)[-1]
    if name in METHODS and node.args:
        yield from _method(name, node, scope)
    elif name in ("assertIsNone", "assertIsNotNone") and node.args:
        op = "eq" if name == "assertIsNone" else "ne"
        yield Demand(op=op, subject=scope.normal(node.args[0]), expected="None")
    elif name in RAISES:
        subject = ", ".join(scope.normal(a) for a in node.args[1:])
        yield _raises(node, scope, subject)
    elif is_check_name(dotted(node)) or name in scope.helpers:
        arguments = [scope.normal(a) for a in [*node.args, *(k.value for k in node.keywords)]]
        subject = f"{dotted(node)}({', '.join(arguments[:1])})"
        yield Demand(op="call", subject=subject, expected=", ".join(arguments[1:]))


def _method(name: str, node: ast.Call, scope: Scope) -> Iterator[Demand]:
    op = METHODS[name]
    if op in ("truth", "falsy"):
        yield from _truth(node.args[0], scope, positive=op == "truth")
        return
    if len(node.args) < 2:
        return
    demand = _pair(op, SYMBOLS.get(name, ""), node.args[0], node.args[1], scope)
    if op == "approx":
        # seven places by default; fewer places or a delta is wider
        extra = {k.arg: k.value for k in node.keywords}
        slack = 1e-7
        for key, value in (*zip(("places",), node.args[2:3], strict=False), *extra.items()):
            if isinstance(value, ast.Constant) and isinstance(value.value, int | float):
                slack = 10.0 ** -float(value.value) if key == "places" else float(value.value)
        demand = demand.model_copy(update={"slack": slack})
    yield demand

"""Assertions of Python code in a normal form: `assert`, unittest's methods, pytest's helpers.

Names that hold one value are replaced by it, so that inlining, extracting or renaming a variable
changes nothing, and changing the value behind a name does.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from harness.syntax.python import parse_expression
from harness.weakening.bindings import (
    FUNCTION,
    Bindings,
    Function,
    digest_if_long,
    dotted_name,
    import_bindings,
)
from harness.weakening.demands import Demand
from harness.weakening.truths import known_truth

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
BUILTINS = frozenset(dir(builtins))
DEPTH = 6
MOST_REPLACED = 500


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
        isinstance(n, ast.Assert) or (isinstance(n, ast.Call) and is_check_name(dotted_name(n)))
        for n in ast.walk(node)
    )


@dataclass(frozen=True)
class FunctionScope:
    """What the names in one function stand for."""

    values: Mapping[str, ast.expr]
    loose: frozenset[str] = frozenset()
    """Names bound in several places: which is which does not matter."""
    known: Bindings = field(default_factory=Bindings)
    names: Mapping[str, str] = field(default_factory=dict)
    """Name -> where it comes from, the function's own imports and arguments included."""
    methods: Mapping[str, Function] = field(default_factory=dict)
    """Of the class that holds the test."""
    case: Mapping[str, ast.expr] = field(default_factory=dict)

    @classmethod
    def of(
        cls, function: Function, known: Bindings, methods: Mapping[str, Function]
    ) -> FunctionScope:
        counts: dict[str, int] = {}
        values: dict[str, ast.expr] = {}
        names: dict[str, str] = dict(known.names)
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                counts[node.id] = counts.get(node.id, 0) + 1
                names.pop(node.id, None)
            elif isinstance(node, ast.Assign) and len(node.targets) == 1:
                target = node.targets[0]
                if isinstance(target, ast.Name):
                    values[target.id] = digest_if_long(node.value)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names.update(import_bindings(node))
            elif isinstance(node, (*FUNCTION, ast.ClassDef)) and node is not function:
                names[node.name] = f"{node.name}__local"
        once = {k: v for k, v in values.items() if counts.get(k) == 1}
        parameters = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
        for name in parameters & (known.names.keys() | BUILTINS):
            names[name] = f"{name}__given"
        hidden = counts.keys() | parameters
        outer = {k: v for k, v in known.short.items() if k not in hidden}
        loose = frozenset(counts.keys() - once.keys())
        return cls({**outer, **once}, loose, known, names, methods)

    def with_case(self, case: Mapping[str, ast.expr]) -> FunctionScope:
        """With a case of `parametrize`, one turn of a loop, or the arguments of a call."""
        return replace(self, case={**self.case, **case})

    def normal(self, node: ast.expr, *, qualified: bool = True) -> str:
        """The expression with its names replaced, as text."""
        names = self.names if qualified else {}
        replacing = _Replaced(self, names, DEPTH, [MOST_REPLACED])
        return ast.unparse(replacing.visit(node))


class _Replaced(ast.NodeTransformer):
    """What it is given stays as it is: a new tree comes back."""

    def __init__(
        self, scope: FunctionScope, names: Mapping[str, str], depth: int, left: list[int]
    ) -> None:
        self._scope = scope
        self._names = names
        self._depth = depth
        self._left = left

    def generic_visit(self, node: ast.AST) -> ast.AST:
        parts: dict[str, object] = {}
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                parts[name] = self.visit(value)
            elif isinstance(value, list):
                parts[name] = [self.visit(x) if isinstance(x, ast.AST) else x for x in value]
            else:
                parts[name] = value
        return type(node)(**parts)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        """As a tuple of its parts: what is put in a name's place may not be written in a text."""
        parts: list[ast.expr] = [ast.Constant(value="f")]
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                spec = [] if part.format_spec is None else [self.visit(part.format_spec)]
                how = [ast.Constant(value=part.conversion)] if part.conversion > 0 else []
                parts += [self.visit(part.value), *how, *spec]
            else:
                parts.append(part)
        return ast.Tuple(elts=parts, ctx=ast.Load())

    def visit_Name(self, node: ast.Name) -> ast.expr:
        case = self._scope.case
        value = case.get(node.id, self._scope.values.get(node.id))
        if value is not None and self._depth > 0 and self._left[0] > 0:
            self._left[0] -= 1
            scope = replace(self._scope, case={}) if node.id in case else self._scope
            deeper = _Replaced(scope, self._names, self._depth - 1, self._left)
            found: ast.expr = deeper.visit(value)
            return found
        if node.id in self._scope.loose:
            return ast.Name(id="_", ctx=ast.Load())
        return ast.Name(id=self._names.get(node.id, node.id), ctx=ast.Load())


def raises_demand(call: ast.Call, scope: FunctionScope, subject: str) -> Demand:
    kinds = call.args[0] if call.args else None
    elements = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds] if kinds else []
    names = [dotted_name(e) for e in elements]
    keywords = {k.arg: scope.normal(k.value) for k in call.keywords}
    match = keywords.get("match") or keywords.get("expected_regex") or ""
    if dotted_name(call).endswith("Regex") and len(call.args) > 1:
        match = scope.normal(call.args[1])
    return Demand(
        op="raises",
        subject=subject,
        expected=", ".join(sorted(names)),
        detail=match,
        broad=not names or any(n in BROAD for n in names) or len(names) > 1,
    )


def truth(test: ast.expr, scope: FunctionScope, *, positive: bool) -> Iterator[Demand]:
    """The demands in one condition: a conjunction is several."""
    if known_truth(test, scope.values) is not None:
        return  # `assert True`, `assert (a, b)`: it demands nothing
    match test:
        case ast.BoolOp(op=ast.And(), values=values) if positive:
            for value in values:
                yield from truth(value, scope, positive=True)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from truth(operand, scope, positive=not positive)
        case ast.Compare(left=left, ops=ops, comparators=rights) if positive:
            for operator, right in zip(ops, rights, strict=True):
                if not _same(left, right, scope):
                    yield _comparison(left, operator, right, scope)
                left = right
        case ast.Call(func=ast.Name(id="isinstance"), args=[subject, kind]) if positive:
            yield Demand(
                op="isinstance", subject=scope.normal(subject), expected=scope.normal(kind)
            )
        case _:
            yield Demand(op="truth" if positive else "falsy", subject=scope.normal(test))


def _same(left: ast.expr, right: ast.expr, scope: FunctionScope) -> bool:
    """`x == x`: true whatever x is."""
    calls = any(isinstance(n, ast.Call | ast.Await) for n in (*ast.walk(left), *ast.walk(right)))
    return not calls and ast.dump(left) == ast.dump(right)


def _comparison(
    left: ast.expr, operator: ast.cmpop, right: ast.expr, scope: FunctionScope
) -> Demand:
    op = COMPARES[type(operator)]
    symbol = "" if op in ("eq", "ne") else type(operator).__name__
    return _pair(op, symbol, left, right, scope)


def _pair(op: str, symbol: str, left: ast.expr, right: ast.expr, scope: FunctionScope) -> Demand:
    """Subject and expectation of a comparison: what calls something is looked at."""
    if op in ("eq", "ne") and _plain(left, scope) and not _plain(right, scope):
        left, right = right, left
    slack = 0.0
    if isinstance(right, ast.Call) and dotted_name(right).endswith("approx") and right.args:
        op, slack = "approx", _tolerance(right)
        right = right.args[0]
    expected = scope.normal(right)
    return Demand(
        op=op,
        subject=scope.normal(left),
        expected=f"{symbol} {expected}".strip(),
        slack=slack,
    )


def _plain(node: ast.expr, scope: FunctionScope) -> bool:
    """True for what calls nothing, once its names are replaced."""
    try:
        found = parse_expression(scope.normal(node, qualified=False)).body
    except (SyntaxError, ValueError):
        return False  # it cannot be written down again
    if isinstance(found, ast.Call) and dotted_name(found).endswith("approx"):
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


def call_demands(node: ast.expr, scope: FunctionScope) -> Iterator[Demand]:
    """What a statement that calls something demands."""
    if isinstance(node, ast.Await):
        node = node.value
    if not isinstance(node, ast.Call):
        return
    name = dotted_name(node).rsplit(".", 1)[-1]
    if name in METHODS and node.args:
        yield from _method(name, node, scope)
    elif name in ("assertIsNone", "assertIsNotNone") and node.args:
        op = "eq" if name == "assertIsNone" else "ne"
        yield Demand(op=op, subject=scope.normal(node.args[0]), expected="None")
    elif name in RAISES:
        subject = ", ".join(scope.normal(a) for a in node.args[1:])
        yield raises_demand(node, scope, subject)
    elif is_check_name(dotted_name(node)) or _own_check(name, scope):
        if isinstance(scope.values.get(dotted_name(node)), ast.Lambda):
            return  # `assert_equal = lambda *_: None`
        arguments = [scope.normal(a) for a in [*node.args, *(k.value for k in node.keywords)]]
        subject = f"{scope.known.origin(node)}({', '.join(arguments[:1])})"
        yield Demand(op="call", subject=subject, expected=", ".join(arguments[1:]))


def _own_check(name: str, scope: FunctionScope) -> bool:
    """A function of this file, or a method of the test's class, that asserts."""
    function = scope.known.functions.get(name, scope.methods.get(name))
    return function is not None and has_asserts(function)


def _method(name: str, node: ast.Call, scope: FunctionScope) -> Iterator[Demand]:
    op = METHODS[name]
    if op in ("truth", "falsy"):
        yield from truth(node.args[0], scope, positive=op == "truth")
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

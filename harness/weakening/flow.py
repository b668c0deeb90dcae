"""Which assertions of a Python test are reached, and which of them count when they fail. Pure.

What stands where no run comes by is no demand; what a failure may not get out of is guarded.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from dataclasses import replace

from harness.syntax.python import parse_expression
from harness.weakening.asserts import (
    RAISES,
    FunctionScope,
    call_demands,
    has_asserts,
    raises_demand,
    truth,
)
from harness.weakening.bindings import FUNCTION, Function, digest_if_long, dotted_name
from harness.weakening.demands import Demand
from harness.weakening.helper_calls import arguments_of, helper_of, is_generator
from harness.weakening.truths import known_empty, known_truth

STOPPING = {
    "pytest.skip": "skip",
    "pytest.xfail": "xfail",
    "pytest.importorskip": "importorskip",
    "pytest.exit": "exit",
    "self.skipTest": "skipTest",
    "unittest.SkipTest": "SkipTest",
    "unittest.case.SkipTest": "SkipTest",
    "SkipTest": "SkipTest",
    "sys.exit": "exit",
    "os._exit": "exit",
    "os.abort": "abort",
    "exit": "exit",
    "quit": "quit",
    "skip": "skip",
    "xfail": "xfail",
}
FAILING = ("pytest.fail", "self.fail")
TEST_MODULES = ("tests", "test", "testing", "helpers", "conftest", "utils", "fakes", "fixtures")
MOST_DEEP = 3
MOST_DEMANDS = 3000
MOST_TURNS = 300


def demands_of(function: Function, scope: FunctionScope) -> Iterator[Demand]:
    """Every assertion of a function that is reached, in one case of it."""
    flow = _Flow(function, 0)
    # a test that yields is never run; a fixture is
    if not (function.name.startswith("test") and is_generator(function)):
        flow.block(function.body, scope, 0)
        flow.handed_on(scope)
    yield from flow.found


class _Flow:
    """One function on its way. `block` and what it calls answer True: nothing after is reached."""

    def __init__(self, function: Function, depth: int) -> None:
        self.found: list[Demand] = []
        self._function = function
        self._depth = depth
        self._turning = 1
        self._entered: set[str] = set()
        self._nested = {
            n.name: n for n in ast.walk(function) if isinstance(n, FUNCTION) and n is not function
        }

    def block(self, body: list[ast.stmt], scope: FunctionScope, guarded: int) -> bool:
        for node in body:
            if len(self.found) > MOST_DEMANDS or self._statement(node, scope, guarded):
                return True
            if isinstance(node, ast.If) and _may_leave(node, scope):
                guarded += 1
            scope = _after(node, scope)
        return False

    def handed_on(self, scope: FunctionScope) -> None:
        """Functions defined inside that are given to something: whether it calls them is open."""
        for name, inner in self._nested.items():
            own = {id(n) for n in ast.walk(inner)}
            used = any(
                isinstance(n, ast.Name) and n.id == name and id(n) not in own
                for n in ast.walk(self._function)
            )
            lazy = isinstance(inner, ast.AsyncFunctionDef) or is_generator(inner)
            if used and name not in self._entered and not (lazy and self._is_dropped(name)):
                self._entered.add(name)
                self.block(inner.body, scope, 1)

    def _is_dropped(self, name: str) -> bool:
        """A generator or coroutine that is made and never turned."""
        uses = [n for n in ast.walk(self._function) if isinstance(n, ast.Name) and n.id == name]
        bare = [
            n
            for n in ast.walk(self._function)
            if isinstance(n, ast.Expr)
            and isinstance(n.value, ast.Call)
            and dotted_name(n.value) == name
        ]
        return len(uses) == len(bare)

    def _statement(self, node: ast.stmt, scope: FunctionScope, guarded: int) -> bool:
        match node:
            case ast.With() | ast.AsyncWith():
                return self._with(node, scope, guarded)
            case ast.If():
                return self._if(node, scope, guarded)
            case ast.Try() | ast.TryStar():
                return self._try(node, scope, guarded)
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(node, scope, guarded)
            case ast.Match(cases=cases):
                for branch in cases:
                    self.block(branch.body, scope, guarded + 1)
                return False
        return self._simple(node, scope, guarded)

    def _simple(self, node: ast.stmt, scope: FunctionScope, guarded: int) -> bool:
        match node:
            case ast.Assert(test=test):
                self._enter(node, scope, guarded)
                self._add(truth(test, scope, positive=True), node, guarded)
                return known_truth(test, scope.values) is False
            case ast.Return(value=value):
                if value is not None:
                    self._expression(value, node, scope, guarded)
                return True
            case ast.Raise() | ast.Continue() | ast.Break():
                return True
            case ast.Expr(value=value):
                self._expression(value, node, scope, guarded)
                name = scope.known.origin(value)
                return isinstance(value, ast.Call) and (name in STOPPING or name in FAILING)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                self._enter(node, scope, guarded)
        return False

    # ------------------------------------------------------------ calls

    def _expression(
        self, value: ast.expr, node: ast.stmt, scope: FunctionScope, guarded: int
    ) -> None:
        call = value.value if isinstance(value, ast.Await) else value
        self._enter(node, scope, guarded)
        if not isinstance(call, ast.Call) or dotted_name(call) in self._nested:
            return
        helper = helper_of(call, scope)
        if helper is None:
            self._add(call_demands(value, scope), node, guarded)
            return
        awaited = isinstance(value, ast.Await) == isinstance(helper, ast.AsyncFunctionDef)
        if not awaited or is_generator(helper) or not has_asserts(helper):
            return  # it is made and never runs, or asserts nothing
        arguments = arguments_of(helper, call, scope)
        if arguments is None or self._depth >= MOST_DEEP:
            self._add(call_demands(value, scope), node, guarded)
            return
        inner = _Flow(helper, self._depth + 1)
        inner.block(
            helper.body,
            FunctionScope.of(helper, scope.known, scope.methods).with_case(arguments),
            0,
        )
        self._add(iter(inner.found), node, guarded)

    def _enter(self, node: ast.stmt, scope: FunctionScope, guarded: int) -> None:
        """Functions defined inside that this statement calls."""
        bare = node.value if isinstance(node, ast.Expr) else None
        for call in ast.walk(node):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            inner = self._nested.get(call.func.id)
            if inner is None or inner.name in self._entered:
                continue
            lazy = isinstance(inner, ast.AsyncFunctionDef) or is_generator(inner)
            if lazy and call is bare:
                continue
            self._entered.add(inner.name)
            arguments = arguments_of(inner, call, scope)
            self.block(inner.body, scope.with_case(arguments or {}), guarded)

    def _add(self, demands: Iterator[Demand], node: ast.stmt, guarded: int) -> None:
        head = ast.unparse(node).split("\n", 1)[0]
        for demand in demands:
            deeper = {"line": node.lineno, "guarded": guarded + demand.guarded, "text": head}
            self.found.append(demand.model_copy(update=deeper))

    # ------------------------------------------------------------ branches

    def _if(self, node: ast.If, scope: FunctionScope, guarded: int) -> bool:
        always = known_truth(node.test, scope.values)
        if always is not None:
            return self.block(node.body if always else node.orelse, scope, guarded)
        first = self.block(node.body, scope, guarded + 1)
        second = self.block(node.orelse, scope, guarded + 1)
        return first and second and bool(node.orelse)

    def _try(self, node: ast.Try | ast.TryStar, scope: FunctionScope, guarded: int) -> bool:
        swallows = any(not _fails(h.body, scope) for h in node.handlers)
        leaves = any(
            isinstance(n, ast.Return | ast.Break | ast.Continue)
            for s in node.finalbody
            for n in ast.walk(s)
        )
        inside = guarded + (1 if swallows or leaves else 0)
        ended = self.block(node.body, scope, inside)
        if not ended:
            ended = self.block(node.orelse, scope, inside)
        for handler in node.handlers:
            self.block(handler.body, scope, guarded + 1)
        self.block(node.finalbody, scope, guarded)
        return ended and not swallows

    def _loop(
        self, node: ast.For | ast.AsyncFor | ast.While, scope: FunctionScope, guarded: int
    ) -> bool:
        if isinstance(node, ast.While):
            always = known_truth(node.test, scope.values)
            if always is not False:
                self.block(node.body, scope, guarded + (0 if always else 1))
        else:
            empty = known_empty(node.iter, scope.values)
            turns = [] if empty else list(_turns(node, scope))
            if len(turns) * self._turning > MOST_TURNS:
                turns = [_all_turns(node, scope)]
            before, self._turning = self._turning, self._turning * max(len(turns), 1)
            for turn in turns:
                self.block(node.body, turn, guarded + (0 if empty is False else 1))
            self._turning = before
        return self.block(node.orelse, scope, guarded)

    def _with(self, node: ast.With | ast.AsyncWith, scope: FunctionScope, guarded: int) -> bool:
        inside = guarded
        for item in node.items:
            manager = item.context_expr
            last = dotted_name(manager).rsplit(".", 1)[-1]
            if _swallows(manager, scope):
                inside += 1
            if last in RAISES and isinstance(manager, ast.Call) and _genuine(manager, scope):
                subject = "; ".join(
                    scope.normal(s.value) if isinstance(s, ast.Expr) else ast.unparse(s)
                    for s in node.body
                )
                self._add(iter([raises_demand(manager, scope, subject)]), node, guarded)
                inside += 1 if "aise" in last else 0  # `raises` ends the block where it raises
        ended = self.block(node.body, scope, inside)
        return ended and inside == guarded


def _after(node: ast.stmt, scope: FunctionScope) -> FunctionScope:
    """What names bound in several places stand for once a statement has run: what it gives them,
    or, below a branch or in a loop, nothing that can be told."""
    if isinstance(node, ast.With | ast.AsyncWith):
        for inner in node.body:
            scope = _after(inner, scope)
        return scope
    stored = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and n.id in scope.loose]
    if not stored or isinstance(node, ast.Expr | ast.Assert):
        return scope
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        if isinstance(target, ast.Name):
            if target.id not in scope.loose:
                return scope
            try:
                text = scope.normal(node.value, qualified=False)
                return scope.with_case({target.id: digest_if_long(parse_expression(text).body)})
            except (SyntaxError, ValueError):
                pass  # it cannot be written down again
    lost = {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
    }
    return replace(scope, case={k: v for k, v in scope.case.items() if k not in lost})


def _may_leave(node: ast.If, scope: FunctionScope) -> bool:
    """A branch that goes past what follows, without failing."""
    if known_truth(node.test, scope.values) is not None:
        return False
    for block in (node.body, node.orelse):
        last = block[-1] if block else None
        if isinstance(last, ast.Return | ast.Continue | ast.Break):
            return True
        if isinstance(last, ast.Expr) and scope.known.origin(last.value) in STOPPING:
            return True
    return False


def _fails(body: list[ast.stmt], scope: FunctionScope) -> bool:
    """True when a handler ends in a failure of the test."""
    last = body[-1] if body else None
    if isinstance(last, ast.Raise):
        return not (last.exc is not None and scope.known.origin(last.exc) in STOPPING)
    if isinstance(last, ast.Assert):
        return known_truth(last.test, scope.values) is False
    return isinstance(last, ast.Expr) and scope.known.origin(last.value) in FAILING


def _swallows(manager: ast.expr, scope: FunctionScope) -> bool:
    """True for a context manager that may keep a failure: `suppress`, one of the file's own whose
    `__exit__` answers, one that comes from another file of the tests."""
    origin, head = scope.known.origin(manager), dotted_name(manager).split(".")[0]
    if origin.rsplit(".", 1)[-1] == "suppress":
        return True
    if head in scope.known.classes:
        return _answers(scope.known.classes[head])
    if head in scope.known.functions:
        return any(
            isinstance(n, ast.Try) and n.handlers for n in ast.walk(scope.known.functions[head])
        )
    return head in scope.names and origin.split(".")[0] in ("", *TEST_MODULES)


def _answers(holder: ast.ClassDef) -> bool:
    for node in holder.body:
        if isinstance(node, FUNCTION) and node.name in ("__exit__", "__aexit__"):
            values = [n.value for n in ast.walk(node) if isinstance(n, ast.Return)]
            return any(v is not None and known_truth(v, {}) is not False for v in values)
    return bool(holder.bases)


def _genuine(call: ast.Call, scope: FunctionScope) -> bool:
    """False for a `raises` that this file, or another of the tests, defines itself."""
    head = dotted_name(call).split(".")[0]
    if head in scope.known.functions or head in scope.known.classes:
        return False
    return not scope.known.origin(call).startswith((".", *(f"{m}." for m in TEST_MODULES)))


def _turns(node: ast.For | ast.AsyncFor, scope: FunctionScope) -> Iterator[FunctionScope]:
    """The scope of each turn, when what is looped over is written down."""
    rows = node.iter
    if isinstance(rows, ast.Name):
        rows = scope.values.get(rows.id, rows)
    target = node.target
    if not isinstance(rows, ast.List | ast.Tuple) or len(rows.elts) > MOST_DEMANDS // 10:
        yield scope
        return
    for row in rows.elts:
        if isinstance(row, ast.Starred):
            yield scope
        elif isinstance(target, ast.Name):
            yield scope.with_case({target.id: row})
        elif isinstance(target, ast.Tuple) and isinstance(row, ast.Tuple | ast.List):
            pairs = zip(target.elts, row.elts, strict=False)
            yield scope.with_case({t.id: v for t, v in pairs if isinstance(t, ast.Name)})
        else:
            yield scope


def _all_turns(node: ast.For | ast.AsyncFor, scope: FunctionScope) -> FunctionScope:
    """One scope for a loop in loops: each of its names stands for all it is looped over."""
    rows = hashlib.sha256(scope.normal(node.iter).encode("utf-8", "replace")).hexdigest()
    names = [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
    every: dict[str, ast.expr] = {n: ast.Name(id=f"_{n}_{rows}", ctx=ast.Load()) for n in names}
    return scope.with_case(every)

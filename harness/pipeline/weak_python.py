"""What the tests of a Python file demand, by its syntax tree. Pure: nothing is imported or run."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from harness.pipeline.weak_asserts import Scope, bounded, demands_of, dotted, has_asserts
from harness.pipeline.weak_types import Demand, Probe, TestFile

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef
SILENCING = {
    "pytest.mark.skip": "skip",
    "pytest.mark.skipif": "skipif",
    "pytest.mark.xfail": "xfail",
    "mark.skip": "skip",
    "mark.skipif": "skipif",
    "mark.xfail": "xfail",
    "unittest.skip": "skip",
    "unittest.skipIf": "skipIf",
    "unittest.skipUnless": "skipUnless",
    "unittest.expectedFailure": "expectedFailure",
    "skip": "skip",
    "skipIf": "skipIf",
    "skipUnless": "skipUnless",
    "expectedFailure": "expectedFailure",
}
STOPPING = {
    "pytest.skip": "skip",
    "pytest.xfail": "xfail",
    "pytest.importorskip": "importorskip",
    "pytest.exit": "exit",
    "self.skipTest": "skipTest",
    "unittest.SkipTest": "SkipTest",
    "SkipTest": "SkipTest",
    "sys.exit": "exit",
    "os._exit": "exit",
    "exit": "exit",
}
MOST_CASES = 300
MOST_DEMANDS = 3000


def read_python(text: str) -> TestFile | None:
    """The tests of one file; None when it is no Python."""
    try:
        return _read(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class Known(NamedTuple):
    """What a file defines: its constants, the functions that assert."""

    values: Mapping[str, ast.expr]
    helpers: frozenset[str]


def _read(tree: ast.Module) -> TestFile | None:
    constants = _constants(tree.body)
    short = {name: bounded(value) for name, value in constants.items()}
    demands = 0
    probes: dict[str, Probe] = {}
    helpers = frozenset(f.name for f in ast.walk(tree) if isinstance(f, FUNCTION) and _asserts(f))
    for names, function, holders in _functions(tree.body, (), ()):
        probe = _probe(names, function, holders, constants, Known(short, helpers))
        if probe is not None:
            demands += len(probe.demands)
            if demands > MOST_DEMANDS:
                return None
            probes[probe.id] = probe  # a later definition of the same name replaces the first
    how, line = _module_silenced(tree.body)
    return TestFile(probes=probes, silenced=how, silenced_line=line)


def _asserts(function: Function) -> bool:
    return not function.name.startswith("test") and has_asserts(function)


Holders = tuple[ast.ClassDef, ...]


def _functions(
    body: list[ast.stmt], names: tuple[str, ...], holders: Holders
) -> Iterator[tuple[tuple[str, ...], Function, Holders]]:
    """Functions at module and class level, also below an `if` or `try` there."""
    for node in body:
        if isinstance(node, FUNCTION):
            yield (*names, node.name), node, holders
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node.body, (*names, node.name), (*holders, node))
        elif isinstance(node, ast.If | ast.Try | ast.With):
            inner = [*node.body, *getattr(node, "orelse", []), *getattr(node, "finalbody", [])]
            yield from _functions(inner, names, holders)


def _probe(
    names: tuple[str, ...],
    function: Function,
    holders: Holders,
    constants: Mapping[str, ast.expr],
    known: Known,
) -> Probe | None:
    is_test = function.name.startswith("test") and not _is_fixture(function)
    if not is_test and not has_asserts(function):
        return None
    scope = Scope.of(function, known.values, known.helpers)
    demands: list[Demand] = []
    silenced = "" if not is_test else _silenced(function, holders)
    cases, marked = _cases(function, constants)
    for case in cases:
        left = MOST_DEMANDS + 1 - len(demands)
        demands += islice(demands_of(function, scope.bound(case)), max(left, 0))
    return Probe(
        id="::".join(names),
        line=function.lineno,
        collected=is_test and all(_collectable(c) for c in holders),
        silenced=silenced or (marked if not cases else ""),
        demands=tuple(demands),
        acts=any(isinstance(n, ast.Call | ast.Assert) for s in function.body for n in ast.walk(s)),
        body=_digest(function),
        helper=not is_test,
    )


def _digest(function: Function) -> str:
    text = "".join(ast.dump(s) for s in function.body if not _is_docstring(s))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_fixture(function: Function) -> bool:
    return any(dotted(d).endswith("fixture") for d in function.decorator_list)


def _collectable(holder: ast.ClassDef) -> bool:
    """A runner collects from classes called Test..., and from those that inherit."""
    off = any(
        isinstance(n, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "__test__" for t in n.targets)
        and isinstance(n.value, ast.Constant)
        and not n.value.value
        for n in holder.body
    )
    return not off and (holder.name.startswith("Test") or bool(holder.bases))


def _silenced(function: Function, holders: Holders) -> str:
    for node in (function, *holders):
        for decorator in node.decorator_list:
            if dotted(decorator) in SILENCING:
                return SILENCING[dotted(decorator)]
    for holder in holders:
        how, _ = _marked(holder.body)
        if how:
            return how
    return _stops(function.body)


def _stops(body: list[ast.stmt]) -> str:
    """A skip, an exit or a bare return that every run of this block reaches before it ends.
    A return after all assertions is no stop."""
    for position, node in enumerate(body):
        call = node.exc if isinstance(node, ast.Raise) else getattr(node, "value", None)
        name = dotted(call) if isinstance(call, ast.expr) else ""
        if name in STOPPING and isinstance(node, ast.Expr | ast.Raise):
            return STOPPING[name]
        rest = body[position + 1 :]
        if isinstance(node, ast.Return) and any(has_asserts(x) for x in rest):
            return "return"
        if isinstance(node, ast.If) and not _is_false(node.test):
            inner = _stops([x for x in node.body if not isinstance(x, ast.Return)])
            if inner:
                return inner
    return ""


def _is_false(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and not test.value


def _module_silenced(body: list[ast.stmt]) -> tuple[str, int]:
    how, line = _marked(body)
    if how:
        return how, line
    for node in body:
        if isinstance(node, ast.Expr | ast.Assign) and isinstance(node.value, ast.Call):
            name = dotted(node.value)
            if name in STOPPING:
                return STOPPING[name], node.lineno
        if isinstance(node, ast.If):
            found = _module_silenced(node.body)
            if found[0]:
                return found
    return "", 0


def _marked(body: list[ast.stmt]) -> tuple[str, int]:
    """`pytestmark = pytest.mark.skip` and its like, `__test__ = False`."""
    for node in body:
        if not isinstance(node, ast.Assign):
            continue
        names = {t.id for t in node.targets if isinstance(t, ast.Name)}
        if "pytestmark" in names:
            value = node.value
            marks = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
            for mark in marks:
                if dotted(mark) in SILENCING:
                    return SILENCING[dotted(mark)], node.lineno
        if "__test__" in names and _is_false(node.value):
            return "__test__ = False", node.lineno
    return "", 0


def _constants(body: list[ast.stmt]) -> dict[str, ast.expr]:
    """Names given one value at module level."""
    found: dict[str, ast.expr] = {}
    twice: set[str] = set()
    for node in body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            target, value = node.target, node.value
        else:
            continue
        if isinstance(target, ast.Name):
            if target.id in found:
                twice.add(target.id)
            found[target.id] = value
    return {k: v for k, v in found.items() if k not in twice}


Case = dict[str, ast.expr]


def _cases(function: Function, constants: Mapping[str, ast.expr]) -> tuple[list[Case], str]:
    """Each combination of `parametrize` values as name -> value; one empty case when there is
    none or it cannot be read. Cases that are marked skip are left out (and how is told)."""
    cases: list[Case] = [{}]
    how = ""
    for decorator in function.decorator_list:
        if not isinstance(decorator, ast.Call) or not dotted(decorator).endswith(".parametrize"):
            continue
        rows, marked = _rows(decorator, constants)
        how = how or marked
        if rows is not None:
            cases = [{**a, **b} for a in cases for b in rows][:MOST_CASES]
    return cases, how


def _rows(call: ast.Call, constants: Mapping[str, ast.expr]) -> tuple[list[Case] | None, str]:
    arguments = {k.arg: k.value for k in call.keywords}
    names = call.args[0] if call.args else arguments.get("argnames")
    values = call.args[1] if len(call.args) > 1 else arguments.get("argvalues")
    if isinstance(values, ast.Name):
        values = constants.get(values.id)
    if not isinstance(values, ast.List | ast.Tuple | ast.Set) or names is None:
        return None, ""
    if isinstance(names, ast.Constant):
        titles = [n.strip() for n in str(names.value).split(",") if n.strip()]
    elif isinstance(names, ast.List | ast.Tuple):
        titles = [str(n.value) for n in names.elts if isinstance(n, ast.Constant)]
    else:
        return None, ""
    rows: list[Case] = []
    how = ""
    for value in values.elts:
        cells, marked = _cells(value, len(titles))
        if marked:
            how = marked
        elif len(cells) == len(titles):
            rows.append(dict(zip(titles, cells, strict=True)))
    return rows, how


def _cells(value: ast.expr, width: int) -> tuple[list[ast.expr], str]:
    if isinstance(value, ast.Call) and dotted(value).endswith("param"):
        for keyword in value.keywords:
            if keyword.arg != "marks":
                continue
            marks = keyword.value
            for mark in marks.elts if isinstance(marks, ast.List | ast.Tuple) else [marks]:
                if dotted(mark) in SILENCING:
                    return [], SILENCING[dotted(mark)]
        return value.args, ""
    if width > 1 and isinstance(value, ast.Tuple | ast.List):
        return value.elts, ""
    return [value], ""

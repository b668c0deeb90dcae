"""What the tests of a Python file demand, by its syntax tree. Pure: nothing is imported or run."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from harness.syntax.python import parse_module
from harness.weakening.asserts import FunctionScope, has_asserts
from harness.weakening.bindings import (
    FUNCTION,
    KNOWN_ROOTS,
    Bindings,
    Function,
    bindings_of,
    dotted_name,
    find_replaced,
    odd_classes,
    odd_decorators,
    unbound_names,
)
from harness.weakening.demands import Demand, DemandedTest, TestFile
from harness.weakening.flow import STOPPING, demands_of
from harness.weakening.frozen import same_tests
from harness.weakening.truths import known_truth

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
SETUPS = ("setup_", "setup", "setUp", "asyncSetUp")
MOST_CASES = 300
MOST_DEMANDS = 3000


def read_python(
    text: str, own: frozenset[str] = frozenset(), same: frozenset[str] = frozenset()
) -> TestFile | None:
    """The tests of one file; None when it is no Python. `own`: what the base's version of the file
    defined itself (`bindings.own_functions`). `same`: tests whose demands nobody asks for."""
    try:
        return _read_module(parse_module(text), own, same)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def common_tests(old: str, new: str) -> frozenset[str]:
    """The tests that two versions of a file have alike, with all they stand on."""
    try:
        found = ("::".join(names) for names, _, _ in _functions(parse_module(old).body, (), ()))
        return same_tests(old, new, list(dict.fromkeys(found)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()


class FileDefinitions(NamedTuple):
    """What a file defines, and what it does for all its tests."""

    bindings: Bindings
    replaced: tuple[str, ...]
    """What is put in something's place before each test."""


def _read_module(tree: ast.Module, own: frozenset[str], same: frozenset[str]) -> TestFile | None:
    bindings = bindings_of(tree, own)
    known = FileDefinitions(bindings, tuple(find_replaced(_shared_statements(tree), bindings)))
    demands = 0
    probes: dict[str, DemandedTest] = {}
    for names, function, holders in _functions(tree.body, (), ()):
        probe = _probe(names, function, holders, known, "::".join(names) in same)
        if probe is not None:
            demands += len(probe.demands)
            if demands > MOST_DEMANDS:
                return None
            probes[probe.id] = probe  # a later definition of the same name replaces the first
    for name in unbound_names(tree.body):
        if name in probes:
            probes[name] = probes[name].model_copy(update={"collected": False})
    how, line = _module_silenced(tree.body, known.bindings)
    return TestFile(probes=probes, silenced=how, silenced_line=line)


def _shared_statements(tree: ast.Module) -> Iterator[ast.AST]:
    """What a file does when it is loaded, and before each of its tests."""
    for node in tree.body:
        if isinstance(node, FUNCTION):
            auto = any("autouse" in ast.dump(d) for d in node.decorator_list)
            if auto or node.name.startswith(("setup_", "setUp")):
                yield node
        elif not isinstance(node, ast.ClassDef):
            yield node


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
    names: tuple[str, ...], function: Function, holders: Holders, known: FileDefinitions, same: bool
) -> DemandedTest | None:
    is_test = function.name.startswith("test") and not _is_fixture(function)
    if not is_test and not has_asserts(function):
        return None
    collected = is_test and all(_collectable(c) for c in holders)
    if same:
        return DemandedTest(
            id="::".join(names), line=function.lineno, collected=collected, helper=not is_test
        )
    methods = {n.name: n for h in holders for n in h.body if isinstance(n, FUNCTION)}
    scope = FunctionScope.of(function, known.bindings, methods)
    demands: list[Demand] = []
    silenced = "" if not is_test else _silenced_by(function, holders, known.bindings)
    cases, marked = _cases(function, known.bindings.values)
    for case in cases:
        left = MOST_DEMANDS + 1 - len(demands)
        row = {name: ast.unparse(value) for name, value in case.items()}
        found = islice(demands_of(function, scope.with_case(case)), max(left, 0))
        demands += (d.model_copy(update={"case": row}) for d in found)
    return DemandedTest(
        id="::".join(names),
        line=function.lineno,
        collected=collected,
        silenced=silenced or _before(function, methods, known) or (marked if not cases else ""),
        demands=tuple(demands),
        acts=any(isinstance(n, ast.Call | ast.Assert) for s in function.body for n in ast.walk(s)),
        body=_digest(function),
        helper=not is_test,
        leans=dict(_leans(function, methods, known.bindings)),
        wrapped=tuple(
            dict.fromkeys(
                [*odd_decorators((function, *holders), known.bindings), *odd_classes(holders)]
            )
        ),
        replaced=tuple(sorted(set(_find_replaced(function, holders, methods, known)))),
    )


def _find_replaced(
    function: Function, holders: Holders, methods: Mapping[str, Function], known: FileDefinitions
) -> Iterator[str]:
    """What stands in the place of the product's parts while the test runs; a base class that is
    not known to be a runner's counts with it."""
    words = {a.arg for a in function.args.args}
    words |= {
        str(c.value)
        for node in (function, *holders)
        for d in node.decorator_list
        for c in ast.walk(d)
        if isinstance(c, ast.Constant)
    }
    asked = {**known.bindings.functions, **methods}
    used = [asked[w] for w in words if w in asked and _is_fixture(asked[w])]
    before = [m for n, m in methods.items() if n.startswith(("setup", "setUp", "asyncSetUp"))]
    heads = [d for h in holders for d in h.decorator_list]
    yield from known.replaced
    yield from find_replaced([function, *heads, *used, *before], known.bindings)
    for holder in holders:
        for base in holder.bases:
            origin = known.bindings.origin(base)
            if dotted_name(base) not in known.bindings.classes and (
                origin.startswith(".") or origin.split(".")[0] not in KNOWN_ROOTS
            ):
                yield origin


def _leans(
    function: Function, methods: Mapping[str, Function], known: Bindings
) -> Iterator[tuple[str, frozenset[str]]]:
    """The test and each function of its file that it reaches, with what they use of the product."""
    asked = {**known.functions, **methods}
    waiting, seen = [("", function)], {function.name}
    while waiting:
        name, node = waiting.pop()
        used: set[str] = set()
        for inner in ast.walk(node):
            word = getattr(inner, "id", getattr(inner, "attr", getattr(inner, "arg", None)))
            if word in asked and word not in seen:
                seen.add(word)
                waiting.append((word, asked[word]))
            if isinstance(inner, ast.Name) and not known.names.get(inner.id, "__local").endswith(
                "__local"
            ):
                used.add(known.names[inner.id])
        yield (
            name,
            frozenset(u for u in used if u.startswith(".") or u.split(".")[0] not in KNOWN_ROOTS),
        )


def _digest(function: Function) -> str:
    text = "".join(ast.dump(s) for s in function.body if not _is_docstring(s))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_fixture(function: Function) -> bool:
    return any(dotted_name(d).endswith("fixture") for d in function.decorator_list)


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


def _silenced_by(function: Function, holders: Holders, known: Bindings) -> str:
    for node in (function, *holders):
        for decorator in node.decorator_list:
            if known.origin(decorator) in SILENCING:
                return SILENCING[known.origin(decorator)]
    for holder in holders:
        how, _ = _silencing_mark(holder.body, known)
        if how:
            return how
    return _stops(function.body, known)


def _stops(body: list[ast.stmt], known: Bindings) -> str:
    """A skip, an exit or a bare return that every run of this block reaches before it ends.
    A return after all assertions is no stop."""
    for position, node in enumerate(body):
        call = node.exc if isinstance(node, ast.Raise) else getattr(node, "value", None)
        name = known.origin(call) if isinstance(call, ast.expr) else ""
        if name in STOPPING and isinstance(node, ast.Expr | ast.Raise):
            return STOPPING[name]
        rest = body[position + 1 :]
        if isinstance(node, ast.Return) and any(has_asserts(x) for x in rest):
            return "return"
        if isinstance(node, ast.If) and known_truth(node.test, known.values) is not False:
            inner = _stops([x for x in node.body if not isinstance(x, ast.Return)], known)
            if inner:
                return inner
    return ""


def _before(function: Function, methods: Mapping[str, Function], known: FileDefinitions) -> str:
    """A skip in what runs before the test: a setup of its class or file, a fixture it asks for."""
    asked = {a.arg for a in function.args.args}
    for name, inner in {**known.bindings.functions, **methods}.items():
        fixture = _is_fixture(inner)
        auto = fixture and any("autouse" in ast.dump(d) for d in inner.decorator_list)
        setup = name.startswith(SETUPS) and not fixture
        if setup or auto or (fixture and name in asked):
            how = _stops(inner.body, known.bindings)
            if how and how != "return":
                return how
    return ""


def _is_false(test: ast.expr) -> bool:
    return isinstance(test, ast.Constant) and not test.value


def _module_silenced(body: list[ast.stmt], known: Bindings) -> tuple[str, int]:
    how, line = _silencing_mark(body, known)
    if how:
        return how, line
    for node in body:
        if isinstance(node, FUNCTION) and node.name == "load_tests":
            return node.name, node.lineno
        if isinstance(node, ast.Expr | ast.Assign) and isinstance(node.value, ast.Call):
            name = known.origin(node.value)
            if name in STOPPING:
                return STOPPING[name], node.lineno
        if isinstance(node, ast.If):
            found = _module_silenced(node.body, known)
            if found[0]:
                return found
    return "", 0


def _silencing_mark(body: list[ast.stmt], known: Bindings) -> tuple[str, int]:
    """`pytestmark = pytest.mark.skip` and its like, `__test__ = False`."""
    for node in body:
        if not isinstance(node, ast.Assign):
            continue
        names = {t.id for t in node.targets if isinstance(t, ast.Name)}
        if "pytestmark" in names:
            value = node.value
            marks = value.elts if isinstance(value, ast.List | ast.Tuple) else [value]
            for mark in marks:
                if known.origin(mark) in SILENCING:
                    return SILENCING[known.origin(mark)], node.lineno
        if "__test__" in names and _is_false(node.value):
            return "__test__ = False", node.lineno
    return "", 0


Case = dict[str, ast.expr]


def _cases(function: Function, constants: Mapping[str, ast.expr]) -> tuple[list[Case], str]:
    """Each combination of `parametrize` values as name -> value; one empty case when there is
    none or it cannot be read. Cases that are marked skip are left out (and how is told)."""
    cases: list[Case] = [{}]
    how = ""
    for decorator in function.decorator_list:
        if not isinstance(decorator, ast.Call) or not dotted_name(decorator).endswith(
            ".parametrize"
        ):
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
    if any(isinstance(v, ast.Starred) for v in values.elts):
        return None, ""  # rows that stand elsewhere
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
    if isinstance(value, ast.Call) and dotted_name(value).endswith("param"):
        for keyword in value.keywords:
            if keyword.arg != "marks":
                continue
            marks = keyword.value
            for mark in marks.elts if isinstance(marks, ast.List | ast.Tuple) else [marks]:
                if dotted_name(mark) in SILENCING:
                    return [], SILENCING[dotted_name(mark)]
        return value.args, ""
    if width > 1 and isinstance(value, ast.Tuple | ast.List):
        return value.elts, ""
    return [value], ""

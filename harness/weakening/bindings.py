"""What the names of a Python test file stand for: imports by where they come from, functions of the
file by themselves, and what is put in the product's place. Pure.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from harness.syntax.python import parse_module

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef
# decorators of these leave the test as it is, as far as anyone can tell
ROOTS = (
    "pytest pytest_asyncio mock hypothesis freezegun time_machine responses respx vcr moto "
    "requests_mock httpretty aioresponses django parameterized ddt anyio trio testfixtures "
    "pytest_httpx pytest_mock pytest_cases allure flaky twisted tornado nose attr attrs "
    "property staticmethod classmethod numpy pandas sqlalchemy self cls object"
)
KNOWN_ROOTS = frozenset([*sys.stdlib_module_names, *ROOTS.split()])
MOST_NODES = 300
REPLACERS = frozenset(["setattr", "delattr", "patch", "object", "multiple", "replace", "stub"])
MACHINERY = (
    "run",
    "debug",
    "__call__",
    "__init__",
    "__new__",
    "__getattribute__",
    "failureException",
    "skipTest",
    "fail",
    "_callTestMethod",
    "countTestCases",
    "defaultTestResult",
)
COMPARING = (
    "__eq__",
    "__ne__",
    "__contains__",
    "__lt__",
    "__gt__",
    "__bool__",
    "__instancecheck__",
)


def dotted_name(node: ast.AST) -> str:
    """`a.b.c` of a name, an attribute or a call of one; "" for anything else."""
    if isinstance(node, ast.Call):
        return dotted_name(node.func)
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def digest_if_long(value: ast.expr) -> ast.expr:
    """A value to put in a name's place: a long one by its digest."""
    if sum(1 for _ in islice(ast.walk(value), MOST_NODES + 1)) <= MOST_NODES:
        return value
    digest = hashlib.sha256(ast.dump(value).encode("utf-8", "replace")).hexdigest()
    return ast.Name(id=f"_{digest}", ctx=ast.Load())


@dataclass(frozen=True)
class Bindings:
    """The last meaning of every name at module level."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Name -> where it is imported from (`pkg.total`), or a mark that it is the file's own."""
    functions: Mapping[str, Function] = field(default_factory=dict)
    classes: Mapping[str, ast.ClassDef] = field(default_factory=dict)
    values: Mapping[str, ast.expr] = field(default_factory=dict)

    @cached_property
    def short(self) -> Mapping[str, ast.expr]:
        """The values, long ones by their digest."""
        return {name: digest_if_long(value) for name, value in self.values.items()}

    def origin(self, node: ast.AST) -> str:
        """`pytest.mark.skip` under whatever name it is written."""
        name = dotted_name(node)
        for _ in range(5):
            head, _, rest = name.partition(".")
            value = self.values.get(head)
            full = dotted_name(value) if value is not None else self.names.get(head, "")
            if not full or full == head or full.endswith("__local"):
                return name
            name = f"{full}.{rest}".rstrip(".")
            if value is None:
                return name
        return name


def bindings_of(tree: ast.Module, own: frozenset[str] = frozenset()) -> Bindings:
    """Read in order: the last binding of a name is what its tests see. `own`: names that the
    base's version of the file defined itself; imported now, they are still its helpers."""
    names: dict[str, str] = {}
    functions: dict[str, Function] = {}
    classes: dict[str, ast.ClassDef] = {}
    values: dict[str, ast.expr] = {}
    for node in statements(tree.body):
        for name, full in _statement_bindings(node, own):
            for table in (names, functions, classes, values):
                table.pop(name, None)
            if full:
                names[name] = full
            if isinstance(node, FUNCTION):
                functions[name] = node
            elif isinstance(node, ast.ClassDef):
                classes[name] = node
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                values[name] = node.value
    return Bindings(names, functions, classes, values)


def _statement_bindings(node: ast.stmt, own: frozenset[str]) -> Iterator[tuple[str, str]]:
    """(name, what it now stands for) of one statement; "" for a value."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((n, f"{n}__local" if n in own else t) for n, t in import_bindings(node))
    elif isinstance(node, FUNCTION):
        yield node.name, f"{node.name}__local"
    elif isinstance(node, ast.ClassDef):
        yield node.name, f"{node.name}__local{_comparing(node)}"
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from ((t.id, "") for t in targets if isinstance(t, ast.Name))


def _comparing(node: ast.ClassDef) -> str:
    """A mark for a class of the file that decides itself what it is equal to."""
    own = [n for n in node.body if isinstance(n, FUNCTION) and n.name in COMPARING]
    text = "".join(ast.dump(n) for n in own)
    return f"_{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()}" if own else ""


def statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when a module is loaded, also those below a branch."""
    for node in body:
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
            inner = [getattr(node, f, []) for f in ("body", "orelse", "finalbody")]
            for block in [*inner, *(h.body for h in getattr(node, "handlers", []))]:
                yield from statements(block)


def import_bindings(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """(name bound, where it comes from) of one import."""
    for alias in node.names:
        if isinstance(node, ast.Import):
            name = alias.asname or alias.name.split(".")[0]
            yield name, alias.name if alias.asname else name
        elif alias.name != "*":
            module = "." * node.level + (node.module or "")
            yield alias.asname or alias.name, f"{module}.{alias.name}"


def own_functions(text: str) -> frozenset[str]:
    """Functions and classes that a file defines at module level; none when it cannot be read."""
    try:
        found = bindings_of(parse_module(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset([*found.functions, *found.classes])


# ---------------------------------------------------------------- decorators


def odd_decorators(nodes: Iterable[Function | ast.ClassDef], known: Bindings) -> Iterator[str]:
    """Decorators that may not run what they are put on."""
    for node in nodes:
        for decorator in node.decorator_list:
            origin = known.origin(decorator)
            head = dotted_name(decorator).split(".")[0]
            if head in known.functions:
                if not _keeps(known.functions[head]):
                    yield dotted_name(decorator)
            elif origin.split(".")[0] not in KNOWN_ROOTS or origin.startswith("."):
                yield origin or ast.unparse(decorator)


def odd_classes(holders: Iterable[ast.ClassDef]) -> Iterator[str]:
    """What of a class may keep its tests from being run, or from failing."""
    for holder in holders:
        for keyword in holder.keywords:
            yield f"{holder.name}.{keyword.arg or '**'}"
        for node in holder.body:
            names = [node.name] if isinstance(node, FUNCTION) else _stored_names(node)
            yield from (f"{holder.name}.{name}" for name in names if name in MACHINERY)


def unbound_names(body: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    """Functions of a module and of its classes whose name stands for something else at the end."""
    now: dict[str, bool] = {}
    for node in body:
        if isinstance(node, FUNCTION):
            now[node.name] = True
        else:
            now.update((name, False) for name in _stored_names(node) if name in now)
        if isinstance(node, ast.ClassDef):
            yield from unbound_names(node.body, f"{prefix}{node.name}::")
    yield from (f"{prefix}{name}" for name, bound in now.items() if not bound)


def _stored_names(node: ast.stmt) -> list[str]:
    """Names that a statement binds or deletes by itself."""
    if isinstance(node, (*FUNCTION, ast.ClassDef)):
        return []
    return [
        n.id
        for n in ast.walk(node)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store | ast.Del)
    ]


def _keeps(decorator: Function) -> bool:
    """True when a decorator hands back what it is put on, or something that calls it."""
    inner = [decorator, *(n for n in ast.walk(decorator) if isinstance(n, FUNCTION))]
    if any(isinstance(n, ast.Try | ast.TryStar) or _suppresses(n) for n in ast.walk(decorator)):
        return False
    for function in inner:
        for argument in function.args.args:
            for node in ast.walk(function):
                value = node.value if isinstance(node, ast.Return) else None
                called = isinstance(node, ast.Call) and dotted_name(node.func) == argument.arg
                given = isinstance(value, ast.Name) and value.id == argument.arg
                if (called or given) and _returns(function):
                    return True
    return False


def _returns(function: Function) -> bool:
    return any(
        isinstance(n, ast.Return) and n.value is not None and not isinstance(n.value, ast.Constant)
        for n in ast.walk(function)
    )


def _suppresses(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and dotted_name(node).endswith("suppress")


# ---------------------------------------------------------------- replacements


def find_replaced(nodes: Iterable[ast.AST], known: Bindings) -> Iterator[str]:
    """What is put in the place of something imported: `pkg.total` of a patch, of `setattr`, of an
    assignment. What belongs to Python itself (the clock, the environment) is left out."""
    for top in nodes:
        for node in ast.walk(top):
            target = ""
            if isinstance(node, ast.Call):
                target = _call_target(node, known)
            elif isinstance(node, ast.Attribute | ast.Subscript) and isinstance(
                node.ctx, ast.Store | ast.Del
            ):
                place = node.value if isinstance(node, ast.Subscript) else node
                if dotted_name(place).split(".")[0] in known.names:
                    target = known.origin(place)
            head = target.split(".")[0]
            if target and (head not in sys.stdlib_module_names or target.startswith("sys.modules")):
                yield target


def _call_target(node: ast.Call, known: Bindings) -> str:
    name = known.origin(node)
    last = name.rsplit(".", 1)[-1]
    if last not in REPLACERS or not node.args:
        return ""
    if last in ("object", "multiple", "replace", "stub") and not _patches(name):
        return ""
    first = node.args[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    if last == "patch" and not _patches(name):
        return ""
    second = node.args[1] if len(node.args) > 1 else None
    attribute = str(second.value) if isinstance(second, ast.Constant) else "*"
    head = dotted_name(first).split(".")[0]
    return f"{known.origin(first)}.{attribute}" if head in known.names else ""


def _patches(name: str) -> bool:
    return any(word in name.lower() for word in ("patch", "mock"))

"""What of a Python file on the tests' side reaches beyond its own tests. Pure.

Read by its syntax tree, old and new: what was there on the base as it is now is no change.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from harness.syntax.python import parse_module

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
LISTS = ("pytest_plugins", "collect_ignore", "collect_ignore_glob")
REGISTERS = ("register", "import_plugin", "consider_module", "addinivalue_line", "set_blocked")
PATHS = ("sys.path", "sys.meta_path", "sys.path_hooks", "sys.path_importer_cache")
MUTATORS = ("insert", "append", "extend", "remove", "clear", "pop", "__setitem__", "update")
BUILT_IN = (
    "request monkeypatch tmp_path tmp_path_factory tmpdir tmpdir_factory capsys capfd capsysbinary "
    "capfdbinary caplog recwarn cache pytestconfig record_property record_testsuite_property "
    "record_xml_attribute doctest_namespace testdir pytester subtests event_loop "
    "event_loop_policy mocker class_mocker module_mocker session_mocker"
)
BUILT_IN_FIXTURES = frozenset(BUILT_IN.split())
# what lasts beyond one test when it is called while a file is loaded
REPLACES = ("setattr", "delattr", "setitem", "delitem", "patch", "start", "exec", "eval", "object")
TOUCHES = ("setattr", "delattr", "setitem", "patch", "object", "dict", "spy", "stub", "sys.modules")


class Reach(NamedTuple):
    """One thing that reaches other tests: which rule, its name, where it stands, what it is."""

    rule: str
    name: str
    line: int
    text: str


def dotted_name(node: ast.AST) -> str:
    """`a.b.c` of names and attributes, through calls and subscripts; "" for anything else."""
    if isinstance(node, ast.Call):
        return dotted_name(node.func)
    if isinstance(node, ast.Subscript):
        return dotted_name(node.value)
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


class FileNames(NamedTuple):
    """What the words of one file mean for these rules."""

    fixture: frozenset[str]
    """Every way to write `pytest.fixture` here, aliases included."""
    auto: frozenset[str]
    """Those of them that stand for a fixture with `autouse`."""
    imported: frozenset[str]
    """Names bound by an import."""


def names_of(tree: ast.Module) -> FileNames:
    """Aliases are followed in the order in which they are written."""
    fixture, auto, imported = {"fixture"}, set[str](), set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                name = alias.asname or alias.name.split(".")[0]
                imported.add(name)
                if alias.name in ("fixture", "yield_fixture"):
                    fixture.add(name)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Constant):
            value = node.value
            aliases = {t.id for t in node.targets if isinstance(t, ast.Name)}
            if _mentions(value, fixture) and not _makes_fixture(value, fixture):
                fixture |= aliases
                if _autouse(value) or _mentions(value, auto):
                    auto |= aliases
    return FileNames(frozenset(fixture), frozenset(auto), frozenset(imported))


def _mentions(node: ast.AST, words: set[str] | frozenset[str]) -> bool:
    return any(
        (isinstance(n, ast.Name) and n.id in words)
        or (isinstance(n, ast.Attribute) and (n.attr in words or n.attr == "yield_fixture"))
        for n in ast.walk(node)
    )


def _makes_fixture(node: ast.AST, fixture: set[str] | frozenset[str]) -> bool:
    """`fixture(...)(f)` and `fixture(f)`: a fixture is made, not an alias."""
    if not isinstance(node, ast.Call):
        return False
    if isinstance(node.func, ast.Call):
        return True
    return dotted_name(node).rsplit(".", 1)[-1] in fixture and bool(node.args)


def _autouse(node: ast.AST) -> bool:
    """True unless it is written down that it is not."""
    return any(
        isinstance(n, ast.keyword)
        and (n.arg == "autouse" or (n.arg is None))
        and not (isinstance(n.value, ast.Constant) and not n.value.value)
        for n in ast.walk(node)
    )


def fixtures(tree: ast.Module) -> Iterator[tuple[str, bool, ast.AST]]:
    """(name, autouse, where) of every fixture that a file defines, by decorator or by call."""
    names = names_of(tree)
    for node in ast.walk(tree):
        if isinstance(node, FUNCTION):
            made = [d for d in node.decorator_list if _mentions(d, names.fixture)]
            if made:
                auto = any(_autouse(d) or _mentions(d, names.auto) for d in made)
                yield _given_name(made) or node.name, auto, node
        elif isinstance(node, ast.Assign) and _makes_fixture(node.value, names.fixture):
            if not _mentions(node.value, names.fixture):
                continue
            auto = _autouse(node.value) or _mentions(node.value, names.auto)
            for target in node.targets:
                yield _given_name([node.value]) or dotted_name(target), auto, node


def _given_name(made: list[ast.expr]) -> str:
    for part in made:
        for node in ast.walk(part):
            if isinstance(node, ast.keyword) and node.arg == "name":
                return str(getattr(node.value, "value", "")) or dotted_name(node.value)
    return ""


def fixture_names(text: str) -> frozenset[str]:
    """The fixtures that a file defines; none when it cannot be read."""
    try:
        return frozenset(name for name, _, _ in fixtures(parse_module(text)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()


def taken_fixtures(texts: Mapping[str, str]) -> frozenset[str]:
    """Fixtures that the base's tests already use, from the text of its test files: those of its
    conftests, and what tests ask for that their own file does not give them (a plugin does)."""
    found = set(BUILT_IN_FIXTURES)
    for path, text in texts.items():
        try:
            tree = parse_module(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        own = {name for name, _, _ in fixtures(tree)}
        found |= own if path.endswith("conftest.py") else _requested_fixtures(tree) - own
    return frozenset(found)


def _requested_fixtures(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, FUNCTION) and node.name.startswith("test"):
            given = {
                word.strip()
                for d in node.decorator_list
                for c in ast.walk(d)
                if isinstance(c, ast.Constant)
                for word in str(c.value).split(",")
            }
            found |= {a.arg for a in node.args.args} - given - {"self", "cls"}
    return found


def reaches(tree: ast.Module, taken: frozenset[str], *, shared: bool) -> Iterator[Reach]:
    """Everything in a file that reaches other tests than its own. `taken`: fixtures that tests
    already use. `shared`: other files use this one (a conftest, a helper, a file of the base)."""
    yield from _hooks(tree)
    for name, auto, node in fixtures(tree):
        text = ast.dump(node)
        if auto and (shared or _touches(node)):
            yield Reach("sides.autouse", name, getattr(node, "lineno", 0), text)
        elif name in taken:
            yield Reach("sides.override", name, getattr(node, "lineno", 0), "")
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and (what := _moves_paths(node)):
            yield Reach("sides.loads", what, node.lineno, ast.dump(node))
    names = names_of(tree)
    for node in _load_time_statements(tree.body):
        if what := _replaces(node, names):
            yield Reach("sides.mock", what, node.lineno, ast.dump(node))


def _touches(node: ast.AST) -> bool:
    """True when a fixture may replace something: only environment and folder are left alone."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            name = dotted_name(inner)
            if name.rsplit(".", 1)[-1] in TOUCHES or "mock" in name.lower():
                return True
        stored = isinstance(inner, ast.Attribute | ast.Subscript) and isinstance(
            inner.ctx, ast.Store
        )
        if stored and not dotted_name(inner).startswith(
            ("os.environ", "self.", "cls.", "request.")
        ):
            return True
    return False


def _other_markers(tree: ast.Module) -> frozenset[str]:
    """Names that are nothing but pluggy's marker for the hooks of a project other than pytest."""
    bound = Counter(_bound_names(tree))
    makers = {"pluggy.HookimplMarker"} if bound["pluggy"] == 1 else set()
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "pluggy" and node.level == 0:
            kept = (a for a in node.names if a.name == "HookimplMarker" and a.asname is None)
            makers |= {alias.name for alias in kept if bound[alias.name] == 1}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            made, target = node.value, node.targets[0]
            words = [one.value for one in made.args if isinstance(one, ast.Constant)]
            other = len(words) == len(made.args) == 1 and words != ["pytest"] and not made.keywords
            if isinstance(target, ast.Name) and ast.unparse(made.func) in makers and other:
                found[target.id] += 1
    return frozenset(name for name, times in found.items() if bound[name] == times)


def _bound_names(tree: ast.Module) -> Iterator[str]:
    """Every name that a statement binds, as often as it is bound."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.partition(".")[0]
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (*FUNCTION, ast.ClassDef, ast.ExceptHandler, ast.MatchAs)):
            yield node.name or ""


def _hooks(tree: ast.Module) -> Iterator[Reach]:
    others = _other_markers(tree)
    for node in ast.walk(tree):
        if isinstance(node, FUNCTION):
            marks = {dotted_name(mark) for mark in node.decorator_list} - others
            hook = any("hookimpl" in mark for mark in marks)
            if node.name.startswith("pytest_") or hook:
                yield Reach("sides.hook", node.name, node.lineno, ast.dump(node))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name).startswith("pytest_") and isinstance(
                    node, ast.ImportFrom
                ):
                    text = f"{node.module}.{alias.name}"
                    yield Reach("sides.hook", alias.asname or alias.name, node.lineno, text)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            yield from _hook_names(node)
        elif isinstance(node, ast.Call):
            name = dotted_name(node)
            if name.rsplit(".", 1)[-1] in REGISTERS and "plugin" in ast.unparse(node.func).lower():
                yield Reach("sides.hook", name, node.lineno, ast.dump(node))


def _hook_names(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> Iterator[Reach]:
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        words = [n.id for n in ast.walk(target) if isinstance(n, ast.Name)]
        words += [str(n.value) for n in ast.walk(target) if isinstance(n, ast.Constant)]
        for word in words:
            if word.startswith("pytest_") or word in LISTS:
                yield Reach("sides.hook", word, node.lineno, ast.dump(node))


def _moves_paths(node: ast.stmt) -> str:
    """What of a statement changes where modules come from; "" for nothing."""
    if hasattr(node, "body"):
        return ""  # its own statements are looked at
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            name = dotted_name(inner)
            head, _, last = name.rpartition(".")
            if (head in PATHS and last in MUTATORS) or last in ("addsitedir", "syspath_prepend"):
                return name
        elif isinstance(inner, ast.Attribute | ast.Subscript) and not isinstance(
            inner.ctx, ast.Load
        ):
            name = dotted_name(inner)
            if name in PATHS or name.endswith("__path__"):
                return name
        elif isinstance(inner, ast.Constant) and inner.value in ("PYTHONPATH", "NODE_OPTIONS"):
            # a child's own environment reaches no other test
            return str(inner.value) if "environ" in ast.unparse(node) else ""
    return ""


def _load_time_statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when the file is loaded, also below a branch and in a class."""
    for node in body:
        if isinstance(node, FUNCTION):
            continue
        inner = [getattr(node, f, []) for f in ("body", "orelse", "finalbody")]
        blocks = [*inner, *(h.body for h in getattr(node, "handlers", []))]
        if any(blocks):
            for block in blocks:
                yield from _load_time_statements(block)
            if isinstance(node, ast.With | ast.AsyncWith):
                yield ast.Expr(
                    value=ast.Tuple(elts=[i.context_expr for i in node.items], ctx=ast.Load()),
                    lineno=node.lineno,
                    col_offset=0,
                )
        else:
            yield node


def _replaces(node: ast.stmt, names: FileNames) -> str:
    """What of a statement replaces a part of something imported; "" for nothing."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Delete):
        targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
        for target in targets:
            name = dotted_name(target) if isinstance(target, ast.Attribute | ast.Subscript) else ""
            if name.split(".", 1)[0] in names.imported and not name.startswith("os.environ"):
                return name
            if name.startswith(("sys.modules", "globals", "__builtins__", "builtins")):
                return name
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call) and not isinstance(node, ast.Import | ast.ImportFrom):
            last = dotted_name(inner).rsplit(".", 1)[-1]
            if dotted_name(inner).startswith("sys.modules.") and last != "get":
                return dotted_name(inner)
            if last in REPLACES and not _as_decorator(inner, last):
                return dotted_name(inner)
    return ""


def _as_decorator(call: ast.Call, last: str) -> bool:
    """`object()` alone replaces nothing: only `patch.object` and its like do."""
    name = dotted_name(call)
    return last == "object" and "patch" not in name

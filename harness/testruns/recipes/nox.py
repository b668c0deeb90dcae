"""noxfile.py: what its sessions install and run, read from the tree of its source as far as the
words are there. Nothing of it is run. Pure."""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from harness.syntax.python import parse_module
from harness.testruns.recipes.builder import Builder, rest_of
from harness.testruns.recipes.python_tools import pip
from harness.testruns.recipes.script import Command
from harness.testruns.recipes.tox_names import ASIDE

LARGEST = 64 << 10
MOST_DEEP = 3
MOST_CALLS = 120
TESTS = ("tests", "test", "unit", "pytest", "unit_tests", "unittest", "tests_all", "check")
Words = tuple[str, ...]
Known = dict[str, object]


class NoxSession(NamedTuple):
    """A function that nox calls, and the names that it goes by."""

    name: str
    body: ast.FunctionDef


class Call(NamedTuple):
    """Something that a session does: `kind` is the method's name."""

    kind: str
    words: Words
    env: dict[str, str]
    line: int


def nox(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`nox`, `nox -s tests -- options`."""
    path = posixpath.join(command.folder, "noxfile.py")
    found = read_sessions(builder.tree.text(path))
    rest = list(words)
    more: tuple[str, ...] = ()
    if "--" in rest:
        at = rest.index("--")
        rest, more = rest[:at], tuple(rest[at + 1 :])
    asked = _asked(rest)
    chosen = [one for one in found.sessions if one.name in asked] if asked else _usual(found)
    builder.doubts += not chosen
    for session in chosen:
        try:
            calls = found.calls(session, more)
        except RecursionError:
            builder.doubts += 1
            return
        for call in calls:
            _do(builder, command, call)
        if builder.has_tests:
            return


def _asked(rest: Sequence[str]) -> set[str]:
    """Names behind `-s`, up to the next option, without Python's version."""
    names: set[str] = set()
    follows = False
    for word in rest:
        if word in ("-s", "-e", "--session", "--sessions"):
            follows = True
        elif word.startswith("-"):
            follows = False
            joined = re.match(r"(?:-[se]|--sessions?=)([\w.()-]+)", word)
            names |= {_plain(joined[1])} if joined else set()
        elif follows:
            names.add(_plain(word))
    return names


def _plain(name: str) -> str:
    return re.sub(r"-(?:3|pypy).*$", "", name.partition("(")[0])


def _usual(found: NoxFile) -> list[NoxSession]:
    """Sessions that run tests by their names, the plainest first."""
    named = [one for name in TESTS for one in found.sessions if one.name == name]
    others = [
        one
        for one in found.sessions
        if "test" in one.name and not ASIDE.search(one.name) and one not in named
    ]
    return [*named, *others]


def _do(builder: Builder, command: Command, call: Call) -> None:
    here = command.model_copy(update={"line": call.line, "env": {**command.env, **call.env}})
    if call.kind == "install":
        pip(builder, here, ("install", *call.words))
    elif call.kind == "chdir":
        return
    elif call.words:
        builder.take(here.model_copy(update={"words": call.words, "text": rest_of(call.words)}))


class NoxFile:
    """The functions of one file."""

    def __init__(self, module: ast.Module) -> None:
        self._functions: dict[str, ast.FunctionDef] = {}
        self._known: Known = {}
        self.sessions: list[NoxSession] = []
        for node in module.body:
            if isinstance(node, ast.FunctionDef):
                self._functions[node.name] = node
                if any(_is_session(one) for one in node.decorator_list):
                    self.sessions.append(NoxSession(_name(node), node))
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                _assign(node, self._known)

    def calls(self, session: NoxSession, more: Words) -> list[Call]:
        """What it does, in order. `more`: what stands for its arguments."""
        known = {**self._known, **_parameters(session.body), "session.posargs": list(more)}
        first = session.body.args.args[0].arg if session.body.args.args else "session"
        walk = _Walk(self._functions, first)
        walk.body(session.body.body, known, 0)
        return walk.found


def read_sessions(text: str) -> NoxFile:
    """Without sessions when it is no Python that can be read."""
    try:
        return NoxFile(parse_module(text if len(text) <= LARGEST else ""))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return NoxFile(ast.Module(body=[], type_ignores=[]))


def _is_session(node: ast.expr) -> bool:
    called = node.func if isinstance(node, ast.Call) else node
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name in ("session", "nox_session")


def _name(node: ast.FunctionDef) -> str:
    for one in node.decorator_list:
        for word in one.keywords if isinstance(one, ast.Call) else []:
            if word.arg == "name" and isinstance(word.value, ast.Constant):
                return str(word.value.value)
    return node.name


def _parameters(node: ast.FunctionDef) -> Known:
    """Its defaults, and the first value of each `nox.parametrize`."""
    known: Known = {}
    given = node.args.args[len(node.args.args) - len(node.args.defaults) :]
    for argument, default in zip(given, node.args.defaults, strict=True):
        known[argument.arg] = _constant(default, {})
    for one in node.decorator_list:
        if isinstance(one, ast.Call) and getattr(one.func, "attr", "") == "parametrize":
            name, values = (
                (_constant(arg, {}) for arg in one.args[:2]) if len(one.args) > 1 else ("", [])
            )
            if isinstance(name, str) and isinstance(values, list) and values:
                known[name] = values[0]
    return known


def _assign(node: ast.Assign | ast.AnnAssign, known: Known) -> None:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    value = _constant(node.value, known) if node.value is not None else None
    for target in targets:
        if isinstance(target, ast.Name):
            known[target.id] = value


def _constant(node: ast.expr, known: Mapping[str, object]) -> object:
    """A text, a list of texts, a mapping of texts, or another plain value; None for what is not
    known."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return known.get(node.id, [] if node.id == "posargs" else None)
    if isinstance(node, ast.Attribute) and node.attr == "posargs":
        return known.get("session.posargs")
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return _list(node.elts, known)
    return _composed(node, known)


def _composed(node: ast.expr, known: Mapping[str, object]) -> object:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        values = (_constant(one, known) for one in node.values)
        return next((value for value in values if value), None)
    if isinstance(node, ast.IfExp):
        return _constant(node.orelse, known)
    if isinstance(node, ast.JoinedStr):
        return _joined(node, known)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _constant(node.left, known), _constant(node.right, known)
        if isinstance(left, list) and isinstance(right, list):
            return [*left, *right]
        return left + right if isinstance(left, str) and isinstance(right, str) else None
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return {str(_constant(key, known)): _constant(value, known) for key, value in pairs if key}
    return None


def _list(nodes: Sequence[ast.expr], known: Mapping[str, object]) -> list[object]:
    found: list[object] = []
    for one in nodes:
        if isinstance(one, ast.Starred):
            inner = _constant(one.value, known)
            found += inner if isinstance(inner, list) else _groups(one.value)
        else:
            found.append(_constant(one, known))
    return found


def _groups(node: ast.expr) -> list[object]:
    """The options that stand for what is read from pyproject.toml's groups; else nothing."""
    named = isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "dependency_groups"
    given = node.args if isinstance(node, ast.Call) and named else []
    names = [one.value for one in given if isinstance(one, ast.Constant)]
    return [word for name in names for word in ("--group", name)]


def _joined(node: ast.JoinedStr, known: Mapping[str, object]) -> str | None:
    parts = [
        _constant(one.value if isinstance(one, ast.FormattedValue) else one, known)
        for one in node.values
    ]
    return "".join(map(str, parts)) if all(part is not None for part in parts) else None


class _Walk:
    """Through the statements of a session, and of the functions that it hands itself to."""

    def __init__(self, functions: Mapping[str, ast.FunctionDef], session: str) -> None:
        self._functions = functions
        self._session = session
        self.found: list[Call] = []

    def body(self, nodes: Sequence[ast.stmt], known: Known, deep: int) -> None:
        for node in nodes:
            if len(self.found) >= MOST_CALLS:
                return
            if isinstance(node, ast.Assign | ast.AnnAssign):
                self._calls(node, known, deep)
                _assign(node, known)
            elif isinstance(node, ast.If):
                self._either(node, known, deep)
            elif isinstance(node, ast.With | ast.Try | ast.For):
                self.body(node.body, known, deep)
            elif isinstance(node, ast.Expr | ast.Return):
                self._calls(node, known, deep)

    def _either(self, node: ast.If, known: Known, deep: int) -> None:
        """What is done for arguments that nobody gives is not done."""
        said = _constant(node.test, known)
        given = isinstance(node.test, ast.Attribute) and node.test.attr == "posargs"
        if (given and not said) or said is False:
            self.body(node.orelse, known, deep)
            return
        before = len(self.found)
        self.body(node.body, known, deep)
        if len(self.found) == before:
            self.body(node.orelse, known, deep)

    def _calls(self, node: ast.stmt, known: Known, deep: int) -> None:
        for one in _calls_in(node):
            function = one.func
            if isinstance(function, ast.Attribute) and _is(function.value, self._session):
                self._note(function.attr, one, known)
            elif isinstance(function, ast.Name) and function.id in self._functions:
                self._enter(self._functions[function.id], one, known, deep)

    def _enter(self, inner: ast.FunctionDef, call: ast.Call, known: Known, deep: int) -> None:
        if deep >= MOST_DEEP or not any(_is(one, self._session) for one in call.args):
            return
        names = [argument.arg for argument in inner.args.args]
        own: Known = {**known, **_parameters(inner)}
        own.update((n, _constant(v, known)) for n, v in zip(names, call.args, strict=False))
        own.update((w.arg, _constant(w.value, known)) for w in call.keywords if w.arg)
        outer, self._session = self._session, names[0] if names else self._session
        self.body(inner.body, own, deep + 1)
        self._session = outer

    def _note(self, method: str, call: ast.Call, known: Known) -> None:
        """A word that is not known leaves the whole call out, but for options of an install."""
        kinds = {"install": "install", "run": "run", "run_install": "run", "run_always": "run"}
        if method not in kinds:
            return
        words = _list(call.args, known)
        env = next((_constant(w.value, known) for w in call.keywords if w.arg == "env"), None)
        told = {k: v for k, v in env.items() if isinstance(v, str)} if isinstance(env, dict) else {}
        plain = tuple(str(word) for word in words if isinstance(word, str | int | float))
        if len(plain) == len(words) or method != "run":
            self.found.append(Call(kinds[method], plain, told, call.lineno))


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _calls_in(node: ast.stmt) -> Iterator[ast.Call]:
    """Calls of a statement, the outer first."""
    for one in ast.walk(node):
        if isinstance(one, ast.Call):
            yield one

"""Named tests freeze, not whole files: is one test the same in two versions of its file? Pure.

A test is its own text, and what in its file it stands on: its class, the helpers, constants,
fixtures and imports that it uses, and whatever the file does for every test. Tests beside it may
be added, changed or removed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import PurePosixPath

from harness.syntax.python import parse_module
from harness.weakening.frozen_script import same_block

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef
SCRIPT = re.compile(r"\.[cm]?[jt]sx?$")
# what a runner reads or calls for every test of a file, by its name
FOR_ALL = re.compile(
    r"^(pytest_\w+|pytestmark|collect_ignore\w*|(setup|teardown)(_(module|function|class|method))?|"
    r"setUp\w*|tearDown\w*|addCleanup\w*|load_tests|__\w+__)$"
)
# calls that change something for others, whatever name their result gets
ACTS = frozenset(
    ["setattr", "delattr", "exec", "eval", "start", "update", "__setattr__", "setitem"]
)
# what a runner calls of a class for each of its tests, beside those
MACHINERY = re.compile(
    r"^(async(SetUp|TearDown)|run|debug|skipTest|fail\w*|_callTestMethod|countTestCases"
    r"|defaultTestResult)$"
)
Parts = list[tuple[str, list[str]]]


def same_test(frozen_text: str, now_text: str, test_id: str, path: str) -> bool:
    """True when the test is there in both texts and nothing it stands on differs. `test_id`:
    `path::Class::name[case]` of pytest, `path::suite > name` of a script; the path may be left
    out. A case belongs to its function. What cannot be read is the same only when the whole text
    is. Never raises."""
    name = without_path(test_id, path)
    if frozen_text == now_text:
        return True
    if SCRIPT.search(path):
        return same_block(frozen_text, now_text, name, path)
    try:
        frozen, now = (_Module(parse_module(text)).parts(name) for text in (frozen_text, now_text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return frozen is not None and frozen == now


def same_tests(old: str, new: str, names: Iterable[str]) -> frozenset[str]:
    """Those of the functions `Class::name` of two Python texts that are the same test in both. The
    texts must be readable."""
    texts: dict[str, str] = {}
    before, after = (_Module(parse_module(text), texts) for text in (old, new))
    found = ((name, before.parts(name), after.parts(name)) for name in names)
    return frozenset(name for name, was, now in found if was is not None and was == now)


def without_path(test_id: str, path: str) -> str:
    """The name of a test in its file."""
    name = test_id.strip().removeprefix("./")
    head, separator, rest = name.partition("::")
    if not separator:
        return "" if name == path else name
    file = PurePosixPath(head)
    return rest if head == path or "/" in head or file.suffix in (".py", ".js", ".ts") else name


class _Module:
    """What the names of one module stand for, and what it does when it is loaded."""

    def __init__(self, tree: ast.Module, texts: dict[str, str] | None = None) -> None:
        """`texts`: what equal texts of two modules share, so that they are fast to compare."""
        self._texts = {} if texts is None else texts
        self._said: dict[int, str] = {}
        self._words: dict[int, list[str]] = {}
        self.bound: dict[str, list[ast.AST]] = {}
        self.effects: list[ast.stmt] = []
        for node in tree.body:
            names = list(_names(node))
            if not names:
                self.effects.append(node)
            for name, part in names:
                self.bound.setdefault(name, []).append(part)

    def parts(self, name: str) -> Parts | None:
        """Everything the test stands on, in a fixed order; None when it is not there."""
        *classes, function = name.split("[", 1)[0].split("::")
        own = self._own(classes, function)
        if own is None:
            return None
        found: dict[str, list[str]] = {"": [self._text(n) for n in (*own, *self.effects)]}
        waiting = [x for node in (*own, *self.effects) for x in self._words_of(node)]
        waiting += self._for_all
        while waiting:
            word = waiting.pop()
            if word in found or word not in self.bound:
                continue
            nodes = self.bound[word]
            found[word] = [self._text(node) for node in nodes]
            waiting += [x for node in nodes for x in self._words_of(node)]
        return sorted(found.items())

    @cached_property
    def _for_all(self) -> list[str]:
        return [x for x, nodes in self.bound.items() if _for_all(x, nodes)]

    def _text(self, node: ast.AST) -> str:
        if id(node) not in self._said:
            text = ast.dump(node)
            self._said[id(node)] = self._texts.setdefault(text, text)
        return self._said[id(node)]

    def _words_of(self, node: ast.AST) -> list[str]:
        if id(node) not in self._words:
            self._words[id(node)] = _collect_words(node)
        return self._words[id(node)]

    def _own(self, classes: list[str], function: str) -> list[ast.AST] | None:
        """The test itself, and the heads of its classes with what serves all their tests."""
        held: list[ast.AST] = []
        body: list[ast.AST] = [n for nodes in self.bound.values() for n in nodes]
        inherits = False
        for name in classes:
            holder = _last(body, name, ast.ClassDef)
            if not isinstance(holder, ast.ClassDef):
                return None
            inherits = bool(holder.bases)
            held += [*holder.bases, *holder.keywords, *holder.decorator_list]
            body = list(holder.body)
        tests = [n for n in body if isinstance(n, FUNCTION) and n.name == function]
        if not tests and not inherits:
            return None
        if not classes:
            return [*tests]
        return [*held, *tests, *_members(body, [*tests])]


def _members(body: list[ast.AST], tests: list[ast.AST]) -> Iterator[ast.AST]:
    """What of a class its test reaches by name, and what is not one of its methods."""
    methods: dict[str, list[ast.AST]] = {}
    waiting = [x for t in tests for x in _collect_words(t)]
    for node in body:
        if isinstance(node, FUNCTION):
            for name, part in _names(node):
                methods.setdefault(name, []).append(part)
        else:
            yield node
            waiting += _collect_words(node)
    waiting += [n for n, nodes in methods.items() if _for_all(n, nodes) or MACHINERY.match(n)]
    seen = {t.name for t in tests if isinstance(t, FUNCTION)}
    while waiting:
        name = waiting.pop()
        if name not in seen and name in methods:
            seen.add(name)
            yield from methods[name]
            waiting += [x for node in methods[name] for x in _collect_words(node)]


def _last(body: list[ast.AST], name: str, kind: type[ast.AST]) -> ast.AST | None:
    found = [n for n in body if isinstance(n, kind) and getattr(n, "name", "") == name]
    return found[-1] if found else None


def _names(node: ast.stmt | ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """The names a statement gives something to, each with the part that says what; none for a
    statement that does more than that."""
    if isinstance(node, FUNCTION):
        yield node.name, node
        for word in _fixture_names(node):
            yield word, node
    elif isinstance(node, ast.ClassDef):
        yield node.name, node
    elif isinstance(node, ast.Import):
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0], ast.Import(names=[alias])
    elif isinstance(node, ast.ImportFrom) and node.names[0].name != "*":
        for alias in node.names:
            one = ast.ImportFrom(module=node.module, names=[alias], level=node.level)
            yield alias.asname or alias.name, one
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        flat = [x for t in targets for x in (t.elts if isinstance(t, ast.Tuple) else [t])]
        if all(isinstance(t, ast.Name) for t in flat) and not _acts(node):
            yield from ((t.id, node) for t in flat if isinstance(t, ast.Name))


def _acts(node: ast.AST) -> bool:
    calls = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
    return any(getattr(f, "attr", getattr(f, "id", "")) in ACTS for f in calls)


def _fixture_names(node: Function) -> Iterator[str]:
    """`@pytest.fixture(name="client")`: it is asked for under that name."""
    for decorator in node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                yield str(keyword.value.value)


def _for_all(name: str, nodes: list[ast.AST]) -> bool:
    """True for what runs for every test without being asked for."""
    return bool(FOR_ALL.match(name)) or any(
        isinstance(n, ast.keyword) and n.arg in ("autouse", None) and not _is_false(n.value)
        for node in nodes
        for n in _head(node)
    )


def _head(node: ast.AST) -> Iterator[ast.AST]:
    """Decorators of a function; all of a statement that gives a name to something."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        for decorator in node.decorator_list:
            yield from ast.walk(decorator)
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        yield from ast.walk(node)


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and not node.value


def _collect_words(node: ast.AST) -> list[str]:
    """Every word below a node that may stand for something of the module: names, arguments
    (fixtures), attributes, texts that are one word (`usefixtures("client")`)."""
    found: dict[str, None] = {}
    for inner in ast.walk(node):
        match inner:
            case ast.Name(id=word) | ast.arg(arg=word) | ast.Attribute(attr=word):
                found[word] = None
            case ast.Constant(value=str(word)) if word.isidentifier():
                found[word] = None
    return list(found)

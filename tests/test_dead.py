"""Nothing without a caller in the product, no setting that nobody reads."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import textwrap
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path
from typing import TypeGuard, get_args

from pydantic import BaseModel

from harness.config.fields import Section
from harness.config.settings import Settings
from tests.vulture_allowed import ALLOWED, UNREAD, UNSEEN

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "harness"
FOUND = re.compile(r"(\S+):\d+: unused \w+ '(\w+)' \(\d+% confidence\)|(\S+:\d+: unreachable .*)")
DOTTED = re.compile(r"harness(?:\.\w+)+:(\w+)")
Sections = frozenset[type[BaseModel]]


@cache
def trees() -> dict[Path, ast.Module]:
    """Every module of the product, parsed once."""
    files = [path for path in PACKAGE.rglob("*.py") if "testing" not in path.parts]
    return {path: ast.parse(path.read_text("utf-8")) for path in sorted(files)}


@cache
def loaded() -> frozenset[str]:
    """What a dotted name in the code loads."""
    return frozenset(
        name
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for name in DOTTED.findall(node.value)
    )


@cache
def found() -> dict[str, str]:
    """Name -> where it stands, of all that vulture finds and no dotted name in the code loads."""
    argv = [sys.executable, "-m", "vulture"]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode in (0, 3), done.stderr
    matches = [FOUND.fullmatch(line) for line in done.stdout.splitlines()]
    assert matches
    assert all(matches), done.stdout
    names = {m[2] or m[3]: m[1] or m[3] for m in matches if m is not None}
    return {name: where for name, where in names.items() if name not in loaded()}


def test_what_has_no_caller_in_the_product_is_on_the_reviewed_list() -> None:
    """Tests are no caller: delete it, and what tests it; or say in the list why it stays."""
    allowed = {name for names in ALLOWED.values() for name in names}
    assert {name: where for name, where in found().items() if name not in allowed} == {}


def test_the_reviewed_list_holds_nothing_else() -> None:
    allowed = {name for names in ALLOWED.values() for name in names}
    assert allowed - found().keys() == set()
    nodes = [node for tree in trees().values() for node in ast.walk(tree)]
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    fields = [node.target for node in nodes if isinstance(node, ast.AnnAssign)]
    defined |= {target.id for target in fields if isinstance(target, ast.Name)}
    assert {name for names in UNSEEN.values() for name in names} <= defined


def test_what_stands_at_the_top_of_a_module_is_used() -> None:
    """By that module or one that imports it: vulture does not see what shares its name."""
    imported, attributes = set[str](), set[str]()
    for tree in trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                imported |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Attribute):
                attributes.add(node.attr)
    listed = {name for table in (ALLOWED, UNSEEN) for names in table.values() for name in names}
    unused = {
        f"{module_of(path)}.{name}"
        for path, tree in trees().items()
        for name in tops(tree)
        if f"{module_of(path)}.{name}" not in imported
        if name not in attributes | loaded() | listed
    }
    assert unused == set()


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def tops(tree: ast.Module) -> Iterator[str]:
    """Functions, classes and constants that the module itself does not use."""
    uses = Counter(node.id for node in ast.walk(tree) if is_load(node))
    for node in tree.body:
        inside = Counter(part.id for part in ast.walk(node) if is_load(part))
        for name in defined_by(node):
            if uses[name] == inside[name] and not name.startswith("__"):
                yield name


def is_load(node: ast.AST) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)


def defined_by(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            # a decorator that is called, or a part of something, hands it on
            hands_on = (ast.Call, ast.Attribute)
            return [] if any(isinstance(d, hands_on) for d in node.decorator_list) else [node.name]
        case ast.ClassDef():
            return [node.name]
        case ast.Assign():
            return [target.id for target in node.targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
    return []


# ------------------------------------------------------------ settings


def sections_in(annotation: object) -> Iterator[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for part in get_args(annotation):
        yield from sections_in(part)


def keyed() -> dict[str, Sections]:
    """Key of a table of the settings -> what is read behind it."""
    known: dict[str, set[type[BaseModel]]] = defaultdict(set)
    todo: list[type[BaseModel]] = [Settings]
    while todo:
        for name, field in todo.pop().model_fields.items():
            for section in sections_in(field.annotation):
                if section not in known[name]:
                    known[name].add(section)
                    todo.append(section)
    return {name: frozenset(sections) for name, sections in known.items()}


class Reading:
    """Which variables of one module hold which part of the settings, by its annotations and
    assignments. `returns`: what functions of any module give back."""

    def __init__(
        self, tree: ast.Module, keys: dict[str, Sections], returns: dict[str, Sections]
    ) -> None:
        self.nodes = list(ast.walk(tree))
        self.keys = keys
        self.returns = returns
        self.named: dict[str, Sections] = {}
        classes = by_class(keys)
        for node in self.nodes:
            if isinstance(node, ast.arg) and node.annotation is not None:
                self._hold(node.arg, named_in(node.annotation, classes))
        for _ in range(2):
            for node in self.nodes:
                self._bind(node)

    def _hold(self, name: str, sections: Sections) -> None:
        if sections:
            self.named[name] = self.named.get(name, frozenset()) | sections

    def _bind(self, node: ast.AST) -> None:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    for one, value in zip(target.elts, node.value.elts, strict=True):
                        self._assign(one, self.of(value))
                else:
                    self._assign(target, self.of(node.value))
        elif isinstance(node, ast.For | ast.comprehension):
            self._assign(node.target, self.of(node.iter))

    def _assign(self, target: ast.expr, sections: Sections) -> None:
        for part in ast.walk(target):
            if isinstance(part, ast.Name):
                self._hold(part.id, sections)

    def of(self, node: ast.expr) -> Sections:
        """The sections that an expression may be."""
        if isinstance(node, ast.Name):
            return self.named.get(node.id, frozenset())
        if isinstance(node, ast.Attribute):
            if node.attr in ("items", "values", "get"):
                return self.of(node.value)
            return self.keys.get(node.attr, frozenset())
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            inner = frozenset[type[BaseModel]]().union(*(self.of(arg) for arg in node.args))
            return self.returns.get(name, frozenset()) | self.of(node.func) | inner
        return self.of(node.value) if isinstance(node, ast.Subscript) else frozenset()

    def read(self) -> Iterator[str]:
        """`<Section>.<field>` of each that is read."""
        for node in self.nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
                for section in self.of(node.value):
                    yield f"{section.__name__}.{node.attr}"


def every_section(keys: dict[str, Sections]) -> Sections:
    return frozenset[type[BaseModel]]([Settings]).union(*keys.values())


def by_class(keys: dict[str, Sections]) -> dict[str, Sections]:
    return {one.__name__: frozenset({one}) for one in every_section(keys)}


def named_in(annotation: ast.expr, classes: dict[str, Sections]) -> Sections:
    names = (part.id for part in ast.walk(annotation) if isinstance(part, ast.Name))
    return frozenset[type[BaseModel]]().union(*(classes.get(name, frozenset()) for name in names))


def read_in(modules: Collection[ast.Module]) -> set[str]:
    """Every setting that these modules read."""
    keys, returns = keyed(), dict[str, Sections]()
    classes = by_class(keys)
    for tree in modules:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.returns is not None:
                given = named_in(node.returns, classes)
                if given:
                    returns[node.name] = returns.get(node.name, frozenset()) | given
    return {one for tree in modules for one in Reading(tree, keys, returns).read()}


def test_every_setting_is_read() -> None:
    """By the product, through the table it stands in: what only is shown is not read."""
    keys = keyed()
    every = {f"{one.__name__}.{name}" for one in every_section(keys) for name in one.model_fields}
    tables = {f"Settings.{key}" for key in keys}
    assert every - read_in(trees().values()) - tables == set(UNREAD)


def test_a_setting_is_read_where_its_table_is_known() -> None:
    source = """
    def one(settings: Settings) -> ModelSettings:
        limits, other = settings.limits, object()
        return limits.turns, other.agents, settings.other.html
    def two(app: App):
        for name, chosen in sorted(app.settings.models.items()):
            chosen.dialect
        one(app.settings).max_tokens
        app.settings.limits.day = 1
    """
    wanted = {"LimitSettings.turns", "ModelSettings.dialect", "ModelSettings.max_tokens"}
    found = read_in([ast.parse(textwrap.dedent(source))])
    assert {one for one in found if not one.startswith("Settings.")} - wanted == {
        "ModelSettings.items"
    }
    assert wanted <= found

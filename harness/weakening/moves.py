"""A test file that only follows a module to its new place. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from harness.syntax.python import parse_module
from harness.syntax.script import Specifier, exported_names, imports
from harness.syntax.tree import parse
from harness.weakening.imports import absolute, module_files, roots_for, script_file

SCRIPT = re.compile(r"\.[cm]?[jt]sx?$")


class ChangeTexts(NamedTuple):
    """The files of the base and of the change, and the texts of the change's."""

    base: frozenset[str]
    change: frozenset[str]
    text: Callable[[str], str | None]
    """The change's text of a path."""
    is_product: Callable[[str], bool]


class _Import(NamedTuple):
    bound: str
    module: str
    name: str


def import_moves(path: str, old: str, new: str, trees: ChangeTexts) -> bool:
    """True when a test file differs in imports alone, the file that each of them meant is gone from
    the change, and a product file of the change defines the same name."""
    if SCRIPT.search(path):
        return _script_moves(path, old, new, trees)
    try:
        before, after = parse_module(old), parse_module(new)
        was, now = list(_imports(path, before)), list(_imports(path, after))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    gone = {i.bound: i for i in was if i not in now}
    come = {i.bound: i for i in now if i not in was}
    if not gone or gone.keys() != come.keys():
        return False
    moved = {(gone[b].module, come[b].module) for b in gone}
    if _rest(before, moved) != _rest(after, ()):
        return False
    return all(_is_move(path, gone[bound], come[bound], trees) for bound in gone)


def _imports(path: str, tree: ast.Module) -> Iterator[_Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield _Import(alias.asname or alias.name, alias.name, "")
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                module = absolute(path, node.module or "", node.level)
                yield _Import(alias.asname or alias.name, module, alias.name)


def _rest(tree: ast.Module, moved: set[tuple[str, str]] | tuple[()]) -> str:
    """The file without its imports; texts that name a moved module name its new place."""

    class WithoutImports(ast.NodeTransformer):
        def visit_Import(self, node: ast.Import) -> ast.AST:
            return ast.Pass()

        def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.AST:
            return ast.Pass()

        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            for before, after in moved:
                value = str(node.value)
                if isinstance(node.value, str) and (value + ".").startswith(before + "."):
                    return ast.Constant(value=after + value[len(before) :])
            return node

    bare = WithoutImports().visit(tree)
    dumped = [ast.dump(n) for n in bare.body if not isinstance(n, ast.Pass)]
    return "\n".join(dumped)


def _is_move(path: str, before: _Import, after: _Import, trees: ChangeTexts) -> bool:
    old = _target(path, before, trees.base)
    new = _target(path, after, trees.change)
    if old is None or new is None or before.name != after.name:
        return False
    if old in trees.change or not trees.is_product(new):
        return False
    return (
        not after.name
        or new.endswith(f"/{after.name}.py")
        or after.name in _defined_names(new, trees)
    )


def _target(path: str, what: _Import, files: frozenset[str]) -> str | None:
    """The file that an import means: the submodule of that name, or the module itself."""
    roots = ("", *roots_for(path, files))
    for module in (f"{what.module}.{what.name}".strip("."), what.module):
        place = module.replace(".", "/")
        for found in module_files(module, files, roots):
            if found.endswith((f"{place}.py", f"{place}/__init__.py")):
                return found
    return None


def _defined_names(path: str, trees: ChangeTexts) -> frozenset[str]:
    """Names that a file gives something to itself: not what it imports."""
    try:
        tree = parse_module(trees.text(path) or "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    found: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {t.id for t in targets if isinstance(t, ast.Name)}
    return frozenset(found)


def _script_moves(path: str, old: str, new: str, trees: ChangeTexts) -> bool:
    was, now = _specifiers(path, old), _specifiers(path, new)
    if was is None or now is None or len(was) != len(now):
        return False
    if _without_specifiers(old, was) != _without_specifiers(new, now):
        return False
    changed = [(x.text, y) for x, y in zip(was, now, strict=True) if x.text != y.text]
    return bool(changed) and all(_script_moved(path, x, y, trees) for x, y in changed)


def _script_moved(path: str, before: str, after: Specifier, trees: ChangeTexts) -> bool:
    old, new = script_file(path, before, trees.base), script_file(path, after.text, trees.change)
    if old is None or new is None or old in trees.change or not trees.is_product(new):
        return False
    tree = parse(trees.text(new) or "", new)
    given = set(exported_names(tree)) if tree is not None and tree.whole else set()
    return given.issuperset(after.names)


def _specifiers(path: str, text: str) -> Sequence[Specifier] | None:
    """Where the files that a script imports are named; None where that cannot be told."""
    tree = parse(text, path)
    if tree is None or not tree.whole:
        return None
    return imports(tree).found


def _without_specifiers(text: str, places: Sequence[Specifier]) -> str:
    out, at = [], 0
    for place in places:
        out.append(text[at : place.begin])
        at = place.end
    return "".join([*out, text[at:]])

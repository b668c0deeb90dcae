"""Where an inherited test is written: a runner names it by the class that inherits it, a person or
an agent may name it by the mixin. Read from Python's syntax tree, never by importing. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from harness.syntax.python import parse_module
from harness.testruns.test_ids import function_of

MOST_DEPTH = 20
MOST_CHARS = 2_000_000


class _Class(NamedTuple):
    """A class as it is written: the names of its bases, and what it defines itself."""

    bases: tuple[str, ...]
    own: frozenset[str]


class _Import(NamedTuple):
    """`module` with the dots before it counted, and the name taken from it ("": itself)."""

    module: str
    level: int
    name: str


class _File(NamedTuple):
    classes: dict[str, _Class]
    imports: dict[str, _Import]


Place = tuple[str, str]
"""File, and dotted name of a class in it."""


def written_at(texts: Mapping[str, str], ids: Iterable[str]) -> dict[str, str]:
    """Of these ids the functions that a class inherits -> the id where each is written.
    `texts`: path -> text of the Python files that may hold a base class. A base class that is not
    among them, or is one of several of its name, is not followed."""
    reader, found = _Reader(texts), dict[str, str]()
    for function in sorted({function_of(test) for test in ids}):
        file, *classes, test = function.split("::")
        if classes and file in texts:
            place = reader.defining((file, ".".join(classes)), test)
            if place not in ("", function):
                found[function] = place
    return found


class _Reader:
    """Reads only the files that are asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._read: dict[str, _File] = {}

    def defining(self, place: Place, test: str, depth: int = 0) -> str:
        """The id of the test by the nearest class that defines it; "" when none is found."""
        file, name = place
        known = self._file(file).classes.get(name)
        if known is not None and test in known.own:
            return "::".join([file, *name.split("."), test])
        if depth < MOST_DEPTH:
            # a class that only stands under its name here is one that was imported
            for above in known.bases if known is not None else (name,):
                where = self._place(file, above, known is not None)
                found = self.defining(where, test, depth + 1) if where else ""
                if found:
                    return found
        return ""

    def _place(self, file: str, name: str, here: bool) -> Place | None:
        """The class that a name means in a file."""
        read = self._file(file)
        if here and name in read.classes:
            return file, name
        head, _, rest = name.partition(".")
        imported = read.imports.get(head)
        if imported is not None:
            wanted = ".".join(part for part in (imported.name, rest) if part)
            found = self._find_imported(file, imported, wanted)
            if found is not None:
                return found
        return self._only(name.rpartition(".")[2] if imported is None else wanted)

    def _find_imported(self, file: str, found: _Import, wanted: str) -> Place | None:
        """`wanted` in the module; its first names may be modules of a package."""
        parts = wanted.split(".")
        for cut in range(len(parts)):
            module = ".".join(part for part in (found.module, *parts[:cut]) if part)
            path, name = self._module(file, module, found.level), ".".join(parts[cut:])
            if path is not None:
                read = self._file(path)
                if name in read.classes or name.partition(".")[0] in read.imports:
                    return path, name
        return None

    def _module(self, file: str, module: str, level: int) -> str | None:
        """The file of a module, as it is imported in this file."""
        folder = file.split("/")[:-1]
        inner = module.split(".") if module else []
        if level:
            starts = [folder[: len(folder) - level + 1]] if level <= len(folder) + 1 else []
        else:
            starts = [[], *(folder[:size] for size in range(len(folder), 0, -1))]
        for start in starts:
            whole = "/".join([*start, *inner])
            for path in (f"{whole}.py", f"{whole}/__init__.py" if whole else "__init__.py"):
                if path in self._texts:
                    return path
        tail = "/".join(inner)
        ends = (f"/{tail}.py", f"/{tail}/__init__.py")
        found = [path for path in self._texts if path.endswith(ends)] if inner and not level else []
        return found[0] if len(found) == 1 else None

    def _only(self, name: str) -> Place | None:
        """The one class of this name, of all files."""
        last = name.rpartition(".")[2]
        mark = re.compile(rf"^\s*class\s+{re.escape(last)}\b", re.M)
        found = [
            (path, known)
            for path, text in self._texts.items()
            if mark.search(text)
            for known in self._file(path).classes
            if known.rpartition(".")[2] == last
        ]
        return found[0] if len(found) == 1 else None

    def _file(self, path: str) -> _File:
        if path not in self._read:
            self._read[path] = _parse_file(self._texts.get(path, ""))
        return self._read[path]


def _parse_file(text: str) -> _File:
    read = _File({}, {})
    try:
        tree = parse_module(text if len(text) <= MOST_CHARS else "")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return read
    _block(tree.body, "", read)
    return read


def _block(body: list[ast.stmt], outer: str, read: _File) -> None:
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            name = f"{outer}.{statement.name}" if outer else statement.name
            bases = [base for base in map(_dotted_name, statement.bases) if base]
            read.classes[name] = _Class(tuple(bases), _own(statement.body))
            _block(statement.body, name, read)
        elif isinstance(statement, (ast.If, ast.Try)):
            for inner in (statement.body, statement.orelse):
                _block(inner, outer, read)
        elif isinstance(statement, ast.ImportFrom):
            for alias in statement.names:
                found = _Import(statement.module or "", statement.level, alias.name)
                read.imports[alias.asname or alias.name] = found
        elif isinstance(statement, ast.Import):
            for alias in statement.names:
                head = alias.name if alias.asname else alias.name.partition(".")[0]
                read.imports[alias.asname or head] = _Import(head, 0, "")


def _own(body: list[ast.stmt]) -> frozenset[str]:
    found: set[str] = set()
    for statement in body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(statement.name)
        elif isinstance(statement, ast.Assign):
            found |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
        elif isinstance(statement, (ast.If, ast.Try)):
            found |= _own(statement.body) | _own(statement.orelse)
    return frozenset(found)


def _dotted_name(node: ast.expr) -> str:
    """`a.b.C`, and the class behind `C[int]`; "" for every other expression."""
    if isinstance(node, ast.Subscript):
        return _dotted_name(node.value)
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _dotted_name(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""

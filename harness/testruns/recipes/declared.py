"""Where a Python project asks for a package: in an extra, a group, a requirement file, or for
itself. Pure; broken files are no error."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from harness.core.base import Value
from harness.syntax.python import parse_module
from harness.testruns.detect.manifest import name_of, plain, table, texts
from harness.testruns.detect.part import Read
from harness.testruns.detect.python import PythonProject

MOST_FILES = 30
_ASKS = re.compile(r"(?i)(?:^|_)(?:requires?|requirements|extras|deps|dependencies)(?:$|_)")


class Declared(Value):
    """`kind` extra: what an extra `name` of the project brings; else `lines` are requirements."""

    kind: Literal["extra", "lines"]
    name: str = ""
    lines: tuple[str, ...] = ()


def read_declarations(folder: str, files: Sequence[str], read: Read) -> dict[str, Declared]:
    """Package, as indexes compare names -> the first place that asks for it."""
    project = PythonProject(folder, files, read)
    found: dict[str, Declared] = {}
    for name, lines in _extras(project):
        for line in lines:
            found.setdefault(name_of(line), Declared(kind="extra", name=name))
    for line in _lines(project, folder, files, read):
        found.setdefault(name_of(line), Declared(kind="lines", lines=(line,)))
    found.pop("", None)
    return found


def _extras(project: PythonProject) -> Iterator[tuple[str, Sequence[str]]]:
    for name, lines in table(project.project, "optional-dependencies").items():
        yield name, texts(lines)
    for name, lines in table(project.poetry, "extras").items():
        yield name, texts(lines)
    if project.cfg.has_section("options.extras_require"):
        for name, text in project.cfg.items("options.extras_require", raw=True):
            yield name, [line.strip() for line in text.splitlines()]


def _lines(project: PythonProject, folder: str, files: Sequence[str], read: Read) -> Iterator[str]:
    yield from texts(project.project.get("dependencies"))
    for rules in (table(project.toml, "dependency-groups"), _dev(project)):
        for lines in rules.values():
            yield from texts(lines)
    yield from _poetry(project.poetry)
    for option in ("install_requires", "tests_require", "setup_requires"):
        if project.cfg.has_option("options", option):
            yield from map(str.strip, project.cfg.get("options", option, raw=True).splitlines())
    for section in project.tox.sections():
        if project.tox.has_option(section, "deps"):
            lines = project.tox.get(section, "deps", raw=True).splitlines()
            yield from (line.rpartition(": ")[2].strip() for line in lines)
    start = f"{folder}/" if folder else ""
    yield from _script(read(f"{start}setup.py") or "")
    listed = [p for p in project.files if re.search(r"req[\w./-]*\.(?:txt|in)$", p)]
    for path in listed[:MOST_FILES]:
        for line in (read(start + path) or "").splitlines():
            yield line.partition(" #")[0].strip()


def _script(text: str) -> Iterator[str]:
    """Words of setup.py that stand where requirements do: any other may be anything's name."""
    try:
        tree = parse_module(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        names = [node.arg] if isinstance(node, ast.keyword) else []
        if isinstance(node, ast.Assign):
            names = [one.id for one in node.targets if isinstance(one, ast.Name)]
        value = node.value if isinstance(node, ast.keyword | ast.Assign) else None
        if value is not None and any(name and _ASKS.search(name) for name in names):
            yield from _constants(value)


def _constants(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Dict):
        for one in value.values:
            yield from _constants(one)
    elif isinstance(value, ast.List | ast.Tuple | ast.Set):
        for one in value.elts:
            yield from _constants(one)
    elif isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield value.value


def _dev(project: PythonProject) -> Mapping[str, Any]:
    pdm = table(table(project.tools, "pdm"), "dev-dependencies")
    return {**pdm, "uv": table(project.tools, "uv").get("dev-dependencies")}


def _poetry(poetry: Mapping[str, Any]) -> Iterator[str]:
    groups = table(poetry, "group")
    tables = [table(table(groups, name), "dependencies") for name in groups]
    for rules in (*tables, table(poetry, "dev-dependencies"), table(poetry, "dependencies")):
        yield from (plain(name) for name in rules if name != "python")

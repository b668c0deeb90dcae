"""The text of one named test: the test itself and what of its file it uses. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from harness.syntax.python import parse_module
from harness.weakening.script import ScriptFile
from harness.weakening.script_blocks import GROUPS
from harness.weakening.script_blocks import title as title_of


def bare(test: str) -> str:
    """An id without its parameters: they belong to the function."""
    return test.strip().removeprefix("./").split("[", 1)[0]


SOURCE = re.compile(r"\.(?:py|pyi|[cm]?[jt]sx?|vue|svelte|rs|rb|php|exs?|bats|t|sh)$")
"""Ends of the files that ids begin with; other ids begin with a package or a class."""


def held_in(test: str, path: str, text: str) -> bool:
    """Whether a file holds a named test: by the id's path, else by the last part of its name."""
    wanted = bare(test)
    file, colons, _ = wanted.partition("::")
    if colons and SOURCE.search(file):
        return path == file or path.endswith(f"/{file}") or file.endswith(f"/{path}")
    leaf = test.strip().rpartition("::")[2].rpartition(" > ")[2]
    if colons and ("/" in file or "." in file):
        # of a package or a class: the function's name, without its cases
        return re.split(r"[/(\[{ ]", leaf)[0] in text
    if not colons:
        leaf = re.sub(r"^[\w:]+#(?=\w+$)", "", leaf)  # minitest's class
    if path.endswith(".py"):
        return bool(re.search(rf"\bdef {re.escape(bare(leaf))}\b", text))
    return leaf in text


def support_of(files: dict[str, str], tests: Sequence[str]) -> tuple[str, ...]:
    """Those of these files (path -> text) that hold no named test."""
    return tuple(
        path for path, text in files.items() if not any(held_in(test, path, text) for test in tests)
    )


def mentions(issue: str, name: str) -> bool:
    """Whether a text names this, as a word of its own."""
    return len(name) > 1 and bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", issue))


def own_text(text: str, path: str, test: str) -> str:
    """The named test with the functions, constants and imports of its file that it uses, however
    far; the whole file where that cannot be told."""
    if path.endswith(".py"):
        return _python(text, bare(test).split("::")[1:] or [bare(test)])
    return _script(text, path, test.strip().rpartition("::")[2].rpartition(" > ")[2])


def _python(text: str, names: list[str]) -> str:
    try:
        tree = parse_module(text)
    except (SyntaxError, ValueError, RecursionError):
        return text
    known: dict[str, list[ast.stmt]] = {}
    for statement in tree.body:
        for name in _binds(statement):
            known.setdefault(name, []).append(statement)
    wanted, taken = [names[0].rpartition(".")[2]], dict[int, ast.stmt]()
    always = [s for s in tree.body if _automatic(s)]
    found = [*known.get(wanted[0], []), *always]
    while found:
        statement = found.pop()
        if id(statement) in taken:
            continue
        taken[id(statement)] = statement
        for used in _uses(statement):
            found += known.get(used, [])
    if not taken:
        return text
    kept = sorted(taken.values(), key=lambda s: s.lineno)
    return "\n".join(ast.unparse(statement) for statement in kept)


def _binds(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    names = {
        n.id
        for n in ast.walk(statement)
        if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    for node in ast.walk(statement):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(a.asname or a.name).split(".", 1)[0] for a in node.names}
    return names


def _uses(statement: ast.stmt) -> set[str]:
    names = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name)}
    return names | {n.arg for n in ast.walk(statement) if isinstance(n, ast.arg)}


def _automatic(statement: ast.stmt) -> bool:
    """A fixture that runs by itself, or a mark for the whole file."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return any("autouse" in ast.unparse(d) for d in statement.decorator_list)
    return "pytestmark" in _binds(statement)


def _script(text: str, path: str, title: str) -> str:
    """The test of that title, after everything before the first one."""
    try:
        blocks = ScriptFile(text, path).blocks
    except ValueError:
        return text
    tests = [b for b in blocks if b.kind not in GROUPS]
    own = next((b for b in tests if title and title_of(b) == title), None)
    return text if own is None else text[: tests[0].start] + text[own.start : own.end + 1]

"""What the adapter can send to GitHub is a fixed table: each path in its source stands in it, and
nothing in the table is unused (T37)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import harness.forge.github
from harness.forge.github import graphql_queries as queries
from tests.forge.github.fake import ABOUT_US, MUTATIONS, READS, WRITES

HERE = Path(harness.forge.github.__file__).parent
PARTS = [
    "forge",
    "repository",
    "issues",
    "pulls",
    "branch_rules",
    "reviews",
    "checks",
    "lease",
    "powers",
]
MODULES = [HERE / f"{part}.py" for part in PARTS]
READERS = {"get", "pages", "log", "text", "_list", "_open_of"}
"""What reads a path: of the wire, of the site, and two that hand a path on."""
OWNERS = {"self", "self.wire", "self._site", "self._site.wire"}
HANDED_ON = {
    ("repository.py", "get"),
    ("repository.py", "pages"),
    ("repository.py", "send"),
    ("repository.py", "log"),
    ("issues.py", "_open_of"),
    ("checks.py", "_list"),
}
Named = dict[str, list[str]]


def texts(node: ast.expr, named: Named) -> list[str]:
    """The paths an expression may be, `{}` for what is filled in."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            parts = [str(v.value) if isinstance(v, ast.Constant) else "{}" for v in values]
            return ["".join(parts)]
        case ast.IfExp(body=one, orelse=other):
            return texts(one, named) + texts(other, named)
        case ast.Name(id=name):
            return named.get(name, [])
    return []


def sent(path: Path) -> Iterator[tuple[str, str]]:
    """(verb, path template) of every request in a module."""
    for function in ast.walk(ast.parse(path.read_text())):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        named: Named = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named.setdefault(node.targets[0].id, []).extend(texts(node.value, {}))
        if (path.name, function.name) not in HANDED_ON:
            for node in ast.walk(function):
                yield from requests(node, named, f"{path.name}:{function.name}")


def requests(node: ast.AST, named: Named, where: str) -> Iterator[tuple[str, str]]:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    name, owner = node.func.attr, ast.unparse(node.func.value)
    if owner not in OWNERS or name not in READERS | {"send"}:
        return
    verbs = texts(node.args[0], {}) if name == "send" else ["GET"]
    paths = texts(node.args[1 if name == "send" else 0], named)
    assert verbs, where
    assert paths, f"{where}: a path that cannot be read off the source"
    yield from ((verb, path) for verb in verbs for path in paths)


def test_what_the_adapter_may_send_is_the_table() -> None:
    found = {request for module in MODULES for request in sent(module)}
    assert found == {("GET", path) for path in READS | ABOUT_US} | WRITES


def test_no_other_module_speaks_for_the_repository() -> None:
    others = [path for path in HERE.glob("*.py") if path not in MODULES]
    assert [path.name for path in others if "forge.github.repository" in path.read_text()] == []


def test_the_mutations_are_four_and_every_document_is_a_constant() -> None:
    documents = {
        name: text
        for name, text in vars(queries).items()
        if name.isupper() and isinstance(text, str) and not name.startswith("_")
    }
    used = set()
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("wire.graphql"):
                used.add(ast.unparse(node.args[0]))
    assert used == set(documents)
    mutations = [text for text in documents.values() if text.lstrip().startswith("mutation")]
    assert {text.split("{", 1)[1].split("(")[0].strip() for text in mutations} == MUTATIONS

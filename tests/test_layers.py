"""The rules of the house that a machine can hold: layers, sizes, imports that do nothing."""

from __future__ import annotations

import ast
import graphlib
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "harness"
ROWS = {
    "core": 0,
    "ports": 0.3,
    "i18n": 0.6,
    "config": 1,
    "syntax": 1,
    "system": 1,
    "prompting": 1.5,
    "testruns": 1.5,
    "engine": 2,
    "environment": 2,
    "forge": 2,
    "git": 2,
    "guard": 2,
    "knowledge": 2,
    "llm": 2,
    "sandbox": 2,
    "testing": 2,
    "tools": 3,
    "report": 3,
    "agent": 4,
    "weakening": 4,
    "pipeline": 5,
    "proof": 4,
    "daemon": 6,
    "evals": 6,
    "web": 6,
    "sync": 6,
    "app": 7,
    "cli": 8,
}
MODULES = sorted(PACKAGE.rglob("*.py"))
SIZED = sorted(
    [
        *MODULES,
        *(ROOT / "benchmarks").rglob("*.py"),
        *(ROOT / "tests").rglob("*.py"),
        *(ROOT / "examples").rglob("*.py"),
    ]
)


def area(module: str) -> str | None:
    """`harness.core.types` -> `core`; None for what is not ours or the package itself."""
    parts = module.split(".")
    return parts[1] if parts[0] == "harness" and len(parts) > 1 else None


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            found += [(node.lineno, f"{node.module}.{alias.name}") for alias in node.names]
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_down_only(path: Path) -> None:
    own = area(name_of(path))
    if own is None:
        return
    for line, target in imports(path):
        other = area(target)
        if other is None or other == own or target == "harness.__version__":
            continue
        assert ROWS[other] < ROWS[own], f"{path}:{line}: {own} may not import {other}"
        sees_adapters = 3 <= ROWS[own] <= 6
        assert not (sees_adapters and ROWS[other] == 2), (
            f"{path}:{line}: {own} reaches adapters through ports only"
        )
        assert other != "testing", f"{path}:{line}: product code never imports testing"


def test_no_modules_import_each_other() -> None:
    """In a circle of any length, inside a package too. An import for type checkers counts."""
    names = {name_of(path) for path in MODULES}
    graph = {
        name_of(path): {
            target if target in names else target.rpartition(".")[0]
            for _, target in imports(path)
            if area(target) is not None
        }
        for path in MODULES
    }
    graphlib.TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", SIZED, ids=lambda p: str(p.relative_to(ROOT)))
def test_sizes_are_bounded(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= 400, f"{path}: over 400 lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            length = node.end_lineno - node.lineno + 1
            assert length <= 60, f"{path}:{node.lineno}: {node.name} has {length} lines"
            count = len(node.args.posonlyargs) + len(node.args.args) + len(node.args.kwonlyargs)
            has_self = bool(node.args.args) and node.args.args[0].arg in ("self", "cls")
            if not _is_command(node):
                assert count - has_self <= 8, f"{path}:{node.lineno}: {node.name}: a type wants out"


def _is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Its parameters are what may stand on a command line, which no type can gather."""
    first = node.args.args[0].annotation if node.args.args else None
    return first is not None and ast.unparse(first) == "typer.Context"


def test_every_module_imports_in_an_empty_environment(tmp_path: Path) -> None:
    scripts = ("__main__.py", "env.py")  # run, never imported; Alembic runs env.py
    names = [name_of(p) for p in MODULES if p.name not in scripts and "_data" not in p.parts]
    code = (
        "import sys, importlib\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        f"for n in {names!r}: importlib.import_module(n)\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error::ResourceWarning", "-c", code],
        env={"PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (done.stdout, done.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_only_config_reads_the_environment() -> None:
    for path in MODULES:
        if path.name in ("config.py", "environ.py") or path.parent.name == "config":
            continue
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                raise AssertionError(f"{path}:{node.lineno}: only config reads the environment")


def test_python_is_parsed_in_one_place() -> None:
    """By one thread at a time. A probe runs in the project's own interpreter, alone."""
    place = re.compile(r"\bast\.parse\(|\bPyCF_ONLY_AST\b")
    users = [p for p in MODULES if place.search(p.read_text("utf-8"))]
    found = {str(p.relative_to(PACKAGE)) for p in users}
    assert found == {"syntax/python.py", "testruns/execution_watch.py"}


def test_only_the_scheduler_imports_apscheduler() -> None:
    users = [p for p in MODULES if any(t.startswith("apscheduler") for _, t in imports(p))]
    assert {str(p.relative_to(PACKAGE)) for p in users} <= {"daemon/scheduler.py"}


def test_every_dotted_name_in_the_code_leads_somewhere() -> None:
    """What is loaded late, `"harness.package.module:name"`, is there."""
    dotted = re.compile(r"(harness(?:\.\w+)+):([A-Za-z_]\w*)")
    found = {
        match.groups()
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and (match := dotted.fullmatch(node.value))
    }
    assert len(found) > 40
    for module, name in sorted(found):
        assert hasattr(importlib.import_module(module), name), f"{module}:{name}"

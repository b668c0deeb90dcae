"""The rules of the house that a machine can hold: layers, sizes, imports that do nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "harness"
ROWS = {
    "core": 0,
    "config": 1,
    "system": 1,
    "engine": 2,
    "forge": 2,
    "llm": 2,
    "workspace": 2,
    "guard": 2,
    "knowledge": 2,
    "prompting": 2,
    "testing": 2,
    "tools": 3,
    "report": 3,
    "agent": 4,
    "pipeline": 5,
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
        allowed_pure = {"prompting"}
        assert not (sees_adapters and ROWS[other] == 2 and other not in allowed_pure), (
            f"{path}:{line}: {own} reaches adapters through core.ports only"
        )
        assert other != "testing", f"{path}:{line}: product code never imports testing"


@pytest.mark.parametrize("path", SIZED, ids=lambda p: str(p.relative_to(ROOT)))
def test_sizes_are_bounded(path: Path) -> None:
    text = path.read_text()
    data = "core/words/" in str(path)
    assert data or text.count("\n") <= 400, f"{path}: over 400 lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            length = node.end_lineno - node.lineno + 1
            assert length <= 60, f"{path}:{node.lineno}: {node.name} has {length} lines"
            count = len(node.args.posonlyargs) + len(node.args.args) + len(node.args.kwonlyargs)
            has_self = bool(node.args.args) and node.args.args[0].arg in ("self", "cls")
            assert count - has_self <= 8, f"{path}:{node.lineno}: {node.name}: a type wants out"


def test_every_module_imports_in_an_empty_environment(tmp_path: Path) -> None:
    names = [name_of(p) for p in MODULES if p.name != "__main__.py" and "_data" not in p.parts]
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


def test_only_the_scheduler_imports_apscheduler() -> None:
    users = [p for p in MODULES if any(t.startswith("apscheduler") for _, t in imports(p))]
    assert {str(p.relative_to(PACKAGE)) for p in users} <= {"daemon/scheduler.py"}

"""Files that decide which tests run: pytest's settings, package.json, CI, hooks. Pure."""

from __future__ import annotations

import ast
import configparser
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import PurePosixPath

from harness.core.types import Finding
from harness.syntax.python import parse_module
from harness.weakening.cmake import is_cmake, weaker_lines
from harness.weakening.demands import finding

PYTEST_FILES = ("pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini", ".pytest.ini")
RUNNER_CONFIG = re.compile(
    r"^(jest|vitest|vite|karma|playwright|cypress|ava)\.config\.[cm]?[jt]s(on)?$|^\.mocharc\b"
)
RUNNER_KEYS = re.compile(
    r"\b(testMatch|testRegex|testPathIgnorePatterns|modulePathIgnorePatterns|testNamePattern|"
    r"passWithNoTests|exclude|include|spec|grep|ignore|testIgnore|coverageThreshold|thresholds|"
    r"setupFiles\w*|retries?|allowOnly|globalSetup|projects|roots|files)\b"
)
CI = re.compile(
    r"^(\.github/workflows/.*|\.gitlab-ci\.ya?ml|\.circleci/.*|azure-pipelines\.ya?ml|"
    r"\.travis\.ya?ml|Jenkinsfile|\.ci/.*|\.buildkite/.*)$"
)
RISKY = re.compile(
    r"^(-k|-m|--deselect|--ignore|--ignore-glob|--co|--collect-only|--lf|--last-failed|--ff|-x|"
    r"--exitfirst|--maxfail|--sw|--stepwise|--pyargs|-p|--override-ini|-o|"
    r"--runxfail|--suppress-no-test-exit-code|--continue-on-collection-errors)(=|$)"
)
NARROWING = ("testpaths", "python_files", "python_classes", "python_functions", "norecursedirs")
HOOKS = re.compile(
    r"^pytest_(collection_\w+|ignore_collect|collect_\w+|pycollect_\w+|itemcollected|deselected|"
    r"runtest_\w+|pyfunc_call|report_teststatus|sessionfinish|exception_interact|"
    r"load_initial_conftests|cmdline_\w+|assertrepr_\w+|fixture_setup|generate_tests)$"
)
IGNORES = ("collect_ignore", "collect_ignore_glob")


def governs(path: str) -> bool:
    """True for a file that decides which tests run or what their result means."""
    name = PurePosixPath(path).name
    return (
        name in PYTEST_FILES
        or name in ("conftest.py", "package.json", "noxfile.py", "Makefile", "makefile")
        or bool(RUNNER_CONFIG.match(name))
        or bool(CI.match(path))
        or is_cmake(path)
    )


def config_findings(path: str, old: str | None, new: str | None) -> Iterator[Finding]:
    """What of a governing file makes fewer tests count. A file that is new may narrow too."""
    name = PurePosixPath(path).name
    if CI.match(path):
        if old is not None and _lines(old) - _lines(new or ""):
            yield finding(path, 0, "guard.weak_ci")
    elif is_cmake(path):
        for line, what in weaker_lines(old or "", new or ""):
            yield finding(path, line, "guard.weak_config", what=what)
    elif name == "conftest.py":
        yield from _hooks(path, old or "", new or "")
    elif name == "package.json":
        yield from _package(path, old, new)
    elif name in PYTEST_FILES:
        yield from _pytest(path, old or "", new or "")
    elif RUNNER_CONFIG.match(name):
        yield from _changed_lines(path, old or "", new or "", RUNNER_KEYS)
    elif old is not None and _recipe(old) != _recipe(new or ""):
        yield finding(path, 0, "guard.weak_command", what=name)


def _lines(text: str) -> set[str]:
    stripped = (" ".join(x.split()) for x in text.splitlines())
    return {x for x in stripped if x and not x.startswith("#")}


def _changed_lines(path: str, old: str, new: str, keys: re.Pattern[str]) -> Iterator[Finding]:
    before = {x.rstrip(", ") for x in _lines(old)}
    for number, line in enumerate(new.splitlines(), 1):
        plain = " ".join(line.split()).rstrip(", ")
        if keys.search(plain) and plain not in before and not plain.startswith("//"):
            yield finding(path, number, "guard.weak_config", what=plain)
    after = {x.rstrip(", ") for x in _lines(new)}
    if not new:
        for gone in sorted(before - after):
            if keys.search(gone):
                yield finding(path, 0, "guard.weak_config", what=gone)


def _recipe(text: str) -> dict[str, list[str]]:
    """Targets (or sessions) called test... or check... with the lines below them."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        head = re.match(r"^(?:def\s+)?([\w.-]*(?:test|check|spec)[\w.-]*)\s*[:(]", line)
        if head:
            name = head[1]
            found[name] = [" ".join(line.split())]
        elif name and line[:1] in (" ", "\t"):
            found[name].append(" ".join(line.split()))
        elif line.strip():
            name = ""
    return found


# ---------------------------------------------------------------- pytest


def _hooks(path: str, old: str, new: str) -> Iterator[Finding]:
    """Hooks of a conftest that can drop, skip or rewrite tests; lists of ignored files."""
    try:
        before, after = _definitions(parse_module(old)), _definitions(parse_module(new))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        yield finding(path, 0, "guard.weak_unreadable")
        return
    for name, (line, body) in after.items():
        if name in before and before[name][1] == body:
            continue
        if HOOKS.match(name) or name in IGNORES:
            yield finding(path, line, "guard.weak_hook", name=name)
        elif re.search(r"\b(pytest\.(skip|xfail|exit)|os\._exit|sys\.exit)\b", body):
            had = before.get(name, (0, ""))[1]
            if not re.search(r"\b(pytest\.(skip|xfail|exit)|os\._exit|sys\.exit)\b", had):
                yield finding(path, line, "guard.weak_hook", name=name)


def _definitions(tree: ast.Module) -> dict[str, tuple[int, str]]:
    found: dict[str, tuple[int, str]] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found[node.name] = (node.lineno, ast.unparse(node))
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found[target.id] = (node.lineno, ast.unparse(node.value))
        elif isinstance(node, ast.Expr | ast.AugAssign):
            found[f"line {ast.unparse(node)[:80]}"] = (node.lineno, ast.unparse(node))
    return found


def _pytest(path: str, old: str, new: str) -> Iterator[Finding]:
    before, after = _options(path, old), _options(path, new)
    if after is None:
        yield finding(path, 0, "guard.weak_unreadable")
        return
    before = before or {}
    had = _risky(before.get("addopts", ""))
    for option in _risky(after.get("addopts", "")):
        if option not in had:
            yield finding(path, _line(new, "addopts"), "guard.weak_option", option=option)
    for key in NARROWING:
        if _is_narrower(key, before.get(key), after.get(key)):
            yield finding(path, _line(new, key), "guard.weak_config", what=key)
    if _true(before.get("xfail_strict", "")) and not _true(after.get("xfail_strict", "")):
        yield finding(path, _line(new, "xfail_strict"), "guard.weak_config", what="xfail_strict")
    strict, lax = before.get("filterwarnings", ""), after.get("filterwarnings", "")
    if "error" in strict and "error" not in lax:
        yield finding(
            path, _line(new, "filterwarnings"), "guard.weak_config", what="filterwarnings"
        )


def _line(text: str, key: str) -> int:
    return next((n for n, x in enumerate(text.splitlines(), 1) if key in x), 0)


def _true(value: str) -> bool:
    return value.strip().casefold() in ("true", "1", "yes", "on")


def _is_narrower(key: str, old: str | None, new: str | None) -> bool:
    """True when fewer files or names are collected than before (or that cannot be told)."""
    if old == new:
        return False
    before, after = set((old or "").split()), set((new or "").split())
    if key == "norecursedirs":
        return bool(after - before)
    if key == "testpaths" and not after:
        return False
    return bool(before - after) or not before


def _options(path: str, text: str) -> dict[str, str] | None:
    """pytest's options of a file as texts; None when the file cannot be read."""
    if path.endswith(".toml"):
        try:
            tool = tomllib.loads(text).get("tool", {})
        except (tomllib.TOMLDecodeError, RecursionError):
            return None
        table = tool.get("pytest", {}) if isinstance(tool, dict) else {}
        merged = {**table, **table.get("ini_options", {})} if isinstance(table, dict) else {}
        return {k: _text(v) for k, v in merged.items()}
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
    except configparser.Error:
        return None
    found: dict[str, str] = {}
    for section in ("pytest", "tool:pytest"):
        if parser.has_section(section):
            found.update(parser.items(section))
    return found


def _text(value: object) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _risky(addopts: str) -> list[str]:
    """Options that leave tests out, with their value."""
    try:
        words = shlex.split(addopts.replace("\n", " "))
    except ValueError:
        words = addopts.split()
    found = []
    for position, word in enumerate(words):
        glued = re.match(r"^-[kmpo]\S", word) and not word.startswith("--")
        if RISKY.match(word) or glued:
            value = words[position + 1 : position + 2] if "=" not in word and not glued else []
            found.append(" ".join([word, *value]))
    return found


# ---------------------------------------------------------------- package.json


def _package(path: str, old: str | None, new: str | None) -> Iterator[Finding]:
    before, after = _json(old or "{}"), _json(new or "{}")
    if after is None:
        yield finding(path, 0, "guard.weak_unreadable")
        return
    if old is None or before is None:
        return
    was, now = _table(before, "scripts"), _table(after, "scripts")
    for name, command in was.items():
        if re.match(r"^(pre|post)?test\b", name) and now.get(name) != command:
            yield finding(path, _line(new or "", f'"{name}"'), "guard.weak_command", what=name)
    for name in ("pretest", "posttest"):
        if name in now and name not in was:
            yield finding(path, _line(new or "", name), "guard.weak_command", what=name)
    for runner in ("jest", "mocha", "vitest", "ava", "c8", "nyc", "tap"):
        if after.get(runner) != before.get(runner):
            what = f"{runner}: {json.dumps(after.get(runner))}"
            yield finding(path, _line(new or "", f'"{runner}"'), "guard.weak_config", what=what)


def _json(text: str) -> dict[str, object] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _table(package: dict[str, object], key: str) -> dict[str, object]:
    found = package.get(key)
    return found if isinstance(found, dict) else {}

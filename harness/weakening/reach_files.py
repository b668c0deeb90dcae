"""Files that are held for what they are: runners' settings and scripts, shadows, installed files.

Pure: paths and texts in, sentences out.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from harness.core.base import Value
from harness.syntax.python import parse_module
from harness.syntax.script import literal
from harness.syntax.tree import Node, SyntaxTree, parse
from harness.weakening.runner_tables import (
    Tables,
    different,
    ini_tables,
    json_tables,
    recipes,
    toml_tables,
)
from harness.weakening.script_text import normal
from harness.weakening.sides import CONFIGURATION, TEST_DIRS, in_test_folder

WHOLE = re.compile(  # files of which every line counts
    r"^(\.?pytest\.(ini|toml)|tox\.ini|noxfile\.py|\.coveragerc|\.env\.test(\.\w+)?"
    r"|babel\.config\.\w+|\.babelrc(\.\w+)?|\.swcrc|\.?setup-?tests?\.[cm]?[jt]sx?"
    r"|test-?setup\.[cm]?[jt]sx?|bunfig\.toml)$",
    re.I,
)
SETUP = re.compile(r"^(global-?)?(setup|teardown)([-_.]?(tests?|files?|env))?\.[cm]?[jt]sx?$", re.I)
RUNS = re.compile(
    r"^(run[_-]?(all[_-]?)?tests?)(\.(sh|bash|py|js|mjs|ps1|bat))?$|^tests?(\.(sh|bash|ps1|bat))?$"
)
INSTALLED = re.compile(
    r"(^|/)[^/]+\.(dist-info|egg-info|egg-link)(/|$)|(^|/)(site|user)customize(\.py$|/)"
    r"|(^|/)[^/]+\.(pth|egg-link)$|(^|/)(node_modules|site-packages)/"
)
RUNNER_WORDS = (
    "pytest _pytest py pluggy unittest doctest coverage xdist pytest_cov pytest_asyncio nose "
    "nose2 hypothesis tox nox mock sitecustomize"
)
RUNNERS = frozenset(RUNNER_WORDS.split())
SCRIPT_RUNNERS = re.compile(
    r"^(jest|vitest|mocha|ava|chai|karma|jasmine|cypress|playwright|tap|c8|nyc|expect)"
    r"\.([cm]?[jt]sx?)$"
)
ROOTS = ("", "src", "lib", "python")
RECIPES = re.compile(r"^(GNUmakefile|[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|deno\.jsonc?)$")
HARMLESS_KEYS = frozenset(("build", "server", "preview", "optimizeDeps", "worker", "css"))
TSCONFIG = re.compile(r"^[tj]sconfig([\w.-]*)\.json$")
TSCONFIG_WORDS = "paths baseUrl rootDirs types typeRoots moduleSuffixes plugins"
TSCONFIG_KEYS = frozenset(TSCONFIG_WORDS.split())


class FileRemark(Value):
    """One sentence about a changed file, without its path."""

    key: str
    line: int = 0
    facts: dict[str, str | int | float] = {}


def ini_like(path: str) -> bool:
    """True for a file of which single tables are compared."""
    return PurePosixPath(path).name in ("pyproject.toml", "package.json", "setup.cfg")


def file_findings(path: str, old: str | None, new: str | None) -> Iterator[FileRemark]:
    """What is held because of the file's name, and the part of it that differs."""
    name = PurePosixPath(path).name
    if INSTALLED.search(path):
        yield FileRemark(key="sides.installed")
    elif name in READERS:
        yield from _tables(name, old, new)
    elif RECIPES.match(name):
        yield from _recipes(old, new)
    elif old is not None and RUNS.match(name):
        yield FileRemark(key="sides.runner", facts={"what": name})
    elif key := _whole(path, name, old, new):
        yield FileRemark(key=key, facts={"name" if key == "sides.hook" else "what": name})


def _whole(path: str, name: str, old: str | None, new: str | None) -> str:
    """The key for a file that is compared without being told apart, "" when nothing differs."""
    if name == "setup.py":
        return "sides.hook" if _with(old, "pytest11") != _with(new, "pytest11") else ""
    if name.startswith("vite.config."):
        return "sides.config" if _vite(name, old or "") != _vite(name, new or "") else ""
    if TSCONFIG.match(name) and not CONFIGURATION.match(name):
        return (
            "sides.loads"
            if _resolution_settings(old or "") != _resolution_settings(new or "")
            else ""
        )
    governs = WHOLE.match(name) or CONFIGURATION.match(name) or _sets_up(path, name, old)
    if not governs or name.endswith(("codecov.yml", "codecov.yaml")):
        return ""
    return "sides.config" if _bare(name, old) != _bare(name, new) else ""


def _sets_up(path: str, name: str, old: str | None) -> bool:
    """What a runner's settings load before the tests; a new one is loaded by no setting yet."""
    return old is not None and in_test_folder(path) and bool(SETUP.match(name))


READERS = {
    "pyproject.toml": toml_tables,
    "package.json": json_tables,
    "setup.cfg": ini_tables,
}


def _tables(name: str, old: str | None, new: str | None) -> Iterator[FileRemark]:
    read = READERS[name]
    empty = "{}" if name == "package.json" else ""
    before, after = read(old or empty), read(new or empty)
    if after is None:
        yield FileRemark(key="sides.unreadable")
        return
    for place in different(before or Tables(), after):
        script = place.startswith("scripts.") or ("pytest11" not in place and place.count(".") > 1)
        if "pytest11" in place:
            yield FileRemark(key="sides.hook", facts={"name": "pytest11"})
        elif place in ("imports", "_moduleAliases"):
            yield FileRemark(key="sides.loads", facts={"what": place})
        else:
            key = "sides.runner" if script else "sides.config"
            yield FileRemark(key=key, facts={"what": place})


def _recipes(old: str | None, new: str | None) -> Iterator[FileRemark]:
    before, after = recipes(old or ""), recipes(new or "")
    for name in sorted(before):
        if after.get(name) != before[name]:
            yield FileRemark(key="sides.runner", facts={"what": name})
    # a variable of tests that is new is one that the runner reads of itself
    for name in sorted(after.keys() - before.keys()):
        if name.isupper() and old is not None:
            yield FileRemark(key="sides.runner", facts={"what": name})


def _with(text: str | None, word: str) -> list[str]:
    """The lines around a word, without their spacing."""
    lines = [" ".join(x.split()) for x in (text or "").splitlines()]
    near = [n for n, x in enumerate(lines) if word in x]
    return [x for n in near for x in lines[n : n + 4]]


def _bare(name: str, text: str | None) -> str:
    """A settings file without comments and spacing."""
    if text is None:
        return ""
    if re.search(r"\.[cm]?[jt]sx?$|\.json\w?$", name):
        tree = _tree(name, text)
        return normal(tree.root) if tree is not None else text
    lines = (x.split(" #", 1)[0].strip() for x in text.splitlines())
    return "\n".join(x for x in lines if x and x[0] not in "#;")


def _tree(name: str, text: str) -> SyntaxTree | None:
    """The tree of a settings file, JSON too; None where it is not understood."""
    script = re.search(r"\.[cm]?[jt]sx?$", name)
    tree = parse(text, name) if script else parse(f"({text}\n)", "settings.js")
    return tree if tree is not None and tree.whole else None


def _vite(name: str, text: str) -> str:
    """vite's settings without those that only a build reads."""
    tree = _tree(name, text)
    if tree is None:
        return text
    gone = [
        node
        for node in tree.root.walk()
        if node.type == "pair" and _key(node) in HARMLESS_KEYS and _of_build(node)
    ]
    return normal(tree.root, without=frozenset(gone)).replace(",", "")


def _of_build(pair: Node) -> bool:
    """True for settings in braces that are none of the tests'."""
    value = pair.get("value")
    braces = value is not None and value.type == "object"
    return braces and not any(n.type == "pair" and _key(n) == "test" for n in pair.above())


def _key(pair: Node) -> str:
    key = pair.get("key")
    return "" if key is None else literal(key) or key.text


def _resolution_settings(text: str) -> list[str]:
    """The settings of a tsconfig that say where modules come from."""
    tree = _tree("tsconfig.json", text)
    if tree is None:
        return [text]
    pairs = (n for n in tree.root.walk() if n.type == "pair" and _key(n) in TSCONFIG_KEYS)
    return sorted(map(normal, pairs))


def modules_of(texts: Mapping[str, str]) -> frozenset[str]:
    """First names of every module that these Python files import."""
    found: set[str] = set()
    for path, text in texts.items():
        if not path.endswith((".py", ".pyi")):
            continue
        try:
            tree = parse_module(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                found |= {a.name.split(".")[0] for a in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return frozenset(found)


def shadowed_module(
    path: str, files: frozenset[str], base: frozenset[str], modules: frozenset[str]
) -> str:
    """The module that a new file would be loaded in place of; "" for none."""
    parts = PurePosixPath(path).parts
    if parts[:1] == ("__mocks__",):
        return PurePosixPath(path).stem  # a mock beside node_modules takes effect by itself
    if SCRIPT_RUNNERS.match(parts[-1]) and len(parts) <= 2:
        return parts[-1].split(".")[0]
    if not path.endswith((".py", ".so", ".pyd", ".pyc")):
        return ""
    for depth in range(len(parts)):
        folder = "/".join(parts[:depth])
        name = parts[depth].split(".")[0]
        last = depth == len(parts) - 1
        package = last or "/".join([*parts[: depth + 1], "__init__.py"]) in files
        if not package or not _is_searched(folder, files):
            continue  # a folder that is no package gives way to any module of that name
        if _shadows_module(folder, name, base, modules, last=last):
            return name
    return ""


def _is_searched(folder: str, files: frozenset[str]) -> bool:
    """True for a folder that may be on the path of a test run: no package, and a usual root or
    one with tests."""
    if folder and f"{folder}/__init__.py" in files:
        return False
    return folder in ROOTS or any(p in TEST_DIRS for p in folder.split("/"))


def _shadows_module(
    folder: str, name: str, base: frozenset[str], modules: frozenset[str], *, last: bool
) -> bool:
    prefix = f"{folder}/{name}" if folder else name
    if f"{prefix}.py" in base or any(p.startswith(f"{prefix}/") for p in base):
        return False  # the base has that name there
    if name in RUNNERS:
        return True
    if name in sys.stdlib_module_names and name not in ("test", "tests"):
        return True
    own = {f"{r}{name}/" for r in ("", "src/", "lib/")} | {f"{r}{name}.py" for r in ("", "src/")}
    ours = any(p in own or p.startswith(tuple(own)) for p in base)
    if ours:
        return True
    return name in modules and (folder in ("", "src", "lib") or last)


def same_tests_of_script(name: str, old: str, new: str) -> bool:
    """True when a settings file that is both sides at once is the same for the tests."""
    if name.startswith("vite.config."):
        return _vite(name, old) == _vite(name, new)
    return name == "Cargo.toml" and _cargo(old) == _cargo(new)


def _cargo(text: str) -> object:
    try:
        read = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return object()  # equal to nothing
    return {k: v for k, v in read.items() if k in ("dev-dependencies", "test", "bench", "profile")}

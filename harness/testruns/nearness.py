"""Which test files are near a change: those whose imports, followed inside the repository, reach a
changed file. By reading alone; what cannot be followed counts as near. Pure."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence

from harness.syntax.python import parse_module
from harness.syntax.script import imports
from harness.syntax.tree import parse

MOST_FILES = 20_000
MOST_BYTES = 2 << 20
SCRIPT_ENDS = (".ts", ".tsx", ".js", ".jsx", ".mts", ".cts", ".mjs", ".cjs", ".vue", ".json")
SCRIPT = re.compile(r"\.(?:[cm]?[jt]sx?|vue)$")
DYNAMIC = frozenset(("__import__", "import_module", "exec", "eval", "run_path", "run_module"))
DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
NODE = frozenset(
    (
        *("assert", "async_hooks", "buffer", "child_process", "crypto", "events", "fs", "http"),
        *("http2", "https", "module", "net", "os", "path", "perf_hooks", "process", "querystring"),
        *("readline", "stream", "string_decoder", "timers", "tls", "tty", "url", "util", "vm"),
        *("worker_threads", "zlib"),
    )
)
CONFTEST = "conftest.py"
STARTS = re.compile(
    r"\bsubprocess\b|\bPopen\b|\bos\.(?:system|popen|exec\w*|spawn\w*|fork)\b|\bCliRunner\b|"
    r"\brunner\.invoke\b|\bpexpect\b|\brunpy\b|\bspawn(?:Sync)?\s*\(|\bexec(?:File)?(?:Sync)?\s*\(|"
    r"\bfork\s*\(|\bexeca\b|\bcreate_subprocess_\w+|\bpytester\b|\btestdir\b|\bmultiprocessing\b|"
    r"\bWorker\s*\("
)
"""A test that starts a process of its own."""
MAIN = re.compile(
    r"\brequire\.main\b|\bmodule\.parent\b|\bargv\b|"
    r"\bimport\.meta\b(?!\.(?:url|dirname|filename|resolve)\b)|"
    r"\bimport\.meta\.\w+\s*[!=]=|[!=]==?\s*import\.meta\b"
)
"""What may ask whether it is the program that was started: then it does less when imported."""
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

Read = Callable[[str], str | None]


def near(
    changed: Sequence[str], tests: Sequence[str], texts: Read, files: Sequence[str]
) -> frozenset[str] | None:
    """Of `tests`, those that a change of these files may reach. `texts` reads a file (None: not
    there), `files` are all paths. None: a changed file is of a kind whose users are not told by
    imports, or the repository is too large to read."""
    if len(files) > MOST_FILES or not all(_is_followed(path) for path in changed):
        return None
    graph = _Graph(texts, files)
    wanted = frozenset(changed)
    return frozenset(test for test in tests if graph.reaches(test, wanted))


def helpers(
    found: Sequence[str], tests: Sequence[str], texts: Read, files: Sequence[str]
) -> frozenset[str]:
    """Of `found`, files that one of `tests` surely imports: what stands in them runs with that
    test. One that asks whether it is the program that was started is not told by it."""
    graph = _Graph(texts, files)
    plain = {path for path in found if not MAIN.search(texts(path) or "")}
    return frozenset(plain & set().union(*map(graph.surely, tests)))


def _is_followed(path: str) -> bool:
    return path.endswith(".py") or SCRIPT.search(path) is not None


class _Graph:
    """Files and what they import, read when asked for."""

    def __init__(self, texts: Read, files: Sequence[str]) -> None:
        self._texts = texts
        self._files = frozenset(files)
        self._known: dict[str, frozenset[str] | None] = {}
        self._unrun: dict[str, frozenset[str]] = {}
        """What a script names and does not load: types, modules that are replaced."""
        self._packages: tuple[set[str], set[str]] | None = None
        self._ends: dict[str, list[str]] = {}
        for path in files:
            if path.endswith(".py"):
                self._ends.setdefault(_last(path), []).append(path)

    def reaches(self, test: str, wanted: frozenset[str]) -> bool:
        """Whether the closure of a test holds one of these; also where it cannot be told."""
        if STARTS.search(self._texts(test) or ""):
            return True  # what another process runs no import tells
        seen, todo = {test}, [test]
        while todo:
            path = todo.pop()
            if path in wanted:
                return True
            if not _is_followed(path):
                continue
            found = self._imports(path)
            if found is None:
                # a product file that imports by name at run time may reach anything
                return True
            fresh = found - seen
            seen |= fresh
            todo += fresh
        return False

    def surely(self, test: str) -> set[str]:
        """What a test imports, by others too; what cannot be told is left out."""
        seen: set[str] = set()
        todo = [test]
        while todo:
            path = todo.pop()
            found = self._imports(path) if _is_followed(path) else None
            fresh = (found or frozenset()) - seen - self._unrun.get(path, frozenset())
            seen |= fresh
            todo += fresh
        return seen - {test}

    def _imports(self, path: str) -> frozenset[str] | None:
        """Files of the repository that a file imports; None where that cannot be told."""
        if path not in self._known:
            text = self._texts(path)
            if text is None or len(text) > MOST_BYTES:
                self._known[path] = None
            elif path.endswith(".py"):
                self._known[path] = self._python(path, text)
            else:
                self._known[path] = self._script(path, text)
        return self._known[path]

    # ---- Python

    def _python(self, path: str, text: str) -> frozenset[str] | None:
        try:
            tree = parse_module(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        found: set[str] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    found |= self._module(path, alias.name)
            elif isinstance(node, ast.ImportFrom):
                found |= self._from(path, node)
            elif isinstance(node, ast.Call) and _callee_name(node) in DYNAMIC:
                literal = _literal(node)
                if literal is None:
                    return None
                found |= self._module(path, literal)
        beside = self._beside(path)
        if not any(isinstance(node, DEFINITIONS) for node in ast.walk(tree)):
            # nothing in it could ask a conftest for anything
            beside = {one for one in beside if _last(one) != CONFTEST}
        return frozenset(found | beside)

    def _from(self, path: str, node: ast.ImportFrom) -> set[str]:
        names = [alias.name for alias in node.names]
        if not node.level:
            base = node.module or ""
            return self._all(path, [base, *(f"{base}.{name}" for name in names)])
        folders = path.split("/")[: -node.level]
        start = "/".join([*folders, *(node.module or "").split(".")]).strip("/")
        found: set[str] = set()
        for place in (start, *(f"{start}/{name}".lstrip("/") for name in names)):
            found |= self._place(place)
        return found

    def _all(self, path: str, modules: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for module in modules:
            found |= self._module(path, module)
        return found

    def _module(self, path: str, dotted: str) -> set[str]:
        """Every file that this absolute name can mean, wherever its package lies: the search path
        of a run is not known. Its packages are imported with it."""
        parts = [part for part in dotted.split(".") if part]
        if not parts:
            return set()
        found: set[str] = set()
        for size in range(len(parts), 0, -1):
            tail = "/".join(parts[:size])
            for place in (f"{tail}.py", f"{tail}/__init__.py"):
                found |= self._called_so(place)
        if parts[0] in sys.stdlib_module_names:
            # only a file that stands before Python's own on the search path
            folder = path.rpartition("/")[0]
            found = {f for f in found if f.rpartition("/")[0] in ("", "src", folder)}
        return found

    def _called_so(self, place: str) -> set[str]:
        known = self._ends.get(_last(place), ())
        return {path for path in known if path == place or path.endswith(f"/{place}")}

    def _place(self, place: str) -> set[str]:
        """A module by its path, and the packages that are imported with it."""
        found = {p for p in (f"{place}.py", f"{place}/__init__.py") if p in self._files}
        folder = place
        while folder := folder.rpartition("/")[0]:
            if f"{folder}/__init__.py" in self._files:
                found.add(f"{folder}/__init__.py")
        return found

    def _beside(self, path: str) -> set[str]:
        """What pytest loads for a file: the packages it is in and every conftest above it."""
        found: set[str] = set()
        folder = path
        while folder:
            folder = folder.rpartition("/")[0]
            start = f"{folder}/" if folder else ""
            found |= {start + n for n in (CONFTEST, "__init__.py") if start + n in self._files}
        return found - {path}

    # ---- JavaScript and TypeScript

    def _script(self, path: str, text: str) -> frozenset[str] | None:
        tree = parse(text, path)
        said = imports(tree) if tree is not None else None
        if said is None or not said.told:
            return None
        found: set[str] = set()
        run: set[str] = set()
        for specifier in said.found:
            place = self._resolve_specifier(path, specifier.text.partition("?")[0])
            if place is None:
                return None
            found |= place
            if specifier.runs:
                run |= place
        self._unrun[path] = frozenset(found - run)
        return frozenset(found)

    def _resolve_specifier(self, path: str, specifier: str) -> set[str] | None:
        """Files that a specifier means; none for a package from outside; None where it is a path
        that is not there, or a name that the repository may give a meaning of its own."""
        if not specifier.startswith("."):
            return self._alias(specifier)
        parts = path.split("/")[:-1]
        for part in specifier.split("/"):
            if part == "..":
                if not parts:
                    return None
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        return self._there("/".join(parts)) or None

    def _there(self, place: str) -> set[str]:
        stem = re.sub(r"\.[cm]?jsx?$", "", place)
        names = [place, *(place + end for end in SCRIPT_ENDS), *(stem + end for end in SCRIPT_ENDS)]
        names += [f"{place}/index{end}".lstrip("/") for end in SCRIPT_ENDS]
        return {name for name in names if name in self._files}

    def _alias(self, specifier: str) -> set[str] | None:
        """`@/x`, `~/x`, `#x`, `src/x`: an alias that some configuration gives a meaning; whatever
        file of the repository ends so. The name of a package of the repository: not followed."""
        tail = re.sub(r"^(?:[@~#]/?|\$)", "", specifier)
        found = {name for place in self._starts(tail) for name in self._there(place)}
        if found:
            return found
        return set() if self._from_outside(specifier) else None

    def _starts(self, tail: str) -> list[str]:
        folders = ("", "src/", "lib/", "app/", "test/", "tests/")
        return [f"{folder}{tail}" for folder in folders] if tail else []

    def _from_outside(self, specifier: str) -> bool:
        """A module of node itself, or a package that some package.json depends on and none of the
        repository is."""
        if specifier.startswith("node:") or specifier.partition("/")[0] in NODE:
            return True
        name = "/".join(specifier.split("/")[: 2 if specifier.startswith("@") else 1])
        if self._packages is None:
            self._packages = self._read_packages()
        own, others = self._packages
        return name in others and name not in own

    def _read_packages(self) -> tuple[set[str], set[str]]:
        own: set[str] = set()
        others: set[str] = set()
        for path in self._files:
            if path.rpartition("/")[2] != "package.json" or "node_modules/" in path:
                continue
            try:
                said = json.loads(self._texts(path) or "")
            except (ValueError, RecursionError):
                continue
            if isinstance(said, dict):
                own.add(str(said.get("name")))
                for section in DEPENDENCIES:
                    listed = said.get(section)
                    others |= set(listed) if isinstance(listed, dict) else set()
        return own, others


def _last(path: str) -> str:
    """The name by which files are found: a package's is its folder's."""
    parts = path.split("/")
    return "/".join(parts[-2:]) if parts[-1] == "__init__.py" else parts[-1]


def _callee_name(node: ast.Call) -> str:
    return getattr(node.func, "id", "") or getattr(node.func, "attr", "")


def _literal(node: ast.Call) -> str | None:
    """The module that a call imports by a literal name; None for any other."""
    first = node.args[0] if node.args else None
    said = first.value if isinstance(first, ast.Constant) else None
    by_name = _callee_name(node) in ("__import__", "import_module", "run_module")
    return said.lstrip(".") if by_name and isinstance(said, str) else None

"""What product code imports, by its text: that is the product's, whatever it is called. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from harness.syntax.python import parse_module
from harness.syntax.script import imports
from harness.syntax.tree import parse
from harness.weakening.sides import side_of

ROOTS = ("", "src/", "lib/", "python/")
ENDINGS = ("", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte")
LONGEST = 500_000


def imported_paths(
    texts: Mapping[str, str], files: Sequence[str], test_globs: Sequence[str] = ()
) -> frozenset[str]:
    """Paths among `files` that product code imports, directly or through such a file. `texts`:
    path -> text of the code, the base's for every file that the base has (a change that makes
    product code import a test's helper would else lift it out of the tests)."""
    known = frozenset(files)
    found: set[str] = set()
    waiting = [p for p in texts if side_of(p, test_globs) == "product"]
    while waiting:
        path = waiting.pop()
        for target in imports_of(path, texts.get(path, ""), known):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return frozenset(found)


def imports_of(path: str, text: str, files: frozenset[str]) -> frozenset[str]:
    """The files of the repository that one file imports; none when it cannot be read."""
    if len(text) > LONGEST:
        return frozenset()
    if path.endswith((".py", ".pyi")):
        return frozenset(_python(path, text, files))
    if re.search(r"\.([cm]?[jt]sx?|vue|svelte)$", path):
        return frozenset(_script(path, text, files))
    return frozenset()


def _python(path: str, text: str, files: frozenset[str]) -> Iterator[str]:
    try:
        tree = parse_module(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    roots = roots_for(path, files)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from module_files(alias.name, files, roots)
        elif isinstance(node, ast.ImportFrom):
            names = [n.name for n in node.names if n.name != "*"]
            head = absolute(path, node.module or "", node.level)
            for module in (head, *(f"{head}.{n}".strip(".") for n in names)):
                yield from module_files(module, files, ("",) if node.level else roots)


def absolute(path: str, module: str, level: int) -> str:
    """The dotted place of an import; a relative one counts from the root of the repository."""
    if not level:
        return module
    parts = PurePosixPath(path).parts[:-1]
    above = parts[: len(parts) - level + 1]
    return ".".join([*above, *filter(None, module.split("."))])


def roots_for(path: str, files: frozenset[str]) -> tuple[str, ...]:
    """Folders from which a file's absolute imports may be found: the usual ones, and those above
    it that are no package."""
    parts = PurePosixPath(path).parts[:-1]
    above = ["/".join(parts[:n]) + "/" for n in range(1, len(parts) + 1)]
    return (*ROOTS, *(a for a in above if a not in ROOTS and f"{a}__init__.py" not in files))


def module_files(module: str, files: frozenset[str], roots: Sequence[str] = ROOTS) -> Iterator[str]:
    """Files that a dotted name loads: the module, and the packages above it."""
    parts = [p for p in module.split(".") if p]
    for count in range(len(parts), 0, -1):
        place = "/".join(parts[:count])
        for root in roots:
            for ending in (".py", "/__init__.py"):
                if root + place + ending in files:
                    yield root + place + ending


def _script(path: str, text: str, files: frozenset[str]) -> Iterator[str]:
    tree = parse(text, path)
    for specifier in imports(tree).found if tree is not None else ():
        target = script_file(path, specifier.text, files)
        if target:
            yield target


def script_file(path: str, target: str, files: frozenset[str]) -> str | None:
    """The file that a relative import means; None for a package, an alias or no file."""
    if not target.startswith("."):
        return None
    parts = list(PurePosixPath(path).parts[:-1])
    for part in target.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    place = "/".join(parts)
    bare = re.sub(r"\.[cm]?jsx?$", "", place)  # TypeScript names the file that will be built
    names = [place + e for e in ENDINGS] + [bare + e for e in ENDINGS[1:]]
    names += [f"{place}/index{e}".lstrip("/") for e in ENDINGS[1:]]
    return next((n for n in names if n in files), None)

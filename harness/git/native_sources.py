"""Whether two trees compile to the same: a fingerprint of everything that a build could read. Pure.

What cannot be a part of a build is named here, all else is one: a needless build costs time, a
stale one tells a lie."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

Entries = Mapping[str, tuple[str, str]]

NATIVE = re.compile(
    r".*\.(?:c|h|cc|cpp|cxx|c\+\+|hh|hpp|hxx|inl|ipp|tcc|m|mm|cu|cuh|f|f77|f90|f95|for|s|asm"
    r"|pyx|pxd|pxi|rs|zig|d|i|swg|go|vala|l|y|def|proto|cmake|gypi?)",
    re.IGNORECASE,
)
HARMLESS = re.compile(
    r".*\.(?:md|rst|adoc|ipynb|po|pot|png|jpe?g|gif|svg|ico|css|html|pdf|pyi)", re.IGNORECASE
)
COMPILED_PYTHON = re.compile(rb"mypyc|cythonize")
TESTS = re.compile(
    r"(?:.*/)?(?:tests?|testing|docs?|benchmarks?|examples?|\.github|CHANGES|changes|newsfragments)"
    r"/.*|(?:.*/)?(?:test_[^/]*|[^/]*_test|conftest)\.py"
)
MANIFESTS = ("setup.py", "pyproject.toml", "binding.gyp")


def fingerprint(entries: Entries, manifests: bytes) -> str:
    """The same for trees whose builds are the same; "" where nothing says that a set-up compiles
    sources of the tree. `manifests`: the text of MANIFESTS."""
    sources = any(NATIVE.fullmatch(path) for path in entries)
    if not (sources and any(name in entries for name in MANIFESTS)):
        return ""
    packages = {path.rpartition("/")[0] for path in entries if path.endswith("/__init__.py")}
    if COMPILED_PYTHON.search(manifests):
        packages = set()
    lines = [
        f"{path} {mode} {blob}"
        for path, (mode, blob) in sorted(entries.items())
        if not _is_harmless(path, packages)
    ]
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _is_harmless(path: str, packages: set[str]) -> bool:
    if NATIVE.fullmatch(path):
        return False
    if HARMLESS.fullmatch(path) or TESTS.fullmatch(path):
        return True
    return path.endswith(".py") and path.rpartition("/")[0] in packages

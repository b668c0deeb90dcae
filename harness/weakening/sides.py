"""Which side a file is on: the product, its tests, both at once, or prose. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Literal

from harness.core.globs import matches

Side = Literal["product", "test", "both", "prose"]
TestKind = Literal["test", "support", "data", "snapshot", "configuration", "ci"]

CODE = r"(?:pyi?|[cm]?[jt]sx?|go|rs|rb|java|kt|cs|php|swift|c|cc|cpp|exs?|scala|vue|svelte)"
FOLDERS = (
    "test tests testing __tests__ __test__ __snapshots__ __mocks__ __fixtures__ spec specs e2e "
    "testdata test-data test_data cypress unittests unit_tests integration_tests"
)
TEST_DIRS = frozenset(FOLDERS.split())
SNAPSHOT = re.compile(r"\.(snap|ambr)$|(^|/)__(image_)?snapshots__/")
CERTAIN = re.compile(  # by these names a runner finds tests: nothing makes them the product's
    rf"^conftest\.py$|[.](tests?|spec|e2e|cy)\.{CODE}$|\.(snap|ambr)$|_test\.go$"
)
TEST_NAME = re.compile(
    rf"^tests?\.\w+$|^tests?[_.-]|[_.-]tests?\.[\w.]+$|[_-]spec\.{CODE}$"
    r"|^run_?tests?\b|^setup-?tests?\.\w+$",
    re.I,
)
SUPPORT = re.compile(
    r"^conftest\.py$|^(setup|run)[_-]?tests?\b|^tests?[_-]?(utils?|helpers?|setup)\.", re.I
)
CAMEL = re.compile(r"(Test|Tests|Spec)\.\w+$")
CONFIGURATION = re.compile(
    r"^(\.?pytest\.(ini|toml)|noxfile\.py|\.coveragerc|\.?codecov\.ya?ml|\.env\.test(\.\w+)?"
    r"|(jest|vitest|karma|playwright|cypress|ava|wdio|testem|web-test-runner|jasmine|nightwatch)"
    r"[\w.-]*\.(conf|config|setup|workspace|projects?)\.([cm]?[jt]s|json)"
    r"|(karma|wdio)\.conf\.[cm]?[jt]s|cypress\.json|jasmine\.json|\.taprc|\.tap[\w.]*"
    r"|(vitest|jest)[.-](setup|workspace|globals?|environment|resolver|transform\w*)[\w.-]*"
    r"|\.mocharc[\w.]*|\.c8rc[\w.]*|\.nycrc[\w.]*|nyc\.config\.js|\.jestrc[\w.]*"
    r"|tsconfig[.-](tests?|spec|vitest|jest|e2e|cypress)\.json)$"
)
BOTH = re.compile(
    r"^(pyproject\.toml|package\.json|setup\.cfg|tox\.ini|vite\.config\.[cm]?[jt]s|GNUmakefile"
    r"|[Mm]akefile|[Jj]ustfile|Taskfile\.ya?ml|deno\.jsonc?|bunfig\.toml|Cargo\.toml)$"
)
CI = re.compile(
    r"^(\.github/(workflows|actions)/.*|\.gitlab-ci\.ya?ml|\.gitlab/ci/.*|\.circleci/.*"
    r"|azure-pipelines\.ya?ml|\.travis\.ya?ml|Jenkinsfile|\.ci/.*|\.buildkite/.*|\.drone\.ya?ml"
    r"|appveyor\.ya?ml|\.cirrus\.ya?ml|bitbucket-pipelines\.ya?ml)$"
)
PROSE = re.compile(
    r"\.(md|rst|adoc)$|^(LICEN[CS]E|COPYING|AUTHORS|CONTRIBUTORS|CHANGELOG|CHANGES|HISTORY|NEWS"
    r"|NOTICE|README)(\.txt)?$",
    re.I,
)


def side_of(
    path: str, test_globs: Sequence[str] = (), imported: frozenset[str] = frozenset()
) -> Side:
    """Where a changed file belongs. `test_globs`: what the project itself calls its tests.
    `imported`: paths that product code imports (`imports.imported_paths`, read on the base for
    every file that the base has): such a file is the product's, whatever its folder is called,
    unless its name makes a runner collect it. A file not known to be for tests is the product's."""
    name = PurePosixPath(path).name
    if CI.match(path):
        return "test"
    if BOTH.match(name):
        return "test" if in_test_folder(path) else "both"
    if CERTAIN.search(name) or CONFIGURATION.match(name) or SNAPSHOT.search(path):
        return "test"
    if path in imported:
        return "product"
    if in_test_folder(path) or matches(path, test_globs):
        return "test"
    if PROSE.search(name):
        return "prose"
    return "test" if is_test_name(name) else "product"


def in_test_folder(path: str) -> bool:
    """True below a folder that is called like tests."""
    return any(part.casefold() in TEST_DIRS for part in PurePosixPath(path).parts[:-1])


def is_test_name(name: str) -> bool:
    """True for a file that is called like a test."""
    return any(p.search(name) for p in (CERTAIN, CAMEL, TEST_NAME))


def kind_of(path: str) -> TestKind:
    """What a file of the tests' side is to them."""
    name = PurePosixPath(path).name
    if CI.match(path):
        return "ci"
    if SNAPSHOT.search(path):
        return "snapshot"
    if CONFIGURATION.match(name) or (BOTH.match(name) and not in_test_folder(path)):
        return "configuration"
    code = bool(re.search(rf"\.{CODE}$", name))
    if code and is_test_name(name) and not SUPPORT.match(name):
        return "test"
    if code or name.endswith((".sh", ".cfg")):
        return "support"
    return "data"

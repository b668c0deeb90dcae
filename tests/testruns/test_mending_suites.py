"""What shells and runners print of a command that finds no program or no tests, as they print it,
to the recipe that is tried next; and near misses that are about something else."""

from __future__ import annotations

import pytest

from harness.testruns.recipes.recipe import Origin, Recipe
from tests.testruns.test_mending import PROJECT, SUITE, VENV_LINE, key, mended, set_up

PROGRAMS = [
    ("sh: 1: tox: not found", "tox"),
    ("/bin/sh: 1: poetry: not found", "poetry"),
    ("bash: line 1: nox: command not found", "nox"),
    ("/bin/bash: line 3: hatch: command not found", "hatch"),
    ("env: 'pdm': No such file or directory", "pdm"),
    ("/usr/bin/env: ‘uv’: No such file or directory", "uv"),
    ("zsh: command not found: just", "rust-just"),
    ("FileNotFoundError: [Errno 2] No such file or directory: 'cmake'", "cmake"),
    ("make: py.test: No such file or directory\nmake: *** [Makefile:14: test] Error 127", "pytest"),
    ("make[1]: tox: Command not found\nmake[1]: *** [Makefile:3: test] Error 127", "tox"),
    ("/bin/sh: 1: exec: coverage: not found", "coverage"),
    ("sh: ninja: not found", "ninja"),
]


@pytest.mark.parametrize(("printed", "package"), PROGRAMS)
def test_a_program_that_is_missing_is_brought_by_its_package(printed: str, package: str) -> None:
    recipe = SUITE.model_copy(update={"setup": (VENV_LINE, "true")})
    made = mended(printed, recipe=recipe)
    assert key(made) == "program"
    assert set_up(made).endswith(f" {package}")


@pytest.mark.parametrize(("printed", "package"), PROGRAMS)
def test_one_that_the_set_up_misses_comes_before_it(printed: str, package: str) -> None:
    recipe = Recipe(origin=Origin(path="Makefile"), setup=("make deps",), test="make test")
    made = mended(printed, recipe=recipe, stage="setup")
    assert key(made) == "program"
    assert made is not None
    first, brought, then = made.recipe.setup
    assert first == VENV_LINE
    assert brought.endswith(f" {package}")
    assert then == 'export PATH="$HARNESS_ENV/venv/bin:$PATH" && make deps'
    assert mended(printed, recipe=made.recipe, stage="setup") is None


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        ("sh: 1: pnpm: not found", "npx --yes pnpm@10 test"),
        ("/bin/sh: pnpm: not found", "npx --yes pnpm@10 test"),
        ('exec: "pnpm": executable file not found in $PATH', "npx --yes pnpm@10 test"),
        ("Error: spawn pnpm ENOENT\n    at ChildProcess._handle.onexit", "npx --yes pnpm@10 test"),
        ("bash: pnpm: command not found", "npx --yes pnpm@10 test"),
    ],
)
def test_a_package_manager_is_called_without_being_there(printed: str, told: str) -> None:
    recipe = Recipe(origin=Origin(path="package.json"), test="pnpm test")
    made = mended(printed, {"package.json": "{}"}, recipe)
    assert key(made) == "program"
    assert made is not None
    assert made.recipe.test == told


@pytest.mark.parametrize(
    "printed",
    [
        "sh: 1: tool-of-a-stranger: not found",
        "sh: 1: ./tox: not found",
        "sh: 1: /opt/bin/tox: not found",
        "FileNotFoundError: [Errno 2] No such file or directory: 'data/uv'",
        "make: *** No rule to make target 'tox'.  Stop.",
        "sh: 1: task: not found",
        "Error: spawn ./pnpm ENOENT",
    ],
)
def test_what_no_package_of_ours_brings_is_not_guessed(printed: str) -> None:
    assert mended(printed, recipe=SUITE) is None


def suite_of(command: str) -> Recipe:
    return SUITE.model_copy(update={"test": command})


PATHS = [
    ("ERROR: file or directory not found: tests/unit\n\nno tests ran in 0.00s", "pytest tests/unit",
     "pytest"),
    ("ERROR: file or directory not found: tests/unit/", "pytest -q tests/unit/ --cov",
     "pytest -q --cov"),
    ("ERROR: file or directory not found: test", "pytest tests 'test'", "pytest tests"),
    ("ERROR: file or directory not found: tests/test_a.py::test_gone",
     "pytest tests/test_a.py::test_gone tests/test_b.py", "pytest tests/test_b.py"),
    ("ImportError: Start directory is not importable: 'tests'", "python -m unittest discover tests",
     "python -m unittest discover"),
    ("ImportError: Start directory is not importable: 'tests'",
     "python -m unittest discover -v -s tests", "python -m unittest discover -v"),
    ("ImportError: Start directory is not importable: 'tests'",
     "python -m unittest discover --start-directory tests -p '*.py'",
     "python -m unittest discover -p '*.py'"),
    ("ImportError: Start directory is not importable: 'tests'",
     "python -m unittest discover --start-directory=tests", "python -m unittest discover"),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "command", "told"), PATHS)
def test_a_path_that_is_not_there_is_left_out(printed: str, command: str, told: str) -> None:
    made = mended(printed, recipe=suite_of(command))
    assert key(made) == "path_gone"
    assert made is not None
    assert made.recipe.test == told


NOTHING = [
    "============ no tests ran in 0.01s ============",
    "collected 0 items\n\n============ no tests ran in 0.01s ============",
    "collecting ... collected 0 items",
    "\x1b[33mno tests ran\x1b[0m in 0.02s",
    "rootdir: /work\nconfigfile: pyproject.toml\ncollected 0 items / 0 deselected",
]


@pytest.mark.parametrize("printed", NOTHING)
@pytest.mark.parametrize(
    ("path", "why", "told"),
    [
        ("checks/test_calc.py", "path", "pytest -q checks"),
        ("a/b/calc_test.py", "path", "pytest -q a/b"),
        ("calc/tests.py", "names", "*_tests.py tests.py"),
        ("spec/calc_tests.py", "names", "*_tests.py tests.py"),
    ],
)
def test_tests_are_looked_for_where_files_of_that_name_are(
    printed: str, path: str, why: str, told: str
) -> None:
    files = {"setup.py": "", path: ""}
    made = mended(printed, files, suite_of("pytest -q"))
    assert key(made) == why
    assert made is not None
    assert told in made.recipe.test
    assert mended(printed, files, made.recipe) is None


@pytest.mark.parametrize(
    ("printed", "command", "passed"),
    [
        ("collected 0 items / 1 error\nERROR collecting tests/test_a.py\nImportError", "pytest", 0),
        ("no tests ran in 0.01s\nERROR: usage: pytest [options]\n1 error in 0.1s", "pytest", 0),
        ("5 passed in 0.1s\ncollected 0 items", "pytest", 5),
        ("FileNotFoundError: file or directory not found in the archive", "pytest", 1),
        ("No tests found, exiting with code 1", "npm test", 0),
        ("?   \texample.org/a\t[no test files]", "go test ./...", 0),
    ],
)  # fmt: skip
def test_a_suite_that_fails_otherwise_is_not_looked_for(
    printed: str, command: str, passed: int
) -> None:
    files = {**PROJECT, "checks/test_calc.py": ""}
    assert key(mended(printed, files, suite_of(command), passed=passed)) in ("", "runner")


def test_where_nothing_looks_like_a_test_nothing_is_guessed() -> None:
    for printed in NOTHING:
        assert mended(printed, {"setup.py": "", "calc.py": ""}, suite_of("pytest")) is None

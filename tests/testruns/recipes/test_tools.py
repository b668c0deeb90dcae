"""What tox, nox, hatch, make and just run, and what the installers install."""

from __future__ import annotations

import pytest

from tests.testruns.recipes.reading import CI, PACKAGE, first, installed, job, recipes

POETRY = '[tool.poetry]\nname = "x"\n[tool.poetry.dependencies]\npython = "^3.9"\n'
TOX = """\
[tox]
envlist = lint, py{310,311,312,313}-a{1,2}, py{311}-main, docs
[base]
deps = mock
[testenv]
extras = test
deps =
    {[base]deps}
    a1: a<2
    a2: a<3
    main: https://h.example/a.zip
    -r more.txt
setenv =
    DIR = {toxinidir}
    a1: ONE = 1
commands =
    pytest --basetemp={envtmpdir} {posargs:tests}
    coverage report
[testenv:lint]
commands = ruff check
"""
NOX = """\
import nox
OPTIONS = ["-q"]
def _common(session, extra=None):
    session.install("-e", ".[test]", *(extra or ()))
@nox.session
def lint(session):
    session.run("ruff", "check")
@nox.session(python=["3.11", "3.12"])
@nox.parametrize("django", ["4.2", "5.0"])
def tests(session, django):
    _common(session, extra=["mock"])
    session.install(f"django=={django}")
    if session.posargs:
        session.run("pytest", "-k", "never")
    session.run("coverage", "run", "-m", "pytest", *OPTIONS, *session.posargs, env={"A": "b"})
"""
TOOLS = {
    "tox": ({"tox.ini": TOX, "more.txt": "pytest"}, "-r more.txt '-e.[test]' mock 'a<2'",
            "DIR=. ONE=1 pytest tests"),
    "tox in setup.cfg": ({"setup.cfg": TOX.replace("[tox]", "[tox:tox]"), "more.txt": ""},
                         "-r more.txt '-e.[test]' mock 'a<2'", "DIR=. ONE=1 pytest tests"),
    "tox as toml": (
        {"tox.toml": 'env_list = ["3.11", "lint"]\n[env_run_base]\ndeps = ["mock"]\n'
         'commands = [["pytest", {replace = "posargs", default = ["tests"], extend = true}]]\n'
         '[env.lint]\ncommands = [["ruff"]]\n'}, "-e. mock", "pytest tests"),
    "nox": ({"noxfile.py": NOX}, "'-e.[test]' mock", "A=b python -m pytest -q"),
    "hatch": ({"hatch.toml": '[envs.default]\ndependencies = ["mock"]\n'
               '[envs.default.scripts]\ntest = "pytest {args:tests}"\n'}, "-e. mock",
              "pytest tests"),
    "make": ({"Makefile": "PY = python\ninit:\n\t@$(PY) -m pip install -e .\n"
              "test: init ## runs them\n\t$(PY) -m pytest \\\n\t  tests\n"}, "-e.",
             "python -m pytest tests"),
    "just": ({"justfile": "up:\n    pip install -e .\ntest *args: up\n    pytest {{args}}\n"},
             "-e.", "pytest"),
}  # fmt: skip
TASKS = {
    "pipx": ("pipx run tox", {"tox.ini": "[testenv]\ncommands = pytest -q\n"}, "pytest -q"),
    "poe": ("poe test", {}, "pytest -k poe"),
    "poe, in parts": ("poetry run poe all", {}, "pytest -k poe"),
    "taskipy": ("task test", {}, "pytest -k taskipy"),
    "Task": ("task ci", {"Taskfile.yml": "tasks:\n  ci: {deps: [up], cmds: [{task: test}]}\n"
             "  up: pip install .\n  test: {cmds: [pytest -k taskfile]}\n"}, "pytest -k taskfile"),
    "flit": ("flit install -s && pytest", {}, "pytest"),
    "maturin": ("maturin develop --release && pytest", {}, "pytest"),
    "a script of the tree": ("./ci/run.sh", {"ci/run.sh": "#!/bin/sh\nset -e\nPY=python\n"
                             "$PY -m pip install .\nexec_it=1 $PY -m pytest \"$@\"\n"},
                             "PY=python exec_it=1 python -m pytest"),
}  # fmt: skip
TABLES = """
[tool.poe.tasks]
all = ["lint", "test"]
lint = "ruff check"
test = {cmd = "pytest -k poe"}
[tool.taskipy.tasks]
test = "pytest -k taskipy"
"""
GROUPS = '[dependency-groups]\ndev = ["d"]\ntest = ["t"]\n'
INSTALLS = {
    "uv sync": ("uv sync", PACKAGE + GROUPS, "-e. d"),
    "uv sync --group": ("uv sync --locked --group test --no-dev", PACKAGE + GROUPS, "-e. t"),
    "uv run": ("uv run --group test true", PACKAGE + GROUPS, "-e. d t"),
    "uv pip": ("uv pip install --system -e . t", PACKAGE, "-e. t"),
    "uv pip sync": ("uv pip sync dev.txt", PACKAGE, "-r dev.txt"),
    "poetry": ("poetry install --with test", POETRY + '[tool.poetry.group.test]\n'
               'optional = true\n[tool.poetry.group.test.dependencies]\nt = "1"\n', "-e. t==1"),
    "poetry, only": ("poetry install --only test --no-root", POETRY +
                     '[tool.poetry.group.test.dependencies]\nt = "^1"\n', "'t>=1'"),
    "pdm": ("pdm install -G test", PACKAGE + GROUPS, "-e. t"),
    "pip groups": ("pip install --group test .", PACKAGE + GROUPS, "-e. t"),
    "an index of its own": ("pip install -i https://i.example/simple t", PACKAGE,
                            "t -i https://i.example/simple"),
}  # fmt: skip


@pytest.mark.parametrize("row", TOOLS)
def test_a_tool_is_read_not_run(row: str) -> None:
    files, wanted, command = TOOLS[row]
    name = next(iter(files))
    found = next(one for one in recipes({**files, "pyproject.toml": PACKAGE}))
    assert (installed(found).splitlines()[0], found.test) == (wanted, command)
    assert found.reporter == "pytest"
    assert found.origin.path == name


@pytest.mark.parametrize("row", TOOLS)
def test_a_job_that_calls_a_tool_is_what_the_tool_does(row: str) -> None:
    files, wanted, command = TOOLS[row]
    call = {"hatch": "hatch run test", "make": "make test", "just": "just test"}
    steps = ("pip install tox nox hatch", call.get(row, row.partition(" ")[0]))
    found = first({CI: job(*steps), **files, "pyproject.toml": PACKAGE})
    assert (installed(found).splitlines()[0], found.test) == (wanted, command)
    assert str(found.origin) == f"{CI}:9"


@pytest.mark.parametrize("row", INSTALLS)
def test_an_installer_fills_the_environment(row: str) -> None:
    step, text, wanted = INSTALLS[row]
    found = first({CI: job(step, "pytest"), "pyproject.toml": text, "dev.txt": ""})
    assert installed(found).splitlines()[0] == wanted
    assert found.test == "pytest"


@pytest.mark.parametrize("row", TASKS)
def test_tasks_by_name(row: str) -> None:
    step, files, command = TASKS[row]
    found = first({CI: job("pip install .", step), "pyproject.toml": PACKAGE + TABLES, **files})
    assert (installed(found).splitlines()[0], found.test) == ("-e.", command)


def test_versions_are_those_of_the_lock_file() -> None:
    lock = '[[package]]\nname = "d"\nversion = "1"\n'
    files = {CI: job("uv sync", "pytest"), "pyproject.toml": PACKAGE + GROUPS, "uv.lock": lock}
    assert 'uv.lock > "$HARNESS_ENV/constraints.txt"' in first(files).setup[1]


def test_a_named_environment_of_tox_is_taken_with_its_arguments() -> None:
    files = {CI: job("tox -e py311-a2 -- -k one"), "tox.ini": TOX, "pyproject.toml": PACKAGE}
    found = first({**files, "more.txt": "pytest"})
    assert "a<3" in installed(found)
    assert found.test == "DIR=. pytest -k one"

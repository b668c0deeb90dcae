"""What Python's installers and old suites print, as the tools print it, to the recipe that is tried
next: at least five outputs a rule, and near misses that are about something else."""

from __future__ import annotations

import pytest

from harness.testruns.detect.lock import CONSTRAINTS
from harness.testruns.detect.python import PIP
from harness.testruns.recipes.recipe import Origin, Recipe
from tests.testruns.test_mending import INSTALL, PROJECT, SUITE, VENV_LINE, key, mended, set_up

LOCKED = f"python3 -c x > {CONSTRAINTS} && {PIP} -e. pytest -c {CONSTRAINTS}"
WHEEL = "error: subprocess-exited-with-error\n  × Getting requirements to build wheel did not run "
CHECKED = "  Checking if build backend supports build_editable ... done\n"
SUPPORTS = (
    f"Obtaining file:///work/calc\n  Installing build dependencies ... done\n{CHECKED}"
    "  Getting requirements to build editable ... done\n"
)


def recipe_of(*setup: str) -> Recipe:
    return Recipe(origin=Origin(path="pyproject.toml"), setup=setup, test="pytest")


TOOLS = [
    (f"{WHEEL}successfully.\n      ModuleNotFoundError: No module named 'pkg_resources'",
     "setuptools<81"),
    ("  File \"<string>\", line 5, in <module>\nModuleNotFoundError: No module named 'setuptools'",
     " setuptools"),
    ("usage: setup.py [global_opts] cmd1\nerror: invalid command 'bdist_wheel'\n", " wheel"),
    ("pip._vendor.pyproject_hooks._impl.BackendUnavailable: Cannot import "
     "'poetry.core.masonry.api'", "poetry-core"),
    ("pip._vendor.pyproject_hooks._impl.BackendUnavailable: Cannot import 'hatchling.build'",
     "hatchling"),
    ("ModuleNotFoundError: No module named 'poetry'\n\nERROR Backend 'poetry.core.masonry.api' is "
     "not available.", "poetry-core"),
    ("ERROR Backend 'flit_core.buildapi' is not available.", "flit-core"),
    ("      [stderr]\n      ModuleNotFoundError: No module named 'setuptools_scm'\n\n      hint: "
     "This error likely indicates that `calc` depends on `setuptools_scm`, but doesn't declare it "
     "as a build dependency.", "setuptools-scm"),
    ("      ModuleNotFoundError: No module named 'Cython'\n      [end of output]", "Cython"),
    ("        from numpy import get_include\n      ModuleNotFoundError: No module named 'numpy'",
     " numpy"),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "tool"), TOOLS)
def test_what_a_build_lacks_is_there_before_it(printed: str, tool: str) -> None:
    made = mended(printed, recipe=SUITE, stage="setup")
    assert key(made) == "build_tool"
    assert made is not None
    first, tools, install = made.recipe.setup
    assert first == VENV_LINE
    assert tool in tools
    assert "--no-build-isolation" in install
    assert "-e. pytest" in install


def test_the_last_setuptools_with_pkg_resources_comes_where_the_project_declares_another() -> None:
    text = PROJECT["pyproject.toml"] + '[dependency-groups]\ndev = ["setuptools>=61"]\n'
    made = mended("No module named 'pkg_resources'", {"pyproject.toml": text}, stage="setup")
    assert "setuptools<81" in set_up(made)


@pytest.mark.parametrize(
    ("printed", "files"),
    [
        ("ModuleNotFoundError: No module named 'versioneer'", {"versioneer.py": ""}),
        ("ModuleNotFoundError: No module named 'numpy'", {"numpy/__init__.py": ""}),
        ("ModuleNotFoundError: No module named 'setuptools_of_a_stranger'", {}),
        ("ERROR Backend 'backend_of_a_stranger' is not available.", {}),
        ("BackendUnavailable: Cannot import '_own_backend'", {"_own_backend.py": ""}),
    ],
)
def test_a_tool_of_the_tree_or_of_a_stranger_comes_from_no_index(
    printed: str, files: dict[str, str]
) -> None:
    assert mended(printed, {**PROJECT, **files}, stage="setup") is None


LOCKS = [
    (LOCKED, "ERROR: Cannot install -r r.txt (line 3) and attrs==21 because these package versions "
             "have conflicting dependencies.", f"{PIP} -e. pytest"),
    (LOCKED, "    The user requested (constraint) numpy==1.19.5\n\nERROR: ResolutionImpossible: "
             "for help visit https://pip.pypa.io", f"{PIP} -e. pytest"),
    (LOCKED, "ERROR: Could not find a version that satisfies the requirement numpy==1.19.5 (from "
             "versions: 1.21.2)\nERROR: No matching distribution found for numpy==1.19.5",
     f"{PIP} -e. pytest"),
    ("uv sync --locked", "Resolved 246 packages in 371ms\nerror: The lockfile at `uv.lock` needs "
                         "to be updated, but `--locked` was provided.", "uv sync"),
    ("poetry install", "pyproject.toml changed significantly since poetry.lock was last generated. "
                       "Run `poetry lock [--no-update]` to fix the lock file.", "poetry lock && "),
    ("poetry install --with dev", "Error: poetry.lock is not up to date with pyproject.toml\nThe "
                                  "lock file is not up to date with the latest changes",
     "poetry lock && poetry install --with dev"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "printed", "told"), LOCKS)
def test_without_a_lock_file_whose_versions_cannot_be_had(
    command: str, printed: str, told: str
) -> None:
    made = mended(printed, recipe=recipe_of(command), stage="setup")
    assert key(made) == "unlocked"
    assert told in set_up(made)
    assert "constraints" not in set_up(made)
    assert "--locked" not in set_up(made)


@pytest.mark.parametrize(
    ("command", "printed"),
    [
        ("poetry install", "Installing dependencies from lock file\n\nPackage operations: 9 "
                           "installs\n\n  ConnectionError: HTTPSConnectionPool: Max retries"),
        ("uv sync --locked", "Found up-to-date lockfile at: uv.lock\nerror: Failed to fetch: "
                             "`https://pypi.org/simple/calc/`"),
        (INSTALL, "ERROR: Could not find a version that satisfies the requirement nonesuch "
                  "(from versions: none)\nERROR: No matching distribution found for nonesuch"),
    ],
)  # fmt: skip
def test_a_failure_beside_a_lock_file_leaves_it(command: str, printed: str) -> None:
    assert mended(printed, recipe=recipe_of(command), stage="setup") is None


EDITABLE = [
    f"{CHECKED}ERROR: Project file:///work/calc has a 'pyproject.toml' and its build backend is "
    "missing the 'build_editable' hook. Since it does not have a 'setup.py' nor a 'setup.cfg', it "
    "cannot be installed in editable mode.",
    'ERROR: File "setup.py" not found. Directory cannot be installed in editable mode: /work/calc\n'
    '(A "pyproject.toml" file was found, but editable mode currently requires a setup.py based '
    "build.)",
    f"{SUPPORTS}  Building editable for calc (pyproject.toml) ... error\n  × Building editable for "
    "calc (pyproject.toml) did not run successfully.",
    "  ERROR: Failed building editable for calc\nFailed to build calc",
    "  Running setup.py develop for calc\n    error: subprocess-exited-with-error\n    × python "
    "setup.py develop did not run successfully.",
    "  × Preparing editable metadata (pyproject.toml) did not run successfully.\n  │ exit code: 1",
    "  × Failed to build `calc @ file:///work/calc`\n  ├─▶ The build backend returned an error\n  "
    "╰─▶ Call to `hatchling.build.build_editable` failed (exit status: 1)",
    "AttributeError: module 'own_backend' has no attribute 'build_editable'",
]


@pytest.mark.parametrize("printed", EDITABLE)
def test_what_cannot_be_edited_is_installed_as_it_is(printed: str) -> None:
    made = mended(printed, recipe=SUITE, stage="setup")
    assert key(made) == "not_editable"
    assert set_up(made) == f"{VENV_LINE}\n{PIP} '.' pytest"


@pytest.mark.parametrize(
    "printed",
    [
        f"{SUPPORTS}ERROR: Could not find a version that satisfies the requirement nonesuch",
        f"{CHECKED}  × Getting requirements to build editable did not run successfully.\n"
        '  File "build_meta.py", line 448, in get_requires_for_build_editable\n      error: '
        "Multiple top-level packages discovered in a flat-layout: ['calc', 'data'].",
        f"{SUPPORTS}WARNING: Retrying: ConnectTimeoutError\nERROR: No matching distribution found",
    ],
)
def test_an_editable_install_that_fails_otherwise_stays_one(printed: str) -> None:
    assert mended(printed, recipe=SUITE, stage="setup") is None


ROOTS = [
    "Installing the current project: calc (0.1.0)\nError: The current project could not be "
    "installed: No file/folder found for package calc\nIf you do not want to install the current "
    "project use --no-root.",
    "Installing the current project: calc (1.2)\nThe current project could not be installed: No "
    "file/folder found for package calc\nIf you do not want to install the current project use "
    "--no-root",
    "Error: The current project could not be installed: Readme path `/work/README.md` does not "
    "exist.",
    "[ValueError]\nNo file/folder found for package calc\n\ninstall [--no-dev] [--dry-run]",
    "  ModuleOrPackageNotFound\n\n  No file/folder found for package calc\n\n  at module.py:62",
    "Error: The current project could not be installed: [Errno 2] No such file or directory: "
    "'/work/README.md'",
]


@pytest.mark.parametrize("printed", ROOTS)
def test_a_project_that_poetry_cannot_install_is_left_out(printed: str) -> None:
    made = mended(printed, recipe=recipe_of("poetry install --with dev"), stage="setup")
    assert key(made) == "no_root"
    assert set_up(made) == "poetry install --no-root --with dev"
    assert made is not None
    assert mended(printed, recipe=made.recipe, stage="setup") is None


@pytest.mark.parametrize(
    "printed",
    [
        "Warning: The current project could not be installed: No file/folder found for package "
        "calc\nIf you do not want to install the current project use --no-root.\nIn a future "
        "version of Poetry this warning will become an error!\nsh: 1: npm: not found",
        "usage: poetry install [--without WITHOUT] [--no-root] [--all-extras]\n\nThe option "
        '"--dev" does not exist',
        "The `package-mode` setting is unknown",
    ],
)
def test_a_word_of_poetry_about_the_project_is_no_failure_of_it(printed: str) -> None:
    assert mended(printed, recipe=recipe_of("poetry install"), stage="setup") is None


VERSIONS = [
    ("ERROR: Package 'calc' requires a different Python: 3.11.2 not in '>=3.12'", "3.12"),
    ("Current Python version (3.11.2) is not allowed by the project (^3.12).\nPlease change python "
     "executable via the \"env use\" command.", "3.12"),
    ("The currently activated Python version 3.11.2 is not supported by the project (>=3.8,<3.11)."
     "\nTrying to find and use a compatible version.", "3.8"),
    ("Using CPython 3.11.13\nerror: The requested interpreter resolved to Python 3.11.13, which is "
     "incompatible with the project's Python requirement: `>=3.12` (from "
     "`project.requires-python`)", "3.12"),
    ("error: The Python request from `.python-version` resolved to Python 3.11.10, which is "
     "incompatible with the project's Python requirement: `>=3.13`", "3.13"),
    ("  × No solution found when resolving dependencies:\n  ╰─▶ Because the current Python version "
     "(3.11.2) does not satisfy Python>=3.12 and calc==1 depends on Python>=3.12, we can conclude",
     "3.12"),
    ("error: No interpreter found for Python >=3.12 in managed installations or search path",
     "3.12"),
    ("calc requires Python '<3.11' but the running Python is 3.11.2", "3.10"),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "version"), VERSIONS)
def test_the_python_that_the_project_requires_is_wanted(printed: str, version: str) -> None:
    made = mended(printed, recipe=SUITE, stage="setup")
    assert key(made) == "python"
    assert made is not None
    assert made.recipe.wants == {"python": version}
    assert mended(printed, recipe=made.recipe, stage="setup") is None


@pytest.mark.parametrize(
    "printed",
    [
        "warning: No `requires-python` value found in the workspace. Defaulting to `>=3.11`.\n"
        "error: Failed to fetch: `https://pypi.org/simple/calc/`",
        "ERROR: Ignored the following versions that require a different python version: 2.1.0 "
        "Requires-Python >=3.12; 2.1.1 Requires-Python >=3.12\nERROR: No matching distribution",
        "hint: The `requires-python` value (>=3.8) includes Python versions that are not supported "
        "by your dependencies. Consider a more restrictive `requires-python` value (like >=3.9)\n"
        "ERROR: Could not open requirements file: [Errno 2] No such file: 'r.txt'",
    ],
)
def test_a_version_that_is_only_spoken_of_is_not_wanted(printed: str) -> None:
    assert mended(printed, recipe=SUITE, stage="setup") is None


ARGUMENT = "The (path: py.path.local) argument is deprecated, please use (collection_path: "
NOT_IN_SPEC = "are declared in the hookimpl but can not be found in the hookspec"
OLD = [
    (f"E   pytest.PytestRemovedIn9Warning: {ARGUMENT}pathlib.Path)\nERROR collecting tests", "<9"),
    (f"    warnings.warn_explicit(\npytest.PytestRemovedIn9Warning: {ARGUMENT}pathlib.Path)", "<9"),
    ("E   pytest.PytestRemovedIn8Warning: Support for nose tests is deprecated and will be removed "
     "in a future release.", "<8"),
    ("INTERNALERROR> pytest.PytestRemovedIn10Warning: The --old argument is deprecated", "<10"),
    ("pluggy._manager.PluginValidationError: Plugin '/work/conftest.py' for hook "
     "'pytest_collect_file'\nhookimpl definition: pytest_collect_file(path, parent)\nArgument(s) "
     f"{{'path'}} {NOT_IN_SPEC}", "<9"),
    (f"INTERNALERROR> Argument(s) {{'startdir'}} {NOT_IN_SPEC}", "<9"),
]  # fmt: skip


@pytest.mark.parametrize(("printed", "version"), OLD)
@pytest.mark.parametrize(
    "declares",
    ["", '[dependency-groups]\ntest = ["pytest>=7"]\n',
     '[project.optional-dependencies]\ntest = ["pytest"]\n'],
)  # fmt: skip
def test_a_suite_of_an_earlier_pytest_gets_it(printed: str, version: str, declares: str) -> None:
    files = {**PROJECT, "pyproject.toml": PROJECT["pyproject.toml"] + declares}
    made = mended(printed, files, SUITE)
    assert key(made) == "older"
    assert f"'pytest{version}'" in set_up(made)


@pytest.mark.parametrize(
    "printed",
    [
        f"=== warnings summary ===\nconftest.py:9\n  /work/conftest.py:9: PytestRemovedIn9Warning: "
        f"{ARGUMENT}pathlib.Path)\n    def pytest_ignore_collect(path, config):\n\nFAILED "
        "tests/test_a.py::test_a - assert 1 == 2\n1 failed in 0.1s",
        "E   pytest.PytestCollectionWarning: cannot collect test class 'TestBed' because it has a "
        "__init__ constructor",
        f"PluginValidationError: Plugin 'own' for hook 'own_hook'\nArgument(s) {{'room'}} "
        f"{NOT_IN_SPEC}",
    ],
)
def test_a_mere_warning_asks_for_no_other_pytest(printed: str) -> None:
    assert key(mended(printed, recipe=SUITE)) in ("", "runner")

"""Rules about the test command itself, of any language; see mend_python."""

from __future__ import annotations

import re
import shlex

from harness.testruns.detect.python import MAKE_VENV, PIP, VENV
from harness.testruns.recipes.scene import Mended, Scene

SEEN: tuple[tuple[str, str], ...] = (
    (r"^Test Suites:\s+\d|^Tests:\s+(?:\d+ \w+, )*\d+ total", "jest"),
    (r"^\s*Test Files\s+\d+ (?:passed|failed)|^ RUN +v\d", "vitest"),
    (r"^\s+\d+ passing \(\d+m?s\)", "mocha"),
    (r"^# (?:tests|pass) \d+\n(?:# [^\n]*\n)*# (?:suites|duration_ms)|^ℹ tests \d+", "node"),
    (r"^=+ (?:\d+ \w+,? ?)+in [\d.]+s.*=+$|^\d+ passed(?:, \d+ \w+)* in [\d.]+s$", "pytest"),
    (r"^Ran \d+ tests? in [\d.]+s\n+(?:OK|FAILED)", "unittest"),
    (r"^(?:ok|FAIL|---)\s+\S+\s+(?:\(cached\)|[\d.]+s)$", "go"),
    (r"^test result: (?:ok|FAILED)\. \d+ passed", "cargo"),
    (r"^\s*Summary \[\s*[\d.]+s\] \d+ tests? run: ", "nextest"),
    (r"^\d+% tests passed, \d+ tests? failed out of \d+", "ctest"),
    (r"Tests run: \d+, Failures: \d+, Errors: \d+", "maven"),
    (r"^OK \(\d+ tests?, \d+ assertions?\)|^Tests: \d+, Assertions: \d+", "phpunit"),
    (r"^\d+ examples?, \d+ failures?", "rspec"),
    (r"^\d+ (?:runs|tests), \d+ assertions, \d+ failures", "minitest"),
    (r"^\s+\d+ tests? passed$|^\s+✔ \d+ tests? passed", "ava"),
    (r"^TAP version 1[34]$|^1\.\.\d+\n# tests \d+|^# tests +\d+\n# pass +\d+", "tape"),
)
"""What a runner prints at its end -> its name."""
TOOLS = {
    "pytest": "pytest",
    "py.test": "pytest",
    "tox": "tox",
    "nox": "nox",
    "hatch": "hatch",
    "poetry": "poetry",
    "pdm": "pdm",
    "uv": "uv",
    "pipenv": "pipenv",
    "coverage": "coverage",
    "invoke": "invoke",
    "inv": "invoke",
    "nose2": "nose2",
    "stestr": "stestr",
    "flit": "flit",
    "django-admin": "Django",
    "virtualenv": "virtualenv",
    "pip-sync": "pip-tools",
    "trial": "twisted",
    "zope-testrunner": "zope.testrunner",
    "task": "",
    "just": "rust-just",
    "cmake": "cmake",
    "ninja": "ninja",
    "meson": "meson",
    "cython": "Cython",
}
"""Program -> the package of Python's index that gives it."""
NODE_TOOLS = {"pnpm": "pnpm@10", "yarn": "yarn@1", "bun": "bun@1", "lerna": "lerna", "nx": "nx"}
NOT_FOUND = (
    r"(?:sh|bash|/bin/sh|/bin/bash)(?:: line)?:? ?(?:\d+: )?([\w.+-]+): (?:command )?not found"
    r"|env: ['‘]?([\w.+-]+)['’]?: No such file|No such file or directory: '([\w.+-]+)'"
    r"|exec: \"?([\w.+-]+)\"?: (?:executable file )?not found|command not found: ([\w.+-]+)"
    r"|make(?:\[\d+\])?: ([\w.+-]+): (?:No such file or directory|Command not found)"
    r"|spawn ([\w.+-]+) ENOENT"
)


def read_by_what_is_seen(scene: Scene) -> Mended | None:
    """Results that nobody read, of a runner that shows at the end of the output."""
    if scene.stage != "suite" or scene.passed:
        return None
    spots = [(found.start(), name) for pattern, name in SEEN
             if (found := scene.find(pattern)) is not None]  # fmt: skip
    if not spots or "+" in scene.recipe.reporter:
        return None
    name = max(spots)[1]
    if name == scene.recipe.reporter:
        return None
    return scene.mended("runner", scene.with_test(scene.recipe.test, name), name=name)


def bring_missing_program(scene: Scene) -> Mended | None:
    """A program that a command does not find, where a package of an index that we vouch for
    brings it."""
    found = scene.find(NOT_FOUND)
    name = next(filter(None, found.groups()), "") if found else ""
    if tool := TOOLS.get(name):
        return _bring_python(scene, name, tool)
    if tool := NODE_TOOLS.get(name):
        pattern = rf"(?<![\w./@-]){re.escape(name)}(?=\s|$)"
        told = f"npx --yes {tool}"
        at = scene.in_setup(lambda c: re.sub(pattern, told, c))
        if scene.stage == "suite":
            at = scene.with_test(re.sub(pattern, told, scene.recipe.test))
        return scene.mended("program", at, name=name)
    return None


def _bring_python(scene: Scene, name: str, package: str) -> Mended | None:
    setup = scene.recipe.setup
    if any(re.search(rf"pip install .*\b{re.escape(package)}\b", command) for command in setup):
        return None
    if scene.stage == "suite":
        made = scene.adding([package])
        return scene.mended("program", made[0], name=name) if made else None
    going = 'export PATH="$HARNESS_ENV/venv/bin:$PATH" && '
    rest = [command if going in command or command == MAKE_VENV else going + command
            for command in setup]  # fmt: skip
    recipe = scene.with_setup(MAKE_VENV, f"{PIP} {shlex.quote(package)}",
                              *(c for c in rest if c != MAKE_VENV))  # fmt: skip
    return scene.mended("program", recipe, name=name)


def find_tests(scene: Scene) -> Mended | None:
    """A test command whose path is not there, or that collects nothing."""
    wrong = scene.find(r"(?:ERROR: |error: )?file or directory not found: (\S+)"
                       r"|ImportError: Start directory is not importable: '?([^\s']+)")  # fmt: skip
    empty = scene.find(r"no tests ran|collected 0 items|NO TESTS RAN|^Ran 0 tests"
                       r"|No tests? (?:files )?found|no test files found|0 passing")  # fmt: skip
    broken = scene.find(r"^ERROR(?:S|:? collecting)|\d+ errors? in ")
    if scene.stage != "suite" or scene.passed or not (wrong or (empty and not broken)):
        return None
    command = scene.recipe.test
    if wrong is not None:
        path = wrong[1] or wrong[2]
        option = r"(?:-s\s+|--start-directory[\s=]\s*)?"
        shorter = re.sub(rf"\s{option}['\"]?{re.escape(path)}['\"]?(?=\s|$)", "", command)
        return scene.mended("path_gone", scene.with_test(shorter), path=path)
    if not re.search(r"\bpytest\b|\bunittest\b", command):
        return None
    return _elsewhere(scene, command)


def _elsewhere(scene: Scene, command: str) -> Mended | None:
    """Where the tree has files whose names look like tests that the runner does not expect."""
    start = f"{scene.folder}/" if scene.folder else ""
    below = [p.removeprefix(start) for p in scene.files if p.startswith(start)]
    tests = sorted(p for p in below if re.search(r"(?:^|/)(?:test_\w+|\w+_tests?|tests?)\.py$", p))
    if not tests:
        return None
    name = tests[0].rpartition("/")[2]
    usual = re.fullmatch(r"test_\w+\.py|\w+_test\.py", name)
    if "unittest" in command and "discover" not in command and not usual:
        return None
    if not usual and "pytest" in command and "python_files" not in command:
        told = f"{command} -o python_files='test_*.py *_test.py *_tests.py tests.py test.py'"
        return scene.mended("names", scene.with_test(told), path=tests[0])
    folder = tests[0].rpartition("/")[0]
    if usual and folder and "pytest" in command and folder not in command:
        return scene.mended("path", scene.with_test(f"{command} {shlex.quote(folder)}"),
                            name="tests", folder=folder)  # fmt: skip
    return None


def take_pytest(scene: Scene) -> Mended | None:
    """There is no pytest where the suite runs."""
    if scene.stage != "suite" or scene.find(r"No module named '?pytest'?$") is None:
        return None
    if any(VENV in command for command in scene.recipe.setup) or not scene.recipe.setup:
        made = scene.adding(["pytest"])
        return scene.mended("module", made[0], names="pytest") if made else None
    return None

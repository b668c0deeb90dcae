"""What the commands of a project's files come to: what is installed into $HARNESS_ENV, in which
folders, and which of them are its tests. Pure."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from harness.testruns.detect.part import Unsourced, within
from harness.testruns.detect.python import MAKE_VENV, VENV, Asked
from harness.testruns.recipes.recipe import Origin, Recipe
from harness.testruns.recipes.script import Command, read_script
from harness.testruns.recipes.tree import Tree
from harness.testruns.suite_command import together

MOST_DEEP = 6
MOST_COMMANDS = 600
MOST_TESTS = 24
MOST_SETUP = 60
IN_VENV = f'export PATH={VENV}/bin:"$PATH"'
# lints that a compiler is told to end with
DENIED = re.compile(r"(?:^|(?<=\s))(?:-D|--deny)[\s=]*\S+")
# variables about what is shown, kept or sent away, not about what is tested
ASIDE = re.compile(
    r"(?:FORCE_COLOR|NO_COLOR|CLICOLOR\w*|PY_COLORS|COLOR|COLUMNS|TERM|CI|GITHUB_\w+|RUNNER_\w+|PIP_\w+"
    r"|UV_(?!INDEX)\w+|POETRY_\w+|PDM_\w+|TOX\w*|NOX\w*|CODECOV_\w+|COVERALLS_\w+|COVERAGE_\w+|MYPY_\w+"
    r"|PRE_COMMIT\w*|\w*CACHE\w*|\w*TOKEN\w*|PYTHON_?(?:VERSION|LATEST|DEFAULT)?|PYTHONIOENCODING"
    r"|NODE_VERSION|npm_config_\w+|NPM_CONFIG_\w+|HUSKY|CARGO_(?:TERM|INCREMENTAL)\w*|MAVEN_ARGS|PATH|HOME)$",
)

BESIDE = {"PYTHONPATH": ":", "PYTEST_ADDOPTS": " ", "NODE_OPTIONS": " "}

Take = Callable[["Builder", Command], None]


class _Built(NamedTuple):
    """A command that makes something of the sources, and whether tests need it."""

    text: str
    folder: str
    needed: bool


class Builder:
    """Set-up and tests as they are read, command after command. `take` reads one."""

    def __init__(self, tree: Tree, take: Take) -> None:
        self.tree = tree
        self.wants: dict[str, str] = {}
        self.services: list[str] = []
        self.system: list[str] = []
        self.unsourced: list[Unsourced] = []
        self.doubts = 0
        """Steps that were not understood."""
        self.submodules = False
        self.line = 0
        """Of the first test."""
        self._take = take
        self._setup: list[str] = []
        self._tests: list[tuple[str, str, str]] = []
        self._needs: list[str] = []
        self._built: list[_Built] = []
        self._venv = False
        self._itself = False
        self._deep = 0
        self._taken = 0
        self._outer = 0

    # ------------------------------------------------------------ reading

    def run(
        self, text: str, folder: str = "", env: Mapping[str, str] | None = None, line: int = 0
    ) -> dict[str, str]:
        """A script's commands in turn; what variables it leaves to those after it."""
        script = read_script(text, folder, env or {}, line)
        for command in script.commands:
            self.take(command)
        return script.env

    def take(self, command: Command) -> None:
        """One command, which may stand for others in the files of the tree."""
        self._taken += 1
        if self._deep >= MOST_DEEP or self._taken > MOST_COMMANDS:
            self.doubts += 1
            return
        if not self._deep:
            self._outer = command.line
        self._deep += 1
        self._take(self, command)
        self._deep -= 1

    # ------------------------------------------------------------ what is found

    @property
    def has_tests(self) -> bool:
        return bool(self._tests)

    @property
    def size(self) -> int:
        """Of what was found so far."""
        return len(self._tests) + len(self._setup) + len(self._built)

    @property
    def has_installed(self) -> bool:
        """Whether a Python environment is filled."""
        return self._venv

    def install(self, folder: str, asked: Asked) -> None:
        """Requirements of a Python project, from where it says that they come from."""
        asked = asked.model_copy(update={"files": tuple(dict.fromkeys(asked.files))})
        if not (asked.files or asked.lines or asked.itself):
            return
        project = self.tree.project(folder)
        command, unsourced = project.install(asked)
        self._itself = self._itself or asked.itself or any("-e" in word for word in asked.lines)
        self.unsourced += unsourced
        self._needs += [*asked.lines, *(self._text_of(folder, path) for path in asked.files)]
        self._needs += [project.text()] if asked.extras else []
        if command:
            self.need_venv()
            self.prepare(command)

    def _install_itself(self) -> None:
        """The step that did was not understood."""
        project = self.tree.project(self._tests[0][0])
        told = any(re.search(r"(?m)^\s*(?:-e\s*)?\.", text) for text in self._needs)
        self._itself = True
        if project.installable and not told:
            self.install(project.folder, Asked(itself=True))

    def _text_of(self, folder: str, path: str, deep: int = 0) -> str:
        text = self.tree.text(f"{folder}/{path}" if folder else path)
        start = path.rpartition("/")[0]
        more = re.findall(r"(?m)^\s*(?:-r|--requirement)[\s=]*(\S+)", text) if deep < 4 else []
        below = [f"{start}/{name}" if start else name for name in more[:20]]
        return "\n".join([text, *(self._text_of(folder, name, deep + 1) for name in below)])

    def need_venv(self) -> None:
        """What follows is installed into a Python environment."""
        if not self._venv:
            self._venv = True
            self.prepare(MAKE_VENV)

    def prepare(self, command: str) -> None:
        """A command of the set-up, as it is, run at the top of the tree."""
        if command not in self._setup and len(self._setup) < MOST_SETUP:
            self._setup.append(command)

    def build(self, command: Command, *, again: bool = False, needed: bool = True) -> None:
        """A command that the tests need to have run. `again`: what it makes is of the sources, so
        it runs before the tests each time; not `needed`: they may do without it."""
        if self._tests:
            return
        text = _with_env(command.env, command.text)
        if again:
            self._built.append(_Built(text, command.folder, needed))
            return
        start = f"{IN_VENV} && " if self._venv else ""
        self.prepare(start + within(command.folder, text))

    def test(self, command: Command, text: str, reporter: str) -> None:
        """A command that runs tests, from its folder, and how its results are read."""
        self.tests(command, ((text, reporter),))

    def tests(self, command: Command, found: Sequence[tuple[str, str]]) -> None:
        """Those that one script runs: several of a kind may be, each some of its tests; another
        script's of a kind that is known already run them again."""
        known = {(folder, kind) for folder, _, kind in self._tests}
        for text, reporter in found:
            if (command.folder, reporter) in known or len(self._tests) >= MOST_TESTS:
                continue
            if reporter == "none" and self._tests:
                continue
            self._tests = [one for one in self._tests if one[2] != "none"]
            self.line = self.line or self._outer or command.line
            self._tests.append((command.folder, _with_env(command.env, text), reporter))

    def recipes(self, origin: Origin) -> tuple[Recipe, ...]:
        """What it comes to, none without a test: without what the tests may not need to have
        built, and with it."""
        if not self._tests:
            return ()
        short = self._recipe(origin, [one for one in self._built if one.needed])
        long = self._recipe(origin, self._built)
        return (short,) if short == long else (short, long)

    def _recipe(self, origin: Origin, built: Sequence[_Built]) -> Recipe:
        if self.doubts and self._venv and not self._itself:
            self._install_itself()
        kinds = [kind for _, _, kind in self._tests]
        if "pytest" in kinds and not any(re.search(r"\bpytest\b", text) for text in self._needs):
            self.install("", Asked(lines=("pytest",)))
        line = self.line or origin.line
        return Recipe(
            origin=origin.model_copy(update={"line": line}),
            setup=() if self.unsourced else tuple(self._setup),
            test=together([_test_line(built, folder, text) for folder, text, _ in self._tests]),
            reporter="+".join(kinds) if len(set(kinds)) > 1 else kinds[0],
            services=tuple(dict.fromkeys(self.services)),
            wants=self.wants,
            unsourced=tuple(dict.fromkeys(self.unsourced)),
            system=tuple(dict.fromkeys(self.system)),
            submodules=self.submodules,
        )


def _test_line(built: Sequence[_Built], folder: str, text: str) -> str:
    """The tests of a folder, with what is built before them."""
    start = []
    for one in built:
        there = posixpath.relpath(one.folder or ".", folder or ".")
        start.append(one.text if there == "." else f"(cd {shlex.quote(there)} && {one.text})")
    return within(folder, " && ".join([*start, text]))


def _with_env(env: Mapping[str, str], text: str) -> str:
    kept = {name: value for name, value in env.items() if value and not ASIDE.match(name)}
    for name in kept.keys() & {"RUSTFLAGS", "RUSTDOCFLAGS"}:
        # what a newer compiler warns of is no failed test
        kept[name] = DENIED.sub("", kept[name]).strip()
    kept = {name: value for name, value in kept.items() if value}
    given = [_assigned(name, value) for name, value in kept.items()]
    if given and re.search(r"&&|[;|\n]", text):
        return " && ".join([f"export {' '.join(given)}", text])
    return " ".join([*given, text])


def _assigned(name: str, value: str) -> str:
    """A variable for a command; one that says where to look, before what it says already."""
    if name in BESIDE and re.fullmatch(r"[\w./:= -]+", value):
        return f'{name}="{value}{BESIDE[name]}${name}"'
    return f"{name}={shlex.quote(value)}"


def rest_of(words: Sequence[str]) -> str:
    """Words as a shell reads them; what a shell would expand stays open to it."""
    told = []
    for before, word in zip(("", *words), words, strict=False):
        paths = "/" in word or not before.startswith("-")
        is_open = paths and re.fullmatch(r"(?:[\w@%+=:,./*?\[\]~-]|\$\{?\w+\}?)+", word)
        told.append(word if is_open else shlex.quote(word))
    return " ".join(told)

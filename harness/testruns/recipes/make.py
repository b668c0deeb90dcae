"""Targets of a Makefile or justfile, as the commands that they and what they need run. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from typing import NamedTuple

from harness.testruns.recipes.builder import Builder, rest_of
from harness.testruns.recipes.script import Command
from harness.testruns.recipes.tree import join

MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
JUSTFILES = ("justfile", "Justfile", ".justfile")
TESTS = ("test", "tests", "check", "unittest", "unit-test", "test-unit", "unit", "pytest")
LONGEST = 8000
LONGEST_RULE = 1000
_RULE = re.compile(
    r"^(?![\t #]|\.[A-Z]|\w+\s*[:?+]?=)([\w./ -]+?)\s*::?(?!=)\s*([^#;=]*)(?:;(.*))?$"
)
_SET = re.compile(r"^(?:export\s+)?([A-Za-z_]\w*)\s*(?:::?|\?)?=\s*(.*?)\s*$")
_USED = re.compile(r"\$\((\w+)\)|\$\{(\w+)\}")
_RECIPE = re.compile(
    r"^@?([\w-]+)((?:\s+[*+$]?\w+(?:=(?:'[^']*'|\"[^\"]*\"|\S+))?)*)\s*:(?!=)\s*(.*)$"
)


class Target(NamedTuple):
    """What it needs before it, and its commands with the line of the first."""

    needs: tuple[str, ...]
    text: str
    line: int


def make(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`make [-C folder] [targets]`."""
    folder, names = command.folder, []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in ("-C", "--directory") and rest:
            folder = join(folder, rest.pop(0)) or folder
        elif word in ("-f", "-j", "-l") and rest and (word == "-f" or rest[0].isdigit()):
            rest.pop(0)
        elif not word.startswith("-") and "=" not in word:
            names.append(word)
    path = _first(builder, folder, MAKEFILES)
    targets = _targets(builder, path)
    here = command.model_copy(update={"folder": folder})
    _run(builder, here, targets, names or list(targets)[:1])


def just(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`just [recipe]`."""
    path = _first(builder, command.folder, JUSTFILES)
    targets = _targets(builder, path)
    names = [word for word in words if not word.startswith("-") and "=" not in word][:1]
    _run(builder, command, targets, names or list(targets)[:1])


def _targets(builder: Builder, path: str) -> dict[str, Target]:
    if path not in builder.tree.kept:
        text = builder.tree.text(path) if path else ""
        is_just = path.rpartition("/")[2] in JUSTFILES
        builder.tree.kept[path] = read_justfile(text) if is_just else read_makefile(text)
    found: dict[str, Target] = builder.tree.kept[path]
    return found


def _first(builder: Builder, folder: str, names: Sequence[str]) -> str:
    found = (posixpath.join(folder, name) for name in names)
    return next((path for path in found if builder.tree.has(path)), "")


def _run(
    builder: Builder, command: Command, targets: dict[str, Target], names: Sequence[str]
) -> None:
    """The targets' own commands; where nothing in them is known to be a test, the target itself."""
    for name in names:
        had = builder.has_tests
        size = builder.size
        _follow(builder, command, targets, name, [])
        is_test = name in TESTS or name.startswith(("test", "check"))
        if is_test and not builder.has_tests and not had:
            text = command.text if len(names) == 1 else f"{command.text.split()[0]} {name}"
            builder.test(command, text, "none")
        elif builder.size == size and not is_test:
            builder.build(command, again=True)


def _follow(
    builder: Builder,
    command: Command,
    targets: dict[str, Target],
    name: str,
    seen: list[str],
) -> None:
    """What it needs first, each once."""
    target = targets.get(name)
    if target is None or name in seen or len(seen) > 40:
        return
    seen.append(name)
    for need in target.needs:
        _follow(builder, command, targets, need, seen)
    builder.run(target.text, command.folder, command.env, target.line)


def read_makefile(text: str) -> dict[str, Target]:
    """Targets by name, the first first, but those that begin with a dot last."""
    lines = _joined(text)
    variables: dict[str, str] = {}
    for line in lines:
        if not line.startswith("\t") and (assigned := _SET.match(line)):
            variables[assigned[1]] = _with(variables, assigned[2])
    found: dict[str, Target] = {}
    names: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.startswith("\t") and names:
            told = _told(_with(variables, line.strip()), names[0])
            for name in names:
                old = found[name]
                more = f"{old.text}\n{told}" if old.text else told
                found[name] = Target(old.needs, more, old.line or number)
        elif rule := _RULE.match(_with(variables, line.partition("#")[0].rstrip())[:LONGEST_RULE]):
            names = [] if _SET.match(line) else rule[1].split()
            needs = tuple(word for word in rule[2].split() if word != "|")
            for name in names:
                old = found.get(name, Target((), "", 0))
                told = _told(rule[3] or "", name)
                found[name] = Target((*old.needs, *needs), old.text + told, old.line)
        elif line.strip() and not line.startswith((" ", "#")):
            names = []
    return dict(sorted(found.items(), key=lambda one: one[0].startswith(".")))


def _joined(text: str) -> list[str]:
    """Its lines, those that a backslash continues in the first of them."""
    lines: list[str] = []
    start = -1
    for line in text.splitlines():
        if start >= 0 and lines[start].endswith("\\"):
            lines[start] = f"{lines[start][:-1].rstrip()} {line.strip()}"
            lines.append("")
        else:
            start = len(lines)
            lines.append(line)
    return lines


def _with(variables: dict[str, str], text: str) -> str:
    """With the variables that the file sets; what it does not set is empty, as make has it."""
    own = {"MAKE": "make", "CURDIR": ".", "PYTHON": "python", **variables}
    return _USED.sub(lambda used: own.get(used[1] or used[2], "")[:2000], text[:LONGEST])[:LONGEST]


def _told(text: str, name: str) -> str:
    """A recipe's line as a shell reads it."""
    return text.lstrip("@-+ ").replace("$@", name).replace("$$", "$")


def read_justfile(text: str) -> dict[str, Target]:
    """Recipes by name, the first first."""
    variables: dict[str, str] = {}
    found: dict[str, Target] = {}
    name = ""
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith((" ", "\t")) and name:
            old = found[name]
            told = re.sub(
                r"\{\{\s*(\w+)\s*\}\}", lambda used: variables.get(used[1], ""), line.strip()
            )
            if not told.startswith("#!"):
                told = told.lstrip("@-")
                more = f"{old.text}\n{told}" if old.text else told
                found[name] = Target(old.needs, more, old.line or number)
        elif assigned := re.match(r"(?:export\s+)?(\w+)\s*:=\s*['\"](.*)['\"]\s*$", line):
            variables[assigned[1]] = assigned[2]
        elif rule := _RECIPE.match(line):
            name = rule[1]
            for given in re.finditer(r"[*+$]?(\w+)(?:=['\"]?([^'\"\s]*)['\"]?)?", rule[2]):
                variables[given[1]] = given[2] or ""
            needs = tuple(re.sub(r"\([^)]*\)", "", rule[3].partition("&&")[0]).split())
            found[name] = Target(needs, "", 0)
        elif line.strip() and not line.startswith(("#", "[")):
            name = ""
    return found


def standing_targets(text: str, *, just_file: bool) -> tuple[tuple[str, int], ...]:
    """The targets of a file that run tests, by their names, with their lines."""
    targets = read_justfile(text) if just_file else read_makefile(text)
    return tuple((name, targets[name].line) for name in TESTS if name in targets)


def command_for(name: str, path: str, line: int) -> Command:
    """The command that starts a target of that file."""
    folder, _, file = path.rpartition("/")
    words = ("just" if file in JUSTFILES else "make", name)
    return Command(text=rest_of(words), words=words, folder=folder, line=line)

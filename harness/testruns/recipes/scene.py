"""What a try of a recipe left behind, and the recipe that is tried next. Pure."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from harness.core.base import LocalizedText, Value
from harness.testruns.detect.lock import CONSTRAINTS
from harness.testruns.detect.manifest import Manifest, name_of, plain
from harness.testruns.detect.part import Read, within
from harness.testruns.detect.python import MAKE_VENV, PIP, VENV, PythonProject
from harness.testruns.detect.sources import locate
from harness.testruns.recipes.declared import Declared, read_declarations
from harness.testruns.recipes.known_packages import package_of
from harness.testruns.recipes.recipe import Recipe

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\r(?=\n)")
BOUND = re.compile(r"[<>=!~]")
MOST_READ = 400_000
MOST_ADDED = 20
_FOLDER = re.compile(r"cd (\S+) && ")
_OWN = re.compile(r"(?<=\s)(-e\s*)?(['\"]?)\.(?:\[([\w.,\s-]*)\])?\2(?=\s|$)")
Stage = Literal["setup", "suite"]


class Mended(Value):
    """The recipe to try next, and why it differs from the last one."""

    recipe: Recipe
    why: LocalizedText


@dataclass(frozen=True)
class Scene:
    """`printed`: what the stage printed that did not end well, or whose results cannot judge.
    `passed`: tests that did."""

    recipe: Recipe
    stage: Stage
    printed: str
    exit_code: int
    files: tuple[str, ...]
    read: Read
    passed: int = 0

    @cached_property
    def said(self) -> str:
        """Without colours; the last part of what is very long."""
        return ANSI.sub("", self.printed[-MOST_READ:])

    @cached_property
    def folder(self) -> str:
        """Where in the tree the recipe's project is."""
        for command in (self.recipe.test, *self.recipe.setup):
            found = _FOLDER.match(command)
            if found:
                return found[1].strip("'\"").removeprefix("./").rstrip("/")
        return ""

    @cached_property
    def there(self) -> frozenset[str]:
        """Every path of the tree."""
        return frozenset(self.files)

    @cached_property
    def manifest(self) -> Manifest:
        return Manifest(self.folder, self.there, self.read)

    @cached_property
    def declared(self) -> dict[str, Declared]:
        """Package, as indexes compare names -> where the project itself asks for it."""
        return read_declarations(self.folder, self.files, self.read)

    def find(self, pattern: str) -> re.Match[str] | None:
        """The last place where the output says so: a run's end says what stopped it."""
        found = deque(re.finditer(pattern, self.said, re.MULTILINE), maxlen=1)
        return found[0] if found else None

    def all(self, pattern: str) -> tuple[str, ...]:
        """Every different first group."""
        found = re.findall(pattern, self.said, re.MULTILINE)
        return tuple(dict.fromkeys(one if isinstance(one, str) else one[0] for one in found))

    def has_module(self, module: str) -> bool:
        """Whether the tree itself gives that module: no index may be asked for it."""
        top = re.escape(module.partition(".")[0])
        spot = re.compile(rf"(?:^|/){top}(?:\.py|\.pyi|\.pyx|/__init__\.py|/[^/]+\.py)$")
        aside = re.compile(r"(?:^|/)(?:tests?|docs?|examples?|stubs|typings)/")
        return any(spot.search(path) and not aside.search(path) for path in self.files)

    @cached_property
    def _own_names(self) -> frozenset[str]:
        """Packages that the tree itself is."""
        found = set()
        for path in self.files:
            folder, _, name = path.rpartition("/")
            if name == "pyproject.toml" and path.count("/") <= 3:
                manifest = self.manifest.at(folder)
                named = manifest.project.get("name") or manifest.poetry.get("name") or ""
                found.add(plain(str(named)))
            elif name in ("setup.cfg", "setup.py") and path.count("/") <= 3:
                text = self.read(path) or ""
                said = re.search(r"\bname\s*=\s*['\"]?([\w.-]+)", text)
                found |= {plain(said[1])} if said else set()
        return frozenset(found)

    def giver(self, module: str) -> str:
        """The package that gives a module: one that we vouch for or that the project declares;
        "" for a stranger's and for the tree's own."""
        if self.has_module(module):
            return ""
        top = plain(module.partition(".")[0])
        known = package_of(module)
        for name in (plain(name_of(known)), top, plain(module), f"python-{top}", f"py{top}"):
            if name and name in self.declared and name not in self._own_names:
                return known if BOUND.search(known) else name
        return "" if plain(name_of(known)) in self._own_names else known

    # ------------------------------------------------------------ the next recipe

    def mended(self, key: str, recipe: Recipe, **facts: str | int | float) -> Mended | None:
        """None where nothing differs."""
        if recipe == self.recipe:
            return None
        return Mended(recipe=recipe, why=LocalizedText(key=f"recipe.{key}", facts=facts))

    def with_setup(self, *commands: str) -> Recipe:
        return self.recipe.model_copy(update={"setup": commands})

    def with_test(self, command: str, reporter: str = "") -> Recipe:
        update = {"test": command, "reporter": reporter or self.recipe.reporter}
        return self.recipe.model_copy(update=update)

    def in_setup(self, change: Callable[[str], str]) -> Recipe:
        """With each command of the set-up changed."""
        return self.with_setup(*map(change, self.recipe.setup))

    def in_environment(self, name: str, value: str, *, setup: bool = False) -> Recipe:
        """With a variable before the test command, or before every command of the set-up."""
        if setup:
            return self.in_setup(lambda c: c if f"{name}=" in c else _before(c, name, value))
        return self.with_test(_before(self.recipe.test, name, value))

    def adding(
        self, packages: Sequence[str], own: Sequence[str] | None = None
    ) -> tuple[Recipe, tuple[str, ...]] | None:
        """With these packages too, from where the project says that each comes from, and with the
        project itself with the extras `own`; and the names of what came in. None where one of them
        has a place that set-up cannot have it from, or nothing can be added to the set-up."""
        extras = list(own or ())
        lines: list[str] = []
        for package in packages[:MOST_ADDED]:
            where = self.declared.get(plain(name_of(package)))
            if BOUND.search(package):  # what the project says of it brought the wrong one
                lines.append(package)
            elif where is not None and where.kind == "extra" and self.installs_itself:
                extras.append(where.name)
            else:
                asked = where.lines if where is not None and "[" not in package else ()
                lines += asked or (package,)
        words, recipe = [], self.recipe
        if own is not None and not self.installs_itself:
            words = [f"-e.[{','.join(extras)}]" if extras else "-e."]
        else:
            for extra in dict.fromkeys(extras):
                recipe = _with_extra(recipe, extra)
        told = (*(f"[{one}]" for one in dict.fromkeys(extras)), *dict.fromkeys(lines))
        if lines or words:
            located = locate(self.manifest, [*dict.fromkeys(lines)])
            if located.unsourced:
                return None
            words += [word for one in located.words for word in one]
            version = PythonProject(self.folder, self.files, self.read).version()
            made = _installing(recipe, words, self.folder, version if own is not None else "")
            if made is None:
                return None
            recipe = made
        return None if recipe == self.recipe else (recipe, told)

    @property
    def installs_itself(self) -> bool:
        """Whether a command of the set-up installs the project itself."""
        return any("install" in c and _OWN.search(c) for c in self.recipe.setup)

    def below(self, path: str) -> str:
        """A path in the recipe's folder, from the top of the tree."""
        return posixpath.normpath(posixpath.join(self.folder, path))


def _with_extra(recipe: Recipe, extra: str) -> Recipe:
    def change(command: str) -> str:
        if "install" not in command:
            return command
        return _OWN.sub(lambda found: _own(found, extra), command)

    return recipe.model_copy(update={"setup": tuple(map(change, recipe.setup))})


def _own(found: re.Match[str], extra: str) -> str:
    known = [one.strip() for one in (found[3] or "").split(",") if one.strip()]
    extras = ",".join(dict.fromkeys([*known, extra]))
    return f"'{(found[1] or '').strip()}.[{extras}]'"


def _installing(recipe: Recipe, words: Sequence[str], folder: str, version: str) -> Recipe | None:
    """With one more command of the set-up, in the environment that the others fill."""
    said = "\n".join(recipe.setup)
    told = shlex.join(words)
    if not recipe.setup:
        wanted = told if re.search(r"(?:^| )'?pytest(?:$|[ <>=~'])", told) else f"pytest {told}"
        commands = (MAKE_VENV, within(folder, f"{version}{PIP} {wanted}"))
        return recipe.model_copy(update={"setup": commands})
    install = ""
    if VENV in said:
        bound = f" -c {CONSTRAINTS}" if f"> {CONSTRAINTS}" in said else ""
        install = f"{PIP} {told}{bound}"
    elif re.search(r"\buv (?:sync|venv)\b", said):
        install = f"uv pip install {told}"
    elif found := re.search(r"(\S*venv/bin/)(?:pip|python)", said):
        install = f"{found[1]}python -m pip install {told}"
    elif re.search(r"\bpoetry install\b", said):
        install = f"poetry run pip install {told}"
    elif re.search(r"\bpip3? install\b", said):
        install = f"python3 -m pip install {told}"
    command = within(folder, version + install)
    if not install or command in recipe.setup:
        return None
    return recipe.model_copy(update={"setup": (*recipe.setup, command)})


def _before(command: str, name: str, value: str) -> str:
    """The command with a variable of its own; every part of a joined one."""
    if command.startswith("fail=0\n"):
        lines = command.split("\n")
        change = [_part(line, name, value) if line.startswith("(") else line for line in lines]
        return "\n".join(change)
    going = _FOLDER.match(command)
    start, rest = (going[0], command[going.end() :]) if going else ("", command)
    several = re.search(r"&&|\|\||;|\n", rest) is not None
    return f"{start}export {name}={value} && {rest}" if several else f"{start}{name}={value} {rest}"


def _part(line: str, name: str, value: str) -> str:
    command, _, end = line[1:].rpartition(") || ")
    return f"({_before(command, name, value)}) || {end}"

"""tox: what it installs into the environment of the tests, and the commands that it runs there.
tox itself needs a network where the tests have none. tox.ini, setup.cfg, tox.toml and
pyproject.toml are read as data. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from harness.testruns.detect.manifest import read_toml, table
from harness.testruns.recipes.builder import Builder
from harness.testruns.recipes.python_tools import pip
from harness.testruns.recipes.script import Command, read_script
from harness.testruns.recipes.tox_ini import IniTox
from harness.testruns.recipes.tox_names import choose
from harness.testruns.recipes.tox_toml import TomlTox
from harness.testruns.recipes.tree import Tree, join


class Found(NamedTuple):
    """A folder's tox and the file that it is in."""

    path: str
    tox: IniTox | TomlTox


def find_tox(tree: Tree, folder: str) -> Found | None:
    """In the order in which tox looks for it."""
    start = f"{folder}/" if folder else ""
    for name, section in (("tox.ini", "tox"), ("setup.cfg", "tox:tox")):
        text = tree.text(start + name)
        if re.search(rf"(?m)^\[(?:{section}|testenv)\b", text):
            return Found(start + name, IniTox(text, section))
    pyproject = tree.text(f"{start}pyproject.toml")
    tools = table(read_toml(pyproject), "tool")
    told = table(tools, "tox")
    old = told.get("legacy_tox_ini")
    if isinstance(old, str):
        return Found(f"{start}pyproject.toml", IniTox(old, "tox"))
    if told:
        return Found(f"{start}pyproject.toml", TomlTox(told))
    own = read_toml(tree.text(f"{start}tox.toml"))
    return Found(f"{start}tox.toml", TomlTox(own)) if own else None


def tox(builder: Builder, command: Command, words: Sequence[str]) -> None:
    """`tox`, `tox run -e X -- options`."""
    found = find_tox(builder.tree, command.folder)
    if found is None:
        builder.doubts += 1
        return
    asked, more = _asked(words, command.env)
    names = [choose(asked or found.tox.names(), found.tox.own_names(), found.tox.is_test)]
    if asked and names == [""]:
        return
    for name in names:
        _apply(builder, command, found, name, more)


def _asked(words: Sequence[str], env: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Names of environments, and what follows `--`."""
    rest = list(words)
    more: list[str] = []
    if "--" in rest:
        at = rest.index("--")
        rest, more = rest[:at], rest[at + 1 :]
    names: list[str] = []
    for at, word in enumerate(rest):
        if word == "-e":
            names += "".join(rest[at + 1 : at + 2]).split(",")
        elif re.match(r"-e\w", word):
            names += word[2:].split(",")
    names = names or [one for key in ("TOXENV", "TOX_ENV") for one in env.get(key, "").split(",")]
    return [name.strip() for name in names if name.strip() and name.strip() != "ALL"], more


def _apply(
    builder: Builder, command: Command, found: Found, name: str, more: Sequence[str]
) -> None:
    """The environment's packages, then its commands."""
    told = found.tox.environment(name, tuple(more))
    folder = command.folder
    project = builder.tree.project(folder)
    words = [word for dependency in told.deps for word in _pip_words(dependency)]
    words += project.lines_of(told.groups)
    if not told.skip and project.installable:
        words += [f".[{','.join(told.extras)}]" if told.extras else "."]
    if words:
        pip(builder, command, ("install", *words))
    moved = join(folder, told.folder) if told.folder else folder
    place = moved if moved is not None and builder.tree.has_folder(moved) else folder
    env = {**command.env, **told.env}
    for text, line in told.commands:
        for one in read_script(text, place, env, line).commands:
            builder.take(one)


def _pip_words(dependency: str) -> list[str]:
    """A line of `deps` as pip's words."""
    found = re.match(r"(-r|-c|-e|--requirement|--constraint)[\s=]*(\S+)$", dependency)
    if found:
        return [found[1], found[2]]
    return [dependency.split(" #")[0].strip()]

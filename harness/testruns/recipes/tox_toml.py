"""tox in the form of TOML. Pure."""

from __future__ import annotations

import re
import shlex
from typing import Any

from harness.testruns.detect.manifest import Rules, table, texts
from harness.testruns.recipes.tox_ini import SUITE, IniTox
from harness.testruns.recipes.tox_names import Environment, holds
from harness.testruns.registry import marked_in

_OPEN = IniTox("", "tox")


class TomlTox:
    """tox.toml, or the table `tool.tox` of pyproject.toml."""

    def __init__(self, told: Rules) -> None:
        self._told = told

    def names(self) -> list[str]:
        """Of the environments that it runs by default."""
        return texts(self._told.get("env_list"))

    def own_names(self) -> list[str]:
        """Of those with settings of their own."""
        return list(table(self._told, "env"))

    def is_test(self, name: str) -> bool:
        """Whether one of its commands runs tests."""
        return any(
            marked_in(text) or SUITE.search(text) for text, _ in self.environment(name, ()).commands
        )

    def environment(self, name: str, more: tuple[str, ...]) -> Environment:
        """What it says of one; `more`: what stands in the place of its arguments."""
        base = table(self._told, "env_run_base")
        own = table(table(self._told, "env"), name)
        told: dict[str, Any] = {**base, **own}
        env = {**table(base, "set_env"), **table(own, "set_env")}
        commands = [*_rows(told.get("commands_pre")), *_rows(told.get("commands"))]
        package = str(told.get("package", ""))
        return Environment(
            deps=tuple(self._words(told.get("deps"), name, more)),
            extras=tuple(self._words(told.get("extras"), name, more)),
            groups=tuple(self._words(told.get("dependency_groups"), name, more)),
            commands=tuple((_joined(self._words(row, name, more)), 0) for row in commands if row),
            env={
                key: value
                for key, value in env.items()
                if isinstance(value, str) and "{" not in value
            },
            folder=str(told.get("change_dir", ""))
            if "{" not in str(told.get("change_dir"))
            else "",
            skip=told.get("skip_install") is True
            or package == "skip"
            or self._told.get("no_package") is True,
        )

    def _words(self, value: Any, name: str, more: tuple[str, ...]) -> list[str]:
        """The texts of a list; what is replaced by arguments, by the default of those."""
        found: list[str] = []
        for one in value if isinstance(value, list) else []:
            if isinstance(one, str):
                found += _open(one, name, more)
            elif isinstance(one, dict) and one.get("replace") == "posargs":
                found += more or texts(one.get("default"))
            elif isinstance(one, dict) and one.get("replace") == "if":
                found += self._words(one.get("else"), name, more)
            elif isinstance(one, dict) and one.get("replace") == "ref" and "of" in one:
                found += self._words(self._at(texts(one["of"])), name, more)
        return [word for word in found if word]

    def _at(self, keys: list[str]) -> Any:
        found: Any = self._told
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found if keys and isinstance(found, list) and not _refers(found) else None


def _refers(rows: list[Any]) -> bool:
    return any(isinstance(row, dict) for row in rows)


def _rows(value: Any) -> list[list[Any]]:
    return [row for row in value if isinstance(row, list)] if isinstance(value, list) else []


def _open(text: str, name: str, more: tuple[str, ...]) -> list[str]:
    condition = re.match(r"([\w.!,{}-]+): (.*)", text)
    if condition is not None:
        text = condition[2] if holds(condition[1], name) else ""
    return [_OPEN.substitute(text, name, " ".join(more))]


def _joined(words: list[str]) -> str:
    return " ".join(
        word if re.fullmatch(r"[\w@%+=:,./*?\[\]-]+", word) else shlex.quote(word) for word in words
    )

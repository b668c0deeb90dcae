"""What the files of one folder say of a Python project's dependencies. Pure; broken files are no
error."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from harness.testruns.detect.part import Read

BUILDS = ("pyproject.toml", "setup.py", "setup.cfg")
# what a rule may say that is not about where it comes from
PLAIN = frozenset(
    [
        *("version", "extras", "optional", "markers", "marker", "python", "platform", "develop"),
        *("editable", "extra", "group", "package", "allow-prereleases", "sys_platform"),
    ]
)
_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?![A-Za-z0-9._-])")

Rules = Mapping[str, Any]


class Manifest:
    """pyproject.toml and Pipfile of one folder, and of the workspace that it is in."""

    def __init__(self, folder: str, files: frozenset[str], read: Read) -> None:
        self.folder = folder
        self.files = files
        self._read = read
        self.toml = read_toml(self._text(folder, "pyproject.toml"))
        self.pipfile = read_toml(self._text(folder, "Pipfile"))
        self.project = table(self.toml, "project")
        tools = table(self.toml, "tool")
        self.uv, self.poetry = table(tools, "uv"), table(tools, "poetry")
        self.pdm = table(tools, "pdm")

    def _text(self, folder: str, name: str) -> str:
        return self._read(posixpath.join(folder, name)) or ""

    def at(self, folder: str) -> Manifest:
        """Another folder's."""
        return Manifest(folder, self.files, self._read)

    @property
    def root(self) -> Manifest:
        """The uv workspace that this is a member of; else itself."""
        above = self.folder
        while above:
            above = posixpath.dirname(above)
            found = self.at(above)
            if "workspace" in found.uv:
                return found
        return self

    @property
    def told_to_pip(self) -> Rules:
        """Rules that the project's own metadata tells pip."""
        told = "dependencies" not in self.project and self.poetry.get("package-mode", True)
        return table(self.poetry, "dependencies") if told else {}

    def rules(self) -> dict[str, tuple[Manifest, Any]]:
        """Name -> what is said of it, and by whom, where more than a version is."""
        groups = table(self.poetry, "group")
        tables: list[tuple[Manifest, Rules]] = [(self.root, table(self.root.uv, "sources"))]
        tables += [(self, table(self.uv, "sources")), (self, table(self.poetry, "dependencies"))]
        tables += [(self, table(table(groups, name), "dependencies")) for name in groups]
        tables += [(self, table(self.poetry, "dev-dependencies"))]
        tables += [(self, table(self.pipfile, key)) for key in ("packages", "dev-packages")]
        return {
            plain(name): (by, rule)
            for by, table in tables
            for name, rule in table.items()
            if isinstance(rule, list) or (isinstance(rule, dict) and set(rule) - PLAIN)
        }

    def needs(self) -> tuple[str, ...] | None:
        """The lines it needs to be installed; None when its files do not say."""
        if self.poetry and not self.project:
            return tuple(table(self.poetry, "dependencies"))
        if not self.project and (self.pipfile or "setup.py" not in self._names):
            return ()
        if not self.project or "dependencies" in self.project.get("dynamic", []):
            return None
        optional = table(self.project, "optional-dependencies").values()
        found = [*texts(self.project.get("dependencies"))]
        return (*found, *(line for lines in optional for line in texts(lines)))

    @property
    def _names(self) -> set[str]:
        return {n for n in BUILDS if posixpath.join(self.folder, n) in self.files}

    def pins(self) -> tuple[str, ...]:
        """A Pipfile's plain requirements."""
        found = []
        for key in ("packages", "dev-packages"):
            for name, rule in table(self.pipfile, key).items():
                told = rule if isinstance(rule, dict) else {"version": rule}
                version = str(told.get("version", "*"))
                found.append(f"{name}{extras_of(told)}{'' if version == '*' else version}")
        return tuple(found)

    def member(self, name: str) -> str | None:
        """The folder of a workspace's member."""
        space = table(self.uv, "workspace")
        members, out = texts(space.get("members")), texts(space.get("exclude"))
        for path in sorted(self.files):
            folder, _, file = path.rpartition("/")
            below = posixpath.relpath(folder or ".", self.folder or ".")
            inside = any(fnmatchcase(below, glob.rstrip("/")) for glob in members)
            left = any(fnmatchcase(below, glob.rstrip("/")) for glob in out)
            if file != "pyproject.toml" or not (below == "." or (inside and not left)):
                continue
            if plain(str(self.at(folder).project.get("name", ""))) == plain(name):
                return folder
        return None


def plain(name: str) -> str:
    """A package's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def name_of(line: str) -> str:
    """The package that a requirement names; "" for a path, an address, an option."""
    found = _NAME.match(line)
    named = found is not None and line[found.end() : found.end() + 1] not in ("/", ":")
    return plain(found[1]) if found is not None and named else ""


def extras_of(rule: Rules) -> str:
    extras = [one for one in texts(rule.get("extras")) if _NAME.fullmatch(one)]
    return f"[{','.join(extras)}]" if extras else ""


def texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def tables(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


@lru_cache(maxsize=64)
def read_toml(text: str) -> dict[str, Any]:
    """Empty for what is broken. Kept: a workspace's files are asked for again by each member."""
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {}


def table(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    found = table.get(key)
    return found if isinstance(found, dict) else {}

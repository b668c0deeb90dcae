"""What the tests' runner reads of a file that is the product's too: pyproject.toml and others."""

from __future__ import annotations

import configparser
import json
import re
import tomllib
from collections.abc import Mapping

# tables of pyproject.toml that belong to the tests whole, and those whose keys are commands
TOML_TOOLS = ("pytest", "coverage", "tox", "nox")
TOML_COMMANDS = (
    ("hatch", "envs"),
    ("poe", "tasks"),
    ("pdm", "scripts"),
    ("taskipy", "tasks"),
    ("rye", "scripts"),
    ("pixi", "tasks"),
)
JSON_TABLES = (
    "jest", "vitest", "mocha", "ava", "c8", "nyc", "tap", "karma", "cypress", "playwright",
    "jasmine", "babel", "ts-jest", "unmockedModulePathPatterns", "imports", "_moduleAliases",
)  # fmt: skip
TEST_COMMAND = re.compile(r"^(pre|post)?(unit|e2e|integration|tests?|spec)\b|[-:_]tests?\b")
VARIABLE = re.compile(r"^(?:export\s+)?(\w*(?:TEST|PYTHONPATH|NODE_)\w*)\s*[:?+]*=")
INI_SECTION = re.compile(r"^(pytest|tool:pytest|coverage:.*|tox.*|testenv.*|nosetests|tool:nox)$")
Tables = dict[str, object]


def toml_tables(text: str) -> Tables | None:
    """What of a pyproject.toml the tests' runners read, by its dotted place; None: no TOML."""
    try:
        read = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        return None
    found: Tables = {}
    tool = _table(read, "tool")
    for name in TOML_TOOLS:
        if name in tool:
            found[f"tool.{name}"] = tool[name]
    for name, inner in TOML_COMMANDS:
        commands = _table(_table(tool, name), inner)
        for key, value in commands.items():
            if name == "hatch" or TEST_COMMAND.search(key):
                found[f"tool.{name}.{inner}.{key}"] = value
    plugins = _table(_table(read, "project"), "entry-points").get("pytest11")
    for place, value in (
        ("project.entry-points.pytest11", plugins),
        ("tool.poetry.plugins.pytest11", _table(_table(tool, "poetry"), "plugins").get("pytest11")),
    ):
        if value is not None:
            found[place] = value
    return found


def _table(within: Mapping[str, object], key: str) -> dict[str, object]:
    found = within.get(key)
    return found if isinstance(found, dict) else {}


def json_tables(text: str) -> Tables | None:
    """The same of a package.json: scripts that test, and the runners' tables."""
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    found: Tables = {name: read[name] for name in JSON_TABLES if name in read}
    for name, command in _table(read, "scripts").items():
        if TEST_COMMAND.search(name):
            found[f"scripts.{name}"] = command
    return found


def ini_tables(text: str) -> Tables | None:
    """The same of a setup.cfg or tox.ini: whole sections."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text)
        found: Tables = {
            name: dict(parser.items(name)) for name in parser.sections() if INI_SECTION.match(name)
        }
        plugins = parser.get("options.entry_points", "pytest11", fallback=None)
    except (configparser.Error, ValueError):
        return None
    return found | ({"options.entry_points.pytest11": plugins} if plugins else {})


def recipes(text: str) -> dict[str, list[str]]:
    """Targets called test... or check... of a Makefile or justfile, with the lines below them."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in text.splitlines():
        head = re.match(r"^(?:def\s+)?([\w.-]*(?:test|check|spec)[\w.-]*)\b[^=\n]*[:(](?!=)", line)
        variable = VARIABLE.match(line)
        if variable:
            found.setdefault(variable[1], []).append(" ".join(line.split()))
        elif head:
            name = head[1]
            found.setdefault(name, []).append(" ".join(line.split()))
        elif name and line[:1] in (" ", "\t"):
            found[name].append(" ".join(line.split()))
        elif line.strip():
            name = ""
    return found


def different(old: Tables, new: Tables) -> list[str]:
    """Places whose content differs, in order."""
    places = sorted(old.keys() | new.keys())
    return [place for place in places if old.get(place) != new.get(place)]


def toml_rest(text: str) -> object:
    """Everything of a pyproject.toml that `toml_tables` leaves out. The text must be TOML."""
    read = tomllib.loads(text)
    tool = _table(read, "tool")
    for name in TOML_TOOLS:
        tool.pop(name, None)
    for name, inner in TOML_COMMANDS:
        commands = _table(_table(tool, name), inner)
        for key in list(commands):
            if name == "hatch" or TEST_COMMAND.search(key):
                del commands[key]
    _table(_table(read, "project"), "entry-points").pop("pytest11", None)
    _table(_table(tool, "poetry"), "plugins").pop("pytest11", None)
    return _drop_empty(read)


def _drop_empty(value: object) -> object:
    """Without tables that are empty: a header alone says nothing."""
    if not isinstance(value, dict):
        return value
    inner = {k: _drop_empty(v) for k, v in value.items()}
    return {k: v for k, v in inner.items() if v != {}}


def ini_rest(text: str) -> object:
    """The same of a setup.cfg or tox.ini. The text must be readable."""
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    sections = [s for s in parser.sections() if not INI_SECTION.match(s)]
    found = {s: dict(parser.items(s)) for s in sections}
    found.get("options.entry_points", {}).pop("pytest11", None)
    return _drop_empty(found)

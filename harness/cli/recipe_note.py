"""A recipe in the operator's file of a project, with its reason; everything else there stays."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence

from harness.testruns.recipes.recipe import Recipe

TABLES = {"test": ("command", "reporter"), "environment": ("setup", "services", "versions")}
MARK = "# tried "
READ = "# read from "
"""How lines of ours begin, in every language: the next one takes their place."""


def noted(text: str, recipe: Recipe, reason: str) -> str | None:
    """The file's text with the recipe in it; None when it is written in a way that is left to its
    writer. `reason` begins with the day."""
    changes: dict[str, dict[str, object]] = {
        "test": {"command": recipe.test, "reporter": recipe.reporter},
        "environment": _environment(recipe),
    }
    lines = text.splitlines()
    for table, keys in TABLES.items():
        why = reason if table == "test" else ""
        lines = _changed(lines, table, changes[table], keys, why)
    after = "\n".join(lines) + "\n"
    return after if _only_changed(text, after, changes) else None


def shown(recipe: Recipe) -> str:
    """The same lines, to be written by hand."""
    tables = [f"[test]\ncommand = {_toml(recipe.test)}\nreporter = {_toml(recipe.reporter)}"]
    if found := _environment(recipe):
        lines = [f"{key} = {_toml(value)}" for key, value in found.items()]
        tables.append("\n".join(["[environment]", *lines]))
    return "\n".join(tables)


def _environment(recipe: Recipe) -> dict[str, object]:
    found: dict[str, object] = {"setup": list(recipe.setup), "services": list(recipe.services)}
    found["versions"] = recipe.wants
    return {key: value for key, value in found.items() if value}


def _changed(
    lines: Sequence[str], table: str, values: Mapping[str, object], keys: Sequence[str], reason: str
) -> list[str]:
    header = re.compile(rf"\s*\[\s*{table}\s*\]\s*(?:#.*)?")
    at = next((n for n, line in enumerate(lines) if header.fullmatch(line)), None)
    new = [f"{key} = {_toml(value)}" for key, value in values.items()]
    if reason:
        new.insert(0, MARK + " ".join(reason.split()))
    if at is None:
        return [*lines, *(["", f"[{table}]", *new] if new else [])]
    end = next((n for n in range(at + 1, len(lines)) if lines[n].startswith("[")), len(lines))
    kept = [line for line in lines[at + 1 : end] if not line.startswith((MARK, READ))]
    for key in keys:
        kept = _without(kept, key)
    return [*lines[: at + 1], *new, *kept, *lines[end:]]


def _without(block: Sequence[str], key: str) -> list[str]:
    """The lines without that key and its value, however many lines it has."""
    at = next((n for n, line in enumerate(block) if re.match(rf"\s*{key}\s*=", line)), None)
    if at is None:
        return list(block)
    for end in range(at + 1, len(block) + 1):
        try:
            tomllib.loads("\n".join(block[at:end]))
        except tomllib.TOMLDecodeError:
            continue
        return [*block[:at], *block[end:]]
    return list(block)


def _only_changed(before: str, after: str, changes: Mapping[str, Mapping[str, object]]) -> bool:
    try:
        old, new = tomllib.loads(before), tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        return False
    wanted = dict(old)
    for table, keys in TABLES.items():
        rest = {k: v for k, v in dict(old.get(table, {})).items() if k not in keys}
        wanted[table] = {**rest, **changes[table]}
    return {k: v for k, v in new.items() if v} == {k: v for k, v in wanted.items() if v}


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(one)}" for key, one in value.items()) + "}"
    # JSON's text and lists are TOML's too, but for one control byte
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")

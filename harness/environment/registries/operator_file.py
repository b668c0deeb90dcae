"""The operator's file of a project, with what its set-up was let reach. Pure. Every other line
stays as it is."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any, Final

from harness.environment.registries.proposal import Access

_TABLE: Final = re.compile(r"^\[environment\][ \t]*(?:#[^\n]*)?(?:\n|\Z)", re.MULTILINE)
_ENV: Final = re.compile(r"^\[environment\.env\][ \t]*(?:#[^\n]*)?(?:\n|\Z)", re.MULTILINE)


def with_access(before: str, access: Access) -> str | None:
    """None when the file is written in a way that is left to its writer. What it lists already
    stays, and a variable that it sets stays as it is."""
    try:
        data = tomllib.loads(before)
    except tomllib.TOMLDecodeError:
        return None
    wanted = _joined(data.get("environment", {}), access)
    text = before if before.endswith("\n") or not before else f"{before}\n"
    own = data.get("environment", {})
    for key in ("allow", "private", "files"):
        if wanted.get(key) != own.get(key):
            text = _with_key(text, key, wanted[key])
    more = {k: v for k, v in wanted.get("env", {}).items() if k not in own.get("env", {})}
    if more:
        text = _with_variables(text, more)
    try:
        is_right = tomllib.loads(text) == {**data, "environment": wanted}
    except tomllib.TOMLDecodeError:
        return None
    return text if is_right else None


def _joined(own: dict[str, Any], access: Access) -> dict[str, Any]:
    found = dict(own)
    for key, values in access.table.items():
        found[key] = list(dict.fromkeys((*own.get(key, ()), *values)))
    if access.env:
        found["env"] = {**access.env, **own.get("env", {})}
    return found


def _with_key(text: str, key: str, values: list[str]) -> str:
    line = f"{key} = {json.dumps(values, ensure_ascii=False)}\n"
    table = _TABLE.search(text)
    if table is None:
        return f"{text}\n[environment]\n{line}"
    end = next((m.start() for m in re.finditer(r"^\[", text[table.end() :], re.MULTILINE)), None)
    stop = len(text) if end is None else table.end() + end
    body = re.sub(
        rf"(?m)^[ \t]*{key}[ \t]*=[ \t]*\[[^\]]*\][^\n]*\n?", "", text[table.end() : stop]
    )
    return f"{text[: table.end()]}{line}{body}{text[stop:]}"


def _with_variables(text: str, more: dict[str, str]) -> str:
    lines = "".join(
        f"{json.dumps(k)} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in more.items()
    )
    table = _ENV.search(text)
    if table is None:
        return f"{text}\n[environment.env]\n{lines}"
    return f"{text[: table.end()]}{lines}{text[table.end() :]}"

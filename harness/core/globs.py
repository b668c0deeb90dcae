"""Which paths a plan's globs cover. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase, translate
from functools import lru_cache


@lru_cache(maxsize=256)
def any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Matches what `fnmatchcase` says of any of them: one question for each of very many files."""
    return re.compile("|".join(map(translate, patterns)) or r"(?!)")


def matches(path: str, globs: Sequence[str]) -> bool:
    """True when a glob covers the path. `*` crosses no slash, `**` does, a folder covers all
    below it."""
    return any(_covers(glob.strip().removeprefix("./"), path) for glob in globs)


def _covers(glob: str, path: str) -> bool:
    if glob in ("*", "**", "."):
        return True
    glob = glob.rstrip("/")
    return _segments(glob.split("/"), path.split("/")) or path.startswith(glob + "/")


def _segments(glob: list[str], path: list[str]) -> bool:
    if not glob:
        return not path
    if glob[0] == "**":
        return _segments(glob[1:], path) or (bool(path) and _segments(glob, path[1:]))
    return bool(path) and fnmatchcase(path[0], glob[0]) and _segments(glob[1:], path[1:])

"""Which version a project's own change log names last. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

_LOGS = re.compile(
    r"(?:docs?/)?(?:change[-_]?log|changes|history|news|releases?|release[-_]notes)(?:\.(?:md|rst|txt))?",
    re.IGNORECASE,
)
_MARKED = re.compile(r"\s*(?:#{1,4}\s|\*\*|=+\s)")
_LINE = re.compile(r"\s*([=\-~^*+#\"'])\1{2,}\s*")
_VERSION = re.compile(r"(?<![\w.\-/])v?(\d{1,4}(?:\.\d{1,4}){1,3})(?![\w\-]|\.\d)")
_DATE = re.compile(r"(?:19|20)\d\d\.\d\d\.\d\d")
_FURTHEST = 400
"""Lines of a log that are looked at: the newest stands first, or the log is not of that kind."""


def is_log(path: str) -> bool:
    """Whether a change log is called so: `CHANGES.rst`, `docs/history.md`."""
    return bool(_LOGS.fullmatch(path))


def last_released(files: Sequence[str], read: Callable[[str], str | None]) -> str:
    """The version in the first heading that has one, "" when no log of `files` has such."""
    for path in sorted(filter(is_log, files), key=lambda p: (p.count("/"), p)):
        lines = (read(path) or "").splitlines()[:_FURTHEST]
        for line, below in pairwise([*lines, ""]):
            found = _VERSION.search(line) if _is_heading(line, below) else None
            if found and not _DATE.fullmatch(found[1]):
                return found[1]
    return ""


def _is_heading(line: str, below: str) -> bool:
    return bool(_MARKED.match(line)) or bool(line.strip() and _LINE.fullmatch(below))

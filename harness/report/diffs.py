"""Parts of a diff as git writes it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise

_BEGIN = re.compile(r"^diff --git ", re.MULTILINE)


def only_files(diff: str, paths: Collection[str]) -> str:
    """What a diff says of these files, by either of their names; the whole diff when it names none
    of them in a way that is known here."""
    starts = [found.start() for found in _BEGIN.finditer(diff)]
    parts = [diff[at:end] for at, end in pairwise([*starts, len(diff)])]
    lines = {line for path in paths for line in (f"a/{path}", f"b/{path}")}
    kept = [part for part in parts if _names(part) & lines]
    return "".join(kept) or diff


def _names(part: str) -> set[str]:
    """`diff --git a/old b/new`: every way in which its first line can be two names."""
    words = part.partition("\n")[0].removeprefix("diff --git ")
    cuts = [found.start() for found in re.finditer(" b/", words)]
    return {name for at in cuts for name in (words[:at], words[at + 1 :])}

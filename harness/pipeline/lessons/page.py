"""Where in a file for a project's agents a lesson is written down. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from harness.core.types import TreeEntry
from harness.pipeline.outbound.push_gate import INSTRUCTIONS

REGULAR: Final = ("100644", "100755")
MOST_BYTES: Final = 256 << 10
"""A larger file no agent is shown (knowledge/memory.py)."""
HEADING: Final = re.compile(r"(?P<marks>#{1,6})\s+Lessons\s*#*\s*", re.IGNORECASE)
ANY_HEADING: Final = re.compile(r"(?P<marks>#{1,6})\s")
FENCE: Final = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})")
IMPORTS_ONLY: Final = re.compile(r"(?:\s*@\S+\s*)+")


def file_for(entries: Mapping[str, TreeEntry | None], root_text: str) -> str | None:
    """The file that a lesson goes into: the first that is there. One that is a link, or that only
    brings another in, says nothing itself: the next. None: those that are there are no files."""
    there = [path for path in INSTRUCTIONS if entries.get(path) is not None]
    for path in there:
        entry = entries[path]
        assert entry is not None
        elsewhere = path == "CLAUDE.md" and IMPORTS_ONLY.fullmatch(root_text) and there[1:]
        if entry.mode in REGULAR and entry.size <= MOST_BYTES and not elsewhere:
            return path
    return None if there else INSTRUCTIONS[0]


def is_page_of(entry: TreeEntry | None, text: str | None, body: str) -> bool:
    """Whether a project's file is the skill of that body: not one that another place hides, or
    whose text is shown otherwise than it stands there."""
    if entry is None or entry.mode not in REGULAR or entry.size > MOST_BYTES:
        return False
    return bool(body) and text is not None and text.rstrip().endswith(body)


def with_line_in_skill(text: str, body: str, line: str) -> str:
    """The skill's page with one more line in its body; its front matter stays as it is."""
    start = text.rindex(body)
    return text[:start] + with_line(text[start:], line)


def with_line(text: str, line: str) -> str:
    """The text with one more line at the end of its section "Lessons", which is made at the end
    when there is none."""
    end = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    place = _end_of_section(lines)
    if place is None:
        while lines and not lines[-1].strip():
            lines.pop()
        lines += [*([""] if lines else []), "## Lessons", "", line]
    else:
        before = [] if lines[place - 1].lstrip().startswith("-") else [""]
        lines[place:place] = [*before, line]
    return end.join(lines) + end


def _end_of_section(lines: list[str]) -> int | None:
    """After the last line of the section that says something; code is no heading."""
    depth, last, fence = 0, None, ""
    for number, line in enumerate(lines):
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark["marks"]
        elif mark and mark["marks"].startswith(fence) and not line.strip(" `~"):
            fence = ""
        elif not fence and depth == 0 and (found := HEADING.fullmatch(line)):
            depth = len(found["marks"])
        elif not fence and depth and len(_marks(line)) in range(1, depth + 1):
            break
        if depth and line.strip():
            last = number + 1
    return last


def _marks(line: str) -> str:
    """Those of a heading; "" for another line."""
    found = ANY_HEADING.match(line)
    return found["marks"] if found is not None else ""

"""Markdown, reStructuredText, JSON, plain text, llms.txt: kept as they are. Pure."""

from __future__ import annotations

import itertools
import re
from typing import Final

from harness.core.addresses import addresses_in, joined_address

MOST_LINKS: Final = 2000
_ODD: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)
_LINK: Final = re.compile(r"\]\(\s*<?([^\s()<>]{1,2000})")


def shown(text: str, *, lines: bool = True) -> str:
    """Without characters that nobody sees, and without more than one empty line; without `lines`:
    on one."""
    plain = _ODD.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if not lines:
        return " ".join(plain.split())
    trimmed = "\n".join(line.rstrip() for line in plain.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", trimmed).strip()


def links_in(text: str, source: str) -> tuple[str, ...]:
    """Whole addresses that stand in it, and where its Markdown links lead."""
    said = (joined_address(source, one) for one in _LINK.findall(text)) if source else ()
    found = dict.fromkeys([*addresses_in(text), *(one for one in said if one)])
    return tuple(found)[:MOST_LINKS]


def title_of(text: str) -> str:
    """Of Markdown its first heading, of reStructuredText the first line that is underlined."""
    lines = [*text[:4000].splitlines(), ""]
    for line, below in itertools.pairwise(lines):
        if line.startswith("# "):
            return line[2:].strip()
        under = below.strip()
        if (
            len(under) > 2
            and under[0] in "=-~#*"
            and not under.strip(under[0])
            and line[:1].isalnum()
        ):
            return line.strip()
    return ""

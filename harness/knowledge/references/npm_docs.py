"""Documentation of a JavaScript package: what its declarations of types say. Pure."""

from __future__ import annotations

import re
from typing import Final

_DOC: Final = re.compile(r"/\*\*(?!/)")
_STAR: Final = re.compile(r"^\s*\*? ?")
_LEADS: Final = re.compile(r"[^\n{;]*")
MOST_COMMENTS: Final = 3000


def declared_docs(text: str, name: str) -> str:
    """Markdown of the comments in a `.d.ts` file, each under what it is about; "" when it has
    none."""
    parts: list[str] = []
    at = 0
    while len(parts) < MOST_COMMENTS and (found := _DOC.search(text, at)):
        end = text.find("*/", found.end())
        if end < 0:
            break
        at = end + 2
        comment = "\n".join(
            _STAR.sub("", line).rstrip() for line in text[found.end() : end].split("\n")
        )
        rest = at + len(text[at : at + 200]) - len(text[at : at + 200].lstrip())
        leads = _LEADS.match(text, rest)
        about = " ".join(leads[0].split())[:200] if leads else ""
        parts.append(f"## {about}\n\n{comment.strip()}" if about else comment.strip())
    return "\n\n".join([f"# {name}", *parts]) if parts else ""

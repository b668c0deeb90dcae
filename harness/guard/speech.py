"""Words to harness in a comment: `/harness go` on a line of its own. Pure.

Only what a reader sees as plain text of the comment counts: no code, no quotation, no list, no
hidden text.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from harness.core.base import Value
from harness.guard.visible import visible

MOST = 16 * 1024
WORDS = 5
_PARSER = MarkdownIt("commonmark", {"maxNesting": 20})


class Spoken(Value):
    """One word and what follows it, up to the next word. `verb` "" when none was named."""

    verb: str
    text: str = ""


def spoken(body: str, word: str) -> tuple[Spoken, ...]:
    """The words in a comment, in order, at most five. `word` is what each begins with."""
    if word not in body:
        return ()
    source = body[:MOST].replace("\r\n", "\n").replace("\r", "\n")
    lines = source.split("\n")
    said = re.compile(rf"{re.escape(word)}(?:[ \t]+(?P<verb>[A-Za-z]+)\b(?P<rest>.*)|[ \t]*)")
    shown = {line.rstrip() for line in visible(source).text.split("\n")}
    found = [
        (number, match)
        for number in _plain(source)
        if (match := said.fullmatch(lines[number])) and lines[number].rstrip() in shown
    ][:WORDS]
    if not found:
        return ()
    ends = [number for number, _ in found[1:]] + [len(lines)]
    return tuple(
        Spoken(
            verb=(match["verb"] or "").lower(),
            text="\n".join([match["rest"] or "", *lines[number + 1 : end]]).strip(),
        )
        for (number, match), end in zip(found, ends, strict=True)
    )


def _plain(source: str) -> list[int]:
    """Numbers of the lines that are paragraphs of the comment itself."""
    spans = [
        token.map
        for token in _PARSER.parse(source)
        if token.type == "paragraph_open" and token.level == 0 and token.map
    ]
    return [number for begin, end in spans for number in range(begin, end)]

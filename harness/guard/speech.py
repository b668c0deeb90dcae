"""Words to harness in a comment: `/harness go` on a line of its own. Pure.

Only what a reader sees as plain text of the comment counts, and its author wrote: no code, no
quotation, no list, no hidden text, nothing of the mail it answers.
"""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it import MarkdownIt

from harness.core.base import Value
from harness.guard.quoted import own_lines
from harness.guard.visible import visible

MOST = 16 * 1024
HEAD = 4 * 1024
"""Where words are looked for; what follows the last of them may be longer."""
SAME = 200
"""So much of a line tells it from others."""
WORDS = 5
# blocks alone: what stands inside a line says nothing here, and hostile lines take long to parse
_PARSER = MarkdownIt("commonmark", {"maxNesting": 20}).disable("inline")


class SpokenCommand(Value):
    """One word and what follows it, up to the next word. `verb` "" when none was named."""

    verb: str
    text: str = ""


@lru_cache(maxsize=1024)
def find_words(body: str, word: str) -> tuple[SpokenCommand, ...]:
    """The words in a comment, in order, at most five. `word` is what each begins with."""
    if word not in body:
        return ()
    source = body[:MOST].replace("\r\n", "\n").replace("\r", "\n")
    lines = source.split("\n")
    said = re.compile(rf"{re.escape(word)}(?:[ \t]+(?P<verb>[A-Za-z]+)\b(?P<rest>.*)|[ \t]*)")
    own = own_lines(lines)
    found = [
        (number, match)
        for number in _plain(source[:HEAD])
        if number in own
        if (match := said.fullmatch(lines[number]))
    ]
    if found:
        shown = {line[:SAME].rstrip() for line in visible(source[:HEAD]).text.split("\n")}
        found = [one for one in found if lines[one[0]][:SAME].rstrip() in shown][:WORDS]
    if not found:
        return ()
    ends = [number for number, _ in found[1:]] + [len(lines)]
    return tuple(
        SpokenCommand(
            verb=(match["verb"] or "").lower(),
            text="\n".join([match["rest"] or "", *_until_border(lines, number, end, own)]).strip(),
        )
        for (number, match), end in zip(found, ends, strict=True)
    )


def _until_border(lines: list[str], number: int, end: int, own: frozenset[int]) -> list[str]:
    """What follows a word, as far as it is its author's; in between nothing is left out."""
    last = max((one for one in own if number <= one < end), default=number)
    return lines[number + 1 : last + 1]


def _plain(source: str) -> list[int]:
    """Numbers of the lines that are paragraphs of the comment itself."""
    spans = [
        token.map
        for token in _PARSER.parse(source)
        if token.type == "paragraph_open" and token.level == 0 and token.map
    ]
    return [number for begin, end in spans for number in range(begin, end)]

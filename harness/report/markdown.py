"""REPORT.md: a report's blocks as CommonMark with tables."""

from __future__ import annotations

import re

from harness.ports.words import Words
from harness.report.blocks import Block, Bullets, Code, Grid, Heading, Paragraph
from harness.report.document import build
from harness.report.facts import ReportFacts

MARKS = {"warning": "**!** ", "good": "", "plain": "", "quiet": ""}
# an underscore inside a word is no markup: test_names stay readable
SPECIAL = re.compile(r"([\\`*\[\]<>]|(?<!\w)_|_(?!\w))")


def render(facts: ReportFacts, words: Words) -> str:
    """The whole page."""
    return page(build(facts, words))


def page(blocks: tuple[Block, ...]) -> str:
    """Blocks as text, an empty line between them."""
    return "\n\n".join(_block(block) for block in blocks) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * block.level} {_inline(block.text)}"
        case Paragraph():
            return MARKS[block.tone] + _inline(block.text)
        case Bullets():
            return "\n".join(f"- {_inline(item)}" for item in block.items)
        case Grid():
            rows = (block.head, tuple("---" for _ in block.head), *block.rows)
            return "\n".join("| " + " | ".join(_cell(c) for c in row) + " |" for row in rows)
        case Code():
            return f"{_inline(block.title)}\n\n{fence_text(block.text)}"


def fence_text(text: str, kind: str = "text") -> str:
    """Verbatim, whatever fences the text holds itself."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{kind}\n{text}\n{fence}"


def _inline(text: str) -> str:
    """One line; what markdown would read as markup is escaped, but for `code`."""
    line = " ".join(text.split())
    pieces = line.split("`")
    if len(pieces) % 2 == 0:
        return SPECIAL.sub(r"\\\1", line)
    return "".join(
        f"`{piece}`" if index % 2 else SPECIAL.sub(r"\\\1", piece)
        for index, piece in enumerate(pieces)
    )


def _cell(text: str) -> str:
    return text if text == "---" else _inline(text).replace("|", "\\|")

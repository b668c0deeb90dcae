"""A proof as JSON that a program reads back: from a file, or from the page it stands in, which is
then held to it. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection
from typing import Any, Final

from pydantic import ValidationError

from harness.core.change_proof import Proof
from harness.core.types import LocalizedText
from harness.ports.words import Words
from harness.report.markdown import page
from harness.report.proof_page import MOST, proof_blocks

FENCE: Final = "harness-proof"
"""The word of the block of code that it stands in."""
MOST_COPY: Final = 20_000
"""Characters of a copy in a page: a pull request's text takes 65,536 in all."""
MOST_TEXT: Final = 4 << 20
"""Characters that are read of a file or a page."""
DERIVED: Final = ("conclusion", "comparison")
"""What `harness prove --json` says beside the proof."""
BLOCK: Final = re.compile(
    rf"^(?P<fence>`{{3,}}){FENCE}[ \t]*\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.M | re.S
)
SECTION: Final = re.compile(r"^##? ", re.M)
NOTHING: Final = re.compile(r"[\\`*|\s]|-{3,}")
"""What is no part of what a table says."""


def copy_of(proof: Proof) -> str:
    """The proof as one fenced block, shortened where it is too long; "" when that is not enough."""
    for one in (proof, _short(proof)):
        text = _spell(one)
        if len(text) <= MOST_COPY:
            return f"```{FENCE}\n{text}\n```"
    return ""


def _short(proof: Proof) -> Proof:
    """Without what a page does not show; how much that was is in it."""
    cut = {"red": proof.red[:MOST], "survivors": proof.survivors[:MOST]}
    left = {name: len(getattr(proof, name)) - len(kept) for name, kept in cut.items()}
    parts = tuple(part.model_copy(update={"tests": ()}) for part in proof.parts)
    more = {"parts": parts, "left_out": {name: count for name, count in left.items() if count}}
    return proof.model_copy(update={**cut, **more, "independent": None})


def _spell(proof: Proof) -> str:
    """A field a line, without those that say nothing."""
    told = proof.model_dump(mode="json", exclude_defaults=True)
    told = {"form": proof.form, **told}
    lines = (f"{json.dumps(name)}: {json.dumps(value)}" for name, value in told.items())
    return "{" + ",\n".join(lines) + "}"


def read_proof(text: str) -> Proof | LocalizedText:
    """The proof in a file or a page; else why there is none that can be read."""
    if len(text) > MOST_TEXT:
        return LocalizedText(key="proof.copy_long")
    if not text.lstrip().startswith("{"):
        found = [block["text"] for block in BLOCK.finditer(text.replace("\r\n", "\n"))]
        if len(found) != 1:
            return LocalizedText(key="proof.copy_none" if not found else "proof.copy_many")
        text = found[0]
    try:
        told: Any = json.loads(text)
        kept = {n: v for n, v in told.items() if n not in DERIVED}
        return Proof.model_validate_json(json.dumps(kept))
    except (ValueError, AttributeError, RecursionError, ValidationError) as error:
        return LocalizedText(key="proof.copy_odd", facts={"why": str(error)[:200]})


def is_page_of(
    proof: Proof, text: str, languages: Collection[Words], leaving: Callable[[str], str]
) -> bool:
    """Whether the page's table and lists are the proof's own, in one of the languages. `leaving`:
    what becomes of a text that goes out."""
    said = text.replace("\r\n", "\n")
    return any(
        _plain(leaving(render_section(proof, words)))
        in {_plain(one) for one in sections(said, words)}
        for words in languages
    )


def render_section(proof: Proof, words: Words) -> str:
    """The section of a page below its heading."""
    return page(proof_blocks(proof, words))


def sections(text: str, words: Words) -> list[str]:
    """What stands below the heading of a proof, up to the next of its level; none when there are
    several: nobody knows which is read."""
    heading = re.compile(rf"^##? {re.escape(words('proof.heading'))}[ \t]*$", re.M)
    found = []
    for start in heading.finditer(text):
        end = SECTION.search(text, start.end())
        found.append(text[start.end() : end.start() if end else len(text)])
    return found if len(found) == 1 else []


def _plain(text: str) -> str:
    return NOTHING.sub("", text)

"""Whether words that an agent quotes stand in the issue. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from harness.prompting.templates import PromptText, prompt_text

LEAST_WORDS: Final = 3
LEAST_CHARS: Final = 10
"""Of a quote in a script that writes no spaces."""
MARKS: Final = " >\"'`“”‘’«»「」"
UNSPACED: Final = "\u2e80"
"""From here on scripts write words without spaces, or join particles to them."""


def quote_fault(quote: str, said: Iterable[str]) -> PromptText | None:
    """None when the quote stands in one of these texts of people, word by word and whole words
    only, and is long enough to say something."""
    words = tidy(quote)
    if not any(stands_in(words, text) for text in said):
        return prompt_text("independent/no_quote")
    if len(words.split()) < LEAST_WORDS and len(words.replace(" ", "")) < LEAST_CHARS:
        return prompt_text("independent/short_quote")
    return None


def tidy(quote: str) -> str:
    """On one line, without the marks that a quote is set between."""
    return " ".join(quote.split()).strip(MARKS)


def stands_in(words: str, text: str) -> bool:
    """Whether these words stand in the text as whole words, white space apart."""
    whole = " ".join(text.split())
    at = whole.find(words) if words else -1
    while at >= 0:
        end = at + len(words)
        cut = _joined(whole[at - 1 : at], words[0]) or _joined(words[-1], whole[end : end + 1])
        if not cut:
            return True
        at = whole.find(words, at + 1)
    return False


def _joined(left: str, right: str) -> bool:
    """Whether these two characters belong to one word."""
    return left.isalnum() and right.isalnum() and max(left, right) < UNSPACED

"""Amounts as people write them: "2 kg", "1/2 l", "3"."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Amount:
    """A number and its unit; the unit is "" for things that are counted."""

    value: float
    unit: str


def parse_amount(text: str) -> Amount:
    """Read an amount. ValueError when there is no number at the start."""
    words = text.split()
    if not words:
        raise ValueError("an amount needs a number")
    return Amount(_number(words[0]), " ".join(words[1:]))


def _number(word: str) -> float:
    if "/" in word:
        above, below = word.split("/", 1)
        return int(above) / int(below)
    return float(word)

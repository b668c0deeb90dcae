"""Words of a text as full-text search knows them. Korean, Chinese and Japanese have no spaces where
a reader sees words, so each run of their letters counts by its pairs. Pure."""

from __future__ import annotations

import re
from typing import Final

MOST_TERMS: Final = 16
LONGEST_EXCERPT: Final = 300
_RUN: Final = re.compile(
    "[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f"
    "\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0002ffff]+"
)
_WORD: Final = re.compile(r"\w+")


def pairs(text: str) -> str:
    """The pairs of letters of every run of such letters, in order, a gap between two runs."""
    return " \n ".join(" ".join(_pairs(run)) for run in _RUN.findall(text))


def terms(query: str) -> tuple[str, ...]:
    """What a query asks for, as FTS5 takes it, quoted, so that nothing in it is syntax."""
    found: list[str] = []
    for word in _WORD.findall(query.replace("_", " ")):
        rest = _RUN.sub(" ", word).split()
        found += [f'{{title body}} : "{part}" *' for part in rest]
        for run in _RUN.findall(word):
            # one letter begins many pairs
            found.append(f'{{pairs}} : "{" ".join(_pairs(run))}"' + (" *" if len(run) == 1 else ""))
    return tuple(dict.fromkeys(found))[:MOST_TERMS]


def excerpt(text: str, query: str) -> str:
    """One line around the place where most words of the query stand close together."""
    words = [re.escape(word) for word in _WORD.findall(query.replace("_", " "))[:MOST_TERMS]]
    places = [m.start() for m in re.finditer("|".join(words), text, re.IGNORECASE)] if words else []
    places = places[:2000]
    near = LONGEST_EXCERPT * 2 // 3
    best, most, left = 0, 0, 0
    for right, place in enumerate(places):
        while place - places[left] > near:
            left += 1
        if right - left + 1 > most:
            best, most = places[left], right - left + 1
    begin = max(0, best - 60)
    said = " ".join(text[begin : begin + 3 * LONGEST_EXCERPT].split())
    short = said[: LONGEST_EXCERPT - 1].rstrip()
    return ("…" if begin else "") + (short if len(short) == len(said) else f"{short}…")


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[at : at + 2] for at in range(len(run) - 1)]

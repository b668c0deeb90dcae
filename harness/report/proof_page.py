"""A proof as one table that is read in half a minute, and what a person may weigh below it."""

from __future__ import annotations

from collections.abc import Iterator

from harness.core.change_proof import Comparison, PartVerdict, Proof, ProvenPart, SuiteCounts
from harness.core.types import LocalizedText
from harness.ports.words import Words
from harness.report.blocks import Block, Bullets, Grid, Heading, Paragraph

MOST = 12
"""Lines of one list."""


def proof_blocks(proof: Proof, words: Words) -> tuple[Block, ...]:
    """The conclusion, the table, and lists of what is not proven, held, noted, not tried."""
    tone = "warning" if proof.conclusion == "held" else "good"
    blocks: list[Block] = [
        Paragraph(text=words(f"proof.is_{proof.conclusion}"), tone=tone),
        Grid(head=(words("proof.asked_of"), words("proof.seen")), rows=tuple(_rows(proof, words))),
    ]
    lists = {
        "proof.unproven": [_place(part, words) for part in proof.having("unproven")],
        "proof.held": [words(f.say.key, **f.say.facts) for f in proof.held],
        "proof.let_through": _said(proof.let_through, words),
        "proof.notes": [
            *_unnoticed(proof, words),
            *_survivors(proof, words),
            *_said(proof.notes, words),
        ],
        "proof.untried": _said(proof.untried, words),
    }
    for key, lines in lists.items():
        more = proof.left_out.get("survivors", 0) if key == "proof.notes" else 0
        blocks += _list(key, lines, words, more)
    return tuple(blocks)


def comparison_blocks(compared: Comparison, words: Words) -> tuple[Block, ...]:
    """What became of a proof that was made again, and every line that differs."""
    tone = "good" if compared.verdict == "agrees" else "warning"
    why = _said((compared.why,), words) if compared.why is not None else []
    text = " ".join([words(f"proof.{compared.verdict}"), *why])
    return (
        Heading(level=2, text=words("proof.again")),
        Paragraph(text=text, tone=tone),
        *_list("proof.differs", _said(compared.differs, words), words),
        *_list("proof.excused", _said(compared.excused, words), words),
    )


def _list(key: str, lines: list[str], words: Words, more: int = 0) -> list[Block]:
    """Below a heading; `more`: so many that are not even here."""
    if not lines:
        return []
    items = tuple(_bounded(lines, words, more))
    return [Heading(level=3, text=words(key)), Bullets(items=items)]


def _rows(proof: Proof, words: Words) -> Iterator[tuple[str, str]]:
    yield words("proof.row_asked"), proof.asked or "-"
    if proof.criteria:
        yield words("proof.row_criteria"), "; ".join(proof.criteria)
    red = proof.count("red")
    red_said = words("proof.red", count=red) if red else words("proof.no_red")
    yield words("proof.row_red"), red_said
    yield words("proof.row_suite"), _suite(proof.suite_base, proof.suite_change, words)
    yield words("proof.row_parts"), _parts(proof, words)
    yield words("proof.row_lines"), _altered(proof, words)
    yield words("proof.row_untried"), str(len(proof.untried)) if proof.untried else "-"


def _suite(base: SuiteCounts | None, change: SuiteCounts | None, words: Words) -> str:
    if base is None:
        return words("proof.no_suite")
    before = words("proof.counts", **base.model_dump())
    if change is None:
        return before
    return words("proof.against", before=before, after=words("proof.counts", **change.model_dump()))


def _parts(proof: Proof, words: Words) -> str:
    kinds: tuple[PartVerdict, ...] = (
        *("noticed", "unproven", "unnoticed", "broken", "exempt", "unread", "untried"),
    )
    told = [
        words(f"proof.part_{kind}", count=len(found))
        for kind in kinds
        if (found := proof.having(kind))
    ]
    return ", ".join(told) or "-"


def _altered(proof: Proof, words: Words) -> str:
    if not proof.altered:
        return words("proof.altered_none")
    survived = proof.count("survivors")
    key = "proof.altered" if survived else "proof.altered_noticed"
    return words(key, n=proof.altered, survived=survived)


def _place(part: ProvenPart, words: Words) -> str:
    told = []
    for place in part.places:
        if not place.first:
            told.append(words("proof.gone", path=place.path))
        elif place.first == place.last:
            told.append(words("proof.line", path=place.path, first=place.first))
        else:
            told.append(words("proof.lines", path=place.path, first=place.first, last=place.last))
    return "; ".join(told)


def _unnoticed(proof: Proof, words: Words) -> list[str]:
    return [
        words(f"proof.{part.verdict}_at", place=_place(part, words))
        for part in proof.having("unnoticed", "broken")
    ]


def _survivors(proof: Proof, words: Words) -> list[str]:
    return [
        words("proof.survived", path=s.path, line=s.line, before=s.before, after=s.after or "-")
        for s in proof.survivors
    ]


def _said(found: tuple[LocalizedText, ...], words: Words) -> list[str]:
    return [words(one.key, **one.facts) for one in found]


def _bounded(lines: list[str], words: Words, more: int) -> Iterator[str]:
    yield from lines[:MOST]
    if left := max(len(lines) - MOST, 0) + more:
        yield words("proof.more", count=left)

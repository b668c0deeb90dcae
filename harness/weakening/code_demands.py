"""Assertions of compiled languages in a normal form, from their words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from harness.weakening.code_text import CodeNames, Token, bare, split
from harness.weakening.demands import Demand

EQUAL = {"==": "eq", "===": "eq", "!=": "ne"}
ORDER = {"<": ">=", ">": "<=", "<=": ">", ">=": "<"}
NUMBER = re.compile(r"[-+]?(\d[\d_]*\.?[\d_]*(?:[eE][-+]?\d+)?)[a-zA-Z_]*\d*")
KNOWN = frozenset(("true", "false", "1", "0", "!false", "!true"))
Words = Sequence[Token]


def truth(words: Words, names: CodeNames, *, positive: bool = True) -> Iterator[Demand]:
    """The demands in a condition that must hold (or, not `positive`, must not)."""
    found = bare(words)
    if not found:
        return
    either, both = split(found, "||"), split(found, "&&")
    parts = both if positive else either
    if (len(either) > 1 and positive) or (len(either) == 1 and len(both) > 1 and not positive):
        yield _whole(found, names, positive=positive)
        return
    if len(parts) > 1:
        for part in parts:
            yield from truth(part, names, positive=positive)
        return
    if found[0].text == "!" and _is_unary(found):
        yield from truth(found[1:], names, positive=not positive)
        return
    yield from _compared(found, names, positive=positive)


def _is_unary(words: Words) -> bool:
    """Whether the sign before all of it is for all of it."""
    return not any(len(split(words, sign)) > 1 for sign in (*EQUAL, *ORDER))


def _compared(words: Words, names: CodeNames, *, positive: bool) -> Iterator[Demand]:
    for sign in EQUAL:
        parts = split(words, sign)
        if len(parts) == 2:
            op = EQUAL[sign]
            op = op if positive else {"eq": "ne", "ne": "eq"}[op]
            left, right = ("".join(token.text for token in bare(part)) for part in parts)
            if left != right or "(" in left:
                yield from _equal_or_truth(op, parts, names)
            return
    for sign in ORDER:
        parts = split(words, sign)
        if len(parts) == 2 and all(parts):
            yield bound(sign if positive else ORDER[sign], parts[0], parts[1], names)
            return
    if names.normal(words) in KNOWN:
        return  # `assert!(true)`: it demands nothing
    yield _whole(words, names, positive=positive)


def _equal_or_truth(op: str, parts: Sequence[Words], names: CodeNames) -> Iterator[Demand]:
    """`x == true` is `x`."""
    for side, other in ((parts[0], parts[1]), (parts[1], parts[0])):
        said = names.normal(bare(side))
        if said in ("true", "false") and names.normal(bare(other)) not in KNOWN:
            yield from truth(other, names, positive=(said == "true") == (op == "eq"))
            return
    yield pair(op, parts[0], parts[1], names)


def _whole(words: Words, names: CodeNames, *, positive: bool) -> Demand:
    return Demand(op="truth" if positive else "falsy", subject=names.normal(words))


def pair(op: str, left: Words, right: Words, names: CodeNames) -> Demand:
    """Two that are held against each other: what calls something is looked at."""
    subject, expected = names.normal(bare(left)), names.normal(bare(right))
    if _is_plain(subject) and not _is_plain(expected):
        subject, expected = expected, subject
    return Demand(op=op, subject=subject, expected=expected)


def _is_plain(said: str) -> bool:
    """True for what calls nothing."""
    return not re.search(r"[\w\]>)]\(", re.sub(r'"(?:[^"\\]|\\.)*"', '""', said))


def bound(sign: str, left: Words, right: Words, names: CodeNames) -> Demand:
    """One side of a range: a number in it may only come nearer."""
    subject, expected = names.normal(bare(left)), names.normal(bare(right))
    if _number(subject) is not None and _number(expected) is None:
        subject, expected = expected, subject
        sign = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}[sign]
    number = _number(expected)
    if number is None:
        return Demand(op="bound", subject=subject, expected=f"{sign} {expected}")
    # `<= 3` is a little wider than `< 3`
    wide = number if sign[0] == "<" else -number
    wide += 1e-9 if sign.endswith("=") else 0.0
    return Demand(op="bound", subject=subject, expected=sign[0], slack=wide)


def approx(left: Words, right: Words, within: Words, names: CodeNames) -> Demand:
    """Equal but for so much; what cannot be read counts as wide."""
    said = names.normal(bare(within))
    number = _number(said)
    found = pair("approx", left, right, names)
    expected = found.expected if number is not None else f"{found.expected} ± {said}"
    return found.model_copy(
        update={"expected": expected, "slack": 1.0 if number is None else number}
    )


def _number(said: str) -> float | None:
    found = NUMBER.fullmatch(said)
    if found is None:
        return None
    value = float(found[1].replace("_", ""))
    return -value if said.startswith("-") else value


def call_demand(name: str, given: Sequence[Words], names: CodeNames, op: str = "call") -> Demand:
    """An assertion known by its name alone: the first it is given is looked at."""
    said = [names.normal(one) for one in given]
    subject = f"{name}({', '.join(said[:1])})"
    return Demand(op=op, subject=subject, expected=", ".join(said[1:]))


def without_message(given: Sequence[Words], least: int) -> list[Words]:
    """What an assertion is given without the text that is shown when it fails, and what fills
    that text."""
    kept: list[Words] = []
    for position, one in enumerate(given):
        quoted = one[0].text[:1] in ('"', "`") or one[0].text.startswith(('r"', 'r#"'))
        if position >= least and quoted:
            break
        kept.append(one)
    return kept

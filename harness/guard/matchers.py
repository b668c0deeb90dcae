"""Matchers of hooks: regular expressions of strangers, held to a time. Pure.

A backtracking engine takes exponential time for a repeated group that may match in many ways, and
a high power of the text's length for many repetitions in a row. Real matchers have neither.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

LONGEST = 500
MOST_REPEATS = 4
"""In one alternative. Names of tools have at most some hundred characters."""
_NAMES = re.compile(r"[\w\- ,|]+", re.ASCII)
"""A matcher of these alone is a list of exact names; any other is an expression that is looked
for anywhere in the name."""
_TOKEN = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?:\?(?:[:=!]|<[=!]|P?<\w+>))?|[*+?]|\{\d*,?\d*\}|.", re.S
)


def fits(matcher: str, about: str) -> bool:
    """Whether it means this name. One that cannot be read, or might take too long, means every
    name: a hook that refuses must not be lost."""
    if len(matcher) <= LONGEST and _NAMES.fullmatch(matcher):
        return about in {name.strip() for name in re.split(r"[|,]", matcher)}
    pattern = compile_matcher(matcher)
    return pattern is None or pattern.search(about[:LONGEST]) is not None


@lru_cache(maxsize=1024)
def compile_matcher(matcher: str) -> re.Pattern[str] | None:
    """None for what is no regular expression, or none that ends in time."""
    if not _ends(matcher):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sets that a later Python may read in another way
            return re.compile(matcher)
    except (re.error, OverflowError, RecursionError):
        return None


def _ends(matcher: str) -> bool:
    """No repeated group that holds a repetition or a choice, and few repetitions in a row."""
    if len(matcher) > LONGEST:
        return False
    loose = [False]  # whether the group at this depth may match in more than one way
    repeats, before, closed = 0, "", False
    for token in _TOKEN.findall(matcher):
        repeated = token in ("*", "+", "?") or (token[0] == "{" and len(token) > 1)
        if token[0] == "(":
            loose.append(False)
        elif token == "|":
            loose[-1] = True
            repeats = 0 if len(loose) == 1 else repeats
        elif repeated and before != "repeat":
            if closed and token != "?":
                return False
            loose[-1] = True
            repeats += 1
        closed = token == ")" and len(loose) > 1 and loose.pop()
        loose[-1] = loose[-1] or closed
        before = "repeat" if repeated and before != "repeat" else token
        if repeats > MOST_REPEATS:
            return False
    return True

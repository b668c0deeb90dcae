"""The habit of a repository's subjects, from the last of them. Pure: strangers' text goes in,
values of an allow-list come out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from harness.core.house_types import CommitStyle

FEWEST = 5
"""With fewer subjects than that there is no habit."""
SHARE = 0.6
MOST_SCOPES = 40
TYPES = (
    *("feat", "fix", "docs", "chore", "refactor", "test", "ci", "build", "perf", "style"),
    "revert",
)
HEAD = re.compile(rf"(?:{'|'.join(TYPES)})(?:\((?P<scope>[^()]{{1,60}})\))?!?: +(?P<rest>\S.*)")
SCOPE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,29}")
NUMBERED = re.compile(r"\(#\d{1,9}\)\s*\Z")
SAYS_NOTHING = re.compile(r"Merge |Revert |(?:fixup|squash|amend)! |v?\d+(?:\.\d+)+\s*\Z")


def read_style(subjects: Sequence[str]) -> CommitStyle:
    """What most of them do."""
    people = [line for line in subjects if line.strip() and not SAYS_NOTHING.match(line)]
    if len(people) < FEWEST:
        return CommitStyle()
    heads = [found for line in people if (found := HEAD.match(line))]
    conventional = _most(len(heads), len(people))
    numbered = sum(bool(NUMBERED.search(line)) for line in people)
    return CommitStyle(
        conventional=conventional,
        scopes=_scopes([found["scope"] or "" for found in heads]) if conventional else (),
        case=_case([found["rest"] for found in heads] if conventional else people),
        numbered=_most(numbered, len(people)),
    )


def _most(count: int, of: int) -> bool:
    return count >= SHARE * of


def _scopes(said: Sequence[str]) -> tuple[str, ...]:
    """Those in use where most subjects have one."""
    plain = [scope for scope in said if SCOPE.fullmatch(scope)]
    if not _most(len(plain), len(said)):
        return ()
    return tuple(name for name, _ in Counter(plain).most_common(MOST_SCOPES))


def _case(said: Sequence[str]) -> Literal["", "lower", "sentence"]:
    """A subject that begins with a name of code, a number or another script says nothing."""
    firsts = [line.split()[0].rstrip(",.;") for line in said]
    plain = [word for word in firsts if word.isalpha() and (word.islower() or word.istitle())]
    cased = [word for word in plain if word[0].upper() != word[0].lower()]
    if len(cased) < FEWEST:
        return ""
    lower = sum(word.islower() for word in cased)
    if _most(lower, len(cased)):
        return "lower"
    return "sentence" if _most(len(cased) - lower, len(cased)) else ""

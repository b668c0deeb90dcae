"""What an issue asks for, point by point, as its own text lists it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

MOST: Final = 12
LONGEST: Final = 200
BOX: Final = re.compile(r"^\s{0,6}(?:[-*+]|\d{1,3}[.)])\s+\[[ xX]\]\s+(?P<text>\S.*)$")
POINT: Final = re.compile(r"^\s{0,6}(?:[-*+]|\d{1,3}[.)])\s+(?P<text>\S.*)$")
HEADING: Final = re.compile(r"^\s{0,3}(?:#{1,6}\s+|\*\*)(?P<text>[^*#]+)")
ASKS: Final = re.compile(
    r"criteria|acceptance|expected|requirements?|must|done when|definition of done"
    r"|기대|완료|요구|조건",
    re.IGNORECASE,
)
"""Headings below which a list says what is asked for."""
FENCE: Final = re.compile(r"^\s{0,3}(?:`{3,}|~{3,})")


def criteria_of(body: str) -> tuple[str, ...]:
    """Its boxes, wherever they stand, and the points below a heading that says what is expected;
    in the text's order, none twice."""
    found = dict.fromkeys(" ".join(text.split())[:LONGEST] for text in _points(body))
    return tuple(found)[:MOST]


def _points(body: str) -> Iterator[str]:
    code = asking = False
    for line in body.splitlines():
        if FENCE.match(line):
            code = not code
        elif code:
            continue
        elif box := BOX.match(line):
            yield box["text"]
        elif heading := HEADING.match(line):
            asking = bool(ASKS.search(heading["text"]))
        elif asking and (point := POINT.match(line)):
            yield point["text"]

"""Settings files of other programs, line by line: what is said, and on which line. Pure; what
cannot be read is passed over, as those programs' own words are better than ours."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_SECTION = re.compile(r"\[([^\]]+)\]\s*$")
_PAIR = re.compile(r"([^=:\s][^=:]*?)\s*[=:]\s*(.*)$")
_PLAIN = re.compile(r"""\s*(?:export\s+)?("[^"]+"|[^\s=#;"][^=]*?)\s*=\s*(.*?)\s*$""")
_SPACED = re.compile(r"""("[^"]+"|[^\s"#]+)\s+(.+?)\s*$""")
_COLON = re.compile(r"""( *)("[^"]*"|'[^']*'|[^\s"'#:][^:#]*)\s*:(?:\s+(.*?))?\s*$""")


class Line(NamedTuple):
    """`section` is "" where the format has none."""

    section: str
    key: str
    value: str
    number: int


def ini(text: str) -> Iterator[Line]:
    """As configparser reads it: a value goes on in lines that are indented."""
    section, last = "", None
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith(("#", ";")):
            continue
        if raw[0].isspace() and last is not None:
            last = Line(section, last.key, f"{last.value}\n{line}".strip(), last.number)
            continue
        if last is not None:
            yield last
        last = None
        if named := _SECTION.match(line):
            section = named[1].strip()
        elif pair := _PAIR.match(line):
            last = Line(section, pair[1].lower().replace("_", "-"), pair[2].strip(), number)
    if last is not None:
        yield last


def pairs(text: str) -> Iterator[Line]:
    """`key = value`, as npm and go write it."""
    for number, raw in enumerate(text.splitlines(), 1):
        if raw.strip()[:1] not in ("#", ";") and (pair := _PLAIN.match(raw)):
            yield Line("", bare(pair[1]), bare(pair[2]), number)


def spaced(text: str) -> Iterator[Line]:
    """`key "value"`, as yarn 1 writes it."""
    for number, raw in enumerate(text.splitlines(), 1):
        if pair := _SPACED.match(raw):
            yield Line("", bare(pair[1]), bare(pair[2]), number)


def colons(text: str) -> Iterator[Line]:
    """The plain keys of YAML, `section` the key above by its indent; enough for settings."""
    above: list[tuple[int, str]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        pair = _COLON.match(raw)
        if pair is None:
            continue
        deep, key = len(pair[1]), bare(pair[2])
        above = [one for one in above if one[0] < deep]
        yield Line(".".join(name for _, name in above), key, bare(pair[3] or ""), number)
        above.append((deep, key))


def bare(text: str) -> str:
    """Without the quotes around it."""
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def line_of(text: str, at: int) -> int:
    """The line that a place of the text is on, counted from 1."""
    return text.count("\n", 0, at) + 1

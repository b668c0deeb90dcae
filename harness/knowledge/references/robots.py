"""robots.txt as RFC 9309 has it: the group for our name, else the one for all; the longest rule
that matches, and what allows before what forbids. In time that grows with the text alone. Pure."""

from __future__ import annotations

import codecs
import re
from typing import Final
from urllib.parse import quote, unquote, urlsplit

MOST_BYTES: Final = 500 << 10
MOST_RULES: Final = 2000
_KEPT: Final = "!$&'()*+,-./:;=?@_~%"
_PRODUCT: Final = re.compile(r"[A-Za-z_-]+")
_LINE_END: Final = re.compile(r"\r\n?|\n")
Rule = tuple[bool, str]
"""Whether it allows, and the path that it is about."""


def text_of(body: bytes) -> str:
    """What was sent, of which the beginning counts; UTF-8, whatever it is said to be, but for a
    mark at its start that says otherwise."""
    wide = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return body[:MOST_BYTES].decode("utf-16" if wide else "utf-8", "replace")


class Robots:
    """What one text says to one name."""

    def __init__(self, text: str, agent: str) -> None:
        self._rules = _rules_for(text, agent.lower())

    def allows(self, address: str) -> bool:
        parts = urlsplit(address)
        path = _normal(f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}")
        if path == "/robots.txt":
            return True
        found = [(len(rule), allows) for allows, rule in self._rules if _matches(rule, path)]
        return max(found)[1] if found else True


def _rules_for(text: str, agent: str) -> list[Rule]:
    """Groups of one name are one group."""
    groups: dict[str, list[Rule]] = {}
    names: list[str] = []
    in_rules = False
    for line in _LINE_END.split(text.removeprefix("\ufeff")):
        key, colon, value = line.partition("#")[0].partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            continue
        if key == "user-agent":
            if in_rules:
                names, in_rules = [], False
            product = _PRODUCT.match(value)
            names.append("*" if value.startswith("*") else product[0].lower() if product else "")
            groups.setdefault(names[-1], [])
        elif key in ("allow", "disallow"):
            in_rules = True
            for name in dict.fromkeys(names):
                if value and len(groups[name]) < MOST_RULES:
                    groups[name].append((key == "allow", _normal(value)))
    return groups.get(agent, groups.get("*", []))


def _normal(path: str) -> str:
    """Each letter encoded or not encoded as every writer of it has it."""
    kept = re.sub("%(?=2[fF]|25|2[aA]|24|3[fF])", "%25", path)
    return quote(unquote(kept), safe=_KEPT.replace("%", "")).replace("%25", "%")


def _matches(rule: str, path: str) -> bool:
    """`*` is anything, `$` at the end is the end."""
    ends = rule.endswith("$")
    first, *rest = (rule[:-1] if ends else rule).split("*")
    if not path.startswith(first):
        return False
    if not rest:
        return not ends or path == first
    at = len(first)
    for part in rest[:-1]:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    last = rest[-1]
    return path.endswith(last) and len(path) - len(last) >= at if ends else path.find(last, at) >= 0

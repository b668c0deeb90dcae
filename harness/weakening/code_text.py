"""Code of a compiled language in one form, token by token, and what its names stand for at one
place: a name that was given a value stands for it, one that was imported for where it comes from.
By the syntax tree. Pure.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from harness.syntax.tree import COMMENTS, Node

WORDS = frozenset(("identifier", "package_identifier", "type_identifier", "namespace_identifier"))
WHOLE = frozenset(
    (
        *("interpreted_string_literal", "raw_string_literal", "rune_literal", "string_literal"),
        *("char_literal", "character_literal", "system_lib_string", "text_block"),
    )
)
MEMBER = frozenset((".", "->", "::"))
KEYED = frozenset(("keyed_element", "literal_element", "field_initializer", "token_tree"))
OPENING, CLOSING = frozenset("([{"), frozenset(")]}")
DEPTH = 4
LONGEST = 1500
MOST_REPLACED = 400


class Token(NamedTuple):
    """One word or sign, with the node that it is."""

    text: str
    node: Node


class Bound(NamedTuple):
    """A name that is given a value at `at`, in force in `scope`. `value` None: it is what a caller
    gives, or what a loop takes from `source`."""

    name: str
    at: int
    scope: Node
    value: Node | None
    prefix: str = ""
    anew: bool = True
    """A declaration; else the name was there before."""


def tokens(node: Node) -> list[Token]:
    """The words and signs of a node, comments left out."""
    found: list[Token] = []
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type in COMMENTS:
            continue
        if one.type in WHOLE or not one.children:
            if one.text:
                found.append(Token(one.text, one))
        else:
            waiting += reversed(one.children)
    return found


def split(words: Sequence[Token], *signs: str) -> list[list[Token]]:
    """The parts between those signs, outside of every bracket."""
    parts: list[list[Token]] = [[]]
    depth = angle = 0
    before = ""
    for token in words:
        text = token.text
        if text in OPENING:
            depth += 1
        elif text in CLOSING:
            depth -= 1
        elif text == "<" and before == "::":
            angle += 1
        elif angle and text == ">":
            angle -= 1
        elif not depth and not angle and text in signs:
            parts.append([])
            before = text
            continue
        before = text
        parts[-1].append(token)
    return parts


def arguments(words: Sequence[Token]) -> list[list[Token]]:
    """What stands between the brackets that enclose all of these words, comma by comma."""
    inner = words[1:-1] if words and words[0].text in OPENING else words
    return [part for part in split(inner, ",", ";") if part]


def bare(words: Sequence[Token]) -> list[Token]:
    """Without round brackets around all of it."""
    found = [*words]
    while len(found) > 1 and found[0].text == "(" and found[-1].text == ")":
        depth = 0
        for position, token in enumerate(found):
            depth += (token.text in OPENING) - (token.text in CLOSING)
            if not depth and position < len(found) - 1:
                return found
        found = found[1:-1]
    return found


def scope_of(node: Node, scopes: frozenset[str]) -> Node:
    """The nearest of those around it, the file at last."""
    last = node
    for last in node.above():
        if last.type in scopes:
            return last
    return last


def digest_if_long(text: str) -> str:
    if len(text) <= LONGEST:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{text[:40]}…{digest}"


class CodeNames:
    """What the names of one file stand for. `origins`: what is imported or defined at its head, by
    name; `functions`: node types that are values when they are bound to a name."""

    def __init__(
        self, bound: Iterator[Bound], origins: Mapping[str, str], functions: frozenset[str]
    ) -> None:
        self.origins = origins
        self._functions = functions
        self._bound: dict[str, list[Bound]] = {}
        for one in sorted(bound, key=lambda b: b.at):
            self._bound.setdefault(one.name, []).append(one)
        self._known: dict[tuple[int, int, int], str] = {}

    def normal(self, words: Sequence[Token] | Node) -> str:
        """The code in one form, its names replaced."""
        if isinstance(words, Node):
            words = tokens(words)
        return self._written(words, DEPTH, [MOST_REPLACED])

    def value_of(self, name: str, at: Node) -> Node | None:
        """The one value that a name has at this place."""
        found = self._meant(name, at)
        return found[-1].value if len(found) == 1 else None

    def _written(self, words: Sequence[Token], depth: int, left: list[int]) -> str:
        out: list[str] = []
        for position, token in enumerate(words):
            text = token.text
            before = words[position - 1].text if position else ""
            after = words[position + 1].text if position + 1 < len(words) else ""
            key = after == ":" and token.node.parent is not None and token.node.parent.type in KEYED
            if token.node.type in WORDS and before not in MEMBER and not key:
                text = self._said(token.node, after, depth, left)
            if text in (")", "]", "}") and out and out[-1] == ",":
                out.pop()
            if out and _needs_space(out[-1], text):
                out.append(" ")
            out.append(text)
        return "".join(out)

    def _said(self, node: Node, after: str, depth: int, left: list[int]) -> str:
        name = node.text
        found = self._meant(name, node)
        if after in ("(", "!") or not found:
            if found and any(b.value is not None and self._is_function(b.value) for b in found):
                return f"⟨local⟩{name}"
            return self.origins.get(name, name)
        if depth <= 0 or left[0] <= 0:
            return name
        key = (id(node), depth, found[-1].at)
        if key not in self._known:
            left[0] -= 1
            said = [self._value(one, depth, left) for one in found]
            self._known[key] = digest_if_long("|".join(dict.fromkeys(said)))
        return self._known[key]

    def _value(self, one: Bound, depth: int, left: list[int]) -> str:
        said = "" if one.value is None else self._written(tokens(one.value), depth - 1, left)
        return f"{one.prefix}{said}"

    def _is_function(self, node: Node) -> bool:
        return node.type in self._functions

    def _meant(self, name: str, at: Node) -> list[Bound]:
        """What was last said of a name before this place, and what may have been said since."""
        found: list[Bound] = []
        bound = self._bound.get(name, [])
        for position in range(bisect_left(bound, at.start, key=lambda b: b.at) - 1, -1, -1):
            one = bound[position]
            if one.value is not None and _holds(one.value, at):
                continue
            if not _holds(_home(one), at):
                continue
            found.append(one)
            if one.anew or _holds(one.scope, at):
                break
        return found[::-1]


def _home(one: Bound) -> Node:
    """Where it can be seen: an assignment is seen around its block."""
    if one.anew:
        return one.scope
    return [one.scope, *one.scope.above()][-1]


def _holds(outer: Node, inner: Node) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _needs_space(last: str, text: str) -> bool:
    a, b = last[-1:], text[:1]
    return bool(a and b) and (a.isalnum() or a in "_$\"'") and (b.isalnum() or b in "_$\"'")

"""GitHub's `${{ }}`: what can be told of a value without running anything. Everything else, and
every secret, is unknown. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from harness.core.base import Json

OPEN = re.compile(r"\$\{\{((?:[^$}]|\}(?!\})|\$(?!\{\{))*)\}\}")
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<sign>==|!=|<=|>=|&&|\|\||[!<>().,\[\]*]))"
)
LONGEST = 4000
MOST_DEEP = 30
_NAMED: tuple[tuple[str, Json], ...] = (
    ("runner", {"os": "Linux", "arch": "X64", "temp": "/tmp", "debug": ""}),
    ("github", {"event_name": "pull_request", "workspace": "."}),
    ("true", True),
    ("false", False),
    ("null", None),
)
FIXED: Mapping[str, Json] = dict(_NAMED)
ALWAYS: Mapping[str, bool] = {
    "always": True,
    "success": True,
    "failure": False,
    "cancelled": False,
}


class UnknownError(Exception):
    """Its value is not known before it runs."""


def expand(text: str, known: Mapping[str, Json]) -> str:
    """The text with each expression's value in its place. UnknownError."""
    return OPEN.sub(lambda found: shown(evaluate(found[1], known)), text)


def holds(condition: str, known: Mapping[str, Json]) -> bool:
    """Whether a step or job with this `if:` runs. What other steps left counts as empty, as on a
    machine that nothing was kept on. UnknownError."""
    inner = OPEN.fullmatch(condition.strip())
    text = inner[1] if inner else OPEN.sub(lambda found: f"({found[1]})", condition)
    return not text.strip() or truth(evaluate(text, {**known, "steps": _Empty()}))


def shown(value: Json) -> str:
    """As GitHub writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict | list):
        return json.dumps(value)
    return "" if value is None else str(value)


def truth(value: Json) -> bool:
    """As GitHub sees it: an empty text, 0 and nothing are false."""
    if isinstance(value, _Empty):
        return False
    return bool(value) or isinstance(value, dict | list)


class _Empty(dict[str, Json]):
    """Whatever is asked of it is empty."""


def evaluate(text: str, known: Mapping[str, Json]) -> Json:
    """The value of what stands between the braces. UnknownError."""
    if len(text) > LONGEST:
        raise UnknownError
    reader = _Reader(list(_tokens(text)), {**FIXED, **known})
    value = reader.either()
    if reader.left():
        raise UnknownError
    return value


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise UnknownError
        yield found.lastgroup, found[found.lastgroup]
        at = found.end()


class _Reader:
    """A descent over the tokens, loosest operator first."""

    def __init__(self, tokens: list[tuple[str, str]], known: Mapping[str, Json]) -> None:
        self._tokens = tokens
        self._known = known
        self._at = 0
        self._deep = 0

    def left(self) -> bool:
        return self._at < len(self._tokens)

    def _next(self) -> tuple[str, str]:
        if not self.left():
            raise UnknownError
        self._at += 1
        return self._tokens[self._at - 1]

    def _takes(self, *signs: str) -> str:
        if self.left() and self._tokens[self._at] in [("sign", one) for one in signs]:
            return self._next()[1]
        return ""

    def either(self) -> Json:
        value = self._both()
        while self._takes("||"):
            other = self._both()
            value = value if truth(value) else other
        return value

    def _both(self) -> Json:
        value = self._compared()
        while self._takes("&&"):
            other = self._compared()
            value = other if truth(value) else value
        return value

    def _compared(self) -> Json:
        value = self._single()
        while sign := self._takes("==", "!=", "<", ">", "<=", ">="):
            other = self._single()
            if sign not in ("==", "!="):
                raise UnknownError
            value = _same(value, other) == (sign == "==")
        return value

    def _single(self) -> Json:
        self._deep += 1
        if self._deep > MOST_DEEP:
            raise UnknownError
        if self._takes("!"):
            value: Json = not truth(self._single())
        elif self._takes("("):
            value = self.either()
            self._close()
        else:
            value = self._value()
        self._deep -= 1
        return value

    def _close(self) -> None:
        if not self._takes(")"):
            raise UnknownError

    def _value(self) -> Json:
        kind, text = self._next()
        if kind == "text":
            return text[1:-1].replace("''", "'")
        if kind == "number":
            return float(text)
        if kind != "name":
            raise UnknownError
        if self._takes("("):
            return self._call(text.lower())
        if text not in self._known:
            raise UnknownError
        return self._below(self._known[text])

    def _below(self, value: Json) -> Json:
        while sign := self._takes(".", "["):
            kind, key = self._next()
            if sign == "[":
                key = key[1:-1] if kind == "text" else key
                if not self._takes("]"):
                    raise UnknownError
            elif kind != "name":
                raise UnknownError
            value = _member(value, key)
        return value

    def _call(self, name: str) -> Json:
        given: list[Json] = []
        while not self._takes(")"):
            given.append(self.either())
            if not self._takes(","):
                self._close()
                break
        return call(name, given)


def _member(value: Json, key: str) -> Json:
    if isinstance(value, _Empty):
        return value
    if not isinstance(value, dict):
        raise UnknownError
    if key in value:
        return value[key]
    folded = {name.lower(): name for name in value}
    if key.lower() in folded:
        return value[folded[key.lower()]]
    if value.get("") is None and "" in value:
        return None  # a mapping that is known as a whole: what is not in it is empty
    raise UnknownError


def _same(one: Json, other: Json) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return (not one and not other) or one is other
    return shown(one).lower() == shown(other).lower()


def call(name: str, given: list[Json]) -> Json:
    """A function's value. UnknownError."""
    texts = [shown(one) for one in given]
    if name in ALWAYS and not given:
        return ALWAYS[name]
    if name == "format" and texts:
        return re.sub(
            r"\{(\d+)\}",
            lambda found: texts[int(found[1]) + 1] if int(found[1]) + 1 < len(texts) else "",
            texts[0],
        )
    if name == "fromjson" and len(given) == 1:
        return _from_json(texts[0])
    if len(given) != 2:
        raise UnknownError
    if name == "contains":
        rows = given[0] if isinstance(given[0], list) else None
        if rows is not None:
            return texts[1].lower() in [shown(row).lower() for row in rows]
        return texts[1].lower() in texts[0].lower()
    if name == "startswith":
        return texts[0].lower().startswith(texts[1].lower())
    if name == "endswith":
        return texts[0].lower().endswith(texts[1].lower())
    raise UnknownError


def _from_json(text: str) -> Json:
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnknownError from error
    return found

"""Takes our own secrets out of text by exact value, in the encodings they leak in.

Patterns for the secrets of others belong to the guard; this is the layer that must not miss.
"""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from harness.core.base import Json

MARK = "[redacted]"
_SHORTEST = 6
_LONG = 16
_JOINERS = re.compile("[\\s\"'+,\\\\\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]+")


def spellings(secret: str) -> frozenset[str]:
    """Every way we know the value may be written; base64 also as a part of a longer text."""
    raw = secret.encode("utf-8", "surrogatepass")
    found = {
        secret,
        secret[::-1],
        raw.hex(),
        raw.hex().upper(),
        quote(secret, safe="", errors="replace"),
        quote_plus(secret, errors="replace"),
        "".join(f"%{byte:02X}" for byte in raw),
        "".join(f"%{byte:02x}" for byte in raw),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    }
    for shift in range(3):
        # of a value inside a longer text only the digits that its own bytes decide are constant
        encoded = base64.b64encode(bytes(shift) + raw)
        first = -(-shift * 8 // 6)
        last = (shift + len(raw)) * 8 // 6
        inner = encoded[first:last].decode()
        found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return frozenset(word for word in found if len(word) >= _SHORTEST)


class Redactor:
    """Call it with text. Values shorter than six characters are not secrets and are left. Threads
    may use it at once."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: dict[str, frozenset[str]] = {}
        self._changing = threading.Lock()
        self._patterns: _Patterns | None = None
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        with self._changing:
            new = {s for s in secrets if len(s) >= _SHORTEST} - self._secrets.keys()
            if new:
                self._secrets.update({secret: spellings(secret) for secret in new})
                self._patterns = None

    def drop(self, *secrets: str) -> None:
        """Secrets that are none any more: a daemon that lives for months gets many tokens."""
        with self._changing:
            for secret in secrets:
                if self._secrets.pop(secret, None):
                    self._patterns = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The values themselves, for whoever must look for them elsewhere. Never to be shown."""
        with self._changing:
            return tuple(self._secrets)

    def __call__(self, text: str) -> str:
        pattern = self._compile().every
        return pattern.sub(MARK, text) if pattern else text

    def sure(self, text: str) -> str:
        """The same for text that is worked with, not only read: a value that may be an ordinary
        word (a local server's "ollama", "sk-no-key-required") is left."""
        pattern = self._compile().sure
        return pattern.sub(MARK, text) if pattern else text

    def value(self, data: Json) -> Json:
        """`sure` in every text of plain data, names of fields too; the very same data where there
        is nothing to take out."""
        if isinstance(data, str):
            return self.sure(data)
        if isinstance(data, list):
            items = [self.value(item) for item in data]
            return data if all(a is b for a, b in zip(items, data, strict=True)) else items
        if isinstance(data, dict):
            pairs = {self.sure(name): self.value(item) for name, item in data.items()}
            same = pairs.keys() == data.keys() and all(pairs[k] is data[k] for k in data)
            return data if same else pairs
        return data

    def holds(self, text: str) -> bool:
        """True when a secret stands in `text`, also split by line ends, quotes or invisible
        characters."""
        known = self._compile()
        return any(
            found.search(words)
            for found, words in ((known.every, text), (known.squeezed, _JOINERS.sub("", text)))
            if found
        )

    def _compile(self) -> _Patterns:
        # at the first use after a change: several changes cost one
        with self._changing:
            if self._patterns is None:
                words = {word for spelled in self._secrets.values() for word in spelled}
                squeezed = {_JOINERS.sub("", word) for word in words}
                sure = {w for s, spelled in self._secrets.items() if _no_word(s) for w in spelled}
                self._patterns = _Patterns(_any_of(words), _any_of(squeezed), _any_of(sure))
            return self._patterns


class _Patterns(NamedTuple):
    every: re.Pattern[str] | None
    squeezed: re.Pattern[str] | None
    sure: re.Pattern[str] | None


def _no_word(secret: str) -> bool:
    """Nobody writes that by chance: every vendor's key is long and of letters and digits."""
    letters, digits = any(map(str.isalpha, secret)), any(map(str.isdecimal, secret))
    return len(secret) >= _LONG and letters and digits


def _any_of(words: set[str]) -> re.Pattern[str] | None:
    long = sorted((w for w in words if len(w) >= _SHORTEST), key=lambda w: (-len(w), w))
    return re.compile("|".join(map(re.escape, long))) if long else None

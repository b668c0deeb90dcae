"""Reads a gettext catalogue (.po, .pot). Standard library alone: every command starts with it.

Where each entry stands is found at once; an entry is read when its sentence is said. tests/i18n
holds this reader to what Babel and the library's own `gettext` make of the same file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache, cached_property
from gettext import c2py
from pathlib import Path
from typing import NamedTuple

_CONTEXT = re.compile(rb'\nmsgctxt "([^"\n]+)"\n')
_STRING = re.compile(r'^(msg[a-z_]+(?:\[\d+\])?) (".*"(?:\n".*")*)$', re.MULTILINE)
_unquoted = json.JSONDecoder(strict=False).decode


class CatalogueMessage(NamedTuple):
    """One sentence, ready for `str.format`."""

    forms: tuple[str, ...]
    counted: str
    """The fact whose number picks the form; "" for a sentence of one form."""
    rule: Callable[[int], int]
    """Number -> index of the form."""


class PoFile:
    """The sentences of one file by key, which is their `msgctxt`. Between entries stands an empty
    line, as every tool writes it. ValueError names the file and the key that cannot be read."""

    def __init__(self, text: bytes, name: str = "") -> None:
        self._name = name
        self._text = text.replace(b"\r\n", b"\n")
        self._places = {found[1]: found.start() for found in _CONTEXT.finditer(self._text)}

    @property
    def keys(self) -> tuple[str, ...]:
        """In the order of the file, translated or not."""
        return tuple(key.decode() for key in self._places)

    @cached_property
    def rule(self) -> Callable[[int], int]:
        """Number -> index of the form, as the head of the file says."""
        head = _strings(self._text.partition(b"\n\n")[0].decode()).get("msgstr", "")
        said = head.partition("plural=")[2].partition(";")[0]
        return c2py(said) if said else _english

    def message(self, key: str) -> CatalogueMessage | None:
        """The translation; the English that stands beside it where that is empty or marked fuzzy.
        None for a key that is not in the file."""
        place = self._places.get(key.encode())
        if place is None:
            return None
        begin, end = self._text.rfind(b"\n\n", 0, place + 1), self._text.find(b"\n\n", place)
        entry = self._text[begin + 1 : end if end >= 0 else None]
        try:
            if len(_CONTEXT.findall(entry)) > 1:
                raise ValueError("there is no empty line before or after it")
            return self._message(entry.decode())
        except ValueError as error:
            raise ValueError(f"{self._name}, {key}: {error}") from error

    def _message(self, entry: str) -> CatalogueMessage:
        strings = _strings(entry)
        english = [strings[name] for name in ("msgid", "msgid_plural") if name in strings]
        own = [text for name, text in strings.items() if name.startswith("msgstr")]
        fuzzy = any(line.startswith("#,") and "fuzzy" in line for line in entry.splitlines())
        done = all(own) and not fuzzy
        many = len(english) > 1
        return CatalogueMessage(
            # a text in the place of a number is still shown
            forms=tuple(text.replace(":n}", "}") for text in (own if done else english)),
            counted=english[1].partition(":n}")[0].rpartition("{")[2] if many else "",
            rule=self.rule if many and done else _english,
        )


@cache
def read(path: Path) -> PoFile:
    """The file, read once in a process."""
    return PoFile(path.read_bytes(), str(path))


def _strings(entry: str) -> dict[str, str]:
    """Keyword -> its text. PO's escapes are those of JSON, as far as a sentence needs any."""
    return {name: _unquoted(quoted.replace('"\n"', "")) for name, quoted in _STRING.findall(entry)}


def _english(number: int) -> int:
    return int(number != 1)

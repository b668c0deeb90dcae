"""Finds the line of a key in TOML text that tomllib has already accepted."""

from __future__ import annotations

import re
import tomllib

_BARE = re.compile(r"[A-Za-z0-9_-]+")
Keys = tuple[str, ...]


def key_lines(text: str) -> dict[Keys, int]:
    """Full key -> line, counted from 1: tables, keys, and keys of inline tables. Keys inside an
    array of tables are found under the array's key. `text` must be valid TOML."""
    found: dict[Keys, int] = {}
    table: Keys = ()
    scan = _Scan(text)
    while not scan.is_done():
        line = scan.line
        if scan.at("["):
            depth = 2 if scan.at("[[") else 1
            scan.skip(depth)
            table = scan.key()
            scan.skip_to_end_of_line()
            _note(found, table, line)
        else:
            key = (*table, *scan.key())
            _note(found, key, line)
            scan.skip_blank("=")
            scan.value(found, key)
        scan.skip_nothing()
    return found


def _note(found: dict[Keys, int], key: Keys, line: int) -> None:
    for end in range(1, len(key) + 1):
        found.setdefault(key[:end], line)


class _Scan:
    """A cursor over valid TOML. It knows strings, comments and brackets; nothing else."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self._counted = 0
        self._line = 1
        self.skip_nothing()

    @property
    def line(self) -> int:
        """Of the cursor, counted on from where it was last asked for."""
        self._line += self.text.count("\n", self._counted, self.pos)
        self._counted = self.pos
        return self._line

    def is_done(self) -> bool:
        return self.pos >= len(self.text)

    def at(self, piece: str) -> bool:
        return self.text.startswith(piece, self.pos)

    def skip(self, count: int) -> None:
        self.pos += count

    def skip_blank(self, also: str = "") -> None:
        while not self.is_done() and self.text[self.pos] in " \t" + also:
            self.pos += 1

    def skip_to_end_of_line(self) -> None:
        end = self.text.find("\n", self.pos)
        self.pos = len(self.text) if end < 0 else end

    def skip_nothing(self, also: str = "") -> None:
        """Blanks, line ends and comments."""
        while not self.is_done():
            if self.at("#"):
                self.skip_to_end_of_line()
            elif self.text[self.pos] in " \t\r\n" + also:
                self.pos += 1
            else:
                return

    def key(self) -> Keys:
        parts = []
        while True:
            self.skip_blank()
            if self.at('"') or self.at("'"):
                start = self.pos
                self.string()
                parts.append(str(tomllib.loads(f"k = {self.text[start : self.pos]}")["k"]))
            else:
                bare = _BARE.match(self.text, self.pos)
                assert bare is not None, "tomllib accepted this text"
                parts.append(bare.group())
                self.pos = bare.end()
            self.skip_blank()
            if not self.at("."):
                return tuple(parts)
            self.skip(1)

    def string(self) -> None:
        quote = self.text[self.pos]
        long = self.at(quote * 3)
        end = quote * 3 if long else quote
        self.skip(len(end))
        while not self.at(end):
            self.skip(2 if quote == '"' and self.at("\\") else 1)
        self.skip(len(end))
        # a long string may end in up to two more quotes that belong to it
        while long and self.at(quote):
            self.skip(1)

    def value(self, found: dict[Keys, int], key: Keys) -> None:
        self.skip_blank()
        if self.at('"') or self.at("'"):
            self.string()
        elif self.at("{"):
            self._inline(found, key)
        elif self.at("["):
            self._array(found, key)
        else:
            while not self.is_done() and self.text[self.pos] not in ",]}#\r\n":
                self.pos += 1

    def _inline(self, found: dict[Keys, int], key: Keys) -> None:
        self.skip(1)
        self.skip_nothing(",")
        while not self.at("}"):
            line = self.line
            inner = (*key, *self.key())
            _note(found, inner, line)
            self.skip_blank("=")
            self.value(found, inner)
            self.skip_nothing(",")
        self.skip(1)

    def _array(self, found: dict[Keys, int], key: Keys) -> None:
        self.skip(1)
        self.skip_nothing(",")
        while not self.at("]"):
            self.value(found, key)
            self.skip_nothing(",")
        self.skip(1)

"""One alteration of a text. Pure."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["condition", "boundary", "constant", "statement", "return", "raise"]


class Edit(NamedTuple):
    """Characters `start` to `end` become `text`; `line` is where they begin, from 1."""

    line: int
    kind: Kind
    start: int
    end: int
    text: str

    def applied(self, text: str) -> str:
        return text[: self.start] + self.text + text[self.end :]

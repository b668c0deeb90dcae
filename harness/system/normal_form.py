"""Unicode's normal forms in time that grows with the text alone. The library puts marks in order by
swapping neighbours: a stranger's 200 KB of alternating marks took it a minute."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Literal

Form = Literal["NFC", "NFKC"]
FEW = 30
"""As many marks as Unicode's stream-safe text has on one letter: so few are ordered as they are."""


def normal_form(form: Form, text: str) -> str:
    """What `unicodedata.normalize` says of it."""
    if text.isascii():
        return text
    return unicodedata.normalize(form, _in_order(form, text))


def _in_order(form: Form, text: str) -> str:
    """The same with every long run of marks in canonical order, which the library keeps."""
    out: list[str] = []
    start = 0
    while start < len(text):
        end = start
        while end < len(text) and _marks(form, text[end]):
            end += 1
        out.append(_sorted(form, text[start:end]) if end - start > FEW else text[start:end])
        if end < len(text):
            out.append(text[end])
        start = end + 1
    return "".join(out)


def _sorted(form: Form, run: str) -> str:
    marks = "".join(_marks(form, char) for char in run)
    out: list[str] = []
    start = 0
    # one that has no class of its own is passed by none
    for end in range(len(marks) + 1):
        if end == len(marks) or not unicodedata.combining(marks[end]):
            out += sorted(marks[start:end], key=unicodedata.combining)
            out.append(marks[end : end + 1])
            start = end + 1
    return "".join(out)


@lru_cache(maxsize=4096)
def _marks(form: Form, char: str) -> str:
    """A mark taken apart; "" for what is none. Some marks are none by their own class, and made of
    such as are."""
    if char < "\u0300":
        return ""
    parts = unicodedata.normalize("NFD" if form == "NFC" else "NFKD", char)
    return parts if unicodedata.combining(parts[0]) else ""

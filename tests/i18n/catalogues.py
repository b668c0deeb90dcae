"""The catalogues as Babel reads them: what the product's own reader is held to."""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from harness.i18n.catalogue import LOCALE, TEMPLATE

FILES = sorted(LOCALE.glob("*.po"))


@cache
def messages(file: Path) -> dict[str, Message]:
    """Key -> entry, in the order of the file. A file with mistakes is an error."""
    with file.open("rb") as text:
        return {m.context or "": m for m in read_po(text, abort_invalid=True) if m.id}


@cache
def english() -> dict[str, tuple[str, ...]]:
    """Key -> the sentence in English: its form, or its two."""
    return {key: texts(m.id) for key, m in messages(LOCALE / TEMPLATE).items()}


def texts(forms: object) -> tuple[str, ...]:
    """The forms of a sentence, one or more."""
    return tuple(map(str, forms)) if isinstance(forms, list | tuple) else (str(forms),)


def facts(template: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}

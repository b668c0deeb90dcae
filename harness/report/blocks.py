"""What a report is made of, before it is markdown or HTML. Texts are plain, never markup."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from harness.core.base import Value


class Heading(Value):
    """Level 1 is the title."""

    kind: Literal["heading"] = "heading"
    level: int
    text: str


class Paragraph(Value):
    """`tone` warns or plays down."""

    kind: Literal["paragraph"] = "paragraph"
    text: str
    tone: Literal["plain", "warning", "good", "quiet"] = "plain"


class Bullets(Value):
    """A list."""

    kind: Literal["bullets"] = "bullets"
    items: tuple[str, ...]


class Grid(Value):
    """A table; every row has as many cells as `head`."""

    kind: Literal["grid"] = "grid"
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Code(Value):
    """Verbatim text, folded away where the page can do that; `title` says what it is."""

    kind: Literal["code"] = "code"
    title: str
    text: str
    shown: bool = False
    """True: open from the start."""


Block = Annotated[Heading | Paragraph | Bullets | Grid | Code, Field(discriminator="kind")]

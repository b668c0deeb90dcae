"""What is printed for people: nothing that a stranger wrote acts on their terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from harness.system.text import clean_text

_POWER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_ABOVE_ASCII = re.compile(r"[\x7f-\x9f]")


class Screen(Console):
    """A console whose own colours are the only escape sequences."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Every text of what is drawn, whoever made it, without sequences and controls."""
        for segment in super().render(renderable, options):
            if segment.control or not _POWER.search(segment.text):
                yield segment
            else:
                yield Segment(clean_text(segment.text), segment.style)


def json_text(text: str) -> str:
    """JSON with what a terminal acts on escaped: JSON itself leaves the 8-bit controls."""
    return _ABOVE_ASCII.sub(lambda found: f"\\u{ord(found[0]):04x}", text)

"""Thinking that a server leaves inside the text, between `<think>` and `</think>`. Pure."""

from __future__ import annotations

import re
from typing import Final

_OPEN: Final = re.compile(r"\s*<(think|thinking|thought|reasoning)>", re.IGNORECASE)
_CLOSE: Final = re.compile(r"</(think|thinking|thought|reasoning)>\s*", re.IGNORECASE)


def split_thought(text: str) -> tuple[str, str]:
    """(thinking, the rest). Only at the very beginning: elsewhere a tag is something that is
    written about. Templates that open it themselves leave `</think>` alone on a line; thinking
    that was cut short has no end."""
    opened = _OPEN.match(text)
    closed = _CLOSE.search(text, opened.end() if opened else 0)
    if opened and closed is None:
        return text[opened.end() :], ""
    if closed is None or not (opened or _is_alone(text, closed)):
        return "", text
    head = text[opened.end() if opened else 0 : closed.start()]
    return head.strip(), text[closed.end() :]


def _is_alone(text: str, closed: re.Match[str]) -> bool:
    before = text[: closed.start()]
    return "<" not in before and (not before or before.endswith("\n")) and "\n" in closed[0]

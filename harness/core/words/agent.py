"""Catalogue: agent."""

from typing import Final

MESSAGES: Final[dict[str, tuple[str, str]]] = {}

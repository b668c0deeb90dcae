"""The catalogue: every sentence people read at run time, in English and Korean.

One file an area, `MESSAGES: {key: (english, korean)}`; a key starts with its area's name. Both
texts are `str.format` templates over the same facts. What models read is in prompts/, not here.
"""

from __future__ import annotations

from importlib import import_module
from typing import Literal, get_args

Language = Literal["en", "ko"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
AREAS = (
    "agent",
    "cli",
    "config",
    "daemon",
    "disk",
    "engine",
    "event",
    "follow",
    "forge",
    "git",
    "github",
    "guard",
    "llm",
    "page",
    "pipeline",
    "report",
    "service",
    "system",
    "view",
    "web",
    "workspace",
)


def catalogue() -> dict[str, tuple[str, str]]:
    """Every key of every area."""
    found: dict[str, tuple[str, str]] = {}
    for area in AREAS:
        found.update(import_module(f"{__name__}.{area}").MESSAGES)
    return found


class Catalogue:
    """The sentences in one language. An unknown key or a missing fact is a KeyError: a test
    finds it before a person does."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self._column = LANGUAGES.index(language)
        self._areas: dict[str, dict[str, tuple[str, str]]] = {}

    def __call__(self, key: str, **facts: object) -> str:
        area = key.split(".", 1)[0]
        if area not in self._areas:
            # only the area in use is loaded: `why` and `status` must start fast
            self._areas[area] = import_module(f"{__name__}.{area}").MESSAGES
        return self._areas[area][key][self._column].format(**facts)

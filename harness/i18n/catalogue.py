"""Every sentence people read at run time, in the languages that `locale/` has a file of.

The template `harness.pot` says it in English, `<language>.po` in another language; both are
found by key (`area.name`) and name the same facts in braces. What models read is in prompts/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from harness.i18n.particles import choose_particles
from harness.i18n.po import CatalogueMessage, read

LOCALE = Path(__file__).parent / "locale"
TEMPLATE = "harness.pot"
ENGLISH = "en"
FINISHES: Final[Mapping[str, Callable[[str], str]]] = {"ko": choose_particles}
"""What a language still needs once the facts are in a sentence."""


@runtime_checkable
class Sentence(Protocol):
    """A fact that is a sentence itself; in a stored row, a mapping with these two."""

    @property
    def key(self) -> str: ...

    @property
    def facts(self) -> Mapping[str, object]: ...


@cache
def languages(folder: Path = LOCALE) -> tuple[str, ...]:
    """What can be spoken, English first."""
    return (ENGLISH, *sorted(file.stem for file in folder.iterdir() if file.suffix == ".po"))


def language_of(name: str, folder: Path = LOCALE) -> str:
    """The language for a locale's name such as `ko_KR.UTF-8`; "" when it cannot be spoken."""
    plain = name.partition(".")[0].partition("@")[0]
    near = (plain, plain.partition("_")[0])
    return next((code for code in near if code in languages(folder)), "")


class Catalogue:
    """The sentences in one language of `languages()`; one that it lacks is said in English. An
    unknown key or a missing fact is a KeyError: a test finds it before a person does."""

    def __init__(self, language: str, folder: Path = LOCALE) -> None:
        self.language = language
        self._english = folder / TEMPLATE
        self._own = self._english if language == ENGLISH else folder / f"{language}.po"
        self._finish = FINISHES.get(language, str)
        self._said: dict[str, CatalogueMessage] = {}

    def __call__(self, key: str, **facts: object) -> str:
        message = self._said.get(key) or self._find(key)
        number = facts.get(message.counted)
        form = message.rule(number) if isinstance(number, int) else -1
        told = {name: self._tell(fact) for name, fact in facts.items()}
        return self._finish(message.forms[form].format(**told))

    def _tell(self, fact: object) -> object:
        """The fact as it stands in a sentence: what is a sentence itself, in the same language."""
        match fact:
            case str() | int() | float():
                return fact
            case Sentence():
                return self(fact.key, **fact.facts)
            case {"key": str(key), "facts": Mapping() as facts}:
                return self(key, **facts)
            case list() | tuple():
                return "; ".join(str(self._tell(one)) for one in fact)
        return fact

    def _find(self, key: str) -> CatalogueMessage:
        message = read(self._own).message(key) or read(self._english).message(key)
        if message is None:
            raise KeyError(key)
        self._said[key] = message
        return message

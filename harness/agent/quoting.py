"""What harness quotes to an agent in the middle of a session, between marks. The word in the marks
is random and fixed for a session: a text that was said once is known again, and nobody but the
agent itself has ever seen it."""

from __future__ import annotations

from harness.core.ports import Store
from harness.prompting.templates import Prompts, new_fence
from harness.tools.output import clean

SCOPE = "fence"


async def word_of(store: Store, session: str) -> str:
    """The session's word, made at its first use."""
    kept = await store.kept(SCOPE, session)
    if isinstance(kept, str):
        return kept
    word = new_fence()
    await store.keep(SCOPE, session, word)
    return word


def quoted(text: str, word: str, name: str) -> str:
    """The text between marks; "" stays so."""
    return f"<{name}-{word}>\n{without(text, word)}\n</{name}-{word}>" if text else ""


def without(text: str, word: str) -> str:
    """Clean text that does not hold the word."""
    text = clean(text)
    while word in text:
        text = text.replace(word, "")
    return text


class Quoting:
    """Prompts whose variables are words of others, put between the marks that a template has."""

    def __init__(self, prompts: Prompts, word: str) -> None:
        self._prompts = prompts
        self._word = word

    def text(self, template: str, /, **variables: str) -> str:
        """The template filled in."""
        given = {name: without(value, self._word) for name, value in variables.items()}
        if "fence" in self._prompts.variables(template):
            given["fence"] = self._word
        return self._prompts.text(template, **given)

"""What harness quotes to an agent in the middle of a session, between marks. The word in the marks
is the session's own: a text that was said once is known again, and nobody but the agent itself can
know it."""

from __future__ import annotations

import hashlib

from harness.core.types import Session
from harness.prompting.templates import Prompts
from harness.tools.output import clean


def word_of(session: Session) -> str:
    """The session's word. It follows from what the session was opened with, which holds a random
    word already (or has one in its id), so nothing need be stored and nobody can guess it."""
    facts = f"{session.id}\0{session.created_at.isoformat()}\0{session.opening}"
    return hashlib.sha256(facts.encode("utf-8", "replace")).hexdigest()[:12]


def quote(text: str, word: str, name: str) -> str:
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

"""Sentences that people read, in one language.

Every method that waits is a coroutine on one event loop. An adapter raises the errors of
core.errors and nothing else for what can be expected to happen."""

from __future__ import annotations

from typing import Protocol


class Words(Protocol):
    """The catalogue in one language."""

    def __call__(self, key: str, **facts: object) -> str: ...

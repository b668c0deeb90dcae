"""Asking a model again: a pure table of what helps, and the Model that follows it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from harness.core.errors import ModelError
from harness.core.ports import Clock, Model, OnStream
from harness.core.types import Message, Request

TRIES: Final = 4
LONGEST_S: Final = 60.0
_FIRST_S: Final = {"connection": 1.0, "cut": 0.5, "server": 2.0, "rate": 5.0, "overloaded": 5.0}


def delay_s(
    error: ModelError,
    attempt: int,
    jitter: float,
    *,
    tries: int = TRIES,
    longest_s: float = LONGEST_S,
) -> float | None:
    """Seconds until try number `attempt + 1`, or None: stop and say so.

    `attempt` counts from 1. `jitter` in [0, 1) spreads callers over the upper half of the delay.
    A server's own wish is kept to the letter; when it is longer than we wait here, the caller
    must plan for it (the error says when), not knock too early.
    """
    first = _FIRST_S.get(error.sort)
    if first is None or not error.retry or attempt >= tries:
        return None
    if error.after_s is not None:
        return error.after_s if error.after_s <= longest_s else None
    return min(longest_s, first * 2.0 ** (attempt - 1)) * (0.5 + jitter / 2)


class Retrying:
    """Asks `model` again after a passing fault, at most `tries` times in all. Only whole replies
    are ever returned, so nothing of a cut one is acted on."""

    def __init__(
        self,
        model: Model,
        clock: Clock,
        *,
        tries: int = TRIES,
        longest_s: float = LONGEST_S,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._model = model
        self._clock = clock
        self._tries = tries
        self._longest_s = longest_s
        self._jitter = jitter

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message:
        """The first whole reply, or the last ModelError."""
        attempt = 1
        while True:
            try:
                return await self._model.complete(request, on_stream)
            except ModelError as error:
                wait = delay_s(
                    error,
                    attempt,
                    self._jitter(),
                    tries=self._tries,
                    longest_s=self._longest_s,
                )
                if wait is None:
                    raise
            await self._clock.sleep(wait)
            attempt += 1

    async def close(self) -> None:
        await self._model.close()

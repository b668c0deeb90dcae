"""Which agents' sessions are open in this process: while one is, its run writes nothing outside
but its own progress comment and its lease (T37)."""

from __future__ import annotations

import dataclasses
from typing import cast

from harness.core.ports import Backend, Conversation, OnVerdict
from harness.core.types import Assignment, Ended
from harness.pipeline.parts import Parts


def watched(parts: Parts) -> Parts:
    """The same parts; each session that is opened is known as open until its Box is closed."""
    backend = cast(Backend, WatchedBackend(parts.backend, parts.at_work))
    return dataclasses.replace(parts, backend=backend)


class WatchedBackend:
    """The Backend port."""

    def __init__(self, backend: Backend, at_work: dict[str, str]) -> None:
        self._backend = backend
        self._at_work = at_work

    async def open(self, assignment: Assignment) -> Conversation:
        session = assignment.session.id
        self._at_work[session] = assignment.run.id
        try:
            talk = await self._backend.open(assignment)
        except BaseException:
            self._at_work.pop(session, None)
            raise
        return WatchedTalk(talk, session, self._at_work)


class WatchedTalk:
    """The Conversation port."""

    def __init__(self, talk: Conversation, session: str, at_work: dict[str, str]) -> None:
        self._talk = talk
        self._session = session
        self._at_work = at_work

    async def send(self, message: str, on_verdict: OnVerdict) -> Ended:
        return await self._talk.send(message, on_verdict)

    async def suspend(self) -> str:
        """Its Box is closed then, also when the snapshot failed."""
        try:
            return await self._talk.suspend()
        finally:
            self._at_work.pop(self._session, None)

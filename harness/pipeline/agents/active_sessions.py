"""Which agents' sessions are open in this process: while one is, its run writes nothing outside
but its own progress comment and its lease (T37)."""

from __future__ import annotations

import dataclasses
from typing import cast

from harness.core.types import Assignment, Ended
from harness.pipeline.deps import PipelineDeps
from harness.ports.backend import Backend, Conversation, OnVerdict


def watch_sessions(deps: PipelineDeps) -> PipelineDeps:
    """The same parts; each session that is opened is known as open until its Box is closed."""
    backend = cast(Backend, WatchedBackend(deps.backend, deps.live.active_sessions))
    return dataclasses.replace(deps, backend=backend)


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
        return WatchedConversation(talk, session, self._at_work)


class WatchedConversation:
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

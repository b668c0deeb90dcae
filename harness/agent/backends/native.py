"""Our own loop as a Backend."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from harness.agent import slots
from harness.agent.agent_workspace import AgentWorkspace
from harness.agent.answering import ToolRunner
from harness.agent.asking import ModelCaller
from harness.agent.deps import LoopDeps
from harness.agent.loop import AgentSession
from harness.agent.slots import SessionState
from harness.agent.transcript import Transcript
from harness.core.types import Assignment, Session
from harness.tools.context import NoteKind, ToolContext
from harness.tools.registry import make


class Native:
    """Opens sessions over the given parts; one Native serves many sessions at once."""

    def __init__(self, deps: LoopDeps) -> None:
        self._deps = deps

    async def open(self, assignment: Assignment) -> AgentSession:
        """The stored session of this id is what counts; with turns it goes on where they end."""
        parts = self._deps
        session = await parts.store.open_session(assignment.session)
        turns = await parts.store.turns(session.id)
        transcript = Transcript(parts.store, session.id, turns, session.base_tree, parts.redact)
        tree, _ = transcript.position
        place = AgentWorkspace(parts, session.id, assignment.run.base_sha, tree)
        bench = ToolContext(
            prompts=parts.prompts,
            box=place.box,
            at_root=place.at_root,
            note=_noting(parts, session),
            session=session.id,
        )
        tools = make(session.tools, bench, parts.extra)
        asker = ModelCaller(parts, session)
        answerer = ToolRunner(
            parts,
            session,
            asker=asker,
            transcript=transcript,
            place=place,
            tools=tools,
        )
        place.on_open = answerer.redo
        return AgentSession(
            parts,
            session,
            transcript=transcript,
            place=place,
            asker=asker,
            answerer=answerer,
            kept=await parts.store.get(slots.SESSION, session.id) or SessionState(),
        )


def _noting(deps: LoopDeps, session: Session) -> Callable[[NoteKind, str], Awaitable[None]]:
    async def note(kind: NoteKind, text: str) -> None:
        await deps.note(session, kind, text)

    return note

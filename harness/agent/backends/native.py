"""Our own loop as a Backend."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from harness.agent.answering import Answerer
from harness.agent.asking import Asker
from harness.agent.loop import SCOPE, Kept, Talk
from harness.agent.parts import Parts
from harness.agent.place import Place
from harness.agent.transcript import Transcript
from harness.core.types import Assignment, Session
from harness.tools.bench import Bench, NoteKind
from harness.tools.registry import make


class Native:
    """Opens sessions over the given parts; one Native serves many sessions at once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def open(self, assignment: Assignment) -> Talk:
        """The stored session of this id is what counts; with turns it goes on where they end."""
        parts = self._parts
        session = await parts.store.open_session(assignment.session)
        turns = await parts.store.turns(session.id)
        transcript = Transcript(parts.store, session.id, turns, session.base_tree, parts.redact)
        tree, _ = transcript.position
        place = Place(parts, session.id, assignment.run.base_sha, tree)
        bench = Bench(
            prompts=parts.prompts,
            box=place.box,
            at_root=place.at_root,
            note=_noting(parts, session),
        )
        tools = make(session.tools, bench, parts.extra)
        asker = Asker(parts, session)
        answerer = Answerer(
            parts,
            session,
            asker=asker,
            transcript=transcript,
            place=place,
            tools=tools,
        )
        place.on_open = answerer.redo
        kept = await parts.store.kept(SCOPE, session.id)
        return Talk(
            parts,
            session,
            transcript=transcript,
            place=place,
            asker=asker,
            answerer=answerer,
            kept=Kept.model_validate(kept or {}),
        )


def _noting(parts: Parts, session: Session) -> Callable[[NoteKind, str], Awaitable[None]]:
    async def note(kind: NoteKind, text: str) -> None:
        await parts.note(session, kind, text)

    return note

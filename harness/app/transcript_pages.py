"""Views written as things happen: transcripts a line a turn, events a line a fact."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from harness.config.paths import Paths
from harness.core.types import Run, Session, Turn
from harness.ports.store import RunReader

VERSION = 1


class Transcripts:
    """sessions/<session>.jsonl of a run: a header, then one line a turn, newest version last."""

    def __init__(self, paths: Paths, store: RunReader) -> None:
        self._paths = paths
        self._store = store

    async def write(self, session: Session, turn: Turn) -> None:
        """Append one turn. A view: the rows are the truth."""
        run = await self._store.run(session.run)
        await asyncio.to_thread(self._append, run, session, turn)

    async def begin(self, session: Session) -> Path:
        """The session's file, with its header at least."""
        run = await self._store.run(session.run)
        return await asyncio.to_thread(self._append, run, session)

    def _append(self, run: Run, session: Session, turn: Turn | None = None) -> Path:
        folder = self._paths.run_folder(run.project, run.issue, run.number) / "sessions"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{file_name(session.id)}.jsonl"
        with path.open("a", encoding="utf-8") as file:
            if path.stat().st_size == 0:
                head = {"version": VERSION, **session.model_dump(mode="json")}
                file.write(json.dumps(head, ensure_ascii=False) + "\n")
            if turn is not None:
                file.write(json.dumps(turn.model_dump(mode="json"), ensure_ascii=False) + "\n")
        return path


def file_name(session: str) -> str:
    """A session id as a file name."""
    return session.replace("/", "__")

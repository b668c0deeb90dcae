"""Replies on file: recorded beside a real model, played back without one.

One JSON object a line: {"hash": request_hash, "session", "turn", "reply"}. Requests are not kept:
they hold an issue's text and a repository's code.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from pydantic import ValidationError

from harness.core.errors import ConfigError, ModelError
from harness.core.storable import storable
from harness.core.types import Message, Request, Value, request_hash
from harness.llm.clean_text import one_line
from harness.llm.scripted import last_said, play
from harness.ports.model import Model, OnStream


class RecordedCall(Value):
    """One line."""

    hash: str
    session: str
    turn: int
    reply: Message


class RecordingModel:
    """Passes calls on to `model` and appends each whole reply to `path`. Errors are not kept."""

    def __init__(self, model: Model, path: Path) -> None:
        self._model = model
        self._path = path
        self._writing = asyncio.Lock()

    @property
    def name(self) -> str:
        return self._model.name

    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message:
        reply = storable(await self._model.complete(request, on_stream))
        line = RecordedCall(
            hash=request_hash(request), session=request.session, turn=request.turn, reply=reply
        )
        async with self._writing:
            await asyncio.to_thread(_append, self._path, line.model_dump_json() + "\n")
        return reply

    async def close(self) -> None:
        await self._model.close()


class Replaying:
    """Answers from a recording. The same request gets its replies in the order recorded, and the
    last one again after that; usage is what the real model reported."""

    def __init__(self, path: Path, name: str = "replayed") -> None:
        self.name = name
        self._path = path
        self._replies = read_recording(path)

    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message:
        """ModelError `invalid` for a request that was never recorded."""
        replies = self._replies.get(request_hash(request))
        if not replies:
            raise ModelError(
                "llm.unrecorded",
                sort="invalid",
                retry=False,
                path=str(self._path),
                session=request.session,
                turn=request.turn,
                asked=one_line(last_said(request), 160),
            )
        reply = replies.pop(0) if len(replies) > 1 else replies[0]
        if on_stream:
            play(reply, on_stream)
        return reply

    async def close(self) -> None:
        """Nothing is open."""


def read_recording(path: Path) -> dict[str, list[Message]]:
    """Replies by request hash. A last line without its end is what a kill left: it is dropped.
    ConfigError for anything else that is not a recorded reply."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            "llm.recording_missing", path=str(path), detail=one_line(str(error))
        ) from error
    found: dict[str, list[Message]] = {}
    *lines, _ = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            recorded = RecordedCall.model_validate_json(line)
        except ValidationError as error:
            first = json.dumps(error.errors()[0]["msg"])
            raise ConfigError(
                "llm.recording_broken", path=str(path), line=number, detail=one_line(first)
            ) from error
        found.setdefault(recorded.hash, []).append(recorded.reply)
    return found


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(line)

"""A model that plays a script: for the demo, for tests, for trying a set-up without a key.

The file is TOML or JSON:

    {"conversations": [
       {"match": {"contains": "text of the first user message", "session": "part of its id"},
        "turns": [{"text": "...", "calls": [{"name": "bash", "arguments": {...}}],
                   "alternatives": [{"when": {"last_contains": "FAILED"}, "text": "..."}]}],
        "repeat_last": false}]}

The first conversation that matches wins; the turn is the number of assistant messages so far, so
a script survives a kill. An alternative wins over its turn when `when` holds for the last user
message (its tool results included). `error` (a sort of ModelError) or `cut` fails a turn, the
first `times` times it is asked, or always. Usage is an estimate, and says so: four characters a
token, and a prefix cache that is simulated in memory.
"""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from harness.core.errors import ConfigError, ModelError
from harness.core.storable import storable
from harness.core.types import (
    Json,
    Message,
    Part,
    Request,
    Stop,
    StreamEvent,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
    Value,
)
from harness.llm.clean_text import one_line
from harness.llm.faults import RETRIED
from harness.llm.prefix import PrefixCache, count_chars
from harness.ports.clock import Clock
from harness.ports.model import OnStream
from harness.system.clock import SystemClock

Sort = Literal[
    "connection",
    "cut",
    "rate",
    "overloaded",
    "server",
    "auth",
    "invalid",
    "too_long",
    "refusal",
    "spend",
]


class ScriptedCall(Value):
    """`broken` plays a model that wrote something else than a JSON object."""

    name: str
    arguments: dict[str, Json] = {}
    broken: str = ""


class MessageCondition(Value):
    """What the last user message must and must not hold."""

    last_contains: str = ""
    last_lacks: str = ""

    def holds(self, last: str) -> bool:
        return self.last_contains in last and not (self.last_lacks and self.last_lacks in last)


class ScriptedReply(Value):
    """One scripted reply, or a failure in its place."""

    text: str = ""
    thinking: str = ""
    calls: tuple[ScriptedCall, ...] = ()
    stop: Stop | None = None
    latency_s: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    error: Sort | None = None
    after_s: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    cut: bool = False
    times: int | None = Field(default=None, ge=1)


class Alternative(ScriptedReply):
    """A reply with its condition."""

    when: MessageCondition


class ScriptedTurn(ScriptedReply):
    """A reply and what takes its place."""

    alternatives: tuple[Alternative, ...] = ()

    def reply(self, last: str) -> ScriptedReply:
        """The first alternative that holds, else the turn's own."""
        return next((a for a in self.alternatives if a.when.holds(last)), self)


class ConversationMatch(Value):
    """Which conversation is meant; an empty part matches everything."""

    contains: str = ""
    session: str = ""


class ScriptedConversation(Value):
    """Turns for one kind of conversation."""

    match: ConversationMatch = ConversationMatch()
    turns: tuple[ScriptedTurn, ...] = Field(min_length=1)
    repeat_last: bool = False

    def turn(self, number: int) -> ScriptedTurn | None:
        if number < len(self.turns):
            return self.turns[number]
        return self.turns[-1] if self.repeat_last else None


class ModelScript(Value):
    """The whole file."""

    note: str = ""
    conversations: tuple[ScriptedConversation, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _without_schema(cls, data: object) -> object:
        if isinstance(data, dict):
            return {key: value for key, value in data.items() if key != "$schema"}
        return data


def read_script(path: Path) -> ModelScript:
    """ConfigError naming the file, the place and what is wrong."""
    try:
        raw = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError("llm.script_missing", path=str(path), detail=one_line(str(error))) from (
            error
        )
    try:
        data = tomllib.loads(raw) if path.suffix == ".toml" else json.loads(raw)
        return ModelScript.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        detail = f"{place}: {first['msg']}"
    except ValueError as error:
        detail = one_line(str(error))
    raise ConfigError("llm.script_broken", path=str(path), detail=detail)


def first_said(request: Request) -> str:
    """The text of the first user message."""
    return next((m.text for m in request.messages if m.role == "user"), "")


def last_said(request: Request) -> str:
    """The last user message with its tool results, as text."""
    last = next((m for m in reversed(request.messages) if m.role == "user"), None)
    if last is None:
        return ""
    return "\n".join(p.text for p in last.parts if isinstance(p, Text | ToolResult))


class Scripted:
    """Plays the script at `path`. `name` should begin with "scripted" so that nobody takes its
    replies for a model's."""

    def __init__(self, path: Path, name: str = "scripted", *, clock: Clock | None = None) -> None:
        self.name = name
        self._path = path
        self._script = read_script(path)
        self._clock = clock or SystemClock()
        self._cache = PrefixCache()
        self._asked: dict[tuple[str, int], int] = {}

    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message:
        """ModelError `invalid` when the script holds nothing for this conversation and turn."""
        number = sum(m.role == "assistant" for m in request.messages)
        reply = self._reply(request, number)
        await self._clock.sleep(reply.latency_s)
        asked = self._asked[request.session, number] = (
            self._asked.get((request.session, number), 0) + 1
        )
        failing = reply.times is None or asked <= reply.times
        if failing and reply.error is not None:
            raise self._fault(reply.error, reply.after_s)
        if failing and reply.cut:
            if on_stream and reply.text:
                on_stream(StreamEvent(kind="text", text=reply.text[: len(reply.text) // 2]))
            raise self._fault("cut", reply.after_s)
        message = self._message(reply, number)
        if on_stream:
            play(message, on_stream)
        usage = self._cache.usage(request, count_chars(message))
        return message.model_copy(update={"usage": usage})

    async def close(self) -> None:
        """Nothing is open."""

    def _reply(self, request: Request, number: int) -> ScriptedReply:
        first, last = first_said(request), last_said(request)
        for conversation in self._script.conversations:
            match = conversation.match
            if match.contains in first and match.session in request.session:
                turn = conversation.turn(number)
                if turn is not None:
                    return turn.reply(last)
                break
        raise ModelError(
            "llm.unscripted",
            sort="invalid",
            retry=False,
            path=str(self._path),
            session=request.session,
            turn=number,
            asked=one_line(last, 160),
        )

    def _fault(self, sort: Sort, after_s: float | None) -> ModelError:
        return ModelError(
            "llm.scripted_fault",
            sort=sort,
            retry=sort in RETRIED,
            after_s=after_s,
            model=self.name,
            fault=sort,
        )

    def _message(self, reply: ScriptedReply, number: int) -> Message:
        parts: list[Part] = []
        if reply.thinking:
            parts.append(Thinking(text=reply.thinking, provider="scripted"))
        if reply.text:
            parts.append(Text(text=reply.text))
        for index, call in enumerate(reply.calls):
            parts.append(
                ToolCall(
                    id=f"call-{number}-{index}",
                    name=call.name,
                    arguments={} if call.broken else call.arguments,
                    broken=call.broken,
                )
            )
        stop: Stop = reply.stop or ("tool_calls" if reply.calls else "end")
        said = Message(role="assistant", parts=tuple(parts), model=self.name, stop=stop)
        return storable(said)


def play(message: Message, on_stream: OnStream) -> None:
    """A finished message as the stream it might have been."""
    for part in message.parts:
        if isinstance(part, Text | Thinking):
            on_stream(StreamEvent(kind=part.kind, text=part.text))
        elif isinstance(part, ToolCall):
            on_stream(StreamEvent(kind="tool_call", text=part.name))

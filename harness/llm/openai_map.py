"""Core values to and from the Chat Completions dialect, as many servers speak it. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import Final

from pydantic import BaseModel, ConfigDict, JsonValue

from harness.core.types import (
    Json,
    Message,
    Part,
    Request,
    Stop,
    StreamEvent,
    Text,
    Thinking,
    ToolResult,
    Usage,
)
from harness.llm.calls import tool_call
from harness.llm.clean_text import clean, clean_object, wire_name
from harness.llm.prefix import tokens

PROVIDER: Final = "openai"
LIMITS: Final = ("max_completion_tokens", "max_tokens")
"""The same thing by two names; a server takes one, the other, or either."""
OPTIONAL: Final = (
    "stream_options",
    "parallel_tool_calls",
    "prompt_cache_key",
    "reasoning_effort",
    "tool_choice",
)
"""What a server may refuse to know and a call can do without."""
_STOPS: Final[dict[str, Stop]] = {
    "stop": "end",
    "eos": "end",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "length": "max_tokens",
    "content_filter": "refusal",
}

Object = dict[str, Json]


def body(request: Request, model: str, *, effort: str, vendor: bool) -> Object:
    """The JSON of one streamed call, with every field that may be of use."""
    sent: Object = {
        "model": model,
        "messages": _messages(request),
        "stream": True,
        "stream_options": {"include_usage": True},
        LIMITS[0] if vendor else LIMITS[1]: request.max_tokens,
    }
    if request.tools:
        sent["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": clean(tool.description),
                    "parameters": clean_object(tool.schema_),
                },
            }
            for tool in request.tools
        ]
        if request.tool_choice != "auto":
            sent["tool_choice"] = request.tool_choice
        if vendor:
            sent["parallel_tool_calls"] = True
    if effort:
        sent["reasoning_effort"] = effort
    if vendor:
        # calls of one session land where their prefix is cached
        sent["prompt_cache_key"] = hashlib.sha256(request.session.encode()).hexdigest()[:32]
    return sent


def _messages(request: Request) -> list[Json]:
    sent: list[Json] = []
    if request.system.strip():
        sent.append({"role": "system", "content": clean(request.system)})
    for message in request.messages:
        sent += _assistant(message) if message.role == "assistant" else _user(message)
    return sent


def _user(message: Message) -> list[Json]:
    sent: list[Json] = []
    for part in message.parts:
        if isinstance(part, ToolResult):
            # the dialect has no error flag: the text says so
            text = f"error: {part.text}" if part.is_error else part.text
            sent.append(
                {"role": "tool", "tool_call_id": wire_name(part.call_id), "content": clean(text)}
            )
    if message.text.strip() or not sent:
        sent.append({"role": "user", "content": clean(message.text) or "(nothing)"})
    return sent


def _assistant(message: Message) -> list[Json]:
    calls: list[Json] = [
        {
            "id": wire_name(call.id),
            "type": "function",
            "function": {
                "name": wire_name(call.name),
                # always an object: servers parse their own model's arguments and fail on others
                "arguments": json.dumps(
                    {"unreadable_json": clean(call.broken)}
                    if call.broken
                    else clean_object(call.arguments),
                    ensure_ascii=False,
                ),
            },
        }
        for call in message.calls
    ]
    text = clean(message.text)
    if calls:
        return [{"role": "assistant", "content": text or None, "tool_calls": calls}]
    return [{"role": "assistant", "content": text or "(nothing)"}]


class _Loose(BaseModel):
    """Somebody else's format: what we do not know is ignored, what we know has its type."""

    model_config = ConfigDict(extra="ignore")


class _Function(_Loose):
    name: str | None = None
    arguments: JsonValue = None


class _Call(_Loose):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None


class _Delta(_Loose):
    content: str | None = None
    refusal: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[_Call] | None = None


class _Choice(_Loose):
    index: int | None = 0
    delta: _Delta | None = None
    finish_reason: str | None = None


class _Details(_Loose):
    cached_tokens: int | None = None
    cache_write_tokens: int | None = None


class _Usage(_Loose):
    prompt_tokens: int = 0
    completion_tokens: int = 0
    prompt_tokens_details: _Details | None = None


class _Chunk(_Loose):
    model: str | None = None
    choices: list[_Choice] | None = None
    usage: _Usage | None = None


class _Open:
    """A tool call while it arrives."""

    def __init__(self, call_id: str) -> None:
        self.id = call_id
        self.name = ""
        self.raw: list[str] = []


class ChunkAssembly:
    """Chunks in, one Message out. `is_done` only after a finish reason."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._refusal: list[str] = []
        self._calls: list[_Open] = []
        self._places: dict[int, _Open] = {}
        self._usage: _Usage | None = None
        self._model = ""
        self._finish: str | None = None
        self.events = 0
        self.begun = False

    def take(self, raw: object) -> tuple[StreamEvent, ...]:
        """One chunk. ValidationError when it is not of the dialect."""
        chunk = _Chunk.model_validate(raw)
        self.events += 1
        self._model = self._model or chunk.model or ""
        self._usage = chunk.usage or self._usage
        seen: list[StreamEvent] = []
        for choice in chunk.choices or ():
            if choice.delta is not None:
                seen += self._grow(choice.delta)
            self._finish = choice.finish_reason or self._finish
        return tuple(seen)

    @property
    def is_done(self) -> bool:
        return self._finish is not None

    def message(self, name: str, sent_chars: int) -> Message:
        """The reply; `name` when the server did not say which model it is. Without usage from
        the server it is estimated from `sent_chars`: caps must not count nothing."""
        assert self._finish is not None
        stop = _STOPS.get(self._finish, "other")
        if self._refusal:
            stop = "refusal"
        elif self._calls and stop in ("end", "other"):
            stop = "tool_calls"
        parts: list[Part] = []
        if self._thinking:
            parts.append(Thinking(text=clean("".join(self._thinking)), provider=PROVIDER))
        text = clean("".join(self._text or self._refusal))
        if text:
            parts.append(Text(text=text))
        for call in self._calls:
            raw = "".join(call.raw) or ("" if stop == "max_tokens" else "{}")
            parts.append(tool_call(call.id, call.name, raw))
        return Message(
            role="assistant",
            parts=tuple(parts),
            usage=self._count_usage(sent_chars),
            model=clean(self._model) or name,
            stop=stop,
        )

    def _grow(self, delta: _Delta) -> list[StreamEvent]:
        seen: list[StreamEvent] = []
        if thought := delta.reasoning_content or delta.reasoning:
            self._thinking.append(thought)
            seen.append(StreamEvent(kind="thinking", text=clean(thought)))
        if delta.content:
            self._text.append(delta.content)
            seen.append(StreamEvent(kind="text", text=clean(delta.content)))
        if delta.refusal:
            self._refusal.append(delta.refusal)
        for call in delta.tool_calls or ():
            open_ = self._place(call)
            function = call.function or _Function()
            if function.name and not open_.name:
                open_.name = function.name
                seen.append(StreamEvent(kind="tool_call", text=clean(function.name)))
            if isinstance(function.arguments, str):
                open_.raw.append(function.arguments)
            elif function.arguments is not None:
                open_.raw.append(json.dumps(function.arguments))
        return seen

    def _place(self, call: _Call) -> _Open:
        """The call a delta belongs to. Servers that leave the index out, or give every call 0,
        are told apart by a new id that comes with a name."""
        index = call.index if call.index is not None else max(0, len(self._calls) - 1)
        open_ = self._places.get(index)
        named = call.function is not None and bool(call.function.name)
        other = open_ is not None and named and bool(call.id) and call.id != open_.id
        if open_ is None or other:
            open_ = self._places[index] = _Open(call.id or "")
            self._calls.append(open_)
        return open_

    def _count_usage(self, sent_chars: int) -> Usage:
        if self._usage is None:
            said = sum(map(len, [*self._text, *self._thinking, *self._refusal]))
            said += sum(len(piece) for call in self._calls for piece in call.raw)
            return Usage(fresh=tokens(sent_chars), output=tokens(said))
        details = self._usage.prompt_tokens_details or _Details()
        read, written = details.cached_tokens or 0, details.cache_write_tokens or 0
        return Usage(
            fresh=max(0, self._usage.prompt_tokens - read - written),
            cache_write=written,
            cache_read=read,
            output=self._usage.completion_tokens,
        )

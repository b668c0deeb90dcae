"""Core values to and from the Chat Completions dialect, as many servers speak it. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import Final

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
from harness.llm.clean_text import clean, clean_object, wire_name
from harness.llm.complaint import Answered, complaint_in
from harness.llm.faults import Malformed
from harness.llm.inline_thought import split_thought
from harness.llm.loose import (
    first_count,
    first_text,
    items,
    mapping,
    name_of,
    place_of,
    text_of,
)
from harness.llm.openai_calls import CallAssembly
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
    "eos_token": "end",
    "end_turn": "end",
    "stop_sequence": "end",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "length": "max_tokens",
    "max_tokens": "max_tokens",
    "model_context_window_exceeded": "max_tokens",
    "content_filter": "refusal",
    "safety": "refusal",
    "refusal": "refusal",
}
_THOUGHTS: Final = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
"""The same by several names; some servers send it under two at once."""
_READ: Final = (
    "prompt_tokens_details.cached_tokens",
    "input_tokens_details.cached_tokens",
    "prompt_cache_hit_tokens",
    "cached_tokens",
)

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


def with_system_inside(request: Request) -> Request:
    """For a chat template that knows no system role: what it says begins the first message."""
    if not request.system.strip() or not request.messages:
        return request
    first, *rest = request.messages
    said = Text(text=f"{request.system}\n\n{first.text}")
    others = tuple(part for part in first.parts if not isinstance(part, Text))
    opening = first.model_copy(update={"parts": (*others, said)})
    return request.model_copy(update={"system": "", "messages": (opening, *rest)})


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


class ChunkAssembly:
    """Chunks in, one Message out; a whole reply in one piece is a chunk too. `is_done` only after
    a finish reason, or when the server says that this was all and nothing is half."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._refusal: list[str] = []
        self._calls = CallAssembly()
        self._usage: Object = {}
        self._model = ""
        self._choice: int | None = None
        self._finish = ""
        self._ended = False

    def take(self, raw: object) -> tuple[StreamEvent, ...]:
        """One chunk. Malformed when it is not of the dialect, Answered when it complains."""
        if raw is None or raw == []:
            return ()
        if not isinstance(raw, dict):
            raise Malformed("a chunk that is no object")
        self._model = self._model or name_of(raw.get("model"))
        self._bill(raw)
        seen: list[StreamEvent] = []
        for choice in items(raw.get("choices")):
            if not isinstance(choice, dict):
                raise Malformed("a choice that is no object")
            if self._is_ours(choice):
                seen += self._choose(choice)
        return tuple(seen)

    def end(self) -> None:
        """The server says that this was all."""
        self._ended = True

    @property
    def is_done(self) -> bool:
        told = self._ended and (self._text or self._refusal or self._calls.calls)
        return bool(self._finish or (told and self._calls.are_whole))

    @property
    def is_over(self) -> bool:
        return self._ended

    @property
    def said_chars(self) -> int:
        return sum(map(len, (*self._text, *self._thinking, *self._refusal))) + self._calls.chars

    def message(self, name: str, sent_chars: int) -> Message:
        """The reply; `name` when the server did not say which model it is. Usage that the server
        did not tell is estimated from `sent_chars`: caps must not count nothing."""
        assert self.is_done
        stop = _STOPS.get(self._finish.lower(), "other") if self._finish else "end"
        if self._refusal:
            stop = "refusal"
        elif self._calls.calls and stop in ("end", "other"):
            stop = "tool_calls"
        thought, text = split_thought("".join(self._text or self._refusal))
        thought = "".join(self._thinking) + thought
        parts: list[Part] = []
        if thought:
            parts.append(Thinking(text=clean(thought), provider=PROVIDER))
        if text:
            parts.append(Text(text=clean(text)))
        parts += self._calls.parts(cut_short=stop == "max_tokens")
        return Message(
            role="assistant",
            parts=tuple(parts),
            usage=self._count_usage(sent_chars),
            model=clean(self._model) or name,
            stop=stop,
        )

    def _is_ours(self, choice: Object) -> bool:
        """Of several replies the first that was seen is the one."""
        place = place_of(choice.get("index"))
        if self._choice is None:
            self._choice = place
        return place is None or place == self._choice

    def _choose(self, choice: Object) -> list[StreamEvent]:
        told = complaint_in({"error": choice.get("error")})
        finish = choice.get("finish_reason") or choice.get("native_finish_reason")
        if told is not None and not self._finish:
            raise Answered(told)
        seen: list[StreamEvent] = []
        for field in ("delta", "message"):
            for delta in items(choice.get(field)):
                if not isinstance(delta, dict):
                    raise Malformed("a delta that is no object")
                seen += self._grow(delta)
        if plain := text_of(choice.get("text")):
            seen += self._say(plain)
        self._finish = self._finish or _reason(finish)
        if self._finish == "error":
            self._finish = ""
            raise Malformed("the server ended its reply with an error that it does not name")
        return seen

    def _grow(self, delta: Object) -> list[StreamEvent]:
        seen: list[StreamEvent] = []
        content = delta.get("content")
        thought = first_text(delta, _THOUGHTS) or _thought_in(content)
        if thought:
            self._thinking.append(thought)
            seen.append(StreamEvent(kind="thinking", text=clean(thought)))
        if said := _said_in(content):
            seen += self._say(said)
        if refusal := text_of(delta.get("refusal")):
            self._refusal.append(refusal)
        calls = items(delta.get("tool_calls")) or items(delta.get("function_call"))
        begun = self._calls.take(calls)
        return seen + [StreamEvent(kind="tool_call", text=clean(name)) for name in begun]

    def _say(self, text: str) -> list[StreamEvent]:
        self._text.append(text)
        return [StreamEvent(kind="text", text=clean(text))]

    def _bill(self, chunk: Object) -> None:
        """The last figures that say something, wherever a server puts them."""
        choices = [mapping(choice).get("usage") for choice in items(chunk.get("choices"))]
        for found in (chunk.get("usage"), mapping(chunk.get("x_groq")).get("usage"), *choices):
            said = {k: v for k, v in mapping(found).items() if v is not None}
            self._usage = {**self._usage, **said}

    def _count_usage(self, sent_chars: int) -> Usage:
        prompt = first_count(self._usage, "prompt_tokens", "input_tokens")
        output = first_count(self._usage, "completion_tokens", "output_tokens")
        read = first_count(self._usage, *_READ) or 0
        written = first_count(self._usage, "prompt_tokens_details.cache_write_tokens") or 0
        # a reply that took nothing is one that was not counted
        prompt, output = prompt or None, output if output or not self.said_chars else None
        whole = tokens(sent_chars) if prompt is None else prompt
        return Usage(
            fresh=max(0, whole - read - written),
            cache_write=written,
            cache_read=read,
            output=tokens(self.said_chars) if output is None else output,
            estimated=prompt is None or output is None,
        )


def _reason(finish: Json) -> str:
    """Why it ended, as a word; servers also send an object or a number."""
    if isinstance(finish, dict):
        finish = finish.get("type") or finish.get("reason") or "other"
    return name_of(finish) or ("other" if finish else "")


def _thought_in(content: Json) -> str:
    """Thinking that stands among the parts of the content."""
    parts = content if isinstance(content, list) else []
    return "".join(text_of(mapping(p)) for p in parts if _is_thought(p))


def _said_in(content: Json) -> str:
    if not isinstance(content, list):
        return text_of(content)
    return "".join(text_of(part) for part in content if not _is_thought(part))


def _is_thought(part: Json) -> bool:
    return name_of(mapping(part).get("type")) in ("thinking", "reasoning")

"""Core values to and from the Anthropic Messages dialect. Pure: no SDK, no network."""

from __future__ import annotations

import json
import re
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
    ToolCall,
    ToolResult,
    Usage,
    Value,
)
from harness.llm.calls import tool_call
from harness.llm.clean_text import clean, clean_object, wire_name
from harness.llm.faults import Malformed
from harness.llm.thinking import LEAST, effort

PROVIDER: Final = "anthropic"
MARK: Final[Json] = {"type": "ephemeral"}
_STOPS: Final[dict[str, Stop]] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "tool_use": "tool_calls",
    "max_tokens": "max_tokens",
    "model_context_window_exceeded": "max_tokens",
    "refusal": "refusal",
}
_CHOICES: Final = {"auto": "auto", "required": "any", "none": "none"}

Object = dict[str, Json]


class Wants(Value):
    """What this model of the vendor accepts; learnt from its name, then from its refusals."""

    adaptive: bool
    """It sizes its own thinking and takes an effort instead of a budget."""
    forced: bool = True
    """A tool may be forced."""


def wants(model: str) -> Wants:
    """By the version in the name: from 4.6 on models size their own thinking. A name without a
    version is taken for a server that speaks the older form."""
    undated = re.sub(r"\d{8}|\d{4}-\d{2}-\d{2}", "", model)
    found = re.search(r"claude\D*?(\d+)(?:[-.](\d+))?", undated)
    version = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    return Wants(adaptive=version >= (4, 6))


def body(request: Request, model: str, accepts: Wants, *, cache: bool, forget: int = 0) -> Object:
    """The JSON of one streamed call. Thinking in the first `forget` messages is left out: the
    vendor ties it to the very text before it, and refuses it once that text was changed."""
    sent: Object = {
        "model": model,
        "max_tokens": request.max_tokens,
        "stream": True,
        "messages": [_message(m, n >= forget) for n, m in enumerate(request.messages)],
    }
    if request.system.strip():
        sent["system"] = [{"type": "text", "text": clean(request.system)}]
    if request.tools:
        sent["tools"] = [
            {
                "name": tool.name,
                "description": clean(tool.description),
                "input_schema": clean_object(tool.schema_),
            }
            for tool in request.tools
        ]
        budgeted = request.thinking.tokens > 0 and not accepts.adaptive
        free = request.tool_choice == "required" and (budgeted or not accepts.forced)
        # forced tools and thinking exclude each other; the prompt asks for the tool then
        sent["tool_choice"] = {"type": "auto" if free else _CHOICES[request.tool_choice]}
    if request.thinking.tokens > 0:
        _think(sent, request, accepts.adaptive)
    if cache:
        _mark(sent)
    return sent


def _think(sent: Object, request: Request, adaptive: bool) -> None:
    budget = max(LEAST, request.thinking.tokens)
    # max_tokens counts thinking too: the answer keeps the room it asked for
    sent["max_tokens"] = request.max_tokens + budget
    if adaptive:
        sent["thinking"] = {"type": "adaptive"}
        sent["output_config"] = {"effort": effort(budget)}
    else:
        sent["thinking"] = {"type": "enabled", "budget_tokens": budget}


def _mark(sent: Object) -> None:
    """At most four cache marks, as many as the vendor allows: tools, system, and the last two
    user messages. The older of the two is where the last call's cache ends, so it is found even
    when a turn added more blocks than the vendor looks back over."""
    for field in ("tools", "system"):
        blocks = sent.get(field)
        if isinstance(blocks, list) and blocks and isinstance(blocks[-1], dict):
            blocks[-1]["cache_control"] = MARK
    messages = sent["messages"]
    assert isinstance(messages, list)
    users = [m for m in messages if isinstance(m, dict) and m["role"] == "user"]
    for message in users[-2:]:
        content = message["content"]
        if isinstance(content, list) and isinstance(content[-1], dict):
            content[-1]["cache_control"] = MARK


def _message(message: Message, with_thinking: bool) -> Json:
    # the vendor wants tool results before any text
    parts = sorted(message.parts, key=lambda part: not isinstance(part, ToolResult))
    kept = [part for part in parts if with_thinking or not isinstance(part, Thinking)]
    blocks: list[Json] = [b for part in kept if (b := _block(part)) is not None]
    if not blocks:
        # the vendor refuses an empty message for ever after; a model may well say nothing
        blocks = [{"type": "text", "text": "(nothing)"}]
    return {"role": message.role, "content": blocks}


def _block(part: Part) -> Object | None:
    match part:
        case Text():
            text = clean(part.text)
            return {"type": "text", "text": text} if text.strip() else None
        case Thinking():
            return _thinking(part)
        case ToolCall():
            unread: Object = {"unreadable_json": clean(part.broken)}
            return {
                "type": "tool_use",
                "id": wire_name(part.id),
                "name": wire_name(part.name),
                "input": unread if part.broken else clean_object(part.arguments),
            }
        case ToolResult():
            block: Object = {"type": "tool_result", "tool_use_id": wire_name(part.call_id)}
            if part.text.strip():
                block["content"] = clean(part.text)
            if part.is_error:
                block["is_error"] = True
            return block


def _thinking(part: Thinking) -> Object | None:
    if part.provider != PROVIDER:
        return None
    if part.redacted:
        return {"type": "redacted_thinking", "data": part.redacted}
    if part.signature:
        return {"type": "thinking", "thinking": part.text, "signature": part.signature}
    return None


class _Loose(BaseModel):
    """Somebody else's format: what we do not know is ignored, what we know has its type."""

    model_config = ConfigDict(extra="ignore")


class _Usage(_Loose):
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_read_input_tokens: int | None = None


class _Start(_Loose):
    model: str = ""
    usage: _Usage | None = None


class _Block(_Loose):
    type: str
    text: str = ""
    thinking: str = ""
    signature: str = ""
    data: str = ""
    id: str = ""
    name: str = ""
    input: JsonValue = None


class _Delta(_Loose):
    type: str = ""
    text: str = ""
    thinking: str = ""
    signature: str = ""
    partial_json: str = ""
    stop_reason: str | None = None


class _Event(_Loose):
    type: str
    index: int = -1
    message: _Start | None = None
    content_block: _Block | None = None
    delta: _Delta | None = None
    usage: _Usage | None = None


class _Open:
    """A content block while it arrives."""

    def __init__(self, block: _Block) -> None:
        self.block = block
        self.text = [block.text or block.thinking]
        self.signature = block.signature
        self.json: list[str] = []
        self.stopped = False


class EventAssembly:
    """Events in, one Message out. `is_done` only after message_stop with every block closed."""

    def __init__(self) -> None:
        self._blocks: dict[int, _Open] = {}
        self._usage = _Usage()
        self._model = ""
        self._stop: str | None = None
        self._ended = False
        self.events = 0
        self.begun = False

    def take(self, raw: object) -> StreamEvent | None:
        """One event. ValidationError or Malformed when it is not of the dialect."""
        event = _Event.model_validate(raw)
        self.events += 1
        match event.type:
            case "message_start" if event.message is not None:
                self._model = event.message.model
                self._count(event.message.usage)
            case "content_block_start" if event.content_block is not None:
                self._blocks[event.index] = _Open(event.content_block)
                if event.content_block.type == "tool_use":
                    return StreamEvent(kind="tool_call", text=clean(event.content_block.name))
            case "content_block_delta" if event.delta is not None:
                return self._grow(event.index, event.delta)
            case "content_block_stop":
                self._open(event.index).stopped = True
            case "message_delta":
                self._count(event.usage)
                if event.delta is not None:
                    self._stop = event.delta.stop_reason or self._stop
            case "message_stop":
                self._ended = True
        return None

    @property
    def is_done(self) -> bool:
        closed = all(block.stopped for block in self._blocks.values())
        return self._ended and self._stop is not None and closed

    def message(self, name: str) -> Message:
        """The reply; `name` when the server did not say which model it is."""
        assert self.is_done
        stop = _STOPS.get(self._stop or "", "other")
        parts: list[Part] = []
        for _, block in sorted(self._blocks.items()):
            part = _part(block, cut_short=stop == "max_tokens")
            if part is not None:
                parts.append(part)
        return Message(
            role="assistant",
            parts=tuple(parts),
            usage=Usage(
                fresh=self._usage.input_tokens or 0,
                cache_write=self._usage.cache_creation_input_tokens or 0,
                cache_read=self._usage.cache_read_input_tokens or 0,
                output=self._usage.output_tokens or 0,
            ),
            model=clean(self._model) or name,
            stop=stop,
        )

    def _open(self, index: int) -> _Open:
        block = self._blocks.get(index)
        if block is None:
            raise Malformed(f"block {index} was never opened")
        return block

    def _grow(self, index: int, delta: _Delta) -> StreamEvent | None:
        block = self._open(index)
        match delta.type:
            case "text_delta":
                block.text.append(delta.text)
                return StreamEvent(kind="text", text=clean(delta.text))
            case "thinking_delta":
                block.text.append(delta.thinking)
                return StreamEvent(kind="thinking", text=clean(delta.thinking))
            case "signature_delta":
                block.signature += delta.signature
            case "input_json_delta":
                block.json.append(delta.partial_json)
        return None

    def _count(self, usage: _Usage | None) -> None:
        # the later figures are cumulative; a figure left out stands
        if usage is not None:
            self._usage = self._usage.model_copy(update=usage.model_dump(exclude_none=True))


def _part(open_: _Open, *, cut_short: bool) -> Part | None:
    block = open_.block
    text = "".join(open_.text)
    match block.type:
        case "text":
            return Text(text=clean(text)) if text else None
        case "thinking":
            # its signature is for the very text: a text that cannot be kept is never sent back
            whole = clean(text) == text
            signature = clean(open_.signature) if whole else ""
            return Thinking(text=clean(text), signature=signature, provider=PROVIDER)
        case "redacted_thinking":
            return Thinking(text="", redacted=clean(block.data), provider=PROVIDER)
        case "tool_use":
            raw = "".join(open_.json)
            if not raw and not cut_short:
                raw = json.dumps(block.input or {})
            return tool_call(block.id, block.name, raw)
    return None

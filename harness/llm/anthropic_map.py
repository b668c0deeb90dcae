"""Core values to and from the Anthropic Messages dialect. Pure: no SDK, no network."""

from __future__ import annotations

import json
import re
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
    ToolCall,
    ToolResult,
    Usage,
    Value,
)
from harness.llm.calls import tool_call
from harness.llm.clean_text import clean, clean_object, wire_name
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
from harness.llm.prefix import tokens
from harness.llm.thinking import LEAST, effort

PROVIDER: Final = "anthropic"
MARK: Final[Json] = {"type": "ephemeral"}
_STOPS: Final[dict[str, Stop]] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "stop": "end",
    "tool_use": "tool_calls",
    "tool_calls": "tool_calls",
    "max_tokens": "max_tokens",
    "model_context_window_exceeded": "max_tokens",
    "length": "max_tokens",
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


class _Open:
    """A content block while it arrives."""

    def __init__(self, block: Object) -> None:
        self.block = block
        self.kind = name_of(block.get("type")) or _kind_by_fields(block)
        self.text = [first_text(block, ("text", "thinking"))]
        self.signature = text_of(block.get("signature"))
        self.json: list[str] = []

    @property
    def chars(self) -> int:
        """How much was written."""
        return sum(map(len, self.text)) + len(self.raw) + len(name_of(self.block.get("name")))

    @property
    def raw(self) -> str:
        """A call's arguments as JSON, "" when there are none at all."""
        given = self.block.get("input")
        if self.json or given in (None, {}, "", []):
            return "".join(self.json)
        return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


class EventAssembly:
    """Events in, one Message out; a whole message in one piece is an event too. `is_done` once
    the reason of the end is known, which comes after every block, or at message_stop."""

    def __init__(self) -> None:
        self._blocks: dict[int, _Open] = {}
        self._last = -1
        self._usage: Object = {}
        self._model = ""
        self._stop = ""
        self._ended = False

    def take(self, raw: object) -> tuple[StreamEvent, ...]:
        """One event. Malformed when it is not of the dialect."""
        if raw is None or raw == []:
            return ()
        if not isinstance(raw, dict):
            raise Malformed("an event that is no object")
        if isinstance(raw.get("content"), (list, str)) and "index" not in raw:
            return self._take_whole(raw)
        seen: StreamEvent | None = None
        match name_of(raw.get("type")):
            case "message_start":
                self._begin(mapping(raw.get("message")))
            case "content_block_start":
                seen = self._open_block(raw)
            case "content_block_delta":
                seen = self._grow(raw)
            case "message_delta":
                self._count(raw.get("usage"))
                self._stop = self._stop or _reason(mapping(raw.get("delta")).get("stop_reason"))
            case "message_stop":
                self.end()
        return () if seen is None else (seen,)

    def end(self) -> None:
        """The server says that this was all."""
        self._ended = True

    @property
    def is_done(self) -> bool:
        return bool(self._stop) or (self._ended and bool(self._blocks) and self._are_whole)

    @property
    def is_over(self) -> bool:
        return self._ended

    @property
    def said_chars(self) -> int:
        return sum(b.chars for b in self._blocks.values())

    def message(self, name: str, sent_chars: int = 0) -> Message:
        """The reply; `name` when the server did not say which model it is. Usage that the server
        did not tell is estimated from `sent_chars`: caps must not count nothing."""
        assert self.is_done
        stop = _STOPS.get(self._stop, "other") if self._stop else "end"
        blocks = [block for _, block in sorted(self._blocks.items())]
        if stop in ("end", "other") and any(b.kind == "tool_use" for b in blocks):
            stop = "tool_calls"
        return Message(
            role="assistant",
            parts=tuple(p for b in blocks for p in _parts(b, cut_short=stop == "max_tokens")),
            usage=self._count_usage(sent_chars),
            model=clean(self._model) or name,
            stop=stop,
        )

    def _take_whole(self, raw: Object) -> tuple[StreamEvent, ...]:
        self._begin(raw)
        seen: list[StreamEvent] = []
        for place, block in enumerate(items(raw.get("content"))):
            said: Object = {"type": "text", "text": block} if isinstance(block, str) else {}
            opened = _Open(said or mapping(block))
            self._blocks[place] = opened
            seen += _events(opened)
        self._stop = _reason(raw.get("stop_reason"))
        self.end()
        return tuple(seen)

    def _begin(self, message: Object) -> None:
        self._model = name_of(message.get("model")) or self._model
        self._count(message.get("usage"))

    def _open_block(self, raw: Object) -> StreamEvent | None:
        block = mapping(raw.get("content_block"))
        index = place_of(raw.get("index"))
        self._last = len(self._blocks) if index is None else index
        self._blocks[self._last] = opened = _Open(block)
        return next(iter(_events(opened)), None) if opened.kind == "tool_use" else None

    def _grow(self, raw: Object) -> StreamEvent | None:
        delta = mapping(raw.get("delta"))
        index = place_of(raw.get("index"))
        block = self._blocks.get(self._last if index is None else index)
        kind = name_of(delta.get("type")) or _kind_by_fields(delta)
        if block is None:
            # a text needs no opening to be understood, a call has its name there
            opening: Object = {"type": "thinking" if "thinking" in kind else "text"}
            if "text" not in kind and "thinking" not in kind:
                raise Malformed(f"block {index} was never opened")
            self._last = len(self._blocks) if index is None else index
            block = self._blocks[self._last] = _Open(opening)
        if "json" in kind or "partial_json" in delta:
            given = delta.get("partial_json")
            plain = isinstance(given, str) or given is None
            block.json.append(text_of(given) if plain else json.dumps(given, ensure_ascii=False))
        elif "signature" in kind:
            block.signature += text_of(delta.get("signature"))
        elif said := first_text(delta, ("text", "thinking")):
            block.text.append(said)
            return StreamEvent(kind="thinking" if "thinking" in kind else "text", text=clean(said))
        return None

    @property
    def _are_whole(self) -> bool:
        """No call is half."""
        calls = [b.raw.rstrip() for b in self._blocks.values() if b.kind == "tool_use"]
        return all(not raw or raw.endswith("}") for raw in calls)

    def _count(self, usage: Json) -> None:
        # the later figures are cumulative; a figure left out stands
        said = {key: value for key, value in mapping(usage).items() if value is not None}
        self._usage = {**self._usage, **said}

    def _count_usage(self, sent_chars: int) -> Usage:
        fresh = first_count(self._usage, "input_tokens", "prompt_tokens")
        output = first_count(self._usage, "output_tokens", "completion_tokens")
        written = first_count(self._usage, "cache_creation_input_tokens") or 0
        read = first_count(self._usage, "cache_read_input_tokens") or 0
        if not fresh and not (written or read):
            # a prompt that took nothing is one that was not counted
            fresh = None
        output = output if output or not self.said_chars else None
        return Usage(
            fresh=tokens(sent_chars) if fresh is None else fresh,
            cache_write=written,
            cache_read=read,
            output=tokens(self.said_chars) if output is None else output,
            estimated=fresh is None or output is None,
        )


def _reason(stop: Json) -> str:
    """Why it ended, as a word; servers also send an object or a number."""
    if isinstance(stop, dict):
        stop = stop.get("type") or stop.get("reason") or "other"
    return name_of(stop) or ("other" if stop else "")


def _kind_by_fields(value: Object) -> str:
    """What a block or a delta without a type is."""
    for field, kind in (("name", "tool_use"), ("partial_json", "json"), ("thinking", "thinking")):
        if field in value:
            return kind
    return "signature" if "signature" in value else "text"


def _events(block: _Open) -> list[StreamEvent]:
    text = "".join(block.text)
    if block.kind == "tool_use":
        return [StreamEvent(kind="tool_call", text=clean(name_of(block.block.get("name"))))]
    if block.kind in ("text", "thinking") and text:
        return [
            StreamEvent(kind="thinking" if block.kind == "thinking" else "text", text=clean(text))
        ]
    return []


def _parts(open_: _Open, *, cut_short: bool) -> list[Part]:
    block = open_.block
    text = "".join(open_.text)
    match open_.kind:
        case "text":
            thought, said = split_thought(text)
            inline = [Thinking(text=clean(thought), provider=PROVIDER)] if thought else []
            return [*inline, Text(text=clean(said))] if said else [*inline]
        case "thinking":
            # its signature is for the very text: a text that cannot be kept is never sent back
            whole = clean(text) == text
            signature = clean(open_.signature) if whole else ""
            return [Thinking(text=clean(text), signature=signature, provider=PROVIDER)]
        case "redacted_thinking":
            data = text_of(block.get("data"))
            return [Thinking(text="", redacted=clean(data), provider=PROVIDER)]
        case "tool_use":
            raw = open_.raw or ("" if cut_short else "{}")
            return [tool_call(name_of(block.get("id")), name_of(block.get("name")), raw)]
    return []

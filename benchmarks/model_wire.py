"""Two vendors' dialects from the server's side: replies, events, bills, refusals.

Standard library only, and written apart from the adapters on purpose: what stands on both sides
of a test must not share a mistake.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]
LOOK_BACK = 20
"""Blocks before a mark in which the vendor finds an earlier one."""
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def tokens(size: int) -> int:
    """Four bytes a token: an estimate."""
    return (size + 3) // 4


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=False, sort_keys=True).encode())


class Prefixes:
    """A simulated prefix cache shared by all callers. No least size, no expiry."""

    def __init__(self) -> None:
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def anthropic(self, body: Object) -> Object:
        """input_tokens and the two cache fields, by the marks in the request."""
        sizes, hashes, marks = [0], [""], []
        for block, marked in _blocks(body):
            sizes.append(sizes[-1] + _size(block))
            hashes.append(_chain(hashes[-1], block))
            if marked:
                marks.append(len(hashes) - 1)
        with self._lock:
            read = max(
                (
                    at
                    for mark in marks
                    for at in range(max(1, mark - LOOK_BACK), mark + 1)
                    if hashes[at] in self._known
                ),
                default=0,
            )
            self._known.update(hashes[mark] for mark in marks)
        last = max(marks, default=0)
        return {
            "input_tokens": tokens(sizes[-1] - sizes[last]),
            "cache_creation_input_tokens": tokens(max(0, sizes[last] - sizes[read])),
            "cache_read_input_tokens": tokens(sizes[read]),
        }

    def openai(self, body: Object) -> tuple[int, int]:
        """(all prompt tokens, those of a prefix sent before); the vendor needs no marks."""
        size, known, chain = 0, 0, ""
        with self._lock:
            unbroken = True
            for piece in [body.get("tools", []), *body["messages"]]:
                chain = _chain(chain, piece)
                size += _size(piece)
                unbroken = unbroken and chain in self._known
                known = size if unbroken else known
                self._known.add(chain)
        return tokens(size), tokens(known)


def _chain(before: str, block: object) -> str:
    text = json.dumps(block, sort_keys=True)
    return hashlib.sha256((before + "\0" + text).encode()).hexdigest()


def _blocks(body: Object) -> Iterator[tuple[Object, bool]]:
    """(block without its mark, marked?) in the order of the cached prefix."""
    for block in [*body.get("tools", []), *_as_list(body.get("system", []))]:
        yield {k: v for k, v in block.items() if k != "cache_control"}, "cache_control" in block
    for message in body["messages"]:
        for block in _as_list(message["content"]):
            plain = {k: v for k, v in block.items() if k != "cache_control"}
            yield {"role": message["role"], **plain}, "cache_control" in block


def _as_list(content: Any) -> list[Object]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


# ------------------------------------------------------------------ what the vendors refuse


def refuse_anthropic(body: Object) -> str:
    """The vendor's complaint about a request, or "". The rules that cost people sessions."""
    messages = body.get("messages")
    if not isinstance(body.get("max_tokens"), int):
        return "max_tokens: Field required"
    if not messages or messages[0]["role"] != "user" or messages[-1]["role"] != "user":
        return "messages: first and last must use the user role"
    if sum(marked for _, marked in _blocks(body)) > 4:
        return "A maximum of 4 blocks with cache_control may be provided."
    thinking = body.get("thinking") or {}
    if thinking.get("type") == "enabled":
        if not 1024 <= thinking.get("budget_tokens", 0) < body["max_tokens"]:
            return "max_tokens must be greater than thinking.budget_tokens, and that at least 1024"
        if (body.get("tool_choice") or {}).get("type") in ("any", "tool"):
            return "Thinking may not be enabled when tool_choice forces tool use."
    open_calls: list[str] = []
    for place, message in enumerate(messages):
        complaint = _refuse_message(message, open_calls)
        if complaint:
            return f"messages.{place}: {complaint}"
        if message["role"] == "assistant":
            blocks = _as_list(message["content"])
            open_calls = [b["id"] for b in blocks if b["type"] == "tool_use"]
    return ""


def _refuse_message(message: Object, open_calls: list[str]) -> str:
    blocks = _as_list(message["content"])
    if not blocks:
        return "content must not be empty"
    if any(b["type"] == "text" and not b["text"].strip() for b in blocks):
        return "text content blocks must contain non-whitespace text"
    if message["role"] == "user":
        results = [b["tool_use_id"] for b in blocks if b["type"] == "tool_result"]
        if sorted(results) != sorted(open_calls):
            return "`tool_use` ids were found without `tool_result` blocks right after, or extra"
        if any(b["type"] == "tool_result" for b in blocks[len(results) :]):
            return "`tool_result` blocks must come first"
        return ""
    calls = [b for b in blocks if b["type"] == "tool_use"]
    if len({c["id"] for c in calls}) != len(calls):
        return "`tool_use` ids must be unique"
    for call in calls:
        if not (_ID.fullmatch(call["id"]) and _ID.fullmatch(call["name"])):
            return "tool_use: id and name should match pattern '^[a-zA-Z0-9_-]+$'"
        if not isinstance(call["input"], dict):
            return "tool_use.input: Input should be a valid dictionary"
    return ""


def refuse_openai(body: Object) -> str:
    """The same for Chat Completions."""
    waiting: list[str] = []
    for place, message in enumerate(body.get("messages") or []):
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                return f"messages.[{place}]: no preceding tool_call with this tool_call_id"
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            return f"messages.[{place}]: tool_call_ids did not have response messages: {waiting}"
        for call in message.get("tool_calls") or []:
            waiting.append(call["id"])
            if not isinstance(json.loads(call["function"]["arguments"]), dict):
                return f"messages.[{place}]: arguments must be an object"
            if not _ID.fullmatch(call["function"]["name"]):
                return f"messages.[{place}]: invalid function name"
    return f"tool_call_ids did not have response messages: {waiting}" if waiting else ""


# ------------------------------------------------------------------ replies


def _arguments(call: Object) -> str:
    return call.get("broken") or json.dumps(call.get("arguments", {}), ensure_ascii=False)


def _halves(text: str) -> list[str]:
    middle = (len(text) + 1) // 2
    return [piece for piece in (text[:middle], text[middle:]) if piece]


def said(turn: Object) -> int:
    """Output tokens of a scripted turn."""
    size = len(turn.get("text", "")) + len(turn.get("thinking", ""))
    return tokens(size + sum(len(c["name"] + _arguments(c)) for c in turn.get("calls", [])))


def _content(turn: Object, number: int) -> list[tuple[Object, list[Object]]]:
    """(block at its start, its deltas)."""
    blocks: list[tuple[Object, list[Object]]] = []
    if turn.get("thinking"):
        deltas: list[Object] = [
            {"type": "thinking_delta", "thinking": piece} for piece in _halves(turn["thinking"])
        ]
        deltas.append({"type": "signature_delta", "signature": f"signed-{number}"})
        blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, deltas))
    if turn.get("redacted"):
        blocks.append(({"type": "redacted_thinking", "data": turn["redacted"]}, []))
    if turn.get("text"):
        deltas = [{"type": "text_delta", "text": piece} for piece in _halves(turn["text"])]
        blocks.append(({"type": "text", "text": ""}, deltas))
    for place, call in enumerate(turn.get("calls", [])):
        start = {
            "type": "tool_use",
            "id": call.get("id", f"toolu_{number}_{place}"),
            "name": call["name"],
            "input": {},
        }
        pieces = _halves(_arguments(call))
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces]
        blocks.append((start, deltas))
    return blocks


def anthropic_events(turn: Object, number: int, body: Object, usage: Object) -> Iterator[Object]:
    """The events of a whole reply, in order."""
    stop = turn.get("stop") or ("tool_use" if turn.get("calls") else "end_turn")
    message = {
        "id": f"msg_{number}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {**usage, "output_tokens": 1},
    }
    yield {"type": "message_start", "message": message}
    for index, (block, deltas) in enumerate(_content(turn, number)):
        yield {"type": "content_block_start", "index": index, "content_block": block}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": stop, "stop_sequence": None},
        "usage": {"output_tokens": said(turn)},
    }
    yield {"type": "message_stop"}


def anthropic_json(turn: Object, number: int, body: Object, usage: Object) -> Object:
    """The same reply in one piece."""
    content = []
    for block, deltas in _content(turn, number):
        whole = dict(block)
        for delta in deltas:
            for key in ("text", "thinking", "signature"):
                whole[key] = whole.get(key, "") + delta[key] if key in delta else whole.get(key)
        if block["type"] == "tool_use":
            whole["input"] = json.loads("".join(d["partial_json"] for d in deltas) or "{}")
        content.append({k: v for k, v in whole.items() if v is not None})
    *_, end, _ = anthropic_events(turn, number, body, usage)
    first = next(anthropic_events(turn, number, body, usage))["message"]
    bill = {**usage, **end["usage"]}
    return {**first, "content": content, "usage": bill, "stop_reason": end["delta"]["stop_reason"]}


def openai_usage(turn: Object, prompt: tuple[int, int]) -> Object:
    """As the vendor reports it: cached tokens are part of the prompt's."""
    output = said(turn)
    return {
        "prompt_tokens": prompt[0],
        "completion_tokens": output,
        "total_tokens": prompt[0] + output,
        "prompt_tokens_details": {"cached_tokens": prompt[1]},
    }


def openai_events(turn: Object, number: int, body: Object, usage: Object) -> Iterator[Object]:
    """The chunks of a whole reply, in order."""

    def chunk(delta: Object, finish: str | None = None) -> Object:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {**_head(number, body), "object": "chat.completion.chunk", "choices": [choice]}

    yield chunk({"role": "assistant", "content": ""})
    for piece in _halves(turn.get("thinking", "")):
        yield chunk({"reasoning_content": piece})
    for piece in _halves(turn.get("text", "")):
        yield chunk({"content": piece})
    for place, call in enumerate(turn.get("calls", [])):
        start: Object = {"index": place, "type": "function"}
        if call.get("id", "x"):
            start["id"] = call.get("id", f"call_{number}_{place}")
        yield chunk({"tool_calls": [{**start, "function": {"name": call["name"]}}]})
        for piece in _halves(_arguments(call)):
            yield chunk({"tool_calls": [{"index": place, "function": {"arguments": piece}}]})
    yield chunk({}, turn.get("stop") or ("tool_calls" if turn.get("calls") else "stop"))
    if (body.get("stream_options") or {}).get("include_usage"):
        yield {**_head(number, body), "object": "chat.completion.chunk", "choices": []} | {
            "usage": usage
        }


def _head(number: int, body: Object) -> Object:
    return {"id": f"chatcmpl-{number}", "created": 0, "model": body["model"]}


def openai_json(turn: Object, number: int, body: Object, usage: Object) -> Object:
    """The same reply in one piece."""
    calls = [
        {
            "id": call.get("id", f"call_{number}_{place}"),
            "type": "function",
            "function": {"name": call["name"], "arguments": _arguments(call)},
        }
        for place, call in enumerate(turn.get("calls", []))
    ]
    message: Object = {"role": "assistant", "content": turn.get("text") or None}
    if calls:
        message["tool_calls"] = calls
    finish = turn.get("stop") or ("tool_calls" if calls else "stop")
    choice = {"index": 0, "message": message, "finish_reason": finish}
    head = {**_head(number, body), "object": "chat.completion"}
    return {**head, "choices": [choice], "usage": usage}

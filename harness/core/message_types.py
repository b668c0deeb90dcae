"""What is said to and by a model. Provider-neutral; adapters map it to a vendor's dialect."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

from pydantic import Field

from harness.core.base import Json, Value


class Text(Value):
    """Plain text."""

    kind: Literal["text"] = "text"
    text: str


class Thinking(Value):
    """A model's reasoning, sent back verbatim to the provider that wrote it, and to no other.

    `signature` and `redacted` are opaque; `provider` names the dialect that may read them.
    """

    kind: Literal["thinking"] = "thinking"
    text: str
    signature: str = ""
    redacted: str = ""
    provider: str = ""


class ToolCall(Value):
    """A model asks for a tool. `arguments` is what it wrote, unchecked; `broken` holds the raw
    text when it was not a JSON object (then `arguments` is empty)."""

    kind: Literal["tool_call"] = "tool_call"
    id: str
    name: str
    arguments: dict[str, Json]
    broken: str = ""


class ToolResult(Value):
    """The answer to one ToolCall, as raw text."""

    kind: Literal["tool_result"] = "tool_result"
    call_id: str
    text: str
    is_error: bool = False


Part = Annotated[Text | Thinking | ToolCall | ToolResult, Field(discriminator="kind")]


class Usage(Value):
    """Tokens of one call. `fresh` excludes what was read from or written to the cache:
    all input = fresh + cache_write + cache_read. `output` includes thinking. `estimated`: the
    server did not say it all."""

    fresh: int = 0
    cache_write: int = 0
    cache_read: int = 0
    output: int = 0
    estimated: bool = False

    def plus(self, other: Usage) -> Usage:
        """Both together."""
        return Usage(
            fresh=self.fresh + other.fresh,
            cache_write=self.cache_write + other.cache_write,
            cache_read=self.cache_read + other.cache_read,
            output=self.output + other.output,
            estimated=self.estimated or other.estimated,
        )

    @property
    def total(self) -> int:
        """All tokens, in and out."""
        return self.fresh + self.cache_write + self.cache_read + self.output


Stop = Literal["end", "tool_calls", "max_tokens", "refusal", "other"]


class Message(Value):
    """One message. `usage`, `model` and `stop` are set on a model's replies only."""

    role: Literal["user", "assistant"]
    parts: tuple[Part, ...]
    usage: Usage | None = None
    model: str = ""
    stop: Stop | None = None

    @property
    def text(self) -> str:
        """The Text parts, joined by newlines."""
        return "\n".join(p.text for p in self.parts if isinstance(p, Text))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The tool calls, in order."""
        return tuple(p for p in self.parts if isinstance(p, ToolCall))


class ToolSpec(Value):
    """What a model is told of a tool. `schema_` is a JSON Schema of an object."""

    name: str
    description: str
    schema_: dict[str, Json]


class ThinkingBudget(Value):
    """How much a model may reason in one call. tokens = 0: not at all."""

    tokens: int = 0


class Request(Value):
    """One call of a model. (session, turn) is its key in the journal.

    Messages alternate user, assistant, ...; every ToolCall has a ToolResult in the next message.
    """

    session: str
    turn: int
    system: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    tool_choice: Literal["auto", "required", "none"] = "auto"
    thinking: ThinkingBudget = ThinkingBudget()
    max_tokens: int = 8192


def request_hash(request: Request) -> str:
    """SHA-256 (hex) of what the model would see: system, messages, tools, choice, thinking, limit.

    Not of what is only bookkeeping: session, turn, and a past reply's usage, model and stop. The
    same before and after a trip through JSON, whatever the order of keys.
    """
    seen = {
        "system": request.system,
        "messages": [
            [m.role, [part.model_dump(mode="python") for part in m.parts]] for m in request.messages
        ],
        "tools": [[t.name, t.description, t.schema_] for t in request.tools],
        "tool_choice": request.tool_choice,
        "thinking": request.thinking.tokens,
        "max_tokens": request.max_tokens,
    }
    # escaped to ASCII: a lone surrogate in a tool's output cannot be encoded otherwise
    text = json.dumps(seen, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


class StreamEvent(Value):
    """A piece of a reply while it arrives; for people's eyes only, never acted on."""

    kind: Literal["text", "thinking", "tool_call"]
    text: str

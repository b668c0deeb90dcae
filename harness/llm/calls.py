"""Tool calls as models and servers really write them. Pure."""

from __future__ import annotations

import json
from typing import Final, NoReturn

from pydantic import ValidationError

from harness.core.types import Message, Part, Request, ToolCall
from harness.llm.clean_text import clean, clean_object

NO_ARGUMENTS: Final = "(the reply ended before any argument)"


def _refuse(constant: str) -> NoReturn:
    # NaN and Infinity are no JSON; sent back they would be refused for ever
    raise ValueError(constant)


def tool_call(call_id: str, name: str, raw: str) -> ToolCall:
    """A call from the text a model wrote as its arguments; `broken` when that is no JSON object.
    No text at all means that the reply was cut short inside the call."""
    call_id, name = clean(call_id), clean(name)
    try:
        arguments = json.loads(raw, parse_constant=_refuse)
        if isinstance(arguments, str) and arguments.lstrip().startswith("{"):
            # written as JSON twice
            arguments = json.loads(arguments, parse_constant=_refuse)
        if arguments is None:
            arguments = {}
        if isinstance(arguments, dict):
            return ToolCall(id=call_id, name=name, arguments=clean_object(arguments))
    except (ValueError, RecursionError, ValidationError):
        pass
    return ToolCall(id=call_id, name=name, arguments={}, broken=clean(raw) or NO_ARGUMENTS)


def with_unique_ids(message: Message, request: Request) -> Message:
    """The reply with every call's id its own within the conversation: local servers leave ids out
    or number every reply from 0. A new id says turn and place, so the same reply gets the same."""
    used = {call.id for earlier in request.messages for call in earlier.calls}
    turn = sum(m.role == "assistant" for m in request.messages)
    parts: list[Part] = []
    place = 0
    for part in message.parts:
        if isinstance(part, ToolCall):
            fresh = part.id
            while not fresh or fresh in used:
                fresh = f"call-{turn}-{place}" if fresh in ("", part.id) else f"{fresh}-x"
            used.add(fresh)
            place += 1
            part = part.model_copy(update={"id": fresh})
        parts.append(part)
    return message.model_copy(update={"parts": tuple(parts)}) if place else message

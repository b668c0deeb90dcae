"""A model's reply as files, databases and requests can hold it. JSON lets half of a character pair
pass, which no encoding has."""

from __future__ import annotations

import re

from harness.core.types import Message, Part, Text, Thinking, ToolCall

_HALF = re.compile("[\ud800-\udfff]")
_WHOLE = "\ufffd"


def storable(reply: Message) -> Message:
    """The same reply; in its texts a sign stands where the half of a pair was. A call whose
    arguments hold one is broken: what it would write or run is not what the model meant."""
    parts = tuple(map(_mended, reply.parts))
    model = _HALF.sub(_WHOLE, reply.model)
    if parts == reply.parts and model == reply.model:
        return reply
    return reply.model_copy(update={"parts": parts, "model": model})


def _mended(part: Part) -> Part:
    update: dict[str, object]
    match part:
        case Text():
            update = {"text": part.text}
        case Thinking():
            update = {"text": part.text, "signature": part.signature, "redacted": part.redacted}
        case ToolCall():
            update = {"id": part.id, "name": part.name, "broken": part.broken}
            if _holds_half(part.arguments):
                update |= {"arguments": {}, "broken": ascii(part.arguments)}
        case _:
            return part
    texts = {key: _HALF.sub(_WHOLE, v) if isinstance(v, str) else v for key, v in update.items()}
    return part.model_copy(update=texts)


def _holds_half(arguments: object) -> bool:
    pending: list[object] = [arguments]
    while pending:
        value = pending.pop()
        if isinstance(value, str) and _HALF.search(value):
            return True
        if isinstance(value, dict):
            pending += [*value, *value.values()]
        elif isinstance(value, list):
            pending += value
    return False

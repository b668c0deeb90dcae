"""Replies that hold half of a character pair."""

from __future__ import annotations

import json

import pytest

from harness.core.base import Json
from harness.core.storable import storable
from harness.core.types import Message, Text, Thinking, ToolCall, ToolResult

HALF = json.loads('"\\ud83d"')


def test_a_whole_reply_is_the_same() -> None:
    parts = (Text(text="한글 🙂"), ToolCall(id="1", name="n", arguments={"a": ["🙂"]}))
    reply = Message(role="assistant", parts=parts, model="m")
    assert storable(reply) is reply


def test_texts_keep_their_meaning() -> None:
    parts = (
        Text(text=f"a{HALF}b"),
        Thinking(text=HALF, signature=f"s{HALF}"),
        ToolResult(call_id="1", text="r"),
    )
    found = storable(Message(role="assistant", parts=parts, model=f"m{HALF}"))
    assert found.text == "a\ufffdb"
    assert found.model == "m\ufffd"
    assert Message.model_validate_json(found.model_dump_json()) == found


ARGUMENTS: list[dict[str, Json]] = [
    {"summary": f"a{HALF}"},
    {f"k{HALF}": 1},
    {"tasks": [{"files": ["calc.py", HALF]}]},
    {"deep": [[[[{"x": {"y": [HALF]}}]]]]},
    {"data": {HALF: {}}},
]


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_a_call_is_broken_and_says_so(arguments: dict[str, Json]) -> None:
    call = ToolCall(id=f"i{HALF}", name=f"n{HALF}", arguments=arguments)
    (found,) = storable(Message(role="assistant", parts=(call,))).calls
    assert (found.id, found.name, found.arguments) == ("i\ufffd", "n\ufffd", {})
    assert "\\ud83d" in found.broken
    found.model_dump_json().encode()

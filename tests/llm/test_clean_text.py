"""Text that every server accepts and every journal can hold (all bytes, split characters)."""

from __future__ import annotations

import json

import pytest

from harness.core.types import Message, Text, ToolCall
from harness.llm.calls import tool_call, with_unique_ids
from harness.llm.clean_text import clean, clean_object, one_line, wire_name
from harness.testing.model_contract import request, user


@pytest.mark.parametrize(
    "raw",
    [
        bytes(range(256)).decode("utf-8", "surrogateescape"),
        bytes(range(256)).decode("latin-1"),
        "한글".encode()[:4].decode("utf-8", "surrogateescape"),
        "\ud83d\ude00 \ude00\ud83d \ud83d",
        "\0" * 10,
        "",
    ],
)
def test_any_text_can_be_sent_and_stored(raw: str) -> None:
    text = clean(raw)
    assert "\0" not in text
    assert json.loads(json.dumps(text, ensure_ascii=False).encode("utf-8")) == text
    assert (
        Message.model_validate_json(
            Message(role="user", parts=(Text(text=text),)).model_dump_json()
        ).text
        == text
    )
    assert clean(text) == text


def test_good_text_is_left_alone_and_pairs_become_their_character() -> None:
    assert clean("héllo 한글 😀\r\n\t") == "héllo 한글 😀\r\n\t"
    assert clean("\ud83d\ude00") == "😀"
    assert clean_object({"\0": ["\ud800", {"a": "ok"}, 1, None]}) == {
        "\ufffd": ["\ufffd", {"a": "ok"}, 1, None]
    }


def test_a_models_escapes_cannot_poison_the_journal() -> None:
    call = tool_call("a", "bash\0", '{"x": "\\ud800 \\u0000"}')
    assert call.arguments == {"x": "\ufffd \ufffd"}
    assert call.name == "bash\ufffd"
    ToolCall.model_validate_json(call.model_dump_json())


def test_names_fit_what_vendors_allow() -> None:
    assert wire_name("no such.tool!") == "no_such_tool_"
    assert wire_name("") == "unnamed"
    assert len(wire_name("x" * 500)) == 64
    assert wire_name("read_file-2") == "read_file-2"


def test_a_sentence_is_one_line() -> None:
    assert one_line(" a\n b\t\0c ") == "a b \ufffdc"
    assert one_line("x" * 400).endswith("…")


def test_new_ids_are_stable_and_never_meet_an_old_one() -> None:
    taken = ToolCall(id="call-1-0", name="x", arguments={})
    earlier = Message(role="assistant", parts=(taken,))
    reply = Message(
        role="assistant",
        parts=(Text(text="t"), ToolCall(id="", name="x", arguments={}), taken, taken),
    )
    asked = request(user("go"), earlier, user("x"))
    once = with_unique_ids(reply, asked)
    ids = [c.id for c in once.calls]
    assert len({*ids, "call-1-0"}) == 4
    assert once == with_unique_ids(reply, asked)
    assert [p.kind for p in once.parts] == ["text", "tool_call", "tool_call", "tool_call"]

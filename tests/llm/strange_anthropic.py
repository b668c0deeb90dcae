"""Strange answers of Anthropic Messages whose meaning is whole, and that meaning."""

from __future__ import annotations

import re

from tests.llm.strange import (
    CLAUDES,
    HI,
    ONE,
    STOPPED,
    TEXT,
    TWO,
    Answer,
    Seen,
    begun,
    document,
    ended,
    events,
    grown,
    json_delta,
    opened,
    tool,
)

ANTHROPIC: dict[str, tuple[Answer, Seen, str]] = {
    "a null in the usage": (
        events(begun(CLAUDES), *TEXT, STOPPED, *ended(usage={"output_tokens": None})),
        HI,
        "end",
    ),
    "usage of other types": (events(begun([3]), *TEXT, STOPPED, *ended(usage="7")), HI, "end"),
    "no usage": (events(begun(), *TEXT, STOPPED, *ended()), HI, "end"),
    "no beginning": (events(*TEXT, STOPPED, *ended()), HI, "end"),
    "a null message": (
        events({"type": "message_start", "message": None}, *TEXT, *ended()),
        HI,
        "end",
    ),
    "null events": (
        Answer(b"event: x\ndata: null\n\n" + events(begun(), *TEXT, STOPPED, *ended()).body),
        HI,
        "end",
    ),
    "blocks that are never closed": (events(begun(), *TEXT, *ended()), HI, "end"),
    "a block that was never opened": (events(begun(), TEXT[1], *ended()), HI, "end"),
    "no indices": (
        events(
            {"type": "content_block_start", "content_block": tool()},
            {"type": "content_block_delta", "delta": json_delta('{"n":1}')},
            {"type": "content_block_start", "content_block": tool(id="b")},
            {"type": "content_block_delta", "delta": json_delta('{"n":2}')},
            *ended("tool_use"),
        ),
        TWO,
        "tool_calls",
    ),
    "indices as text": (
        events(opened("0", tool()), grown("0", json_delta('{"n":1}')), *ended("tool_use")),
        ONE,
        "tool_calls",
    ),
    "no types inside": (
        events(opened(0, {"text": ""}), grown(0, {"text": "Hi."}), *ended()),
        HI,
        "end",
    ),
    "null texts": (
        events(
            opened(0, {"type": "text", "text": None}),
            grown(0, {"type": "text_delta", "text": None}),
            TEXT[1],
            *ended(),
        ),
        HI,
        "end",
    ),
    "one document for a stream": (
        document(
            {
                "type": "message",
                "content": [{"type": "text", "text": "Hi."}],
                "stop_reason": "end_turn",
                "usage": CLAUDES,
            }
        ),
        HI,
        "end",
    ),
    "one document, the content as text": (
        document({"type": "message", "content": "Hi.", "stop_reason": None}),
        HI,
        "end",
    ),
    "one document with calls": (
        document(
            {
                "content": [tool(input={"n": 1}), tool(input={"n": 2}), None],
                "stop_reason": "end_turn",
            }
        ),
        TWO,
        "tool_calls",
    ),
    "no names of events": (
        Answer(re.sub(rb"event: .*\n", b"", events(begun(), *TEXT, STOPPED, *ended()).body)),
        HI,
        "end",
    ),
    "no reason of the end": (events(begun(), *TEXT, STOPPED, *ended(None)), HI, "end"),
    "an unknown reason": (events(begun(), *TEXT, STOPPED, *ended("weird")), HI, "other"),
    "a reason that is an object": (
        events(begun(), *TEXT, STOPPED, *ended({"type": "max_tokens"})),
        HI,
        "max_tokens",
    ),
    "a word of another dialect": (events(begun(), *TEXT, STOPPED, *ended("stop")), HI, "end"),
    "the end of another dialect": (
        Answer(events(begun(), *TEXT, ended()[0]).body + b"data: [DONE]\n\n"),
        HI,
        "end",
    ),
    "no last event": (events(begun(), *TEXT, STOPPED, ended()[0]), HI, "end"),
    "a connection that breaks after the reason": (
        Answer(events(begun(), *TEXT, STOPPED, ended()[0]).body, cut=True),
        HI,
        "end",
    ),
    "arguments as an object": (
        events(opened(0, tool()), grown(0, json_delta({"n": 1})), *ended("tool_use")),
        ONE,
        "tool_calls",
    ),
    "arguments at the start": (
        events(opened(0, tool(input={"n": 1})), *ended("tool_use")),
        ONE,
        "tool_calls",
    ),
    "arguments at the start, as text": (
        events(opened(0, tool(input='{"n":1}')), *ended("tool_use")),
        ONE,
        "tool_calls",
    ),
    "null arguments": (
        events(opened(0, tool(input=None)), *ended("tool_use")),
        ("", "", [{}]),
        "tool_calls",
    ),
    "ids repeated, missing, a number": (
        events(
            opened(0, tool(id=7, input={"n": 1})),
            opened(1, tool(id=7, input={"n": 2})),
            *ended("tool_use"),
        ),
        TWO,
        "tool_calls",
    ),
    "a call cut by the limit": (
        events(opened(0, tool()), grown(0, json_delta('{"n": 1')), *ended("max_tokens")),
        ("", "", ['{"n": 1']),
        "max_tokens",
    ),
    "thinking inline": (
        events(
            opened(0, {"type": "text"}),
            grown(0, {"type": "text_delta", "text": "<think>hmm</think>\n\nHi."}),
            *ended(),
        ),
        ("Hi.", "hmm", []),
        "end",
    ),
    "unknown events and blocks": (
        events(
            {"type": "vendor_news", "detail": 1, "index": 4},
            opened(3, {"type": "server_tool_use", "id": "x", "name": "web"}),
            *TEXT,
            *ended(),
        ),
        HI,
        "end",
    ),
}

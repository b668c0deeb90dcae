"""Strange answers of Chat Completions whose meaning is whole, and that meaning."""

from __future__ import annotations

import json

from tests.llm.strange import (
    HI,
    LS,
    ONE,
    SSE,
    TWO,
    USAGE,
    A,
    Answer,
    B,
    Seen,
    calls,
    chunk,
    document,
    piece,
    sse,
    whole,
)

OPENAI: dict[str, tuple[Answer, Seen, str]] = {
    # fields null, of another type, missing
    "a null in the usage": (
        sse(chunk(content="Hi."), chunk("stop"), {"usage": {**USAGE, "completion_tokens": None}}),
        HI,
        "end",
    ),
    "usage as text": (
        sse(chunk(content="Hi."), chunk("stop"), {"usage": {"prompt_tokens": "50"}}),
        HI,
        "end",
    ),
    "usage is a list": (sse(chunk(content="Hi."), chunk("stop"), {"usage": [1]}), HI, "end"),
    "no usage": (sse(chunk(content="Hi."), chunk("stop")), HI, "end"),
    "null chunks": (
        sse("null", chunk(content="Hi."), "null", chunk("stop"), "null"),
        HI,
        "end",
    ),
    "empty chunks": (sse({}, [], chunk(content="Hi."), {}, chunk("stop"), {}), HI, "end"),
    "null choices and deltas": (
        sse(
            {"choices": None},
            {"choices": [None]},
            {"choices": [{"delta": None}]},
            chunk(content=None, tool_calls=None, reasoning=None),
            chunk(content="Hi."),
            chunk("stop"),
        ),
        HI,
        "end",
    ),
    "everything of another type": (
        sse(
            {
                "id": 5,
                "model": 7,
                "created": "now",
                "error": None,
                "choices": {"index": "0", "delta": {"role": 1, "content": ["Hi", "."]}},
            },
            {"choices": [{"index": None, "delta": [], "finish_reason": "stop"}], "usage": "none"},
        ),
        HI,
        "end",
    ),
    "content as parts": (
        sse(
            chunk(content=[{"type": "text", "text": "Hi"}, {"type": "text", "text": None}]),
            chunk("stop", content=[{"type": "text", "text": "."}]),
        ),
        HI,
        "end",
    ),
    "content as an object": (
        sse(chunk(content={"type": "text", "text": "Hi."}), chunk("stop")),
        HI,
        "end",
    ),
    "a number for content": (sse(chunk(content=42), chunk("stop")), ("42", "", []), "end"),
    # the stream's own form
    "one document for a stream": (
        document(whole({"role": "assistant", "content": "Hi."}, usage=USAGE)),
        HI,
        "end",
    ),
    "one document, called a stream": (
        Answer(json.dumps(whole({"content": "Hi."})).encode(), type=SSE),
        HI,
        "end",
    ),
    "one document with calls": (
        document(whole({"content": None, "tool_calls": [A, B]}, "tool_calls")),
        TWO,
        "tool_calls",
    ),
    "one document in one event": (sse(whole({"content": "Hi."})), HI, "end"),
    "one document without a finish reason": (
        document(whole({"content": "Hi."}, None)),
        HI,
        "end",
    ),
    "a line for each chunk": (
        Answer(
            b"".join(json.dumps(c).encode() + b"\n" for c in (chunk(content="Hi."), chunk("stop")))
        ),
        HI,
        "end",
    ),
    "no blank lines between events": (
        Answer(
            b"".join(
                b"data: " + json.dumps(c).encode() + b"\n"
                for c in (chunk(content="Hi."), chunk("stop"))
            )
        ),
        HI,
        "end",
    ),
    "comments, numbers and other line ends": (
        Answer(
            b"\xef\xbb\xbf: PROCESSING\r\n\r\nid: 1\r\nretry: 5\r\ndata:"
            + json.dumps(chunk(content="Hi.")).encode()
            + b"\r\n\r\ndata:"
            + json.dumps(chunk("stop")).encode()
            + b"\r\r"
        ),
        HI,
        "end",
    ),
    "an event over several lines": (
        Answer(
            b"".join(
                b"data: " + line + b"\n"
                for line in json.dumps(chunk(content="Hi."), indent=1).encode().split(b"\n")
            )
            + b"\ndata: "
            + json.dumps(chunk("stop")).encode()
        ),
        HI,
        "end",
    ),
    "a line separator inside a text": (
        Answer(
            b"data: "
            + json.dumps(chunk(content="a\u2028b\x85c"), ensure_ascii=False).encode()
            + b"\n\ndata: "
            + json.dumps(chunk("stop")).encode()
            + b"\n\n"
        ),
        ("a\u2028b\x85c", "", []),
        "end",
    ),
    "no finish reason, but the end is said": (sse(chunk(content="Hi.")), HI, "end"),
    "a connection that breaks after the finish reason": (
        Answer(sse(chunk(content="Hi."), chunk("stop"), done=False).body, cut=True),
        HI,
        "end",
    ),
    "garbage after the finish reason": (
        sse(chunk(content="Hi."), chunk("stop"), "{oops"),
        HI,
        "end",
    ),
    "an error after the finish reason": (
        sse(chunk(content="Hi."), chunk("stop"), {"error": "usage could not be counted"}),
        HI,
        "end",
    ),
    "another choice beside": (
        sse(
            chunk(content="Hi."),
            {"choices": [{"index": 1, "delta": {"content": "Ho!"}}]},
            chunk("stop"),
        ),
        HI,
        "end",
    ),
    # why it ended
    "an unknown finish reason": (sse(chunk(content="Hi."), chunk("weird")), HI, "other"),
    "a finish reason in capitals": (
        sse(chunk(content="Hi."), chunk("MAX_TOKENS")),
        HI,
        "max_tokens",
    ),
    "a finish reason that is an object": (
        sse(chunk(content="Hi."), chunk({"type": "stop"})),
        HI,
        "end",
    ),
    "a finish reason that is a number": (sse(chunk(content="Hi."), chunk(3)), HI, "other"),
    "stop, with calls": (sse(calls(A), chunk("stop")), ONE, "tool_calls"),
    "a word of another dialect": (sse(calls(A), chunk("tool_use")), ONE, "tool_calls"),
    # calls
    "several calls in one delta, numbered": (
        sse(calls({"index": 0, **A}, {"index": 1, **B}), chunk("tool_calls")),
        TWO,
        "tool_calls",
    ),
    "several calls in one delta, no index": (
        sse(calls(A, B), chunk("tool_calls")),
        TWO,
        "tool_calls",
    ),
    "several calls in one delta, neither index nor id": (
        sse(calls(piece("bash", '{"n":1}'), piece("bash", '{"n":2}')), chunk("tool_calls")),
        TWO,
        "tool_calls",
    ),
    "several calls in one delta, one index for all": (
        sse(
            calls(
                piece("bash", '{"n":1}', index=0),
                piece("bash", '{"n":2}', index=0),
            ),
            chunk("tool_calls"),
        ),
        TWO,
        "tool_calls",
    ),
    "several calls in one delta, one id for all": (
        sse(
            calls(piece("bash", '{"n":1}', id="x"), piece("bash", '{"n":2}', id="x")),
            chunk("tool_calls"),
        ),
        TWO,
        "tool_calls",
    ),
    "pieces of several calls in one delta, without any number": (
        sse(
            calls(piece("bash", ""), piece("bash", "")),
            calls(piece(None, '{"n":'), piece(None, '{"n":')),
            calls(piece(None, "1}"), piece(None, "2}")),
            chunk("tool_calls"),
        ),
        TWO,
        "tool_calls",
    ),
    "calls one after the other, neither index nor id": (
        sse(
            calls(piece("bash", '{"n":')),
            calls(piece(None, "1}")),
            calls(piece("bash", '{"n":2}')),
            chunk("tool_calls"),
        ),
        TWO,
        "tool_calls",
    ),
    "no index, the name with every piece": (
        sse(
            calls(piece("bash", '{"n"', id="a")),
            calls(piece("bash", ":1}", id="a")),
            calls(piece("bash", '{"n"', id="b")),
            calls(piece("bash", ":2}", id="b")),
            chunk("tool_calls"),
        ),
        TWO,
        "tool_calls",
    ),
    "ids and indices as other types": (
        sse(
            calls(piece("bash", '{"n":1}', index="0", id=17)),
            calls(piece("bash", '{"n":2}', index="1", id=17)),
            chunk("tool_calls"),
        ),
        TWO,
        "tool_calls",
    ),
    "an index only later": (
        sse(
            calls(piece("bash", '{"n"', id="a")),
            calls(piece(None, ":1}", index=0)),
            chunk("tool_calls"),
        ),
        ONE,
        "tool_calls",
    ),
    "a call told once more at the end": (
        sse(
            calls(piece("bash", '{"n":', index=0, id="a")),
            calls(piece(None, "1}", index=0)),
            calls(piece("bash", '{"n":1}', index=0, id="a")),
            chunk("tool_calls"),
        ),
        ONE,
        "tool_calls",
    ),
    "a name in pieces": (
        sse(
            calls(piece("ba", index=0, id="a")),
            calls(piece("sh", index=0)),
            calls(piece(None, '{"n":1}', index=0)),
            chunk("tool_calls"),
        ),
        ONE,
        "tool_calls",
    ),
    "arguments as an object": (
        sse(calls(piece("bash", {"n": 1}), piece("bash", {"n": 2})), chunk("tool_calls")),
        TWO,
        "tool_calls",
    ),
    "null arguments": (
        sse(calls({"index": 0, "function": {"name": "bash", "arguments": None}}), chunk("stop")),
        ("", "", [{}]),
        "tool_calls",
    ),
    "no function around name and arguments": (
        sse(calls({"id": "a", **LS}), chunk("stop")),
        ONE,
        "tool_calls",
    ),
    "the old field for one call": (
        sse(
            chunk(function_call={"name": "bash", "arguments": ""}),
            chunk(function_call={"arguments": '{"n":1}'}),
            chunk("function_call"),
        ),
        ONE,
        "tool_calls",
    ),
    "a call cut by the limit": (
        sse(calls(piece("bash", '{"n": 1', index=0)), chunk("length")),
        ("", "", ['{"n": 1']),
        "max_tokens",
    ),
    "a call cut before its arguments": (
        sse(calls(piece("bash", index=0)), chunk("length")),
        ("", "", ["(the reply ended before any argument)"]),
        "max_tokens",
    ),
    "null calls among calls": (sse(calls(None, A, None), chunk("tool_calls")), ONE, "tool_calls"),
    # thinking
    "thinking inline": (
        sse(chunk(content="<think>\nhm"), chunk(content="m\n</think>\n\nHi."), chunk("stop")),
        ("Hi.", "hmm", []),
        "end",
    ),
    "thinking inline, opened by the template": (
        sse(chunk(content="hmm\n</think>\n\nHi."), chunk("stop")),
        ("Hi.", "hmm", []),
        "end",
    ),
    "thinking inline, cut short": (
        sse(chunk(content="<think>hmm"), chunk("length")),
        ("", "hmm", []),
        "max_tokens",
    ),
    "a tag that is written about": (
        sse(chunk(content="Use <think>x</think> here."), chunk("stop")),
        ("Use <think>x</think> here.", "", []),
        "end",
    ),
    **{
        f"thinking as {name}": (
            sse(chunk(**{name: "hm"}), chunk(**{name: "m"}), chunk("stop", content="Hi.")),
            ("Hi.", "hmm", []),
            "end",
        )
        for name in ("reasoning_content", "reasoning", "thinking")
    },
    "thinking under two names at once": (
        sse(chunk(reasoning="hmm", reasoning_content="hmm"), chunk("stop", content="Hi.")),
        ("Hi.", "hmm", []),
        "end",
    ),
    "thinking in details": (
        sse(
            chunk(reasoning_details=[{"type": "reasoning.text", "text": "hmm"}]),
            chunk("stop", content="Hi."),
        ),
        ("Hi.", "hmm", []),
        "end",
    ),
    "thinking among the parts": (
        sse(
            chunk(
                content=[
                    {"type": "thinking", "thinking": [{"type": "text", "text": "hmm"}]},
                    {"type": "text", "text": "Hi."},
                ]
            ),
            chunk("stop"),
        ),
        ("Hi.", "hmm", []),
        "end",
    ),
}

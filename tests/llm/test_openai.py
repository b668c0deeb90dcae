"""The Chat Completions adapter on the wire, with the habits of compatible servers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from benchmarks import model_wire
from benchmarks.model_server import ModelServer
from harness.core.errors import ConfigError, ModelError
from harness.core.types import Message, Request, Text, Thinking, ToolCall, ToolResult
from harness.llm.openai import OpenAI
from harness.llm.openai_map import ChunkAssembly, body
from harness.testing.model_contract import answers, request, user
from tests.parts import free_port
from tests.patience import PATIENCE_S

KEY = "sk-test-0123456789"
WHOLE: dict[str, Any] = {
    "thinking": "I should look.",
    "text": "Looking.",
    "calls": [
        {"name": "bash", "arguments": {"command": "rm -rf build"}},
        {"name": "bash", "arguments": {"command": "ls"}},
    ],
}
CHUNKS = list(
    model_wire.openai_events(
        WHOLE, 0, {"model": "m", "stream_options": {"include_usage": True}}, {}
    )
)
FINISHED = next(
    n + 1 for n, c in enumerate(CHUNKS) if c["choices"] and c["choices"][0]["finish_reason"]
)


async def play(
    turns: list[dict[str, Any]],
    *asked: Request,
    refuses: dict[str, str] | None = None,
    **settings: Any,
) -> tuple[list[Message], list[dict[str, Any]]]:
    """(replies, bodies sent)."""

    async def scenario(server: ModelServer) -> list[Message]:
        model = OpenAI(
            name="local",
            model="m",
            api_key=KEY,
            base_url=server.address + "/v1",
            timeout_s=PATIENCE_S,
            **settings,
        )
        try:
            return [await model.complete(one) for one in asked]
        finally:
            await model.close()

    with ModelServer({"conversations": [{"turns": turns}]}, refuses=refuses) as server:
        replies = await scenario(server)
        return replies, [a.body for a in server.requests]


async def fault(turn: dict[str, Any]) -> ModelError:
    with pytest.raises(ModelError) as failed:
        await play([turn], request(user("go")))
    return failed.value


def assembled(*chunks: dict[str, Any]) -> Message:
    assembly = ChunkAssembly()
    for chunk in chunks:
        assembly.take(chunk)
    assert assembly.is_done
    return assembly.message("m", 400)


def delta(finish: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


@pytest.mark.parametrize("after", range(FINISHED))
async def test_a_connection_that_breaks_before_the_finish_reason_is_a_cut(after: int) -> None:
    error = await fault({**WHOLE, "cut_after": after})
    assert (error.sort, error.retry, error.key) == ("cut", True, "llm.cut")


@pytest.mark.parametrize("after", range(FINISHED))
@pytest.mark.parametrize("how", ["end_after", "garbage_after"])
async def test_a_stream_without_its_finish_reason_is_a_cut(how: str, after: int) -> None:
    assert (await fault({**WHOLE, how: after})).sort == "cut"


@pytest.mark.parametrize("after", range(FINISHED, len(CHUNKS) + 1))
@pytest.mark.parametrize("how", ["cut_after", "end_after", "garbage_after", "error_after"])
async def test_a_stream_with_its_finish_reason_is_whole_even_without_the_last_lines(
    how: str, after: int
) -> None:
    broken = {**WHOLE, how: after, "error": {"message": "overloaded"}}
    (reply,), _ = await play([broken], request(user("go")))
    assert reply.parts == (
        Thinking(text="I should look.", provider="openai"),
        Text(text="Looking."),
        ToolCall(id="call_0_0", name="bash", arguments={"command": "rm -rf build"}),
        ToolCall(id="call_0_1", name="bash", arguments={"command": "ls"}),
    )


@pytest.mark.parametrize(
    ("error", "sort", "retry"),
    [
        ({"message": "The server is overloaded", "code": "engine_overloaded"}, "overloaded", True),
        ({"message": "Rate limit reached", "type": "rate_limit_exceeded"}, "rate", True),
        ({"message": "no money", "code": "insufficient_quota"}, "spend", False),
        ({"message": "oops", "type": "server_error"}, "server", True),
        ({"message": "CUDA out of memory"}, "server", True),
    ],
)
async def test_an_error_inside_a_stream_keeps_its_class(
    error: dict[str, Any], sort: str, retry: bool
) -> None:
    found = await fault({**WHOLE, "error_after": 2, "error": error})
    assert (found.sort, found.retry) == (sort, retry)


@pytest.mark.parametrize(
    ("status", "error", "sort"),
    [
        (
            429,
            {"message": "You exceeded your current quota", "code": "insufficient_quota"},
            "spend",
        ),
        (429, {"message": "Rate limit reached: 3 requests per minute quota"}, "rate"),
        (402, {"message": "Insufficient balance"}, "spend"),
        (400, {"message": "too big", "code": "context_length_exceeded"}, "too_long"),
        (400, {"message": "This model's maximum context length is 8192 tokens"}, "too_long"),
        (400, {"message": "blocked", "code": "content_filter"}, "refusal"),
        (500, {"message": "context size exceeded"}, "too_long"),
        (404, {"message": "model not found"}, "invalid"),
    ],
)
async def test_answers_have_their_class(status: int, error: dict[str, Any], sort: str) -> None:
    found = await fault({"status": status, "error": error})
    assert found.sort == sort
    assert found.retry == (sort == "rate")


async def test_a_local_server_is_asked_conservatively() -> None:
    _, (sent,) = await play([{"text": "x"}], request(user("go"), thinking=4000))
    assert set(sent) == {"model", "messages", "stream", "stream_options", "tools", "max_tokens"}


def test_the_vendor_gets_its_own_fields_and_one_cache_key_a_session() -> None:
    sent = body(request(user("go"), session="a/1"), "gpt", effort="high", vendor=True)
    assert sent["max_completion_tokens"] == 2000
    assert "max_tokens" not in sent
    assert (sent["parallel_tool_calls"], sent["reasoning_effort"]) == (True, "high")
    again = body(request(user("x"), session="a/1"), "gpt", effort="", vendor=True)
    other = body(request(user("go"), session="a/2"), "gpt", effort="", vendor=True)
    assert sent["prompt_cache_key"] == again["prompt_cache_key"] != other["prompt_cache_key"]
    assert len(str(sent["prompt_cache_key"])) <= 64
    assert "reasoning_effort" not in again


async def test_a_field_that_a_server_refuses_is_left_out_from_then_on() -> None:
    refuses = {
        "stream_options": "Unrecognized request argument supplied: stream_options",
        "max_tokens": "Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead.",
        "reasoning_effort": "reasoning_effort is not supported",
    }
    asked = [request(user("go"), thinking=4000)] * 2
    replies, sent = await play([{"text": "x"}], *asked, refuses=refuses, reasoning_effort="auto")
    assert [r.text for r in replies] == ["x", "x"]
    assert len(sent) == 5
    for one in sent[-2:]:
        assert set(one) == {"model", "messages", "stream", "tools", "max_completion_tokens"}
    assert sent[0]["reasoning_effort"] == "medium"
    usage = replies[0].usage
    assert usage is not None
    assert usage.fresh > 0, "without figures from the server caps must not count nothing"
    assert usage.output > 0


async def test_fields_can_be_left_out_from_the_start() -> None:
    _, (sent,) = await play(
        [{"text": "x"}], request(user("go")), without=frozenset({"stream_options"})
    )
    assert "stream_options" not in sent


async def test_a_refusal_of_something_else_is_not_asked_again() -> None:
    with pytest.raises(ModelError) as failed:
        await play([{"text": "x"}], request(user("go")), refuses={"tools": "no tool support"})
    assert failed.value.sort == "invalid"


async def test_missing_and_repeated_ids_become_unique_within_the_talk() -> None:
    calls = [{"name": "bash", "id": ""}, {"name": "bash", "id": ""}, {"name": "bash", "id": "same"}]
    (first,), _ = await play([{"calls": calls}], request(user("go")))
    talk = [user("go"), first, answers(first)]
    (second,), _ = await play([{}, {"calls": calls}], request(*talk))
    ids = [c.id for c in (*first.calls, *second.calls)]
    assert ids == ["call-0-0", "call-0-1", "same", "call-1-0", "call-1-1", "call-1-2"]
    await play([{}, {}, {"text": "ok"}], request(*talk, second, answers(second)))


@pytest.mark.parametrize(
    "chunks",
    [
        # no index at all; every call whole
        [
            delta(tool_calls=[{"id": "a", "function": {"name": "x", "arguments": '{"n":1}'}}]),
            delta(tool_calls=[{"id": "b", "function": {"name": "y", "arguments": '{"n":2}'}}]),
        ],
        # every call with index 0
        [
            delta(tool_calls=[{"index": 0, "id": "a", "function": {"name": "x"}}]),
            delta(tool_calls=[{"index": 0, "function": {"arguments": '{"n":1}'}}]),
            delta(tool_calls=[{"index": 0, "id": "b", "function": {"name": "y"}}]),
            delta(tool_calls=[{"index": 0, "function": {"arguments": '{"n":2}'}}]),
        ],
        # id and name repeated with every piece
        [
            delta(
                tool_calls=[
                    {"index": 0, "id": "a", "function": {"name": "x", "arguments": '{"n"'}},
                    {"index": 1, "id": "b", "function": {"name": "y", "arguments": '{"n"'}},
                ]
            ),
            delta(
                tool_calls=[
                    {"index": 0, "id": "a", "function": {"name": "x", "arguments": ":1}"}},
                    {"index": 1, "id": "b", "function": {"name": "y", "arguments": ":2}"}},
                ]
            ),
        ],
        # arguments as an object
        [
            delta(
                tool_calls=[
                    {"index": 0, "id": "a", "function": {"name": "x", "arguments": {"n": 1}}}
                ]
            ),
            delta(
                tool_calls=[
                    {"index": 1, "id": "b", "function": {"name": "y", "arguments": {"n": 2}}}
                ]
            ),
        ],
    ],
)
def test_calls_are_told_apart_however_they_are_numbered(chunks: list[dict[str, Any]]) -> None:
    reply = assembled(*chunks, delta("stop"))
    assert [(c.id, c.name, c.arguments) for c in reply.calls] == [
        ("a", "x", {"n": 1}),
        ("b", "y", {"n": 2}),
    ]
    assert reply.stop == "tool_calls"


@pytest.mark.parametrize("raw", ['{"a": NaN}', "[1]", '"text"', "{", "9" * 5000, "[" * 100_000])
def test_arguments_that_are_no_object_are_kept_raw(raw: str) -> None:
    call = {"index": 0, "id": "a", "function": {"name": "x", "arguments": raw}}
    (found,) = assembled(delta(tool_calls=[call]), delta("tool_calls")).calls
    assert (found.arguments, found.broken) == ({}, raw)


@pytest.mark.parametrize(
    ("raw", "arguments"), [(json.dumps('{"n": 1}'), {"n": 1}), ("null", {}), (" {} ", {})]
)
def test_arguments_that_are_written_twice_or_null_are_understood(
    raw: str, arguments: dict[str, Any]
) -> None:
    call = {"index": 0, "id": "a", "function": {"name": "x", "arguments": raw}}
    (found,) = assembled(delta(tool_calls=[call]), delta("tool_calls")).calls
    assert (found.arguments, found.broken) == (arguments, "")


def test_no_arguments_are_an_empty_object_unless_the_reply_was_cut_short() -> None:
    call = {"index": 0, "id": "a", "function": {"name": "x"}}
    (found,) = assembled(delta(tool_calls=[call]), delta("tool_calls")).calls
    assert (found.arguments, found.broken) == ({}, "")
    (found,) = assembled(delta(tool_calls=[call]), delta("length")).calls
    assert found.broken


def test_a_refusal_is_a_reply_that_says_so() -> None:
    reply = assembled(delta(refusal="I can"), delta(refusal="not."), delta("stop"))
    assert (reply.text, reply.stop) == ("I cannot.", "refusal")
    assert assembled(delta(content="x"), delta("content_filter")).stop == "refusal"
    assert assembled(delta(content="x"), delta("length")).stop == "max_tokens"


def test_cached_and_written_tokens_are_not_counted_as_fresh() -> None:
    details = {"cached_tokens": 60, "cache_write_tokens": 30}
    usage = {"prompt_tokens": 100, "completion_tokens": 7, "prompt_tokens_details": details}
    counted = assembled(delta(content="x"), delta("stop"), {"choices": [], "usage": usage}).usage
    assert counted is not None
    assert (counted.fresh, counted.cache_write, counted.cache_read, counted.output) == (
        10,
        30,
        60,
        7,
    )


async def test_results_follow_their_calls_and_errors_are_said_in_words() -> None:
    calls = (
        ToolCall(id="a", name="bash", arguments={"c": "한"}),
        ToolCall(id="b", name="b d", arguments={}, broken="{oops"),
    )
    thought = Thinking(text="hm", signature="s", provider="openai")
    reply = Message(role="assistant", parts=(thought, Text(text="look"), *calls))
    results = Message(
        role="user",
        parts=(
            Text(text="and this"),
            ToolResult(call_id="a", text="out\0"),
            ToolResult(call_id="b", text="bad", is_error=True),
        ),
    )
    _, (sent,) = await play([{}, {"text": "x"}], request(user("go"), reply, results))
    assert sent["messages"] == [
        {"role": "system", "content": "You fix bugs."},
        {"role": "user", "content": "go"},
        {
            "role": "assistant",
            "content": "look",
            "tool_calls": [
                {
                    "id": "a",
                    "type": "function",
                    "function": {"name": "bash", "arguments": '{"c": "한"}'},
                },
                {
                    "id": "b",
                    "type": "function",
                    "function": {"name": "b_d", "arguments": '{"unreadable_json": "{oops"}'},
                },
            ],
        },
        {"role": "tool", "tool_call_id": "a", "content": "out\ufffd"},
        {"role": "tool", "tool_call_id": "b", "content": "error: bad"},
        {"role": "user", "content": "and this"},
    ]


async def test_nobody_there_is_a_connection_error() -> None:
    address = f"http://127.0.0.1:{free_port()}/v1"
    model = OpenAI(name="local", model="m", api_key="", base_url=address)
    with pytest.raises(ModelError) as failed:
        await model.complete(request(user("go")))
    assert (failed.value.sort, failed.value.retry) == ("connection", True)
    await model.close()


def test_the_vendor_needs_a_key_and_an_address_must_be_one() -> None:
    with pytest.raises(ConfigError, match="no_key"):
        OpenAI(name="gpt", model="gpt", api_key="")
    for bad in ("localhost:8000/v1", "http://", "http://[x", "http://h:99999/"):
        with pytest.raises(ConfigError, match="bad_address"):
            OpenAI(name="gpt", model="gpt", api_key=KEY, base_url=bad)

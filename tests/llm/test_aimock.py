"""Both adapters against an LLM mock that somebody else wrote."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from harness.core.errors import ModelError
from harness.core.types import Message, StreamEvent, Text, Thinking
from harness.llm.anthropic import Anthropic
from harness.llm.openai import OpenAI
from harness.ports.model import Model
from harness.testing.model_contract import answers, request, user
from tests.parts import AiMock, aimock
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.parts

Opened = Callable[[AiMock], Model]


def anthropic(mock: AiMock) -> Model:
    return Anthropic(
        name="claude",
        model="claude-test",
        api_key="k" * 12,
        base_url=mock.address,
        timeout_s=PATIENCE_S,
    )


def openai(mock: AiMock) -> Model:
    return OpenAI(
        name="gpt",
        model="gpt-test",
        api_key="k" * 12,
        base_url=mock.address + "/v1",
        timeout_s=PATIENCE_S,
    )


BOTH = pytest.mark.parametrize("opened", [anthropic, openai])
LONG = "word " * 60


NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def mock() -> Iterator[AiMock]:
    with aimock([{"match": {"userMessage": "never said"}, "response": {"content": "x"}}]) as mock:
        yield mock


async def ask(
    mock: AiMock,
    opened: Opened,
    fixture: dict[str, Any],
    on_stream: Callable[[StreamEvent], None] | None = None,
) -> Message:
    """One call that only this fixture answers."""
    said = f"say-{next(NUMBERS)}-now"
    mock.add({"match": {"userMessage": said}, **fixture})

    async def scenario() -> Message:
        model = opened(mock)
        try:
            return await model.complete(request(user(said)), on_stream)
        finally:
            await model.close()

    return await scenario()


async def refused(mock: AiMock, opened: Opened, fixture: dict[str, Any]) -> ModelError:
    with pytest.raises(ModelError) as failed:
        await ask(mock, opened, fixture)
    return failed.value


@BOTH
async def test_a_tool_loop_with_parallel_calls_runs_to_its_end(
    mock: AiMock, opened: Opened
) -> None:
    calls = [
        {"name": "bash", "arguments": {"command": "ls"}, "id": "one"},
        {"name": "bash", "arguments": {"command": "cat 한글.txt"}, "id": "two"},
    ]
    fixtures = [
        {
            "match": {"userMessage": "LOOP", "turnIndex": 0},
            "response": {"content": "I will look.", "toolCalls": calls},
        },
        {
            "match": {"userMessage": "LOOP", "turnIndex": 1, "toolResultContains": "found it"},
            "response": {"toolCalls": [{"name": "bash", "arguments": {}}]},
        },
        {"match": {"userMessage": "LOOP", "turnIndex": 2}, "response": {"content": "done"}},
    ]
    mock.add(*fixtures)
    model = opened(mock)
    first = await model.complete(request(user("LOOP")))
    assert (first.text, first.stop) == ("I will look.", "tool_calls")
    assert [c.arguments for c in first.calls] == [
        {"command": "ls"},
        {"command": "cat 한글.txt"},
    ]
    talk = [user("LOOP"), first, answers(first, "found it")]
    second = await model.complete(request(*talk))
    assert [(c.name, c.arguments) for c in second.calls] == [("bash", {})]
    last = await model.complete(request(*talk, second, answers(second)))
    assert (last.text, last.stop) == ("done", "end")
    await model.close()


@BOTH
async def test_text_streams_in_pieces_and_usage_is_taken_over(mock: AiMock, opened: Opened) -> None:
    seen: list[StreamEvent] = []
    usage = {
        "input_tokens": 100,
        "output_tokens": 10,
        "prompt_tokens": 100,
        "completion_tokens": 10,
        "prompt_tokens_details": {"cached_tokens": 60},
    }
    fixture = {"chunkSize": 20, "response": {"content": LONG, "usage": usage}}
    reply = await ask(mock, opened, fixture, seen.append)
    assert reply.text == LONG
    assert len(seen) > 10
    assert reply.usage is not None
    assert (reply.usage.fresh + reply.usage.cache_read, reply.usage.output) == (100, 10)


async def test_signed_and_redacted_thinking_is_taken_over(mock: AiMock) -> None:
    response = {
        "reasoning": "First I think.",
        "reasoningSignature": "c2lnbmVk",
        "redactedThinking": ["b3BhcXVl"],
        "toolCalls": [{"name": "bash", "arguments": {}, "id": "toolu_1"}],
    }
    reply = await ask(mock, anthropic, {"response": response})
    thoughts = [p for p in reply.parts if isinstance(p, Thinking)]
    assert {(t.text, t.signature, t.redacted, t.provider) for t in thoughts} == {
        ("First I think.", "c2lnbmVk", "", "anthropic"),
        ("", "", "b3BhcXVl", "anthropic"),
    }


async def test_reasoning_of_a_compatible_server_is_kept_apart(mock: AiMock) -> None:
    reply = await ask(mock, openai, {"response": {"content": "answer", "reasoning": "because"}})
    assert reply.parts == (Thinking(text="because", provider="openai"), Text(text="answer"))


@BOTH
@pytest.mark.parametrize(
    ("status", "kind", "text", "sort", "retry"),
    [
        (400, "invalid_request_error", "tools.0: bad schema", "invalid", False),
        (400, "invalid_request_error", "prompt is too long: 201000 > 200000", "too_long", False),
        (401, "authentication_error", "invalid key", "auth", False),
        (403, "permission_error", "not yours", "auth", False),
        (404, "not_found_error", "no such model", "invalid", False),
        (429, "rate_limit_error", "too many requests", "rate", True),
        (500, "api_error", "oops", "server", True),
        (502, "api_error", "bad gateway", "server", True),
        (503, "overloaded_error", "busy", "overloaded", True),
        (529, "overloaded_error", "Overloaded", "overloaded", True),
    ],
)
async def test_every_refusal_has_its_class(
    mock: AiMock, opened: Opened, status: int, kind: str, text: str, sort: str, retry: bool
) -> None:
    error = await refused(
        mock, opened, {"response": {"status": status, "error": {"type": kind, "message": text}}}
    )
    assert (error.sort, error.retry, error.key) == (sort, retry, f"llm.{sort}")
    assert error.facts["status"] == status
    assert text in str(error.facts["detail"])


@BOTH
async def test_a_limit_says_how_long(mock: AiMock, opened: Opened) -> None:
    limit = {"type": "rate_limit_error", "message": "slow down"}
    error = await refused(
        mock, opened, {"response": {"status": 429, "retryAfter": 17, "error": limit}}
    )
    assert (error.sort, error.after_s) == ("rate", 17.0)


@BOTH
@pytest.mark.parametrize("after", [1, 2, 3, 5, 8])
async def test_a_stream_that_breaks_is_cut_and_nothing_comes_back(
    mock: AiMock, opened: Opened, after: int
) -> None:
    # the mock resets the connection: what was sent before may be lost, the answer's head too
    calls = [{"name": "bash", "arguments": {"command": "rm -rf build"}}]
    error = await refused(
        mock,
        opened,
        {
            "truncateAfterChunks": after,
            "chunkSize": 5,
            "latency": 5,
            "response": {"content": LONG, "toolCalls": calls},
        },
    )
    assert error.sort in ("cut", "connection")
    assert error.retry


@BOTH
async def test_a_connection_dropped_in_midstream_is_a_cut(mock: AiMock, opened: Opened) -> None:
    error = await refused(
        mock,
        opened,
        {"disconnectAfterMs": 60, "latency": 20, "chunkSize": 5, "response": {"content": LONG}},
    )
    assert error.sort == "cut"


@BOTH
@pytest.mark.parametrize(
    ("chaos", "sorts"),
    [
        ({"dropRate": 1}, {"server"}),
        ({"malformedRate": 1}, {"cut", "connection"}),
        ({"disconnectRate": 1}, {"connection"}),
    ],
)
async def test_chaos_is_always_a_typed_error_worth_asking_again(
    mock: AiMock, opened: Opened, chaos: dict[str, int], sorts: set[str]
) -> None:
    error = await refused(mock, opened, {"chaos": chaos, "response": {"content": "never"}})
    assert error.sort in sorts
    assert error.retry

"""Servers that refuse a field, a stream, tools or long replies: asked otherwise, and remembered."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from harness.core.errors import ModelError
from harness.testing.model_contract import request, user
from tests.llm.strange import (
    CLAUDES,
    STOPPED,
    TEXT,
    USAGE,
    Answer,
    Body,
    begun,
    chunk,
    document,
    ended,
    events,
    fault,
    model_at,
    serving,
    sse,
    whole,
)


def strict(
    refuses: str, refusal: Callable[[str], tuple[int, Any]], good: Answer, value: object = ...
) -> Callable[[str, Body], Answer]:
    def answer(path: str, body: Body) -> Answer:
        if refuses in body and value in (..., body[refuses]):
            status, told = refusal(refuses)
            return document(told, status)
        return good

    return answer


GOOD = {
    "openai": sse(chunk(content="Hi."), chunk("stop"), {"choices": [], "usage": USAGE}),
    "anthropic": events(begun(CLAUDES), *TEXT, STOPPED, *ended()),
}
WHOLE = {
    "openai": document(whole({"content": "Hi."}, usage=USAGE)),
    "anthropic": document(
        {"type": "message", "content": [{"type": "text", "text": "Hi."}], "stop_reason": "x"}
    ),
}
REFUSALS: dict[str, Callable[[str], tuple[int, Any]]] = {
    "openai's": lambda f: (
        400,
        {"error": {"message": f"Unrecognized request argument supplied: {f}", "code": None}},
    ),
    "fastapi's": lambda f: (
        422,
        {"detail": [{"type": "extra_forbidden", "loc": ["body", f], "msg": "Extra inputs"}]},
    ),
    "python's": lambda f: (
        500,
        {"error": {"message": f"create() got an unexpected keyword argument '{f}'"}},
    ),
    "a text": lambda f: (400, {"error": f"{f} is not supported"}),
    "in a 200": lambda f: (200, {"error": f"unknown parameter: {f}"}),
    "nameless": lambda f: (400, {"error": "Unknown field in request"}),
    "silent": lambda f: (400, None),
}


async def talk(dialect: str, script: Callable[[str, Body], Answer], times: int = 2) -> list[Body]:
    """The bodies that were sent for so many calls, each of which is answered."""
    with serving(script) as server:
        model = model_at(dialect, server)
        try:
            for _ in range(times):
                assert (await model.complete(request(user("go")))).text == "Hi."
        finally:
            await model.close()
        return server.bodies


@pytest.mark.parametrize("how", REFUSALS)
@pytest.mark.parametrize("field", ["stream_options"])
async def test_a_field_that_is_refused_is_left_out_and_remembered(how: str, field: str) -> None:
    sent = await talk("openai", strict(field, REFUSALS[how], GOOD["openai"]))
    assert [field in body for body in sent] == [True, False, False]
    assert all(body["stream"] for body in sent)


@pytest.mark.parametrize("how", [name for name in REFUSALS if name != "in a 200"])
async def test_cache_marks_that_are_refused_are_left_out_and_remembered(how: str) -> None:
    def answer(path: str, body: Body) -> Answer:
        if "cache_control" in json.dumps(body):
            status, told = REFUSALS[how]("cache_control")
            return document(told, status)
        return GOOD["anthropic"]

    sent = await talk("anthropic", answer)
    assert ["cache_control" in json.dumps(body) for body in sent] == [True, False, False]


async def test_tool_choice_that_is_refused_is_left_out_and_remembered() -> None:
    sent = await talk("anthropic", strict("tool_choice", REFUSALS["openai's"], GOOD["anthropic"]))
    assert ["tool_choice" in body for body in sent] == [True, False, False]


async def test_a_refusal_that_has_nothing_to_do_with_fields_costs_one_more_call_and_no_field() -> (
    None
):
    told = {"error": "Unknown field in request"}
    with serving(document(told, 400)) as server:
        model = model_at("openai", server)
        for _ in range(2):
            with pytest.raises(ModelError) as failed:
                await model.complete(request(user("go")))
            assert "Unknown field" in str(failed.value.facts["detail"])
        await model.close()
        assert ["stream_options" in body for body in server.bodies] == [True, False] * 2


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize(
    "words",
    [
        "Streaming is not supported for this model",
        "stream=true is not supported",
        "This server does not support streaming",
        "Unsupported value: 'stream' does not support true with this model.",
        "Unrecognized request argument supplied: stream",
    ],
)
async def test_a_server_without_streams_is_asked_for_one_piece_from_then_on(
    dialect: str, words: str
) -> None:
    sent = await talk(
        dialect, strict("stream", lambda f: (400, {"error": words}), WHOLE[dialect], True)
    )
    assert [body.get("stream", False) for body in sent] == [True, False, False]
    assert all("stream_options" not in body for body in sent[1:])


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize("status", [400, 404, 422, 500, 501])
@pytest.mark.parametrize(
    "words",
    [
        "registry.ollama.ai/library/gemma3:4b does not support tools",
        '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
        "tools param requires --jinja flag",
        "Unsupported param: tools",
        "No endpoints found that support tool use. To learn more about provider routing, visit",
        "`tool calling` is not supported with this model",
        "This model does not support function calling",
        "Function calling is not enabled for this model",
        "deepseek-reasoner does not support Function Calling",
    ],
)
async def test_a_server_without_tools_has_a_sentence_of_its_own(
    dialect: str, words: str, status: int
) -> None:
    error = await fault(dialect, document({"error": {"message": words}}, status))
    assert (error.key, error.sort, error.retry) == ("llm.no_tools", "invalid", False)
    assert words[:60] in str(error.facts["detail"])


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize(
    ("words", "most"),
    [
        ("max_tokens is too large: 2000. This model supports at most 1500 completion tokens", 1500),
        ("max_tokens: 2000 > 1500, which is the maximum allowed number of output tokens", 1500),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 1500]", 1500),
        ("max_tokens (2000) cannot exceed 1500. Please reduce the length of max output", 1500),
    ],
)
async def test_the_longest_reply_of_a_server_is_learnt(dialect: str, words: str, most: int) -> None:
    def answer(path: str, body: Body) -> Answer:
        if body["max_tokens"] > most:
            return document({"error": {"message": words, "type": "invalid_request_error"}}, 400)
        return GOOD[dialect]

    sent = await talk(dialect, answer)
    assert [body["max_tokens"] for body in sent] == [2000, most, most]


async def test_the_room_that_is_left_for_a_reply_is_used_for_that_call_alone() -> None:
    words = (
        "'max_tokens' or 'max_completion_tokens' is too large: 2000. This model's maximum context "
        "length is 4096 tokens and your request has 2900 input tokens (2000 > 4096 - 2900)."
    )

    def answer(path: str, body: Body) -> Answer:
        if body["max_tokens"] > 1196:
            return document({"error": {"message": words, "code": 400}}, 400)
        return GOOD["openai"]

    sent = await talk("openai", answer)
    assert [body["max_tokens"] for body in sent] == [2000, 1196, 2000, 1196]


@pytest.mark.parametrize(
    "words",
    [
        "System role not supported",
        "This model does not support system messages",
        "Only user and assistant roles are supported!",
    ],
)
@pytest.mark.parametrize("status", [400, 500])
async def test_a_template_without_a_system_role_gets_it_in_the_first_message(
    words: str, status: int
) -> None:
    def answer(path: str, body: Body) -> Answer:
        if any(message["role"] == "system" for message in body["messages"]):
            return document({"error": {"message": words}}, status)
        return GOOD["openai"]

    sent = await talk("openai", answer)
    assert [body["messages"][0]["role"] for body in sent] == ["system", "user", "user"]
    assert sent[1]["messages"][0]["content"] == "You fix bugs.\n\ngo"

"""What `doctor` learns of a model by one question: that it calls, and how much it holds."""

from __future__ import annotations

from typing import Any

import pytest

from harness.llm.look import look
from tests.llm.strange import (
    Answer,
    Body,
    Script,
    begun,
    calls,
    chunk,
    document,
    ended,
    events,
    model_at,
    opened,
    piece,
    serving,
    sse,
    tool,
)

READY = {
    "openai": sse(calls(piece("ready", "{}", index=0, id="a")), chunk("tool_calls")),
    "anthropic": events(begun(), opened(0, tool(name="ready")), *ended("tool_use")),
}
SAID = {
    "openai": sse(chunk(content="ready"), chunk("stop")),
    "anthropic": events(begun(), opened(0, {"type": "text", "text": "ready"}), *ended()),
}
LISTS: dict[str, tuple[Any, int]] = {
    "vllm": ({"data": [{"id": "o", "max_model_len": 8}, {"id": "x", "max_model_len": 4096}]}, 4096),
    "openrouter": ({"data": [{"id": "x", "context_length": 8192}]}, 8192),
    "groq": ({"data": [{"id": "x", "context_window": 131072}]}, 131072),
    "mistral": ({"data": [{"id": "x", "max_context_length": 32768}]}, 32768),
    "together": ([{"id": "x", "context_length": 16384}], 16384),
    "llama.cpp, new": ({"data": [{"id": "/m.gguf", "meta": {"n_ctx": 40960}}]}, 40960),
    "anthropic": ({"id": "x", "type": "model", "max_input_tokens": 200000}, 200000),
    "silent": ({"object": "list", "data": []}, 0),
    "strange": ({"data": [None, 3, {"id": ["x"]}, {"id": "x", "context_length": "many"}]}, 0),
}


LOADED: dict[str, tuple[str, Any, int]] = {
    "ollama": ("/api/ps", {"models": [{"name": "x:latest", "context_length": 4096}]}, 4096),
    "llama.cpp": ("/props", {"default_generation_settings": {"n_ctx": 8192}}, 8192),
    "lm studio": (
        "/api/v0/models",
        {"data": [{"id": "x", "max_context_length": 99999, "loaded_context_length": 8000}]},
        8000,
    ),
}


def server_of(dialect: str, asked: Answer, listing: Any = None) -> Script:
    def answer(path: str, body: Body) -> Answer:
        if not body:
            known = "/models" in path and "/api/" not in path and listing is not None
            return document(listing) if known else document({}, 404)
        return asked

    return answer


async def seen_at(dialect: str, script: Script) -> tuple[bool, int, int]:
    """Whether it called, how much it holds, and how often it was asked."""
    with serving(script) as server:
        model = model_at(dialect, server, claude="x")
        try:
            sight = await look(model)
        finally:
            await model.close()
        asked = sum(bool(body) for _, body in server.asked)
    return sight.calls, sight.context_tokens, asked


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
@pytest.mark.parametrize("vendor", LISTS)
async def test_the_size_is_found_where_a_server_tells_it(dialect: str, vendor: str) -> None:
    listing, size = LISTS[vendor]
    assert await seen_at(dialect, server_of(dialect, READY[dialect], listing)) == (True, size, 1)


@pytest.mark.parametrize("vendor", LOADED)
async def test_what_is_loaded_goes_before_what_may_be(vendor: str) -> None:
    where, told, size = LOADED[vendor]

    def answer(path: str, body: Body) -> Answer:
        if body:
            return READY["openai"]
        found = {where: told, "/v1/models": {"data": [{"id": "x", "meta": {"n_ctx_train": 9}}]}}
        return document(found[path]) if path in found else document({}, 404)

    assert await seen_at("openai", answer) == (True, size, 1)


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
async def test_one_that_only_talks_does_not_call(dialect: str) -> None:
    assert (await seen_at(dialect, server_of(dialect, SAID[dialect])))[0] is False

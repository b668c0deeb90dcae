"""The loop at a real adapter and a strange server: it goes on, and the books are whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from harness.agent.asking import MOST_BROKEN
from harness.agent.deps import LoopLimits
from harness.ports.model import Model
from tests.agent.rig import DONE, MakeRig, send
from tests.llm.strange import (
    Answer,
    Body,
    Server,
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

DIALECTS = ("openai", "anthropic")
NAME, ARGUMENTS = DONE
VERDICT = {
    "openai": sse(
        calls(piece(NAME, ARGUMENTS)),
        chunk("stop"),
        {"choices": None, "usage": {"prompt_tokens": 900, "completion_tokens": None}},
    ),
    "anthropic": events(begun(), opened(0, tool(name=NAME, input=ARGUMENTS)), *ended("odd")),
}


@contextmanager
def at(dialect: str, script: Callable[[str, Body], Answer]) -> Iterator[tuple[Server, Model]]:
    with serving(script) as server:
        yield server, model_at(dialect, server)


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_reply_with_nulls_is_paid_once_and_acted_on(
    make_rig: MakeRig, dialect: str
) -> None:
    with at(dialect, lambda path, body: VERDICT[dialect]) as (server, model):
        rig = make_rig(model)
        assert (await send(rig)).kind == "reached"
        await model.close()
        assert len(server.asked) == 1
    spent = await rig.ledger.spend_of("session", rig.session.id)
    assert spent.calls == 1
    assert spent.tokens > 100


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_replies_that_are_really_broken_are_bound_paid_and_quoted(
    make_rig: MakeRig, dialect: str
) -> None:
    half = Answer(b'data: {"id": "half of a re')
    with at(dialect, lambda path, body: half) as (server, model):
        rig = make_rig(model)
        while (ended := await send(rig)).retry_at is not None:
            pass
        await model.close()
        assert len(server.asked) == MOST_BROKEN
    assert ended.why is not None
    assert ended.why.key == "agent.broken_replies"
    assert "half of a re" in str(ended.why.facts["detail"])
    spent = await rig.ledger.spend_of("session", rig.session.id)
    assert spent.calls == MOST_BROKEN
    assert spent.tokens > 100 * MOST_BROKEN


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_small_server_is_learnt_from_its_words_and_the_run_goes_on(
    make_rig: MakeRig, dialect: str
) -> None:
    def small(path: str, body: Body) -> Answer:
        asked = len(json.dumps(body)) // 4 + body["max_tokens"]
        if asked <= 8192:
            return VERDICT[dialect]
        words = f"This model's maximum context length is 8192 tokens, you requested {asked} tokens."
        return document({"error": {"message": words}}, 400)

    with at(dialect, small) as (server, model):
        rig = make_rig(model, limits=LoopLimits(context_tokens=180_000, max_tokens=16_000))
        assert (await send(rig)).kind == "reached"
        await model.close()
        assert [body["max_tokens"] for body in server.bodies] == [16_000, 2048]


@pytest.mark.parametrize("dialect", DIALECTS)
async def test_a_limit_per_minute_that_is_too_small_ends_in_a_sentence_at_once(
    make_rig: MakeRig, dialect: str
) -> None:
    words = "Request too large on tokens per minute (TPM): Limit 300, Requested 4000, please reduce"
    with at(dialect, lambda path, body: document({"error": words}, 429)) as (server, model):
        rig = make_rig(model)
        ended = await send(rig)
        await model.close()
        assert len(server.asked) < 5
    assert ended.why is not None
    assert (ended.why.key, ended.retry_at) == ("llm.over_rate", None)
    assert rig.clock.slept == []

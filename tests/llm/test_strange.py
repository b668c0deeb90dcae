"""Strange servers, one table for each dialect: a paid reply is kept whenever its meaning is whole,
and what is broken says what the server said and counts as spent."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from harness.core.errors import ModelError
from harness.core.types import Message, Usage
from harness.testing.model_contract import request, user
from tests.llm.strange import (
    CLAUDES,
    HI,
    STOPPED,
    TEXT,
    USAGE,
    Answer,
    Body,
    ask,
    begun,
    calls,
    chunk,
    document,
    ended,
    events,
    fault,
    grown,
    json_delta,
    model_at,
    piece,
    seen,
    serving,
    sse,
)
from tests.llm.strange_anthropic import ANTHROPIC
from tests.llm.strange_openai import OPENAI


@pytest.mark.parametrize("name", OPENAI)
async def test_a_whole_meaning_is_kept_in_chat_completions(name: str) -> None:
    answer, expected, stop = OPENAI[name]
    reply = await ask("openai", answer)
    assert (seen(reply), reply.stop) == (expected, stop)
    _sound(reply)


@pytest.mark.parametrize("name", ANTHROPIC)
async def test_a_whole_meaning_is_kept_in_messages(name: str) -> None:
    answer, expected, stop = ANTHROPIC[name]
    reply = await ask("anthropic", answer)
    assert (seen(reply), reply.stop) == (expected, stop)
    _sound(reply)


def _sound(reply: Message) -> None:
    """Fit for the journal and for the books: whole JSON, ids of its own, something spent."""
    assert Message.model_validate_json(reply.model_dump_json()) == reply
    ids = [call.id for call in reply.calls]
    assert len(set(ids)) == len(ids)
    assert all(ids)
    assert reply.usage is not None
    assert reply.usage.output > 0
    assert reply.usage.fresh > 0


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        (USAGE, Usage(fresh=50, output=7)),
        ({"input_tokens": 50, "output_tokens": 7}, Usage(fresh=50, output=7)),
        (
            {**USAGE, "prompt_tokens_details": {"cached_tokens": 40}},
            Usage(fresh=10, cache_read=40, output=7),
        ),
        ({**USAGE, "prompt_cache_hit_tokens": 40}, Usage(fresh=10, cache_read=40, output=7)),
        ({**USAGE, "cached_tokens": 40}, Usage(fresh=10, cache_read=40, output=7)),
        ({"prompt_tokens": "50", "completion_tokens": 7.0}, Usage(fresh=50, output=7)),
        (
            {"prompt_tokens": 50, "completion_tokens": None},
            Usage(fresh=50, output=1, estimated=True),
        ),
        ({"prompt_tokens": 50, "completion_tokens": 0}, Usage(fresh=50, output=1, estimated=True)),
        (
            {"prompt_tokens": 50, "completion_tokens": 1e30},
            Usage(fresh=50, output=1, estimated=True),
        ),
        ({"prompt_tokens": 50, "completion_tokens": -4}, Usage(fresh=50, output=1, estimated=True)),
        (
            {"prompt_tokens": 50, "completion_tokens": True},
            Usage(fresh=50, output=1, estimated=True),
        ),
    ],
)
@pytest.mark.parametrize("where", ["chunk", "choice", "groq"])
async def test_usage_is_found_wherever_it_stands_and_what_is_missing_is_estimated(
    told: Body, usage: Usage, where: str
) -> None:
    places: dict[str, Body] = {
        "chunk": {"choices": [], "usage": told},
        "choice": {"choices": [{"usage": told}]},
        "groq": {"x_groq": {"usage": told}},
    }
    reply = await ask("openai", sse(chunk(content="Hi."), chunk("stop"), places[where]))
    assert reply.usage == usage


async def test_usage_that_an_anthropic_server_leaves_out_is_estimated() -> None:
    for usage in (None, {}, {"input_tokens": 0, "output_tokens": 0}, "none"):
        reply = await ask("anthropic", events(begun(usage), *TEXT, STOPPED, *ended(usage=usage)))
        assert reply.usage is not None
        assert reply.usage.estimated
        assert reply.usage.fresh > 50
    told = await ask("anthropic", events(begun(CLAUDES), *TEXT, *ended(usage={"output_tokens": 9})))
    assert told.usage == Usage(fresh=50, output=9)


# ------------------------------------------------------------------ what is really broken

BROKEN: dict[str, tuple[str, Answer, str]] = {
    "cut in the middle": ("openai", Answer(sse(chunk(content="Hi")).body[:-20], cut=True), "Hi"),
    "no end": ("openai", sse(chunk(content="Half of it"), done=False), "Half of it"),
    "a half call at the end": ("openai", sse(calls(piece("bash", '{"half'))), "half"),
    "garbage in the middle": ("openai", sse(chunk(content="Hi"), "{oops", chunk("stop")), "oops"),
    "text in the middle": ("openai", sse(chunk(content="Hi"), "worker died"), "worker died"),
    "a chunk that is a number": ("openai", sse(chunk(content="Hi"), 17), "17"),
    "a choice that is a text": ("openai", sse({"choices": ["what"]}), "what"),
    "half a document": ("openai", Answer(b'{"choices": [{"mess', type="x/y"), "choices"),
    "an end by an error without a name": (
        "openai",
        sse(chunk(content="Hi"), chunk("error")),
        "error",
    ),
    "nothing": ("openai", Answer(b""), "0 events"),
    "only the end": ("openai", sse(), "DONE"),
    "a document without meaning": ("openai", document({"hello": 1}), "hello"),
    "half a message": ("anthropic", events(begun(), *TEXT), "text_delta"),
    "a call that never began": ("anthropic", events(grown(4, json_delta("{}"))), "never opened"),
    "an event that is a number": (
        "anthropic",
        Answer(b"event: x\ndata: 17\n\n"),
        "17",
    ),
    "an empty stream": ("anthropic", Answer(b""), "0 events"),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_what_is_broken_counts_as_spent_and_quotes_the_server(name: str) -> None:
    dialect, answer, quoted = BROKEN[name]
    error = await fault(dialect, answer)
    assert (error.sort, error.retry, error.key) == ("cut", True, "llm.cut")
    assert quoted in str(error.facts["detail"])
    assert error.spent is not None
    assert error.spent.fresh > 50
    assert error.spent.estimated


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
async def test_a_refused_connection_costs_nothing_and_silence_may(dialect: str) -> None:
    with serving(Answer()) as server:
        gone = model_at(dialect, server)
    with pytest.raises(ModelError) as failed:
        await gone.complete(request(user("go")))
    assert (failed.value.sort, failed.value.spent) == ("connection", None)
    await gone.close()
    left = threading.Event()

    def never(path: str, body: Body) -> Answer:
        # answered only when the caller has left
        left.wait(60)
        return Answer()

    with serving(never) as server:
        model = model_at(dialect, server, silence_s=0.2)
        with pytest.raises(ModelError) as failed:
            await model.complete(request(user("go")))
        left.set()
        await model.close()
    assert failed.value.sort == "connection"
    assert failed.value.spent is not None
    assert failed.value.spent.fresh > 50


@pytest.mark.parametrize("dialect", ["openai", "anthropic"])
async def test_a_connection_that_stays_open_after_the_end_keeps_nobody_waiting(
    dialect: str,
) -> None:
    whole = {
        "openai": sse(chunk(content="Hi."), chunk("stop")),
        "anthropic": events(begun(CLAUDES), *TEXT, STOPPED, *ended()),
    }[dialect]
    answered = threading.Event()
    with serving(replace(whole, cut=True, until=answered)) as server:
        model = model_at(dialect, server, silence_s=600)
        assert seen(await model.complete(request(user("go")))) == HI
        answered.set()
        await model.close()

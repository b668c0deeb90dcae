"""What every model must do. Subclass `ModelContract` as a Test class and give it a `world`
fixture; each adapter passes the same tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from harness.core.errors import ModelError
from harness.core.types import (
    Message,
    Request,
    StreamEvent,
    Text,
    Thinking,
    ThinkingBudget,
    ToolResult,
    ToolSpec,
)
from harness.ports.model import Model

BASH = ToolSpec(
    name="bash",
    description="Run a command.",
    schema_={
        "type": "object",
        "properties": {"command": {"type": "string"}},
        "required": ["command"],
    },
)
ODD = {"command": "echo 'ünïcode 한국어 \\n'", "env": {"A": [1, 2.5, None, True]}}


Turns = list[dict[str, Any]]


@dataclass(frozen=True)
class ModelWorld:
    """Opens a model that plays a script ({"conversations": [...]}, the format of the scripted
    model), inside a running loop."""

    open: Callable[[dict[str, Any]], Model]
    fault: Callable[[str], dict[str, Any]]
    """A turn's fields that make it fail with that sort: rate (after 7 s), auth, cut."""


def user(text: str) -> Message:
    """A user message."""
    return Message(role="user", parts=(Text(text=text),))


def request(*messages: Message, thinking: int = 0, session: str = "s") -> Request:
    """A call with one tool."""
    return Request(
        session=session,
        turn=sum(m.role == "assistant" for m in messages),
        system="You fix bugs.",
        messages=messages,
        tools=(BASH,),
        thinking=ThinkingBudget(tokens=thinking),
        max_tokens=2000,
    )


def answers(reply: Message, text: str = "ok", *, is_error: bool = False) -> Message:
    """The results of every call of a reply."""
    results = tuple(
        ToolResult(call_id=c.id, text=f"{text} {n}", is_error=is_error)
        for n, c in enumerate(reply.calls)
    )
    return Message(role="user", parts=results)


async def play(world: ModelWorld, turns: Turns, work: Callable[[Model], Awaitable[None]]) -> None:
    """Runs `work` with a model that plays `turns`."""
    model = world.open({"conversations": [{"turns": turns}]})
    try:
        await work(model)
    finally:
        await model.close()


class ModelContract:
    """One test a promise of the port."""

    async def test_a_reply_is_whole_and_says_who_what_and_how_much(self, world: ModelWorld) -> None:
        async def work(model: Model) -> None:
            reply = await model.complete(request(user("hi")))
            assert reply.role == "assistant"
            assert reply.parts == (Text(text="Hello, world."),)
            assert (reply.stop, bool(reply.model), bool(model.name)) == ("end", True, True)
            assert reply.usage is not None
            assert reply.usage.output > 0
            assert reply.usage.total > reply.usage.output

        await play(world, [{"text": "Hello, world."}], work)

    async def test_parallel_calls_keep_order_and_arguments_and_the_loop_goes_on(
        self, world: ModelWorld
    ) -> None:
        calls = [{"name": "bash", "arguments": ODD}, {"name": "bash", "arguments": {}}]
        turns: Turns = [{"text": "look", "calls": calls}, {"calls": calls[:1]}, {"text": "done"}]

        async def work(model: Model) -> None:
            talk = [user("go")]
            replies = []
            for _ in turns:
                replies.append(await model.complete(request(*talk)))
                talk += [replies[-1], answers(replies[-1])]
            first, second, last = replies
            assert [c.name for c in first.calls] == ["bash", "bash"]
            assert [c.arguments for c in first.calls] == [ODD, {}]
            assert [c.broken for c in first.calls] == ["", ""]
            assert (first.text, first.stop, last.stop) == ("look", "tool_calls", "end")
            ids = [c.id for reply in (first, second) for c in reply.calls]
            assert len(set(ids)) == 3
            assert all(ids)
            assert last.text == "done"

        await play(world, turns, work)

    async def test_broken_arguments_are_kept_raw_and_the_talk_goes_on(
        self, world: ModelWorld
    ) -> None:
        broken = [{"name": "bash", "broken": '{"command": "ls'}]

        async def work(model: Model) -> None:
            reply = await model.complete(request(user("go")))
            (call,) = reply.calls
            assert (call.arguments, call.broken) == ({}, '{"command": "ls')
            said = answers(reply, "not JSON", is_error=True)
            again = await model.complete(request(user("go"), reply, said))
            assert again.text == "sorry"

        await play(world, [{"calls": broken}, {"text": "sorry"}], work)

    async def test_an_invented_tool_name_and_an_empty_reply_do_not_poison_the_talk(
        self, world: ModelWorld
    ) -> None:
        turns: Turns = [
            {"calls": [{"name": "no such.tool!", "arguments": {}}]},
            {},
            {"text": "end"},
        ]

        async def work(model: Model) -> None:
            first = await model.complete(request(user("go")))
            assert first.calls[0].name == "no such.tool!"
            talk = [user("go"), first, answers(first, is_error=True)]
            empty = await model.complete(request(*talk))
            assert empty.parts == ()
            last = await model.complete(request(*talk, empty, user("go on")))
            assert last.text == "end"

        await play(world, turns, work)

    async def test_bytes_no_server_takes_are_cleaned_before_they_are_sent(
        self, world: ModelWorld
    ) -> None:
        turns: Turns = [{"calls": [{"name": "bash", "arguments": {}}]}, {"text": "read it"}]

        async def work(model: Model) -> None:
            first = await model.complete(request(user("go")))
            result = answers(first, "\0 \ud800 \udcff \ud83d\ude00 end")
            last = await model.complete(request(user("go \0"), first, result))
            assert last.text == "read it"

        await play(world, turns, work)

    async def test_what_streams_is_what_is_returned(self, world: ModelWorld) -> None:
        async def work(model: Model) -> None:
            seen: list[StreamEvent] = []
            reply = await model.complete(request(user("go")), seen.append)
            assert "".join(e.text for e in seen if e.kind == "text") == reply.text
            assert [e.text for e in seen if e.kind == "tool_call"] == ["bash"]

        call = {"name": "bash", "arguments": {"command": "ls"}}
        await play(world, [{"text": "a longer text\nof two lines", "calls": [call]}], work)

    async def test_a_cut_reply_is_an_error_and_asking_again_helps(self, world: ModelWorld) -> None:
        turn = {"text": "whole", "calls": [{"name": "bash", "arguments": {}}], "times": 1}

        async def work(model: Model) -> None:
            with pytest.raises(ModelError) as failed:
                await model.complete(request(user("go")))
            assert (failed.value.sort, failed.value.retry) == ("cut", True)
            reply = await model.complete(request(user("go")))
            assert (reply.text, len(reply.calls)) == ("whole", 1)

        await play(world, [turn | world.fault("cut")], work)

    async def test_a_limit_says_when_to_come_back(self, world: ModelWorld) -> None:
        async def work(model: Model) -> None:
            with pytest.raises(ModelError) as failed:
                await model.complete(request(user("go")))
            error = failed.value
            assert (error.sort, error.retry, error.after_s) == ("rate", True, 7.0)

        await play(world, [world.fault("rate")], work)

    async def test_a_refused_key_is_not_worth_asking_again(self, world: ModelWorld) -> None:
        async def work(model: Model) -> None:
            with pytest.raises(ModelError) as failed:
                await model.complete(request(user("go")))
            assert (failed.value.sort, failed.value.retry) == ("auth", False)

        await play(world, [world.fault("auth")], work)

    async def test_thinking_comes_back_and_may_be_sent_again(self, world: ModelWorld) -> None:
        turns: Turns = [
            {"thinking": "Let me see.", "calls": [{"name": "bash", "arguments": {}}]},
            {"text": "done"},
        ]

        async def work(model: Model) -> None:
            first = await model.complete(request(user("go"), thinking=1500))
            thought = first.parts[0]
            assert isinstance(thought, Thinking)
            assert thought.text == "Let me see."
            assert thought.provider
            last = await model.complete(request(user("go"), first, answers(first), thinking=1500))
            assert last.text == "done"

        await play(world, turns, work)

    async def test_a_growing_talk_is_read_from_the_cache(self, world: ModelWorld) -> None:
        turns: Turns = [{"calls": [{"name": "bash", "arguments": {}}]}, {"text": "done"}]

        async def work(model: Model) -> None:
            talk = user("go " + "x" * 8000)
            first = await model.complete(request(talk))
            last = await model.complete(request(talk, first, answers(first)))
            assert first.usage is not None
            assert last.usage is not None
            assert first.usage.cache_read == 0
            assert last.usage.cache_read > 2000
            assert last.usage.fresh + last.usage.cache_write < 500

        await play(world, turns, work)

    async def test_calls_at_once_do_not_mix_and_a_cancelled_one_harms_nobody(
        self, world: ModelWorld
    ) -> None:
        async def work(model: Model) -> None:
            asked = [asyncio.create_task(model.complete(request(user("go")))) for _ in range(5)]
            lost = asyncio.create_task(model.complete(request(user("go"))))
            await asyncio.sleep(0)
            lost.cancel()
            replies = await asyncio.gather(*asked)
            assert {r.text for r in replies} == {"same"}
            with pytest.raises(asyncio.CancelledError):
                await lost
            assert (await model.complete(request(user("go")))).text == "same"
            await model.close()

        await play(world, [{"text": "same", "latency_s": 0.02}], work)

"""The loop stops for a stated reason: limits, circles, models that fail, Boxes that die."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Literal

import pytest

from harness.agent.deps import LoopLimits
from harness.core.errors import ModelError
from harness.core.types import (
    LocalizedText,
    Message,
    Request,
    ToolCall,
    ToolResult,
    ToolSpec,
)
from harness.engine.ledger import Cap
from harness.system.retry_after import LONGEST_S
from harness.testing.models import Called, replies, say
from tests.agent.rig import (
    DONE,
    FIX,
    NOW,
    MakeRig,
    accept,
    bash,
    results,
    send,
    turns,
    valid,
)
from tests.engine.values import make_caps


async def test_a_reply_without_calls_is_nudged_then_stopped(make_rig: MakeRig) -> None:
    model = replies(
        say("I think it is fine."), say("All tests pass!"), say(""), say("hm"), say("x")
    )
    rig = make_rig(model)
    ended = await send(rig)
    assert ended.kind == "stopped"
    assert ended.why == LocalizedText(key="agent.no_verdict", facts={"times": 4})
    assert [bool(t.said) for t in await turns(rig)] == [True, True, True, False]
    assert "verdict" in (await turns(rig))[0].said
    for request in model.requests:
        valid(request)
    again = await send(rig)
    assert again.why == ended.why
    assert len(model.requests) == 4
    model_after = replies(*[say("")] * 4, say("", DONE))
    rig.model = model_after
    assert (await send(rig, "A person says: go on")).kind == "reached"
    valid(model_after.requests[0])


async def test_repeats_are_nudged_then_stopped(make_rig: MakeRig) -> None:
    model = Called(lambda request: say("", bash("echo same")))
    rig = make_rig(model)
    ended = await send(rig)
    assert ended.why is not None
    assert ended.why.key == "agent.repeats"
    assert len(await turns(rig)) == 7
    assert ["same result" in t.said for t in await turns(rig)] == [False] * 3 + [True] + [False] * 3


async def test_calls_that_fail_anew_each_time_are_nudged_then_stopped(make_rig: MakeRig) -> None:
    model = Called(lambda request: say("", bash("date +%N; exit 3")))
    rig = make_rig(model)
    ended = await send(rig)
    assert ended.why is not None
    assert (ended.kind, ended.why.key) == ("stopped", "agent.fails")
    assert [n for n, turn in enumerate(await turns(rig), 1) if "failed each time" in turn.said] == [
        5
    ]
    assert len(await turns(rig)) == 9


async def test_being_busy_without_progress_is_nudged_then_stopped(make_rig: MakeRig) -> None:
    model = Called(lambda request: say("", bash(f"echo {request.turn % 5}; date +%N")))
    rig = make_rig(model)
    ended = await send(rig)
    assert ended.why is not None
    assert (ended.kind, ended.why.key) == ("stopped", "agent.idle")
    assert [n for n, turn in enumerate(await turns(rig), 1) if "no file changed" in turn.said] == [
        9
    ]
    assert len(await turns(rig)) == 13


async def test_a_context_that_stays_too_small_is_asked_a_bounded_number_of_times(
    make_rig: MakeRig,
) -> None:
    """OpenHands' loop of context window errors: each try sends less, and then a person is
    asked."""
    model = Called(lambda r: ModelError("llm.too_long", sort="too_long", retry=False))
    rig = make_rig(model)
    assert (await send(rig)).why == LocalizedText(key="agent.context_full")
    assert 1 < len(model.requests) < 8
    asked = len(model.requests)
    assert (await send(rig)).why == LocalizedText(key="agent.context_full")
    assert len(model.requests) == asked + 1


async def test_limits_of_turns_and_time_end_the_stretch(make_rig: MakeRig) -> None:
    numbers = iter(range(1000))
    model = Called(lambda request: say("", bash(f"echo {next(numbers)}")))
    for name, limits in {
        "turns_used": LoopLimits(turns=3),
        "time_used": LoopLimits(wall_s=30),
    }.items():
        rig = make_rig(model, limits=limits)
        ended = await send(rig)
        assert ended.why is not None
        assert ended.why.key == f"agent.{name}"
        before = len(await turns(rig))
        assert (await send(rig)).why == ended.why
        assert len(await turns(rig)) == before


@pytest.mark.parametrize(("own", "operators", "most"), [(2, 9, 2), (9, 3, 3), (0, 3, 3)])
async def test_a_sessions_own_turns_narrow_those_of_the_operator(
    make_rig: MakeRig, own: int, operators: int, most: int
) -> None:
    numbers = iter(range(1000))
    model = Called(lambda request: say("", bash(f"echo {next(numbers)}")))
    rig = make_rig(model, limits=LoopLimits(turns=operators))
    rig.session = rig.session.model_copy(update={"turns": own})
    assert (await send(rig)).why == LocalizedText(key="agent.turns_used", facts={"limit": most})
    assert len(model.requests) == most


async def test_a_cap_of_the_ledger_stops_before_the_call(make_rig: MakeRig) -> None:
    model = replies(say("", bash("echo 1")), say("", bash("echo 2")), say("", DONE))
    rig = make_rig(model, caps=make_caps(run=Cap(tokens=9_400)))
    ended = await send(rig)
    assert ended.why is not None
    assert ended.why.key == "engine.cap_run_tokens"
    assert len(model.requests) < 3


async def test_a_persons_pause_is_heard_between_turns(make_rig: MakeRig) -> None:
    def answer(request: Request) -> Message:
        rig.interrupt = LocalizedText(key="pipeline.paused")
        return say("", FIX)

    rig = make_rig(Called(answer))
    ended = await send(rig)
    assert (ended.kind, ended.why) == ("stopped", LocalizedText(key="pipeline.paused"))
    assert (await turns(rig))[0].pending == ()
    rig.interrupt = None
    rig.model = Called(lambda request: say("", DONE))
    again = await send(rig)
    assert "a + b" in rig.file(again.tree, "calc.py")


def cut() -> ModelError:
    return ModelError("llm.cut", sort="cut", retry=True)


def _say(error: ModelError, request: Request) -> ModelError:
    return error


async def test_a_cut_reply_is_dropped_and_asked_again(make_rig: MakeRig) -> None:
    model = replies(cut(), cut(), say("", FIX), cut(), say("", DONE))
    rig = make_rig(model)
    assert (await send(rig)).kind == "reached"
    assert [r.turn for r in model.requests] == [1, 1, 1, 2, 2]
    assert rig.clock.slept == [1.0, 2.0, 1.0]
    assert model.requests[0] == model.requests[2]


async def test_a_server_that_stays_down_ends_the_stretch_with_a_time(make_rig: MakeRig) -> None:
    rig = make_rig(Called(lambda request: cut()))
    ended = await send(rig)
    assert ended.why == LocalizedText(key="llm.cut")
    assert ended.retry_at == NOW + timedelta(seconds=120)
    slow = ModelError("llm.rate", sort="rate", retry=True, after_s=900)
    rig.model = Called(lambda request: slow)
    assert (await send(rig)).retry_at == NOW + timedelta(seconds=900)
    for absurd in (3.2e8, 1e15, 1e300, float("inf")):
        years = ModelError("llm.rate", sort="rate", retry=True, after_s=absurd)
        rig.model = Called(partial(_say, years))
        assert (await send(rig)).retry_at == NOW + timedelta(seconds=LONGEST_S)
    wrong = ModelError("llm.auth", sort="auth", retry=False)
    rig.model = Called(lambda request: wrong)
    assert (await send(rig)).retry_at is None
    full = ModelError("llm.too_long", sort="too_long", retry=False)
    rig.model = Called(lambda request: full)
    assert (await send(rig)).why == LocalizedText(key="agent.context_full")
    rig.model = Called(lambda request: say("", DONE))
    assert (await send(rig)).kind == "reached"


async def test_a_dead_box_is_opened_again_at_the_last_snapshot(make_rig: MakeRig) -> None:
    def answer(request: Request) -> Message:
        if request.turn == 1:
            return say("", bash("echo one > one"))
        if request.turn == 2:
            return say("", bash("echo two > two"), ("bash", {"command": "kill"}), bash("ls"))
        return say("", DONE)

    rig = make_rig(Called(answer))
    talk = await rig.open()
    box = await talk._place.box()
    original = rig.sandbox.opened[0].exec

    async def dying(command: str, *, cwd: str = "", timeout_s: float | None = None):  # type: ignore[no-untyped-def]
        if command == "kill":
            rig.sandbox.opened[0].die()
        return await original(command, cwd=cwd, timeout_s=timeout_s)

    box.exec = dying  # type: ignore[method-assign]
    ended = await talk.send("", rig.judge(accept()))
    assert ended.kind == "reached"
    second = (await turns(rig))[1].results
    assert second[1].is_error
    assert "sandbox ended" in second[1].text
    assert second[2].text.split("\n")[1:] == ["README.md", "calc.py", "one", "two"]
    assert len(rig.sandbox.opened) == 2


async def test_a_conversation_that_does_not_fit_is_sent_with_fewer_old_outputs(
    make_rig: MakeRig,
) -> None:
    def answer(request: Request) -> Message | ModelError:
        if len(request.model_dump_json()) > 60_000:
            return ModelError("llm.too_long", sort="too_long", retry=False)
        return (
            say("", DONE)
            if request.turn > 12
            else say("", bash(f"seq -f '%070g' {request.turn} 900"))
        )

    model = Called(answer)
    rig = make_rig(model, limits=LoopLimits(context_tokens=40_000))
    assert (await send(rig)).kind == "reached"
    rig.model = Called(lambda request: say("", bash("ls"), DONE))
    assert (await send(rig)).kind == "reached"
    left_out = [r for r in model.requests if "left out to save room" in r.model_dump_json()]
    assert left_out
    tiny = make_rig(Called(lambda r: ModelError("llm.too_long", sort="too_long", retry=False)))
    assert (await send(tiny)).why == LocalizedText(key="agent.context_full")


async def test_the_size_that_a_server_names_is_where_the_conversation_shrinks_to(
    make_rig: MakeRig,
) -> None:
    def answer(request: Request) -> Message | ModelError:
        asked = len(request.model_dump_json()) // 3
        if asked > 16_000:
            return ModelError(
                "llm.too_long",
                sort="too_long",
                retry=False,
                limit_tokens=16_000,
                asked_tokens=asked,
            )
        if request.turn > 30:
            return say("", DONE)
        return say("", bash(f"seq -f '%070g' {request.turn} 130"))

    model = Called(answer)
    rig = make_rig(model, limits=LoopLimits(context_tokens=120_000))
    assert (await send(rig)).kind == "reached"
    refused = len(model.requests) - 31
    assert 0 < refused < 8
    assert {r.max_tokens for r in model.requests} == {8_192, 4_000}


async def test_more_than_a_minutes_limit_shrinks_and_then_says_so_itself(
    make_rig: MakeRig,
) -> None:
    def over(limit: int) -> ModelError:
        return ModelError(
            "llm.over_rate", sort="over_rate", retry=False, limit_tokens=limit, model="m"
        )

    model = Called(lambda r: say("", DONE) if r.max_tokens < 8_192 else over(6_000))
    assert (await send(make_rig(model))).kind == "reached"
    assert len(model.requests) == 2
    never = Called(lambda r: over(0))
    ended = await send(make_rig(never))
    assert ended.why is not None
    assert (ended.why.key, ended.retry_at) == ("llm.over_rate", None)
    assert 1 < len(never.requests) < 8


async def test_a_refusal_is_asked_once_more(make_rig: MakeRig) -> None:
    model = Called(lambda request: say("I will not.", stop="refusal"))
    rig = make_rig(model)
    assert (await send(rig)).why == LocalizedText(key="agent.refused")
    assert len(model.requests) == 2


class Loud:
    """A tool of somebody else's that answers without measure."""

    effects: Literal["none"] = "none"
    spec = ToolSpec(name="loud", description="Loud.", schema_={"type": "object"})

    async def run(self, call: ToolCall) -> ToolResult:
        return ToolResult(call_id=call.id, text="\ud800\0" + "x" * 30_000_000)


async def test_any_result_is_cleaned_and_bounded(make_rig: MakeRig) -> None:
    model = replies(say("", ("loud", {})), say("", DONE))
    rig = make_rig(model, tools=("loud", "verdict"), extra={"loud": lambda bench: Loud()})
    assert (await send(rig)).kind == "reached"
    assert len((await results(rig))[0].text) < 70_000
    model.requests[1].model_dump_json().encode()

"""The Anthropic adapter on the wire: what it sends, what it makes of answers and of their lack."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from benchmarks import model_wire
from benchmarks.model_server import ModelServer
from harness.core.errors import ModelError
from harness.core.types import Message, Request, Text, Thinking, ToolCall, ToolResult
from harness.llm.anthropic import Anthropic
from harness.llm.anthropic_map import body, wants
from harness.testing.model_contract import answers, request, user
from tests.parts import free_port
from tests.patience import PATIENCE_S

KEY = "sk-test-0123456789"
WHOLE: dict[str, Any] = {
    "thinking": "I should look.",
    "redacted": "b3BhcXVl",
    "text": "Looking.",
    "calls": [
        {"name": "bash", "arguments": {"command": "rm -rf build"}},
        {"name": "bash", "arguments": {"command": "ls"}},
    ],
}
EVENTS = len(list(model_wire.anthropic_events(WHOLE, 0, {"model": "m"}, {})))


def model_at(address: str, *, model: str = "claude-test", cache: bool = True) -> Anthropic:
    return Anthropic(
        name="claude", model=model, api_key=KEY, base_url=address, timeout_s=PATIENCE_S, cache=cache
    )


async def play(
    turns: list[dict[str, Any]],
    *asked: Request,
    model: str = "claude-test",
    refuses: dict[str, str] | None = None,
) -> tuple[list[Message], list[dict[str, Any]]]:
    """(replies, bodies sent)."""

    async def scenario(server: ModelServer) -> list[Message]:
        claude = model_at(server.address, model=model)
        try:
            return [await claude.complete(one) for one in asked]
        finally:
            await claude.close()

    script = {"conversations": [{"turns": turns}]}
    with ModelServer(script, refuses=refuses) as server:
        replies = await scenario(server)
        return replies, [a.body for a in server.requests]


async def fault(turn: dict[str, Any]) -> ModelError:
    with pytest.raises(ModelError) as failed:
        await play([turn], request(user("go")))
    return failed.value


@pytest.mark.parametrize("after", range(EVENTS - 1))
@pytest.mark.parametrize("how", ["cut_after", "end_after", "garbage_after"])
async def test_a_stream_cut_after_any_event_is_an_error_and_gives_nothing(
    how: str, after: int
) -> None:
    error = await fault({**WHOLE, how: after})
    assert (error.sort, error.retry, error.key) == ("cut", True, "llm.cut")


async def test_the_stream_that_was_not_cut_is_whole() -> None:
    (reply,), _ = await play([{**WHOLE, "cut_after": EVENTS}], request(user("go")))
    assert reply.parts == (
        Thinking(text="I should look.", signature="signed-0", provider="anthropic"),
        Thinking(text="", redacted="b3BhcXVl", provider="anthropic"),
        Text(text="Looking."),
        ToolCall(id="toolu_0_0", name="bash", arguments={"command": "rm -rf build"}),
        ToolCall(id="toolu_0_1", name="bash", arguments={"command": "ls"}),
    )


@pytest.mark.parametrize("how", ["cut_after", "end_after", "garbage_after", "error_after"])
async def test_what_happens_after_the_reason_of_the_end_takes_nothing_from_a_paid_reply(
    how: str,
) -> None:
    broken = {**WHOLE, how: EVENTS - 1, "error": {"type": "overloaded_error", "message": "m"}}
    (reply,), _ = await play([broken], request(user("go")))
    (whole,), _ = await play([WHOLE], request(user("go")))
    assert (reply.parts, reply.stop) == (whole.parts, whole.stop)


@pytest.mark.parametrize("after", [0, 1, 4, EVENTS - 2])
@pytest.mark.parametrize(
    ("kind", "sort"),
    [("overloaded_error", "overloaded"), ("rate_limit_error", "rate"), ("api_error", "server")],
)
async def test_an_error_event_inside_a_stream_keeps_its_class(
    after: int, kind: str, sort: str
) -> None:
    error = await fault({**WHOLE, "error_after": after, "error": {"type": kind, "message": "m"}})
    assert (error.sort, error.retry) == (sort, True)


async def test_an_account_without_money_is_never_asked_again() -> None:
    text = "Your credit balance is too low to access the API."
    error = await fault(
        {"status": 400, "error": {"type": "invalid_request_error", "message": text}}
    )
    assert (error.sort, error.retry, error.after_s) == ("spend", False, None)
    text = "You have reached your specified API usage limits: spending limit"
    error = await fault({"status": 429, "error": {"type": "rate_limit_error", "message": text}})
    assert (error.sort, error.retry) == ("spend", False)


async def test_a_refusal_and_a_cut_short_call_are_replies_that_say_so() -> None:
    (reply,), _ = await play([{"text": "No.", "stop": "refusal"}], request(user("go")))
    assert reply.stop == "refusal"
    call = {"name": "bash", "broken": '{"command": "l'}
    (reply,), _ = await play([{"calls": [call], "stop": "max_tokens"}], request(user("go")))
    assert (reply.stop, reply.calls[0].broken) == ("max_tokens", '{"command": "l')
    (reply,), _ = await play([{"text": "wait", "stop": "pause_turn"}], request(user("go")))
    assert reply.stop == "other"


async def test_a_cut_short_call_without_any_argument_is_not_taken_for_one_without_arguments() -> (
    None
):
    sent = body(request(user("go")), "m", wants("m"), cache=False)
    assert sent["max_tokens"] == 2000
    turn = {"calls": [{"name": "bash", "broken": " "}], "stop": "max_tokens"}
    (reply,), _ = await play([turn], request(user("go")))
    assert reply.calls[0].broken


def marks(sent: dict[str, Any]) -> list[str]:
    found = [f"tools.{n}" for n, t in enumerate(sent.get("tools", ())) if "cache_control" in t]
    found += [f"system.{n}" for n, b in enumerate(sent["system"]) if "cache_control" in b]
    for n, message in enumerate(sent["messages"]):
        for place, block in enumerate(message["content"]):
            if "cache_control" in block:
                found.append(f"messages.{n}.{place}")
    return found


async def test_cache_marks_stand_on_the_stable_head_and_move_with_the_talk() -> None:
    turns: list[dict[str, Any]] = [{"calls": [{"name": "bash"}]}] * 3
    talk = [user("go")]
    asked = []
    for turn in range(3):
        asked.append(request(*talk))
        call = ToolCall(id=f"c{turn}", name="bash", arguments={})
        reply = Message(role="assistant", parts=(call,))
        talk += [reply, answers(reply)]
    _, sent = await play(turns, *asked)
    assert [marks(s) for s in sent] == [
        ["tools.0", "system.0", "messages.0.0"],
        ["tools.0", "system.0", "messages.0.0", "messages.2.0"],
        ["tools.0", "system.0", "messages.2.0", "messages.4.0"],
    ]


async def test_every_turn_reads_what_the_last_one_wrote_even_after_many_parallel_calls() -> None:
    many = {"calls": [{"name": "bash", "arguments": {"n": n}} for n in range(30)]}

    async def scenario(server: ModelServer) -> list[Message]:
        claude = model_at(server.address)
        talk, replies = [user("go " * 400)], []
        for _ in range(3):
            replies.append(await claude.complete(request(*talk)))
            talk += [replies[-1], answers(replies[-1], "out " * 10)]
        await claude.close()
        return replies

    with ModelServer({"conversations": [{"turns": [many, many, {"text": "end"}]}]}) as server:
        usages = [r.usage for r in await scenario(server) if r.usage]
    assert usages[0].cache_read == 0
    for earlier, later in itertools.pairwise(usages):
        whole = earlier.fresh + earlier.cache_write + earlier.cache_read
        assert abs(later.cache_read - whole) <= 2
        assert later.fresh == 0


def test_without_cache_there_are_no_marks() -> None:
    sent: Any = body(request(user("go")), "m", wants("m"), cache=False)
    assert marks(sent) == []


async def test_thinking_has_its_budget_above_the_answers_room() -> None:
    _, (sent,) = await play([{"text": "x"}], request(user("go"), thinking=4000))
    assert sent["thinking"] == {"type": "enabled", "budget_tokens": 4000}
    assert sent["max_tokens"] == 6000
    _, (sent,) = await play([{"text": "x"}], request(user("go"), thinking=10))
    assert sent["thinking"]["budget_tokens"] == 1024
    _, (sent,) = await play([{"text": "x"}], request(user("go")))
    assert "thinking" not in sent


@pytest.mark.parametrize(
    ("model", "adaptive"),
    [
        ("claude-opus-5-5", True),
        ("claude-sonnet-5", True),
        ("claude-fable-5-1", True),
        ("anthropic/claude-opus-4.7", True),
        ("claude-opus-4-6", True),
        ("claude-haiku-4-5-20251001", False),
        ("claude-3-7-sonnet-20250219", False),
        ("claude-opus-4-20250514", False),
        ("local-model", False),
    ],
)
def test_the_form_of_thinking_follows_the_version(model: str, adaptive: bool) -> None:
    assert wants(model).adaptive is adaptive


async def test_newer_models_get_an_effort_and_a_refused_form_is_asked_otherwise_once() -> None:
    _, (sent,) = await play(
        [{"text": "x"}], request(user("go"), thinking=9000), model="claude-opus-5-5"
    )
    assert (sent["thinking"], sent["output_config"]) == ({"type": "adaptive"}, {"effort": "medium"})
    complaint = (
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" '
        'and "output_config.effort" to control thinking behavior.'
    )
    asked = [request(user("go"), thinking=9000)] * 2
    replies, sent_all = await play(
        [{"text": "x"}], *asked, refuses={"thinking=type=enabled": complaint}
    )
    assert [r.text for r in replies] == ["x", "x"]
    forms = [s["thinking"]["type"] for s in sent_all]
    assert forms == ["enabled", "adaptive", "adaptive"]
    with pytest.raises(ModelError, match="invalid"):
        await play([{"text": "x"}], asked[0], refuses={"thinking": complaint})


async def test_a_tool_is_forced_only_where_that_is_allowed() -> None:
    forced = request(user("go")).model_copy(update={"tool_choice": "required"})
    turns = [{"text": "x"}]
    _, (sent,) = await play(turns, forced)
    assert sent["tool_choice"] == {"type": "any"}
    thinking = request(user("go"), thinking=2000).model_copy(update={"tool_choice": "required"})
    _, (sent,) = await play(turns, thinking)
    assert sent["tool_choice"] == {"type": "auto"}
    complaint = "tool_choice: forced tool use is not supported for this model"
    _, sent_all = await play(turns, forced, forced, refuses={"tool_choice=type=any": complaint})
    assert [s["tool_choice"]["type"] for s in sent_all] == ["any", "auto", "auto"]


async def test_thinking_goes_back_word_for_word_to_its_own_vendor_only() -> None:
    signed = Thinking(text="so", signature="sig", provider="anthropic")
    hidden = Thinking(text="", redacted="xyz", provider="anthropic")
    foreign = Thinking(text="hm", provider="openai")
    unsigned = Thinking(text="hm", provider="anthropic")
    reply = Message(role="assistant", parts=(signed, hidden, foreign, unsigned, Text(text="a")))
    asked = request(user("go"), reply, user("more"), thinking=2000)
    _, (sent,) = await play([{}, {"text": "x"}], asked)
    assert sent["messages"][1]["content"] == [
        {"type": "thinking", "thinking": "so", "signature": "sig"},
        {"type": "redacted_thinking", "data": "xyz"},
        {"type": "text", "text": "a"},
    ]


async def test_thinking_tied_to_a_text_that_was_changed_is_left_out_from_then_on() -> None:
    old = Message(
        role="assistant",
        parts=(Thinking(text="", signature="old", provider="anthropic"), Text(text="a")),
    )
    new = Message(
        role="assistant",
        parts=(Thinking(text="", signature="new", provider="anthropic"), Text(text="b")),
    )
    first = request(user("go"), old, user("more"))
    second = request(user("go"), old, user("more"), new, user("and"))
    complaint = "messages.1.content.0: thinking block prefix mismatch: signature is bound to it"
    turns: list[dict[str, Any]] = [{}, {"text": "x"}, {"text": "y"}]
    sent: list[list[str]] = []

    async def scenario(server: ModelServer) -> None:
        claude = model_at(server.address)
        assert (await claude.complete(first)).text == "x"
        assert (await claude.complete(second)).text == "y"
        await claude.close()

    failing = {"status": 400, "error": {"type": "invalid_request_error", "message": complaint}}
    turns[1] = {**turns[1], **failing, "times": 1}
    with ModelServer({"conversations": [{"turns": turns}]}) as server:
        await scenario(server)
        for asked in server.requests:
            blocks = [b for m in asked.body["messages"] for b in m["content"]]
            sent.append([b["signature"] for b in blocks if b["type"] == "thinking"])
    assert sent == [["old"], [], ["new"]]


async def test_what_a_vendor_would_refuse_for_ever_is_never_sent() -> None:
    call = ToolCall(id="a.b", name="no such tool", arguments={"x": "\ud800"})
    broken = ToolCall(id="c", name="bash", arguments={}, broken="{oops")
    silent = Message(role="assistant", parts=(Text(text="  \n"), call, broken))
    results = Message(
        role="user",
        parts=(
            Text(text="also"),
            ToolResult(call_id="a.b", text=""),
            ToolResult(call_id="c", text="bad", is_error=True),
        ),
    )
    _, (sent,) = await play([{}, {"text": "x"}], request(user(" "), silent, results))
    assert sent["messages"][0]["content"][0]["text"] == "(nothing)"
    assert sent["messages"][1]["content"] == [
        {"type": "tool_use", "id": "a_b", "name": "no_such_tool", "input": {"x": "\ufffd"}},
        {"type": "tool_use", "id": "c", "name": "bash", "input": {"unreadable_json": "{oops"}},
    ]
    kinds = [b["type"] for b in sent["messages"][2]["content"]]
    assert kinds == ["tool_result", "tool_result", "text"]


async def test_duplicated_ids_of_a_compatible_server_become_unique() -> None:
    calls = [{"name": "bash", "id": "call_0"}, {"name": "bash", "id": "call_0"}]
    first, _ = await play([{"calls": calls[:1]}], request(user("go")))
    reply = first[0]
    (again,), _ = await play([{}, {"calls": calls}], request(user("go"), reply, answers(reply)))
    ids = [c.id for c in (*reply.calls, *again.calls)]
    assert len(set(ids)) == 3


async def test_nobody_there_is_a_connection_error() -> None:
    claude = model_at(f"http://127.0.0.1:{free_port()}")
    with pytest.raises(ModelError) as failed:
        await claude.complete(request(user("go")))
    assert (failed.value.sort, failed.value.retry) == ("connection", True)
    assert "Connection error" not in str(failed.value.facts["detail"])
    await claude.close()


async def test_a_silent_server_is_given_up() -> None:
    async def scenario(server: ModelServer) -> None:
        claude = Anthropic(
            name="claude", model="m", api_key=KEY, base_url=server.address, timeout_s=0.1
        )
        with pytest.raises(ModelError) as failed:
            await claude.complete(request(user("go")))
        assert failed.value.sort == "connection"
        await claude.close()

    with ModelServer({"conversations": [{"turns": [{"latency_s": 0.4}]}]}) as server:
        await scenario(server)


async def test_a_key_that_a_server_quotes_is_not_repeated() -> None:
    error = await fault(
        {"status": 401, "error": {"type": "authentication_error", "message": f"bad key {KEY}"}}
    )
    assert KEY not in str(error)
    assert "bad key ***" in str(error.facts["detail"])

"""Messages of a request, and when to begin anew."""

from __future__ import annotations

from datetime import UTC, datetime

from harness.agent.context_window import answer, continue_or_restart, dropped_before, messages
from harness.core.types import Message, Session, Text, ToolCall, ToolResult, Turn

SESSION = Session(
    id="s", run="r", kind="worker", model="m", system="sys", opening="open", tools=(),
    prompt_version="1", base_tree="t", created_at=datetime(2026, 1, 1, tzinfo=UTC),
)  # fmt: skip


def turn(number: int, size: int = 10, said: str = "") -> Turn:
    calls = tuple(
        ToolCall(id=f"c{number}{k}", name="bash", arguments={"command": "x"}) for k in "ab"
    )
    results = tuple(ToolResult(call_id=c.id, text=f"{number % 10}" * size) for c in reversed(calls))
    reply = Message(role="assistant", parts=(Text(text="go"), *calls))
    return Turn(
        session="s", number=number, reply=reply, results=results, tree_before="t", said=said
    )


def test_results_stand_in_the_order_of_the_calls_and_words_after_them() -> None:
    message = answer(turn(1, said="look"))
    ids = [p.call_id for p in message.parts if isinstance(p, ToolResult)]
    assert ids == ["c1a", "c1b"]
    assert message.text == "look"


def test_what_was_sent_stays_a_prefix_until_a_batch_is_dropped() -> None:
    budget = 20_000
    turns: list[Turn] = []
    moves = 0
    before = messages(SESSION, turns, budget)
    for number in range(1, 61):
        turns.append(turn(number, size=4_000))
        now = messages(SESSION, turns, budget)
        if now[: len(before)] != before:
            moves += 1
        before = now
        assert now == messages(SESSION, tuple(turns), budget)
        sent = sum(len(p.model_dump_json()) for m in now for p in m.parts) / 4
        assert sent < budget * 1.3
    assert 1 < moves < 15


def test_the_last_turns_are_never_dropped_and_small_outputs_stay() -> None:
    turns = [turn(n, size=100_000) for n in range(1, 6)]
    assert dropped_before(SESSION, turns, 1_000) == 3
    sent = messages(SESSION, turns, 1_000)
    text = next(p.text for p in sent[2].parts if isinstance(p, ToolResult))
    assert text == "[100000 characters left out to save room; run it again if you need it]"
    assert sent[-1] == answer(turns[-1])
    small = [turn(n, size=5) for n in range(1, 6)]
    assert messages(SESSION, small, 1)[2] == answer(small[0])


def test_what_was_said_before_the_first_reply_follows_the_opening() -> None:
    zero = Turn(
        session="s",
        number=0,
        reply=Message(role="assistant", parts=()),
        tree_before="t",
        said="first",
    )
    found = messages(SESSION, [zero, turn(1)], 10_000)
    assert [m.role for m in found] == ["user", "assistant", "user"]
    assert found[0].text == "open\n\nfirst"


def test_when_to_begin_anew() -> None:
    def choose(
        idle_s: float = 10, tokens: int = 10_000, model: bool = True, prompts: bool = True
    ) -> str:
        return continue_or_restart(
            idle_s=idle_s,
            session_tokens=tokens,
            cache_ttl_s=300,
            context_tokens=100_000,
            same_model=model,
            same_prompts=prompts,
        )

    assert choose() == "continue"
    assert choose(idle_s=9_000) == "continue"
    assert choose(tokens=60_000) == "continue"
    assert choose(idle_s=9_000, tokens=60_000) == "restart"
    assert choose(tokens=90_000) == "restart"
    assert choose(model=False) == "restart"
    assert choose(prompts=False) == "restart"

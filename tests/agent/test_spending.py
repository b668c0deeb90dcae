"""Tool calls are counted before they run, once, through kills, and a cap stops between two of
them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from harness.agent.asking import MOST_BROKEN
from harness.core.base import Json
from harness.core.errors import ModelError
from harness.core.types import Ended, Message, Request, Spend, Usage
from harness.engine.ledger import Cap, SqlLedger
from harness.testing.models import Called, replies, say
from tests.agent.rig import DONE, NOW, Killed, MakeRig, Rig, accept, bash, results, send, turns
from tests.engine.values import make_caps

MANY = 500


async def spent(rig: Rig) -> Spend:
    return await rig.ledger.spend_of("session", rig.session.id)


def log(rig: Rig, tree: str) -> list[str]:
    return rig.file(tree, "log").split()


async def test_a_reply_of_many_calls_stops_at_the_cap_and_goes_on_when_it_is_raised(
    make_rig: MakeRig,
) -> None:
    model = replies(say("", *(bash(f"echo {n} >> log") for n in range(MANY))))
    rig = make_rig(model, caps=make_caps(session=Cap(tool_calls=10)))
    ended = await send(rig)
    assert ended.kind == "stopped"
    assert ended.why is not None
    assert ended.why.key == "engine.cap_session_tool_calls"
    assert ended.why.facts == {"scope": "session", "cap": 10, "spent": 10, "needed": MANY - 10}
    assert log(rig, ended.tree) == [str(n) for n in range(10)]
    assert len(await results(rig)) == (await spent(rig)).tool_calls == 10
    again = await send(rig)
    assert again.why == ended.why
    assert len(await results(rig)) == 10
    # as after a restart with other settings
    rig.ledger = SqlLedger(rig.database, make_caps(session=Cap(tool_calls=25)))
    last = await send(rig)
    assert log(rig, last.tree) == [str(n) for n in range(25)]
    assert len(await results(rig)) == (await spent(rig)).tool_calls == 25
    assert len(model.requests) == 1


async def test_the_last_call_of_the_cap_is_followed_by_no_question_to_the_model(
    make_rig: MakeRig,
) -> None:
    model = Called(lambda request: say("", bash(f"echo {request.turn}")))
    rig = make_rig(model, caps=make_caps(run=Cap(tool_calls=5)))
    ended = await send(rig)
    assert ended.why is not None
    assert ended.why.facts == {"scope": "run", "cap": 5, "spent": 5, "needed": 1}
    assert len(model.requests) == 5
    assert ended.retry_at is None


async def killed(rig: Rig) -> Ended | None:
    """One process; None when it died."""

    async def run() -> Ended:
        talk = await rig.open()
        return await talk.send("", rig.judge(accept()))

    try:
        return await run()
    except Killed:
        return None


async def test_killed_after_any_write_the_account_is_the_same(make_rig: MakeRig) -> None:
    """A verdict is a call too: nothing that costs is free."""
    died = 0
    for write in range(1, 30, 2):
        first = say("", *(bash(f"echo a{n}") for n in range(5)))
        second = say("", *(bash(f"echo b{n}") for n in range(5)), DONE)
        rig = make_rig(replies(first, second), caps=make_caps(session=Cap(tool_calls=8)))
        rig.kill_at = write
        ended = await killed(rig)
        died += ended is None
        ended = ended or await killed(rig)
        assert ended is not None
        assert ended.why is not None
        assert ended.why.key == "engine.cap_session_tool_calls"
        assert len(await results(rig)) == (await spent(rig)).tool_calls == 8
    assert 5 < died < 15, "writes all over the session, and some that never come"


async def test_no_more_sub_agents_are_asked_for_than_there_is_room(make_rig: MakeRig) -> None:
    tasks: list[tuple[str, dict[str, Json]]] = [
        ("task", {"title": t, "detail": f"do {t}", "files": [f"{t}.py"]}) for t in ("a", "b", "c")
    ]
    rig = make_rig(replies(say("", *tasks)), caps=make_caps(session=Cap(tool_calls=2)))
    ended = await send(rig)
    assert ended.kind == "delegated"
    assert len(ended.calls) == (await spent(rig)).tool_calls == 2


@pytest.mark.parametrize("scope", ["session", "run", "issue", "project_day", "day"])
@pytest.mark.parametrize("cap", [Cap(tokens=9_400), Cap(cost_usd=0.0094), Cap(tool_calls=1)])
async def test_only_a_days_cap_is_looked_at_again_by_itself(
    make_rig: MakeRig, scope: str, cap: Cap
) -> None:
    tomorrow = datetime(2026, 1, 3, tzinfo=UTC)
    assert tomorrow.date() > NOW.date()
    for calls in (1, 2):

        def answer(request: Request, calls: int = calls) -> Message:
            return say("", *(bash(f"echo {request.turn} {n}") for n in range(calls)))

        rig = make_rig(Called(answer), caps=make_caps(**{scope: cap}))
        ended = await send(rig)
        assert ended.why is not None
        assert ended.why.facts["scope"] == scope
        assert ended.retry_at == (tomorrow if scope in ("project_day", "day") else None)
        assert len(await turns(rig)) < 5


def broken(tokens: int = 700) -> ModelError:
    lost = Usage(fresh=tokens, output=50, estimated=True)
    return ModelError(
        "llm.cut", sort="cut", retry=True, spent=lost, model="m", detail='last words: "boom"'
    )


async def test_every_broken_reply_is_in_the_books_and_a_turn_has_only_so_many(
    make_rig: MakeRig,
) -> None:
    model = Called(lambda request: broken())
    rig = make_rig(model)
    rounds = [await send(rig), await send(rig)]
    assert len(model.requests) == MOST_BROKEN
    assert rounds[0].retry_at is not None
    last = rounds[1]
    assert (last.kind, last.retry_at) == ("stopped", None)
    assert last.why is not None
    assert (last.why.key, last.why.facts["times"]) == ("agent.broken_replies", MOST_BROKEN)
    assert "boom" in str(last.why.facts["detail"])
    books = await spent(rig)
    assert (books.tokens, books.calls) == (750 * MOST_BROKEN, MOST_BROKEN)
    assert books.cost_usd > 0
    # a person's word is one more try, not another round
    again = await send(rig, "the server is well again")
    assert again.why is not None
    assert again.why.key == "agent.broken_replies"
    assert len(model.requests) == MOST_BROKEN + 1


async def test_a_broken_reply_before_a_whole_one_is_paid_with_it(make_rig: MakeRig) -> None:
    rig = make_rig(replies(broken(), broken(), say("", bash("ls")), broken(), say("", DONE)))
    assert (await send(rig)).kind == "reached"
    whole = await spent(rig)
    assert whole.calls == 5
    without = make_rig(replies(say("", bash("ls")), say("", DONE)))
    await send(without)
    assert whole.tokens == (await spent(without)).tokens + 3 * 750


async def test_a_turn_that_goes_well_starts_the_count_anew(make_rig: MakeRig) -> None:
    answers = [[broken()] * 4 + [say("", bash(f"echo {n}"))] for n in range(3)]
    rig = make_rig(replies(*(one for turn in answers for one in turn), say("", DONE)))
    assert (await send(rig)).kind == "reached"


async def test_broken_replies_stop_at_a_cap_of_the_ledger(make_rig: MakeRig) -> None:
    model = Called(lambda request: broken(40_000))
    rig = make_rig(model, caps=make_caps(run=Cap(tokens=100_000)))
    ended = await send(rig)
    assert ended.why is not None
    assert ended.why.key == "engine.cap_run_tokens"
    assert len(model.requests) == 3


async def test_what_was_never_answered_costs_nothing_and_is_asked_again_for_ever(
    make_rig: MakeRig,
) -> None:
    gone = ModelError("llm.connection", sort="connection", retry=True, model="m", detail="refused")
    model = Called(lambda request: gone)
    rig = make_rig(model)
    for _ in range(4):
        assert (await send(rig)).retry_at is not None
    assert len(model.requests) == 20
    assert (await spent(rig)).tokens == 0

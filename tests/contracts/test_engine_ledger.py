"""What every Ledger does: nothing is spent beyond a cap, in flight or after a kill."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal, get_args

import pytest

from harness.config.sections import CapSettings, LimitSettings
from harness.core.errors import CapReached, EngineError
from harness.core.types import Run, Spend, SpendScope
from harness.engine.database import Database
from harness.engine.ledger import Cap, Caps, SqlLedger, issue_key, project_day_key
from harness.engine.store import SqlStore
from harness.i18n.catalogue import Catalogue, languages
from tests.engine.values import AT, NO_CAPS, make_caps, snapshot, with_database

DAY, NEXT_DAY = "2026-01-02", "2026-01-03"
SCOPES: tuple[SpendScope, ...] = get_args(SpendScope)
Measure = Literal["tokens", "cost_usd", "tool_calls"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
MONEY: tuple[Measure, ...] = ("tokens", "cost_usd")
LIMIT: dict[Measure, float] = {"tokens": 100, "cost_usd": 1.0, "tool_calls": 10}
Work = Callable[[SqlLedger, Run], Awaitable[None]]


async def use(path: Path, caps: Caps, work: Work, issue: int = 1, project: str = "o/p") -> None:
    async def opened(database: Database) -> None:
        run, _ = await SqlStore(database).open_run(project, snapshot(issue), AT)
        await work(SqlLedger(database, caps), run)

    await with_database(path / "state.db", opened)


def only(scope: SpendScope, measure: Measure) -> Caps:
    """No limit but this one."""
    return make_caps(**{scope: Cap.model_validate({measure: LIMIT[measure]})})


def tokens(count: int, cost_usd: float = 0.0) -> Spend:
    return Spend(tokens=count, cost_usd=cost_usd, calls=1)


def calls(count: int) -> Spend:
    return Spend(calls=1, tool_calls=count)


def part(measure: Measure, share: float) -> Spend:
    """So much of the limit, of tokens or money."""
    assert measure in MONEY
    amount = LIMIT[measure] * share
    return tokens(round(amount)) if measure == "tokens" else tokens(1, amount)


def key_of(scope: SpendScope, run: Run, session: str = "s") -> str:
    keys = {
        "session": session,
        "run": run.id,
        "issue": issue_key(run.project, run.issue),
        "project_day": project_day_key(run.project, DAY),
        "day": DAY,
    }
    return keys[scope]


def named(cap: CapReached, scope: SpendScope, measure: Measure) -> None:
    """The sentence says, in both languages, which cap, what it is, what was spent and which
    setting raises it."""
    assert cap.key == f"engine.cap_{scope}_{measure.removesuffix('_usd')}"
    assert cap.facts["scope"] == scope
    assert cap.facts["cap"] == LIMIT[measure]
    for language in languages():
        text = Catalogue(language)(cap.key, **cap.facts)
        for fact in ("cap", "spent", "needed"):
            assert str(cap.facts[fact]) in text
        assert f"limits.{scope}.{measure}" in text


async def test_a_reservation_counts_until_it_is_settled_and_then_what_it_was(
    tmp_path: Path,
) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, tokens(100, 0.5), DAY)
        for scope in SCOPES:
            assert await ledger.spend_of(scope, key_of(scope, run)) == tokens(100, 0.5)
        took = Spend(tokens=40, cost_usd=0.2, calls=1, tool_calls=3)
        for _ in range(2):
            assert (await ledger.settle("s", 1, took)).calls == 3
        for scope in SCOPES:
            assert await ledger.spend_of(scope, key_of(scope, run)) == took

    await use(tmp_path, NO_CAPS, work)


# ---------------------------------------------------------------- every scope, tokens and money


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("measure", MONEY)
async def test_what_is_in_flight_counts_against_every_cap(
    tmp_path: Path, scope: SpendScope, measure: Measure
) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, part(measure, 0.6), DAY)
        with pytest.raises(CapReached) as raised:
            await ledger.reserve(run, "s", 2, part(measure, 0.6), DAY)
        named(raised.value, scope, measure)
        assert raised.value.facts["spent"] == LIMIT[measure] * 0.6
        assert await ledger.spend_of("run", run.id) == part(measure, 0.6), "a refusal costs nothing"
        await ledger.settle("s", 1, part(measure, 0.1))
        await ledger.reserve(run, "s", 2, part(measure, 0.6), DAY)

    await use(tmp_path, only(scope, measure), work)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("measure", MONEY)
async def test_a_cap_may_be_used_up_to_the_last_and_not_beyond(
    tmp_path: Path, scope: SpendScope, measure: Measure
) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        with pytest.raises(CapReached):
            await ledger.reserve(run, "s", 1, part(measure, 1.01), DAY)
        await ledger.reserve(run, "s", 1, part(measure, 1.0), DAY)
        with pytest.raises(CapReached):
            await ledger.reserve(run, "s", 2, part(measure, 0.01), DAY)
        await ledger.settle("s", 1, part(measure, 1.0))
        with pytest.raises(CapReached):
            await ledger.reserve(run, "s", 2, part(measure, 0.01), DAY)

    await use(tmp_path, only(scope, measure), work)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("measure", MONEY)
async def test_a_kill_makes_no_room(tmp_path: Path, scope: SpendScope, measure: Measure) -> None:
    """What a cut off call took is unknown: the reserved amount counts, and it goes on counting
    when the call is made again."""

    async def before(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, part(measure, 0.4), DAY)

    async def after(ledger: SqlLedger, run: Run) -> None:
        with pytest.raises(CapReached):
            await ledger.reserve(run, "s", 2, part(measure, 0.7), DAY)
        with pytest.raises(CapReached):
            await ledger.reserve(run, "s", 1, part(measure, 0.7), DAY)
        await ledger.reserve(run, "s", 1, part(measure, 0.5), DAY)
        await ledger.settle("s", 1, part(measure, 0.1))
        spent = await ledger.spend_of(scope, key_of(scope, run))
        assert getattr(spent, measure) == pytest.approx(LIMIT[measure] * 0.5)
        assert spent.calls == 2

    await use(tmp_path, only(scope, measure), before)
    await use(tmp_path, only(scope, measure), after)


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("measure", MONEY)
async def test_concurrent_calls_cannot_cross_a_cap_together(
    tmp_path: Path, scope: SpendScope, measure: Measure
) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        # a session asks one by one; other scopes hold many sessions
        names = ["s" if scope == "session" else f"s{n}" for n in range(25)]
        asked = (
            ledger.reserve(run, name, n, part(measure, 0.125), DAY) for n, name in enumerate(names)
        )
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(answer is None for answer in answers) == 8

    limits = {**LIMIT, "tokens": 96}
    cap = Cap.model_validate({measure: limits[measure]})
    await use(tmp_path, NO_CAPS.model_copy(update={scope: cap}), work)


# ---------------------------------------------------------------- every scope, tool calls


@pytest.mark.parametrize("scope", SCOPES)
async def test_a_reply_gets_room_for_as_many_tool_calls_as_are_left(
    tmp_path: Path, scope: SpendScope
) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, tokens(1), DAY)
        first = await ledger.settle("s", 1, calls(4))
        assert (first.calls, first.why) == (4, None)
        await ledger.reserve(run, "s", 2, tokens(1), DAY)
        for _ in range(2):
            second = await ledger.settle("s", 2, calls(500))
            assert second.calls == 6
            assert second.why is not None
            assert second.why.facts == {"scope": scope, "cap": 10, "spent": 10, "needed": 494}
        assert (await ledger.spend_of(scope, key_of(scope, run))).tool_calls == 10
        with pytest.raises(CapReached) as raised:
            await ledger.reserve(run, "s", 3, tokens(1), DAY)
        named(raised.value, scope, "tool_calls")

    await use(tmp_path, only(scope, "tool_calls"), work)


@pytest.mark.parametrize("scope", SCOPES)
async def test_tool_calls_stay_counted_through_a_kill_and_are_not_counted_twice(
    tmp_path: Path, scope: SpendScope
) -> None:
    async def before(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, tokens(1), DAY)
        assert (await ledger.settle("s", 1, calls(7))).calls == 7

    async def after(ledger: SqlLedger, run: Run) -> None:
        assert (await ledger.settle("s", 1, calls(7))).calls == 7
        assert (await ledger.spend_of(scope, key_of(scope, run))).tool_calls == 7
        await ledger.reserve(run, "s", 2, tokens(1), DAY)
        assert (await ledger.settle("s", 2, calls(7))).calls == 3

    await use(tmp_path, only(scope, "tool_calls"), before)
    await use(tmp_path, only(scope, "tool_calls"), after)


@pytest.mark.parametrize("scope", SCOPES)
async def test_concurrent_replies_share_what_is_left(tmp_path: Path, scope: SpendScope) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        names = ["s" if scope == "session" else f"s{n}" for n in range(8)]
        for turn, name in enumerate(names):
            await ledger.reserve(run, name, turn, tokens(1), DAY)
        asked = (ledger.settle(name, turn, calls(3)) for turn, name in enumerate(names))
        granted = await asyncio.gather(*asked)
        assert sorted(one.calls for one in granted) == [0, 0, 0, 0, 1, 3, 3, 3]
        assert sum(one.why is not None for one in granted) == 5

    await use(tmp_path, only(scope, "tool_calls"), work)


async def test_a_raised_cap_lets_the_rest_of_a_reply_through(tmp_path: Path) -> None:
    async def before(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, tokens(1), DAY)
        assert (await ledger.settle("s", 1, calls(14))).calls == 10

    async def after(ledger: SqlLedger, run: Run) -> None:
        granted = await ledger.settle("s", 1, calls(14))
        assert (granted.calls, granted.why) == (14, None)
        assert (await ledger.spend_of("run", run.id)).tool_calls == 14

    await use(tmp_path, only("session", "tool_calls"), before)
    await use(tmp_path, NO_CAPS.model_copy(update={"session": Cap(tool_calls=20)}), after)


@pytest.mark.parametrize("scope", ["project_day", "day"])
async def test_the_rest_of_a_reply_is_granted_on_the_next_day(
    tmp_path: Path, scope: SpendScope
) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, tokens(1), DAY)
        assert (await ledger.settle("s", 1, calls(8), DAY)).calls == 8
        await ledger.reserve(run, "s", 2, tokens(1), DAY)
        assert (await ledger.settle("s", 2, calls(5), DAY)).calls == 2
        assert (await ledger.settle("s", 2, calls(5), DAY)).calls == 2
        assert (await ledger.settle("s", 2, calls(5), NEXT_DAY)).calls == 5
        assert (await ledger.spend_of("day", NEXT_DAY)).tool_calls == 5
        assert (await ledger.spend_of("day", DAY)).tool_calls == 8

    await use(tmp_path, only(scope, "tool_calls"), work)


# ---------------------------------------------------------------- what a scope holds


def refused(scope: SpendScope, session: str, day: str = DAY) -> Work:
    """A call there, after another took most of the cap, is refused by this scope."""

    async def work(ledger: SqlLedger, run: Run) -> None:
        with pytest.raises(CapReached) as raised:
            await ledger.reserve(run, session, 1, tokens(60), day)
        assert raised.value.facts["scope"] == scope

    return work


def may(session: str, day: str = DAY) -> Work:
    async def work(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, session, 1, tokens(60), day)
        await ledger.settle(session, 1, tokens(60))

    return work


async def test_a_session_is_its_own_scope(tmp_path: Path) -> None:
    caps = only("session", "tokens")

    async def work(ledger: SqlLedger, run: Run) -> None:
        await may("s")(ledger, run)
        await may("s2")(ledger, run)
        with pytest.raises(CapReached):
            await ledger.reserve(run, "s", 2, tokens(60), NEXT_DAY)

    await use(tmp_path, caps, work)


async def test_a_projects_day_is_over_its_issues_and_ends_with_the_day(tmp_path: Path) -> None:
    caps = only("project_day", "tokens")
    await use(tmp_path, caps, may("a"), issue=1)
    await use(tmp_path, caps, refused("project_day", "b"), issue=2)
    await use(tmp_path, caps, may("c"), issue=1, project="o/other")
    await use(tmp_path, caps, may("d", NEXT_DAY), issue=2)


async def test_a_day_is_over_all_projects(tmp_path: Path) -> None:
    caps = only("day", "tokens")
    await use(tmp_path, caps, may("a"), issue=1)
    await use(tmp_path, caps, refused("day", "b"), issue=2)
    await use(tmp_path, caps, refused("day", "c"), issue=1, project="o/other")
    await use(tmp_path, caps, may("d", NEXT_DAY), issue=2)


async def test_an_issue_is_over_its_runs_and_its_whole_life(tmp_path: Path) -> None:
    async def work(database: Database) -> None:
        ledger = SqlLedger(database, only("issue", "tokens"))
        first, _ = await SqlStore(database).open_run("p", snapshot(), AT)
        second = first.model_copy(update={"id": "p/1/2", "number": 2})
        await may("s")(ledger, first)
        await refused("issue", "s2", NEXT_DAY)(ledger, second)

    await with_database(tmp_path / "state.db", work)


async def test_a_project_goes_by_its_own_caps_and_a_day_by_the_commands(tmp_path: Path) -> None:
    async def work(database: Database) -> None:
        own = {"small": only("run", "tokens"), "large": NO_CAPS}
        caps = NO_CAPS.model_copy(update={"day": Cap(tokens=200)})
        ledger = SqlLedger(database, caps, lambda project: own[project])
        small, _ = await SqlStore(database).open_run("small", snapshot(), AT)
        large, _ = await SqlStore(database).open_run("large", snapshot(), AT)
        with pytest.raises(CapReached) as raised:
            await ledger.reserve(small, "s", 1, tokens(101), DAY)
        assert raised.value.facts["scope"] == "run"
        await ledger.reserve(large, "l", 1, tokens(101), DAY)
        with pytest.raises(CapReached) as raised:
            await ledger.reserve(large, "l", 2, tokens(101), DAY)
        assert raised.value.facts["scope"] == "day"

    await with_database(tmp_path / "state.db", work)


# ---------------------------------------------------------------- the rest


async def test_what_was_spent_stays_when_the_call_is_made_again(tmp_path: Path) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, tokens(50), DAY)
        await ledger.settle("s", 1, tokens(30))
        await ledger.reserve(run, "s", 1, tokens(50), DAY)
        assert (await ledger.spend_of("run", run.id)).tokens == 80
        await ledger.settle("s", 1, tokens(20))
        assert await ledger.spend_of("run", run.id) == Spend(tokens=50, calls=2)

    await use(tmp_path, NO_CAPS, work)


async def test_settling_what_was_never_reserved_is_an_error(tmp_path: Path) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        with pytest.raises(EngineError, match=r"engine\.not_reserved"):
            await ledger.settle("s", 1, tokens(1))

    await use(tmp_path, NO_CAPS, work)


@pytest.mark.parametrize("scope", SCOPES)
def test_caps_are_on_from_the_start(scope: SpendScope) -> None:
    cap: CapSettings = getattr(LimitSettings(), scope)
    assert cap.tokens > 0
    assert cap.cost_usd > 0
    assert cap.tool_calls > 0 or scope in ("project_day", "day")

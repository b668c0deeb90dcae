"""What every Ledger does: nothing is spent beyond a cap, in flight or after a kill."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal

import pytest

from harness.core.errors import CapReached, EngineError
from harness.core.types import Run, Spend
from harness.core.words import LANGUAGES, Catalogue
from harness.engine.database import Database
from harness.engine.ledger import Caps, SqlLedger, issue_key
from harness.engine.store import SqlStore
from tests.engine.values import AT, snapshot, with_database

DAY = "2026-01-02"
NONE = Caps(
    run_tokens=0, run_cost_usd=0, issue_tokens=0, issue_cost_usd=0, day_tokens=0, day_cost_usd=0
)
Work = Callable[[SqlLedger, Run], Awaitable[None]]


def use(path: Path, caps: Caps, work: Work, issue: int = 1) -> None:
    async def opened(database: Database) -> None:
        run, _ = await SqlStore(database).open_run("o/p", snapshot(issue), AT)
        await work(SqlLedger(database, caps), run)

    asyncio.run(with_database(path / "state.db", opened))


def tokens(count: int, cost_usd: float = 0.0) -> Spend:
    return Spend(tokens=count, cost_usd=cost_usd, calls=1)


def test_a_reservation_counts_until_it_is_settled_and_then_what_it_was(tmp_path: Path) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, tokens(100, 0.5), DAY)
        for scope, key in (("run", run.id), ("issue", issue_key("o/p", 1)), ("day", DAY)):
            assert await ledger.spent(scope, key) == tokens(100, 0.5)  # type: ignore[arg-type]
        await ledger.settle("s", 1, tokens(40, 0.2))
        await ledger.settle("s", 1, tokens(40, 0.2))
        assert await ledger.spent("run", run.id) == tokens(40, 0.2)

    use(tmp_path, NONE, work)


@pytest.mark.parametrize(
    ("caps", "scope", "spend"),
    [
        (NONE.model_copy(update={"run_tokens": 100}), "run", tokens(60)),
        (NONE.model_copy(update={"issue_tokens": 100}), "issue", tokens(60)),
        (NONE.model_copy(update={"day_tokens": 100}), "day", tokens(60)),
        (NONE.model_copy(update={"run_cost_usd": 1.0}), "run", tokens(1, 0.6)),
        (NONE.model_copy(update={"issue_cost_usd": 1.0}), "issue", tokens(1, 0.6)),
        (NONE.model_copy(update={"day_cost_usd": 1.0}), "day", tokens(1, 0.6)),
    ],
)
def test_what_is_in_flight_counts_against_every_cap(
    tmp_path: Path, caps: Caps, scope: str, spend: Spend
) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, spend, DAY)
        with pytest.raises(CapReached) as raised:
            await ledger.reserve(run, "s2", 1, spend, DAY)
        facts = raised.value.facts
        assert facts["scope"] == scope
        assert facts["cap"] in (100, 1.0)
        assert facts["spent"] in (60, 0.6)
        for language in LANGUAGES:
            assert str(facts["cap"]) in Catalogue(language)(raised.value.key, **facts)
        assert await ledger.spent("run", run.id) == spend
        await ledger.settle("s", 1, tokens(1, 0.01))
        await ledger.reserve(run, "s2", 1, spend, DAY)

    use(tmp_path, caps, work)


def test_a_cap_may_be_used_up_to_the_last_token(tmp_path: Path) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, tokens(100), DAY)
        with pytest.raises(CapReached):
            await ledger.reserve(run, "s", 2, tokens(1), DAY)

    use(tmp_path, NONE.model_copy(update={"run_tokens": 100}), work)


def test_a_kill_makes_no_room_and_the_same_call_replaces_its_own_reservation(
    tmp_path: Path,
) -> None:
    caps = NONE.model_copy(update={"run_tokens": 100})

    async def before(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, tokens(80), DAY)

    async def after(ledger: SqlLedger, run: Run) -> None:
        with pytest.raises(CapReached):
            await ledger.reserve(run, "s", 2, tokens(80), DAY)
        await ledger.reserve(run, "s", 1, tokens(90), DAY)
        assert (await ledger.spent("run", run.id)).tokens == 90
        with pytest.raises(CapReached):
            await ledger.reserve(run, "s", 1, tokens(101), DAY)
        assert (await ledger.spent("run", run.id)).tokens == 90

    use(tmp_path, caps, before)
    use(tmp_path, caps, after)


def test_what_was_spent_stays_when_the_call_is_made_again(tmp_path: Path) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, tokens(50), DAY)
        await ledger.settle("s", 1, tokens(30))
        await ledger.reserve(run, "s", 1, tokens(50), DAY)
        assert (await ledger.spent("run", run.id)).tokens == 80
        await ledger.settle("s", 1, tokens(20))
        assert await ledger.spent("run", run.id) == Spend(tokens=50, calls=2)

    use(tmp_path, NONE, work)


def test_an_issues_cap_holds_over_its_runs_and_a_days_over_all_issues(tmp_path: Path) -> None:
    async def spend(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, f"{run.id}", 1, tokens(60), DAY)
        await ledger.settle(f"{run.id}", 1, tokens(60))

    async def refused(ledger: SqlLedger, run: Run) -> None:
        with pytest.raises(CapReached):
            await ledger.reserve(run, f"{run.id}", 1, tokens(60), DAY)
        await ledger.reserve(run, f"{run.id}", 1, tokens(60), "2026-01-03")

    use(tmp_path, NONE.model_copy(update={"day_tokens": 100}), spend, issue=1)
    use(tmp_path, NONE.model_copy(update={"day_tokens": 100}), refused, issue=2)


def test_concurrent_calls_cannot_cross_a_cap_together(tmp_path: Path) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        calls = (ledger.reserve(run, f"s{n}", 1, tokens(10), DAY) for n in range(25))
        answers = await asyncio.gather(*calls, return_exceptions=True)
        assert sum(answer is None for answer in answers) == 10
        assert (await ledger.spent("run", run.id)).tokens == 100

    use(tmp_path, NONE.model_copy(update={"run_tokens": 100}), work)


def test_settling_what_was_never_reserved_is_an_error(tmp_path: Path) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        with pytest.raises(EngineError, match=r"engine\.not_reserved"):
            await ledger.settle("s", 1, tokens(1))

    use(tmp_path, NONE, work)


@pytest.mark.parametrize("scope", ["run", "issue", "day"])
def test_caps_are_on_from_the_start(scope: Literal["run", "issue", "day"]) -> None:
    count, cost_usd = Caps().of(scope)
    assert count > 0
    assert cost_usd > 0

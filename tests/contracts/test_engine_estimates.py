"""What a server did not tell is marked as estimated in every sum."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.core.types import Run, Spend
from harness.engine.ledger import SqlLedger
from tests.contracts.test_engine_ledger import DAY, key_of, tokens, use
from tests.engine.values import NO_CAPS


@pytest.mark.parametrize(
    ("parts", "estimated"),
    [
        ([("s", 1, False)], False),
        ([("s", 1, True)], True),
        ([("s", 1, False), ("s", 2, True)], True),
        ([("s", 1, True), ("s", 1, False)], True),
        ([("other", 1, True), ("s", 1, False)], True),
        ([], False),
    ],
)
async def test_what_a_server_did_not_tell_is_marked_in_every_sum(
    tmp_path: Path, parts: list[tuple[str, int, bool]], estimated: bool
) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        for session, turn, guessed in parts:
            await ledger.reserve(run, session, turn, tokens(9), DAY)
            spent = Spend(tokens=5, calls=1, estimated=guessed)
            await ledger.settle(session, turn, spent)
        for scope in ("run", "issue", "day", "project_day"):
            found = await ledger.spend_of(scope, key_of(scope, run))
            assert found.estimated is estimated, scope

    await use(tmp_path, NO_CAPS, work)


async def test_a_call_that_a_kill_cut_off_is_an_estimate(tmp_path: Path) -> None:
    async def work(ledger: SqlLedger, run: Run) -> None:
        await ledger.reserve(run, "s", 1, tokens(9), DAY)
        await ledger.reserve(run, "s", 1, tokens(9), DAY)
        await ledger.settle("s", 1, tokens(5))
        assert (await ledger.spend_of("run", run.id)).estimated

    await use(tmp_path, NO_CAPS, work)

"""SqlLedger: what may still be spent. A call is reserved before it is made; what is in flight
counts, so a kill cannot make room. Without a reservation nothing is spent: it fails closed.
"""

from __future__ import annotations

from typing import Literal

import sqlalchemy as sa

from harness.core.base import Value
from harness.core.errors import CapReached, EngineError
from harness.core.types import Run, Spend
from harness.engine.database import Database
from harness.engine.tables import SPENDING

Scope = Literal["run", "issue", "day"]


class Caps(Value):
    """Hard limits; 0 = no limit. An issue's limits hold over all its runs, a day's over all
    issues. Money in USD."""

    run_tokens: int = 5_000_000
    run_cost_usd: float = 10.0
    issue_tokens: int = 10_000_000
    issue_cost_usd: float = 20.0
    day_tokens: int = 50_000_000
    day_cost_usd: float = 100.0

    def of(self, scope: Scope) -> tuple[int, float]:
        """(tokens, USD) of one scope."""
        match scope:
            case "run":
                return self.run_tokens, self.run_cost_usd
            case "issue":
                return self.issue_tokens, self.issue_cost_usd
            case "day":
                return self.day_tokens, self.day_cost_usd


def issue_key(project: str, issue: int) -> str:
    """The key of an issue's scope in `spent`."""
    return f"{project}/{issue}"


class SqlLedger:
    """The Ledger port. Keys of `spent`: a run's id, `issue_key(...)`, a day as given."""

    def __init__(self, database: Database, caps: Caps) -> None:
        self._database = database
        self._caps = caps

    async def reserve(self, run: Run, session: str, turn: int, estimate: Spend, day: str) -> None:
        keys: dict[Scope, str] = {
            "run": run.id,
            "issue": issue_key(run.project, run.issue),
            "day": day,
        }

        def work(c: sa.Connection) -> None:
            same = _same(session, turn)
            # its own old reservation makes room for the new one, unless a cap is crossed
            freed = {"in_flight": False, **_held(Spend())}
            there = c.execute(SPENDING.update().where(same).values(**freed)).rowcount
            for scope, key in keys.items():
                self._check(scope, _total(c, scope, key), estimate)
            held = {"in_flight": True, "day": day, **_held(estimate)}
            if there:
                c.execute(SPENDING.update().where(same).values(**held))
            else:
                row = {"session": session, "turn": turn, "run": run.id, "issue": keys["issue"]}
                c.execute(SPENDING.insert().values(**row, **held, tokens=0, cost_usd=0.0, calls=0))

        await self._database.write(work)

    async def settle(self, session: str, turn: int, actual: Spend) -> None:
        """Repeated after a kill it changes nothing. EngineError when it was never reserved."""

        def work(c: sa.Connection) -> None:
            same = _same(session, turn)
            in_flight = c.execute(sa.select(SPENDING.c.in_flight).where(same)).scalar()
            if in_flight is None:
                raise EngineError("engine.not_reserved", session=session, turn=turn)
            if in_flight:
                spent = {
                    "tokens": SPENDING.c.tokens + actual.tokens,
                    "cost_usd": SPENDING.c.cost_usd + actual.cost_usd,
                    "calls": SPENDING.c.calls + actual.calls,
                }
                values = {"in_flight": False, **_held(Spend()), **spent}
                c.execute(SPENDING.update().where(same).values(**values))

        await self._database.write(work)

    async def spent(self, scope: Scope, key: str) -> Spend:
        """Spent and in flight together."""
        return await self._database.read(lambda c: _total(c, scope, key))

    def _check(self, scope: Scope, spent: Spend, estimate: Spend) -> None:
        tokens, cost_usd = self._caps.of(scope)
        if tokens and spent.tokens + estimate.tokens > tokens:
            raise CapReached(
                f"engine.cap_{scope}_tokens",
                scope=scope,
                cap=tokens,
                spent=spent.tokens,
                needed=estimate.tokens,
            )
        if cost_usd and spent.cost_usd + estimate.cost_usd > cost_usd:
            raise CapReached(
                f"engine.cap_{scope}_cost",
                scope=scope,
                cap=cost_usd,
                spent=round(spent.cost_usd, 4),
                needed=round(estimate.cost_usd, 4),
            )


def _same(session: str, turn: int) -> sa.ColumnElement[bool]:
    return (SPENDING.c.session == session) & (SPENDING.c.turn == turn)


def _held(spend: Spend) -> dict[str, object]:
    return {
        "held_tokens": spend.tokens,
        "held_cost_usd": spend.cost_usd,
        "held_calls": spend.calls,
    }


def _total(c: sa.Connection, scope: Scope, key: str) -> Spend:
    t = SPENDING.c
    query = sa.select(
        sa.func.coalesce(sa.func.sum(t.tokens + t.held_tokens), 0),
        sa.func.coalesce(sa.func.sum(t.cost_usd + t.held_cost_usd), 0.0),
        sa.func.coalesce(sa.func.sum(t.calls + t.held_calls), 0),
    ).where(t[scope] == key)
    tokens, cost_usd, calls = c.execute(query).one()
    return Spend(tokens=int(tokens), cost_usd=float(cost_usd), calls=int(calls))

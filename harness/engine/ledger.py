"""SqlLedger: what may still be spent. A call is reserved before it is made, a tool call is counted
before it runs; what is in flight counts, so a kill cannot make room. It fails closed: without a
reservation nothing is spent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, get_args

import sqlalchemy as sa

from harness.core.base import Value
from harness.core.errors import CapReached, EngineError
from harness.core.run_types import DAY_SCOPES
from harness.core.types import Granted, Run, Spend, SpendScope
from harness.engine.database import Database
from harness.engine.tables import SPENDING

SCOPES: tuple[SpendScope, ...] = get_args(SpendScope)
Totals = dict[SpendScope, Spend]


class Cap(Value):
    """Hard limits of one scope; 0 = no limit. Money in USD."""

    tokens: int = 0
    cost_usd: float = 0.0
    tool_calls: int = 0


class Caps(Value):
    """An issue's hold over all its runs, a project's day over all its issues, a day's over all
    projects. Each must be given: what they are by themselves, the settings say."""

    session: Cap
    run: Cap
    issue: Cap
    project_day: Cap
    day: Cap

    def of(self, scope: SpendScope) -> Cap:
        """One scope's."""
        found: Cap = getattr(self, scope)
        return found


def issue_key(project: str, issue: int) -> str:
    """The key of an issue's scope in `spend_of`."""
    return f"{project}/{issue}"


def project_day_key(project: str, day: str) -> str:
    """The key of a project's day in `spend_of`."""
    return f"{project}/{day}"


class SqlLedger:
    """The Ledger port. `own(project)` gives the caps that a project has for itself; a day of all
    projects goes by `caps`."""

    def __init__(
        self, database: Database, caps: Caps, own: Callable[[str], Caps] | None = None
    ) -> None:
        self._database = database
        self._caps = caps
        self._own = own

    async def reserve(self, run: Run, session: str, turn: int, estimate: Spend, day: str) -> None:
        caps = self._of(run.project)
        keys = {
            "run": run.id,
            "issue": issue_key(run.project, run.issue),
            "project": run.project,
            "day": day,
        }

        def work(c: sa.Connection) -> None:
            totals = {
                **_of_issue(c, session, run.id, keys["issue"]),
                **_of_day(c, run.project, day),
            }
            _check(caps, totals, estimate)
            row = _row(c, session, turn)
            held = {"in_flight": True, "day": day, **_held_columns(estimate)}
            if row is None:
                none = {"tokens": 0, "cost_usd": 0.0, "calls": 0, "tool_calls": 0, "estimated": 0}
                values = {"session": session, "turn": turn, **keys, **held, **none}
                c.execute(SPENDING.insert().values(values))
            else:
                # one that is still in flight was cut off by a kill: it may well have been paid
                lost = Spend(
                    tokens=row.held_tokens,
                    cost_usd=row.held_cost_usd,
                    calls=row.held_calls,
                    estimated=row.in_flight,
                )
                c.execute(_change(session, turn, {**held, **_more(lost)}))

        await self._database.write(work)

    async def settle(self, session: str, turn: int, actual: Spend, day: str = "") -> Granted:
        """EngineError when it was never reserved. Calls that are granted on another day move their
        turn to that day."""

        def work(c: sa.Connection) -> Granted:
            row = _row(c, session, turn)
            if row is None:
                raise EngineError("engine.not_reserved", session=session, turn=turn)
            granted = Granted(calls=row.tool_calls)
            changes: dict[str, Any] = {}
            if row.in_flight:
                changes = {"in_flight": False, **_held_columns(Spend()), **_more(actual)}
            if actual.tool_calls > row.tool_calls:
                when = day or row.day
                granted = _grant(self._of(row.project), c, row, when, actual.tool_calls)
                if granted.calls > row.tool_calls:
                    changes |= {"tool_calls": granted.calls, "day": when}
            if changes:
                c.execute(_change(session, turn, changes))
            return granted

        return await self._database.write(work)

    async def spend_of(self, scope: SpendScope, key: str) -> Spend:
        """Spent and in flight together. Keys: a session's id, a run's id, `issue_key(...)`,
        `project_day_key(...)`, a day as given."""
        t = SPENDING.c
        project, _, day = key.rpartition("/")
        of_project = sa.and_(t.project == project, t.day == day)
        where = of_project if scope == "project_day" else t[scope] == key
        query = sa.select(*_SUMS).where(where)
        return await self._database.read(lambda c: _spend(c.execute(query).one()))

    def _of(self, project: str) -> Caps:
        """What binds a project's calls."""
        if self._own is None:
            return self._caps
        return self._own(project).model_copy(update={"day": self._caps.day})


def _check(caps: Caps, totals: Totals, estimate: Spend) -> None:
    """CapReached by the first scope that has no room for the call, or for a tool call after it."""
    for scope in SCOPES:
        cap, spent = caps.of(scope), totals[scope]
        if cap.tokens and spent.tokens + estimate.tokens > cap.tokens:
            raise CapReached(
                f"engine.cap_{scope}_tokens",
                scope=scope,
                cap=cap.tokens,
                spent=spent.tokens,
                needed=estimate.tokens,
            )
        if cap.cost_usd and spent.cost_usd + estimate.cost_usd > cap.cost_usd:
            raise CapReached(
                f"engine.cap_{scope}_cost",
                scope=scope,
                cap=cap.cost_usd,
                spent=round(spent.cost_usd, 4),
                needed=round(estimate.cost_usd, 4),
            )
        if cap.tool_calls and spent.tool_calls >= cap.tool_calls:
            raise _no_calls(scope, cap, spent.tool_calls, 1)


def _grant(caps: Caps, c: sa.Connection, row: Any, day: str, asked: int) -> Granted:
    """Room for as many of the calls as every scope has; what was granted before stays."""
    limited = [scope for scope in SCOPES if caps.of(scope).tool_calls]
    if not limited:
        return Granted(calls=asked)
    totals = _of_issue(c, row.session, row.run, row.issue)
    if not totals.keys() >= set(limited):
        totals |= _of_day(c, row.project, day)
    mine: int = row.tool_calls
    elsewhere = DAY_SCOPES if day != row.day else ()
    others = {s: totals[s].tool_calls - (0 if s in elsewhere else mine) for s in limited}
    tightest = min(limited, key=lambda scope: caps.of(scope).tool_calls - others[scope])
    cap = caps.of(tightest)
    room = cap.tool_calls - others[tightest]
    if room >= asked:
        return Granted(calls=asked)
    calls = max(mine, room)
    why = _no_calls(tightest, cap, others[tightest] + calls, asked - calls).say
    return Granted(calls=calls, why=why)


def _no_calls(scope: SpendScope, cap: Cap, made: int, needed: int) -> CapReached:
    return CapReached(
        f"engine.cap_{scope}_tool_calls",
        scope=scope,
        cap=cap.tool_calls,
        spent=made,
        needed=needed,
    )


def _row(c: sa.Connection, session: str, turn: int) -> Any:
    same = (SPENDING.c.session == session) & (SPENDING.c.turn == turn)
    return c.execute(sa.select(SPENDING).where(same)).first()


def _change(session: str, turn: int, values: dict[str, Any]) -> sa.Update:
    same = (SPENDING.c.session == session) & (SPENDING.c.turn == turn)
    return SPENDING.update().where(same).values(values)


def _held_columns(spend: Spend) -> dict[str, Any]:
    return {
        "held_tokens": spend.tokens,
        "held_cost_usd": spend.cost_usd,
        "held_calls": spend.calls,
    }


def _more(spend: Spend) -> dict[str, Any]:
    """Added to what the row says was spent."""
    return {
        "tokens": SPENDING.c.tokens + spend.tokens,
        "cost_usd": SPENDING.c.cost_usd + spend.cost_usd,
        "calls": SPENDING.c.calls + spend.calls,
        **({"estimated": 1} if spend.estimated else {}),
    }


def _sums() -> tuple[sa.ColumnElement[Any], ...]:
    t = SPENDING.c
    added = (t.tokens + t.held_tokens, t.cost_usd + t.held_cost_usd, t.calls + t.held_calls)
    return tuple(sa.func.coalesce(sa.func.sum(x), 0) for x in (*added, t.tool_calls, t.estimated))


_SUMS = _sums()


def _spend(row: Any) -> Spend:
    tokens, cost_usd, calls, tool_calls, estimated = row
    return Spend(
        tokens=int(tokens),
        cost_usd=float(cost_usd),
        calls=int(calls),
        tool_calls=int(tool_calls),
        estimated=bool(estimated),
    )


def _of_issue(c: sa.Connection, session: str, run: str, issue: str) -> Totals:
    """One query: an issue's rows hold its runs', and those hold their sessions'."""
    t = SPENDING.c
    query = sa.select(t.run, t.session, *_SUMS).where(t.issue == issue)
    rows = [(r, s, _spend(sums)) for r, s, *sums in c.execute(query.group_by(t.run, t.session))]
    return {
        "session": _sum(spend for r, s, spend in rows if (r, s) == (run, session)),
        "run": _sum(spend for r, _, spend in rows if r == run),
        "issue": _sum(spend for _, _, spend in rows),
    }


def _of_day(c: sa.Connection, project: str, day: str) -> Totals:
    """One query: a day's rows hold each project's."""
    t = SPENDING.c
    query = sa.select(t.project, *_SUMS).where(t.day == day).group_by(t.project)
    rows = [(p, _spend(sums)) for p, *sums in c.execute(query)]
    return {
        "project_day": _sum(spend for p, spend in rows if p == project),
        "day": _sum(spend for _, spend in rows),
    }


def _sum(spends: Iterable[Spend]) -> Spend:
    found = list(spends)
    return Spend(
        tokens=sum(s.tokens for s in found),
        cost_usd=sum(s.cost_usd for s in found),
        calls=sum(s.calls for s in found),
        tool_calls=sum(s.tool_calls for s in found),
        estimated=any(s.estimated for s in found),
    )

"""One model call: found in the journal, or reserved, made, recorded and settled, its tool calls
counted with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from harness.agent.deps import LoopDeps
from harness.core.base import Value
from harness.core.errors import CapReached, ModelError
from harness.core.run_types import DAY_SCOPES
from harness.core.storable import storable
from harness.core.types import (
    CallRecord,
    Ended,
    Granted,
    LocalizedText,
    Message,
    Request,
    Run,
    Session,
    Spend,
    Usage,
    request_hash,
)
from harness.ports.model import Model
from harness.system.retry_after import clamp_s

_FIRST_PAUSE_S = 1.0
_RETRY_LATER_S = 120.0
_BYTES_PER_TOKEN = 4
MOST_BROKEN: Final = 6
"""Replies to one turn that were paid for and of no use, before a person looks at the server."""


class TooLarge(Value):
    """The request does not fit. `limit` and `asked` in tokens as the server counts them; 0: it did
    not say. `why` is for when less cannot be sent."""

    why: LocalizedText
    limit: int = 0
    asked: int = 0


class ModelCaller:
    """Asks one session's model."""

    def __init__(self, deps: LoopDeps, session: Session) -> None:
        self._deps = deps
        self._session = session
        self._model: Model = deps.model(session.model)
        self._settling: tuple[int, asyncio.Task[Granted]] | None = None

    async def find_recorded(self, request: Request) -> Message | None:
        """The reply that an earlier process got for exactly this request. JournalMismatch when
        it asked something else."""
        return await self._deps.journal.lookup(request.session, request.turn, request_hash(request))

    async def finish_settling(self) -> None:
        """Nothing of ours is still being written."""
        if self._settling is not None:
            (_, settling), self._settling = self._settling, None
            await settling

    async def grant_calls(self, turn: int, reply: Message) -> Granted:
        """How many calls of this reply may run. They, and what the reply took, are in the ledger
        by then; once more after a kill changes nothing."""
        if self._settling is None or self._settling[0] != turn:
            await self.finish_settling()
            self._settling = (turn, asyncio.create_task(self._settle(turn, reply)))
        return await asyncio.shield(self._settling[1])

    async def _settle(self, turn: int, reply: Message) -> Granted:
        usage = reply.usage or Usage()
        asked = len(reply.calls)
        cost_usd = self._cost(usage)
        actual = Spend(
            tokens=usage.total,
            cost_usd=cost_usd,
            calls=1,
            tool_calls=asked,
            estimated=usage.estimated,
        )
        return await self._deps.ledger.settle(self._session.id, turn, actual, self._today)

    @property
    def _today(self) -> str:
        return self._deps.clock.now().date().isoformat()

    async def ask(
        self, request: Request, run: Run, count_broken: Callable[[int], Awaitable[int]]
    ) -> Message | Ended | TooLarge:
        """The reply, recorded; or why there is none. A failed call is made again, a bounded
        number of times; each is reserved and settled, and nothing of it is kept.
        `count_broken(turn)` keeps how many replies to this turn were paid for and of no use."""
        await self.finish_settling()
        started = self._deps.clock.monotonic()
        lost = Usage()
        for attempt in range(self._deps.limits.retries + 1):
            try:
                await self._reserve(request, run)
            except CapReached as cap:
                return self.used_up(cap.say)
            try:
                said = await self._model.complete(request, self._deps.on_stream(self._session))
                reply = storable(said)
            except ModelError as error:
                lost = lost.plus(error.spent or Usage())
                end = await self._after(error, request, attempt, count_broken)
                await self._settle_lost(request, error, again=isinstance(end, float))
                if not isinstance(end, float):
                    return end
                await self._deps.clock.sleep(end)
            else:
                await self._record(request, run, reply, lost, started)
                return reply
        raise AssertionError("unreachable")

    async def _reserve(self, request: Request, run: Run) -> None:
        size = len(request.model_dump_json()) // _BYTES_PER_TOKEN
        usage = Usage(fresh=size, output=request.max_tokens)
        estimate = Spend(tokens=usage.total, cost_usd=self._cost(usage), calls=1)
        await self._deps.ledger.reserve(run, request.session, request.turn, estimate, self._today)

    async def _settle_lost(self, request: Request, error: ModelError, *, again: bool) -> None:
        """A call without a reply is in the books with what it took all the same. One that took
        nothing and is made again is the same call."""
        spent = error.spent or Usage()
        calls = 0 if again and error.spent is None else 1
        cost_usd, guessed = self._cost(spent), spent.estimated
        lost = Spend(tokens=spent.total, cost_usd=cost_usd, calls=calls, estimated=guessed)
        await self._deps.ledger.settle(request.session, request.turn, lost)

    async def _record(
        self, request: Request, run: Run, reply: Message, lost: Usage, started: float
    ) -> None:
        used = (reply.usage or Usage()).plus(lost)
        call = CallRecord(
            session=request.session,
            turn=request.turn,
            run=run.id,
            stage=run.stage.value,
            model=reply.model or self._session.model,
            usage=used,
            cost_usd=self._cost(used),
            input_bytes=len(request.model_dump_json()),
            latency_s=self._deps.clock.monotonic() - started,
            at=self._deps.clock.now(),
        )
        key = request_hash(request)
        await self._deps.journal.record(request.session, request.turn, key, reply, call)
        # recorded is what counts; the ledger follows while the reply is acted on
        self._settling = (request.turn, asyncio.create_task(self._settle(request.turn, reply)))

    async def _after(
        self,
        error: ModelError,
        request: Request,
        attempt: int,
        count_broken: Callable[[int], Awaitable[int]],
    ) -> Ended | TooLarge | float:
        """What follows a failed call; a number is the pause before it is made again."""
        if error.sort in ("too_long", "over_rate"):
            full = LocalizedText(key="agent.context_full")
            why = full if error.sort == "too_long" else error.say
            return TooLarge(why=why, limit=error.limit_tokens, asked=error.asked_tokens)
        times = await count_broken(request.turn) if error.spent is not None else 0
        if times >= MOST_BROKEN:
            facts = {"model": self._session.model, "times": times}
            said = str(error.facts.get("detail", error.sort))
            why = LocalizedText(key="agent.broken_replies", facts={**facts, "detail": said})
            return Ended(kind="stopped", why=why)
        limits = self._deps.limits
        pause: float = max(_FIRST_PAUSE_S * 2**attempt, clamp_s(error.after_s or 0.0))
        if not error.retry or attempt == limits.retries or pause > limits.patience_s:
            return self._fault(error)
        return pause

    def used_up(self, cap: LocalizedText) -> Ended:
        """A cap ends the stretch until a person's word; a day's until the next day."""
        today = self._deps.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        again = today + timedelta(days=1) if cap.facts["scope"] in DAY_SCOPES else None
        return Ended(kind="stopped", why=cap, retry_at=again)

    def _cost(self, usage: Usage) -> float:
        return self._deps.cost(self._session.model, usage)

    def _fault(self, error: ModelError) -> Ended:
        if not error.retry:
            return Ended(kind="stopped", why=error.say)
        again = max(clamp_s(error.after_s or 0.0), _RETRY_LATER_S)
        later = self._deps.clock.now() + timedelta(seconds=again)
        return Ended(kind="stopped", why=error.say, retry_at=later)

"""One model call: found in the journal, or reserved, made, recorded and settled, its tool calls
counted with it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from harness.agent.deps import LoopDeps
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

_FIRST_PAUSE_S = 1.0
_RETRY_LATER_S = 120.0
_BYTES_PER_TOKEN = 4


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
        actual = Spend(tokens=usage.total, cost_usd=cost_usd, calls=1, tool_calls=asked)
        return await self._deps.ledger.settle(self._session.id, turn, actual, self._today)

    @property
    def _today(self) -> str:
        return self._deps.clock.now().date().isoformat()

    async def ask(self, request: Request, run: Run) -> Message | Ended:
        """The reply, paid once and recorded; or why there is none."""
        await self.finish_settling()
        key = request_hash(request)
        size = len(request.model_dump_json())
        tokens = size // _BYTES_PER_TOKEN + request.max_tokens
        usage = Usage(fresh=size // _BYTES_PER_TOKEN, output=request.max_tokens)
        estimate = Spend(tokens=tokens, cost_usd=self._cost(usage), calls=1)
        try:
            await self._deps.ledger.reserve(
                run, request.session, request.turn, estimate, self._today
            )
        except CapReached as cap:
            return self.used_up(cap.say)
        started = self._deps.clock.monotonic()
        try:
            reply = await self._patiently(request)
        except ModelError as error:
            await self._deps.ledger.settle(request.session, request.turn, Spend(calls=1))
            return self._fault(error)
        used = reply.usage or Usage()
        call = CallRecord(
            session=request.session,
            turn=request.turn,
            run=run.id,
            stage=run.stage.value,
            model=reply.model or self._session.model,
            usage=used,
            cost_usd=self._cost(used),
            input_bytes=size,
            latency_s=self._deps.clock.monotonic() - started,
            at=self._deps.clock.now(),
        )
        await self._deps.journal.record(request.session, request.turn, key, reply, call)
        # recorded is what counts; the ledger follows while the reply is acted on
        self._settling = (request.turn, asyncio.create_task(self._settle(request.turn, reply)))
        return reply

    def used_up(self, cap: LocalizedText) -> Ended:
        """A cap ends the stretch until a person's word; a day's until the next day."""
        today = self._deps.clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
        again = today + timedelta(days=1) if cap.facts["scope"] in DAY_SCOPES else None
        return Ended(kind="stopped", why=cap, retry_at=again)

    def _cost(self, usage: Usage) -> float:
        return self._deps.cost(self._session.model, usage)

    async def _patiently(self, request: Request) -> Message:
        """A cut or failed call is made again, a bounded number of times; nothing of it is kept."""
        limits = self._deps.limits
        for attempt in range(limits.retries + 1):
            try:
                reply = await self._model.complete(request, self._deps.on_stream(self._session))
                return storable(reply)
            except ModelError as error:
                pause = max(_FIRST_PAUSE_S * 2**attempt, error.after_s or 0.0)
                if not error.retry or attempt == limits.retries or pause > limits.patience_s:
                    raise
                await self._deps.clock.sleep(pause)
        raise AssertionError("unreachable")

    def _fault(self, error: ModelError) -> Ended:
        if error.sort == "too_long":
            return Ended(kind="stopped", why=LocalizedText(key="agent.context_full"))
        if not error.retry:
            return Ended(kind="stopped", why=error.say)
        again = max(error.after_s or 0.0, _RETRY_LATER_S)
        later = self._deps.clock.now() + timedelta(seconds=again)
        return Ended(kind="stopped", why=error.say, retry_at=later)

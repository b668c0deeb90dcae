"""One exchange with a model's server: what was sent, and what came back, in whatever form. A reply
whose meaning is whole is kept, whatever happens after it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Protocol, Self

import httpx2

from harness.core.errors import ModelError
from harness.core.types import Json, StreamEvent, Usage
from harness.llm import faults
from harness.llm.clean_text import one_line
from harness.llm.complaint import Answered, Complaint, complaint_in, read_complaint
from harness.llm.prefix import tokens
from harness.llm.wire import End, Frames
from harness.ports.model import OnStream
from harness.system.retry_after import after_s

_WHOLE: Final = 10
"""A whole reply may take this many times the longest silence: pings never end it otherwise."""
_DRAIN_S: Final = 1.0
"""How long the end of an answer is waited for, so that its connection can be used again."""
_REST_S: Final = 20.0
"""How long the bill is waited for once the reply is whole."""
_UNSENT: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx2.ProxyError,
)
TRANSPORT_FAULTS: Final = (
    httpx2.HTTPError,
    httpx2.StreamError,
    json.JSONDecodeError,
    UnicodeError,
    RecursionError,
    faults.Malformed,
    OSError,
)
"""What transport and a strange server raise; OSError holds the time limit."""


class Assembly(Protocol):
    """Pieces in, one reply out."""

    @property
    def is_done(self) -> bool:
        """The reply's meaning is whole."""
        ...

    @property
    def is_over(self) -> bool:
        """Nothing can follow."""
        ...

    @property
    def said_chars(self) -> int:
        """How much of a reply there is."""
        ...

    def take(self, raw: object) -> tuple[StreamEvent, ...]:
        """One piece. Malformed when it has no meaning."""
        ...

    def end(self) -> None:
        """The server says that this was all."""
        ...


class Stream(Protocol):
    """What both SDKs open."""

    response: httpx2.Response

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Exchange:
    """`key` is kept out of every sentence. `response_of` tells an SDK's error that is an answer
    with a status; `sdk_faults` is what that SDK raises. `complaint` is what the server answered
    instead of a reply."""

    def __init__(
        self,
        model: str,
        key: str,
        sent: bytes,
        *,
        sdk_faults: tuple[type[Exception], ...],
        response_of: Callable[[Exception], httpx2.Response | None],
    ) -> None:
        self._model = model
        self._key = key
        self.sent = sent
        self._faults: tuple[type[Exception], ...] = (Answered, *TRANSPORT_FAULTS, *sdk_faults)
        self._response_of = response_of
        self.complaint: Complaint | None = None
        self._begun = False
        self._frames = Frames()
        self._headers: httpx2.Headers = httpx2.Headers()

    async def run(
        self,
        opening: Awaitable[Stream],
        assembly: Assembly,
        on_stream: OnStream | None,
        silence_s: float,
    ) -> None:
        """Returns when the reply is whole; ModelError when it is not."""
        fault: Exception | None = None
        try:
            async with asyncio.timeout(silence_s * _WHOLE):
                stream = await opening
                self._begun = True
                self._headers = stream.response.headers
                async with stream:
                    await self._read(stream.response, assembly, on_stream)
        except self._faults as error:
            fault = error
        if not assembly.is_done:
            raise self._error(fault, assembly.said_chars) from fault

    async def _read(
        self, response: httpx2.Response, assembly: Assembly, on_stream: OnStream | None
    ) -> None:
        now = asyncio.get_running_loop().time
        async with asyncio.timeout(None) as bound:
            async for piece in self._pieces(response):
                if assembly.is_over:
                    continue
                for event in self._taken(piece, assembly):
                    if on_stream is not None:
                        on_stream(event)
                if assembly.is_over:
                    bound.reschedule(now() + _DRAIN_S)
                elif assembly.is_done and bound.when() is None:
                    bound.reschedule(now() + _REST_S)

    def _taken(self, piece: Json | End, assembly: Assembly) -> tuple[StreamEvent, ...]:
        if isinstance(piece, End):
            assembly.end()
            return ()
        told = complaint_in(piece) if not assembly.is_done else None
        if told is not None:
            raise Answered(told)
        return assembly.take(piece)

    async def _pieces(self, response: httpx2.Response) -> AsyncIterator[Json | End]:
        """What the body holds, as it comes: events, lines, or one piece."""
        async for chunk in response.aiter_bytes():
            for piece in self._frames.feed(chunk):
                yield piece
        for piece in self._frames.finish():
            yield piece

    def _error(self, error: Exception | None, said_chars: int) -> ModelError:
        answer = self._response_of(error) if error is not None else None
        if answer is not None:
            told = read_complaint(answer.status_code, answer.content)
            return self._answered(told, answer.headers, None)
        if isinstance(error, Answered):
            paid = self._spent(said_chars) if said_chars else None
            return self._answered(error.complaint, self._headers, paid)
        if error is None:
            return self._cut("the answer ended", said_chars)
        detail = faults.hide_secret(faults.cause(error, type(error).__name__), self._key)
        if self._begun:
            return self._cut(detail, said_chars)
        unsent = any(isinstance(one, _UNSENT) for one in faults.causes(error))
        late = any(
            isinstance(one, (httpx2.ReadTimeout, TimeoutError)) for one in faults.causes(error)
        )
        paid = self._spent(0) if late and not unsent else None
        return faults.connection_error(self._model, detail, paid)

    def _answered(self, told: Complaint, headers: httpx2.Headers, paid: Usage | None) -> ModelError:
        hidden = {f: faults.hide_secret(getattr(told, f), self._key) for f in ("text", "words")}
        self.complaint = told.model_copy(update=hidden)
        after = after_s(headers, datetime.now(UTC))
        told = self.complaint
        return faults.answer_error(
            self._model, told.status, told.kinds, told.text, after, told.words, paid
        )

    def _cut(self, detail: str, said_chars: int) -> ModelError:
        last = faults.hide_secret(self._frames.last, self._key)
        what = f"{one_line(detail, 120)} after {self._frames.count} events"
        quoted = f'{what}; the server\'s last words: "{one_line(last, 150)}"' if last else what
        return faults.cut_error(self._model, quoted, self._spent(said_chars))

    def _spent(self, said_chars: int) -> Usage:
        """What a broken call took at least: nobody else will say it."""
        return Usage(fresh=tokens(len(self.sent)), output=tokens(said_chars), estimated=True)

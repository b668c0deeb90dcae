"""Chat Completions through the vendor's SDK: the vendor, or any server that speaks like it.
The only file that knows that SDK."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import Final

import httpx2
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    AsyncOpenAI,
    AsyncStream,
    DefaultAsyncHttpxClient,
    OpenAIError,
)
from pydantic import ValidationError

from harness.core.errors import ConfigError, ModelError
from harness.core.types import Json, Message, Request
from harness.llm import faults
from harness.llm.address import NO_KEY, check_address, is_at, plain_tls
from harness.llm.calls import with_unique_ids
from harness.llm.openai_map import LIMITS, OPTIONAL, ChunkAssembly, Object, body
from harness.llm.thinking import effort
from harness.ports.model import OnStream

ADDRESS: Final = "https://api.openai.com/v1"
_WHOLE: Final = 10
"""A whole reply may take this many times the longest silence."""

_FAULTS: Final = (
    OpenAIError,
    httpx2.HTTPError,
    httpx2.StreamError,
    json.JSONDecodeError,
    UnicodeError,
    ValidationError,
    OSError,
)
"""What SDK, transport and a strange server raise; OSError holds the time limit."""


class OpenAI:
    """One model. A field that a server refuses (HTTP 400 naming it) is left out from then on;
    `without` leaves fields out from the start.

    `timeout_s` is the longest silence. `reasoning_effort`: "" is never sent, "auto" follows the
    thinking budget, else sent as it is.
    """

    def __init__(
        self,
        *,
        name: str,
        model: str,
        api_key: str,
        base_url: str | None = None,
        timeout_s: float = 600.0,
        reasoning_effort: str = "",
        without: frozenset[str] = frozenset(),
    ) -> None:
        self.name = name
        self._model = model
        self._key = api_key
        self._effort = reasoning_effort
        self._without = set(without)
        self._renamed = False
        self._whole_s = timeout_s * _WHOLE
        address = check_address(base_url or ADDRESS)
        self._vendor = is_at(address, ADDRESS)
        if self._vendor and not api_key:
            raise ConfigError("llm.no_key", model=name)
        tls = plain_tls(address)
        self._client = AsyncOpenAI(
            api_key=api_key or NO_KEY,
            base_url=address,
            max_retries=0,
            timeout=httpx2.Timeout(timeout_s, connect=min(20.0, timeout_s)),
            http_client=DefaultAsyncHttpxClient(verify=tls) if tls else None,
        )

    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message:
        """The whole reply, or ModelError and nothing."""
        while True:
            sent = self._body(request)
            try:
                return await self._ask(request, sent, on_stream)
            except ModelError as error:
                if error.sort != "invalid" or not self._adapt(error, sent):
                    raise

    async def close(self) -> None:
        """Closes the connections. May be called twice."""
        await self._client.close()

    def _body(self, request: Request) -> Object:
        wanted = self._effort
        if wanted == "auto":
            wanted = effort(request.thinking.tokens) if request.thinking.tokens else ""
        sent = body(request, self._model, effort=wanted, vendor=self._vendor)
        if self._renamed:
            sent = {_other_limit(field): value for field, value in sent.items()}
        return {field: value for field, value in sent.items() if field not in self._without}

    def _adapt(self, error: ModelError, sent: Object) -> bool:
        """True when the refusal names a field that can be left out or called otherwise; each
        field only once, so this ends."""
        detail = str(error.facts.get("detail", ""))
        for field in OPTIONAL:
            if field in sent and _names(detail, field):
                self._without.add(field)
                return True
        limit = next((field for field in LIMITS if field in sent), None)
        if limit is not None and not self._renamed and _names(detail, limit):
            self._renamed = True
            return True
        return False

    async def _ask(self, request: Request, sent: Object, on_stream: OnStream | None) -> Message:
        assembly = ChunkAssembly()
        try:
            async with asyncio.timeout(self._whole_s):
                await self._stream(sent, assembly, on_stream)
        except _FAULTS as error:
            raise self._fault(error, assembly) from error
        if not assembly.is_done:
            raise faults.cut_error(self.name, f"ended after {assembly.events} events")
        said = assembly.message(self.name, len(json.dumps(sent["messages"])))
        return with_unique_ids(said, request)

    async def _stream(
        self, sent: Object, assembly: ChunkAssembly, on_stream: OnStream | None
    ) -> None:
        # `post` rather than `chat.completions.create`: servers add fields the SDK's classes hide
        stream = await self._client.post(
            "/chat/completions",
            cast_to=object,
            # as bytes: the SDK would copy the whole history once more
            content=json.dumps(sent, ensure_ascii=False).encode(),
            options={"headers": {"content-type": "application/json"}},
            stream=True,
            stream_cls=AsyncStream[object],
        )
        assembly.begun = True
        async with stream:
            async for raw in stream:
                events = assembly.take(raw)
                if on_stream is not None:
                    for event in events:
                        on_stream(event)

    def _fault(self, error: Exception, assembly: ChunkAssembly) -> ModelError:
        detail = faults.hide_secret(_server_message(error), self._key)
        begun = assembly.begun
        if isinstance(error, APIStatusError):
            after = faults.after_s(error.response.headers, datetime.now(UTC))
            kinds = _kinds(error)
            return faults.answer_error(self.name, error.status_code, kinds, detail, after)
        if isinstance(error, (APIConnectionError, httpx2.TransportError, OSError)):
            if not begun:
                return faults.connection_error(self.name, faults.cause(error, detail))
        elif isinstance(error, APIError) and error.body is not None:
            # an error event inside a stream that began well
            return faults.answer_error(self.name, 200, _kinds(error), detail, None)
        return faults.cut_error(self.name, f"{detail} after {assembly.events} events")


def _other_limit(field: str) -> str:
    return LIMITS[1 - LIMITS.index(field)] if field in LIMITS else field


def _names(detail: str, field: str) -> bool:
    return re.search(rf"(?<![a-z_]){field}(?![a-z_])", detail) is not None


def _server_message(error: Exception) -> str:
    """The server's own sentence where there is one."""
    body_ = error.body if isinstance(error, APIError) else None
    message = body_.get("message") if isinstance(body_, dict) else None
    return message if isinstance(message, str) else str(error) or type(error).__name__


def _kinds(error: APIError) -> tuple[str, ...]:
    body_: Json | object = error.body
    nested = body_.get("error") if isinstance(body_, dict) else None
    inner = nested if isinstance(nested, dict) else {}
    found = (error.code, error.type, inner.get("code"), inner.get("type"))
    return tuple(k for k in found if isinstance(k, str))

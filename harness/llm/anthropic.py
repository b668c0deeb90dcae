"""The Anthropic Messages API through the vendor's SDK. The only file that knows that SDK."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from typing import Final

import httpx2
from anthropic import (
    AnthropicError,
    APIConnectionError,
    APIError,
    APIStatusError,
    AsyncAnthropic,
    AsyncStream,
    DefaultAsyncHttpxClient,
)
from pydantic import ValidationError

from harness.core.errors import ConfigError, ModelError
from harness.core.types import Message, Request
from harness.llm import faults
from harness.llm.address import NO_KEY, check_address, is_at, plain_tls
from harness.llm.anthropic_map import EventAssembly, Object, body, wants
from harness.llm.calls import with_unique_ids
from harness.ports.model import OnStream

ADDRESS: Final = "https://api.anthropic.com"
_WHOLE: Final = 10
"""A whole reply may take this many times the longest silence: pings never end it otherwise."""
_FORM: Final = re.compile(r"thinking\.?(type)?.*(adaptive|enabled|budget)|output_config|effort")
_BOUND: Final = re.compile(
    r"(thinking|signature|prefix).*(signature|prefix|bound|binding|modified|mismatch)"
)

_FAULTS: Final = (
    AnthropicError,
    httpx2.HTTPError,
    httpx2.StreamError,
    json.JSONDecodeError,
    UnicodeError,
    ValidationError,
    faults.Malformed,
    OSError,
)
"""What SDK, transport and a strange server raise; OSError holds the time limit."""


class Anthropic:
    """One model of the vendor, or of a server that speaks its dialect.

    `timeout_s` is the longest silence. The SDK asks once: asking again is the agent's business.
    Address and key are what is given here; the environment steers neither.
    """

    def __init__(
        self,
        *,
        name: str,
        model: str,
        api_key: str,
        base_url: str | None = None,
        timeout_s: float = 600.0,
        cache: bool = True,
    ) -> None:
        address = check_address(base_url or ADDRESS)
        if not api_key and is_at(address, ADDRESS):
            raise ConfigError("llm.no_key", model=name)
        self.name = name
        self._model = model
        self._key = api_key
        self._cache = cache
        self._accepts = wants(model)
        self._flipped = False
        self._forget: dict[str, int] = {}
        self._whole_s = timeout_s * _WHOLE
        tls = plain_tls(address)
        self._client = AsyncAnthropic(
            api_key=api_key or NO_KEY,
            base_url=address,
            max_retries=0,
            timeout=httpx2.Timeout(timeout_s, connect=min(20.0, timeout_s)),
            http_client=DefaultAsyncHttpxClient(verify=tls) if tls else None,
        )

    async def complete(self, request: Request, on_stream: OnStream | None = None) -> Message:
        """The whole reply, or ModelError and nothing."""
        while True:
            sent = body(
                request,
                self._model,
                self._accepts,
                cache=self._cache,
                forget=self._forget.get(request.session, 0),
            )
            try:
                return await self._ask(request, sent, on_stream)
            except ModelError as error:
                if error.sort != "invalid" or not self._adapt(error, request, sent):
                    raise

    async def close(self) -> None:
        """Closes the connections. May be called twice."""
        await self._client.close()

    def _adapt(self, error: ModelError, request: Request, sent: Object) -> bool:
        """True when the refusal names something that can be asked otherwise; each only once for
        this model (or this length of a session), so this ends."""
        detail = str(error.facts.get("detail", ""))
        if "tool_choice" in detail and self._accepts.forced and request.tool_choice == "required":
            self._accepts = self._accepts.model_copy(update={"forced": False})
            return True
        if "thinking" in sent and not self._flipped and _FORM.search(detail):
            self._flipped = True
            other = not self._accepts.adaptive
            self._accepts = self._accepts.model_copy(update={"adaptive": other})
            return True
        length = len(request.messages)
        if _BOUND.search(detail) and self._forget.get(request.session, 0) < length:
            self._forget[request.session] = length
            return True
        return False

    async def _ask(self, request: Request, sent: Object, on_stream: OnStream | None) -> Message:
        assembly = EventAssembly()
        try:
            async with asyncio.timeout(self._whole_s):
                await self._stream(sent, assembly, on_stream)
        except _FAULTS as error:
            raise self._fault(error, assembly) from error
        if not assembly.is_done:
            raise faults.cut_error(self.name, f"ended after {assembly.events} events")
        return with_unique_ids(assembly.message(self.name), request)

    async def _stream(
        self, sent: Object, assembly: EventAssembly, on_stream: OnStream | None
    ) -> None:
        # `post` rather than `messages.create`: plain JSON events, no model classes built for each
        stream = await self._client.post(
            "/v1/messages",
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
                event = assembly.take(raw)
                if event is not None and on_stream is not None:
                    on_stream(event)

    def _fault(self, error: Exception, assembly: EventAssembly) -> ModelError:
        detail = faults.hide_secret(str(error) or type(error).__name__, self._key)
        if isinstance(error, APIStatusError):
            return self._status(error, assembly)
        begun = assembly.begun
        unreached = (APIConnectionError, httpx2.TransportError, OSError)
        if isinstance(error, unreached) and not begun:
            return faults.connection_error(self.name, faults.cause(error, detail))
        if isinstance(error, APIError) and not begun:
            return faults.connection_error(self.name, detail)
        return faults.cut_error(self.name, f"{detail} after {assembly.events} events")

    def _status(self, error: APIStatusError, assembly: EventAssembly) -> ModelError:
        text = faults.hide_secret(error.api_message or error.message, self._key)
        kinds = tuple(k for k in (error.error_code, error.type) if k)
        if error.status_code < 400 and not kinds:
            return faults.cut_error(self.name, f"{text} after {assembly.events} events")
        after = faults.after_s(error.response.headers, datetime.now(UTC))
        return faults.answer_error(self.name, error.status_code, kinds, text, after)

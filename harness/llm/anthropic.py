"""The Anthropic Messages API through the vendor's SDK. The only file that knows that SDK."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Final
from urllib.parse import quote

import httpx2
from anthropic import (
    AnthropicError,
    APIStatusError,
    AsyncAnthropic,
    AsyncStream,
    DefaultAsyncHttpxClient,
)

from harness.core.errors import ConfigError, ModelError
from harness.core.types import Json, Message, Request
from harness.llm import faults
from harness.llm.address import NO_KEY, check_address, is_at, plain_tls
from harness.llm.anthropic_map import EventAssembly, Object, body, wants
from harness.llm.calls import with_unique_ids
from harness.llm.complaint import Complaint
from harness.llm.exchange import TRANSPORT_FAULTS, Exchange
from harness.llm.faults import is_nameless, refuses_streams
from harness.llm.too_long import most_output
from harness.ports.model import OnStream

ADDRESS: Final = "https://api.anthropic.com"
_MOST_CHANGES: Final = 12
"""How often one call may be asked otherwise."""
_FORM: Final = re.compile(r"thinking\.?(type)?.*(adaptive|enabled|budget)|output_config|effort")
_BOUND: Final = re.compile(
    r"(thinking|signature|prefix).*(signature|prefix|bound|binding|modified|mismatch)"
)


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
        self._without: set[str] = set()
        self._most_output = 0
        self._silence_s = timeout_s
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
        for _ in range(_MOST_CHANGES):
            sent = self._body(request)
            exchange = self._exchange(sent)
            try:
                return await self._ask(request, exchange, on_stream)
            except ModelError as error:
                told = exchange.complaint
                if told is None or not self._adapt(error, told, request, sent):
                    raise
        raise faults.cut_error(self.name, "the server refuses every form of the request")

    async def listings(self) -> AsyncIterator[Json]:
        """What the server tells of the model."""
        try:
            path = f"/v1/models/{quote(self._model, safe='')}"
            told = await self._client.get(path, cast_to=object)
        except (*TRANSPORT_FAULTS, AnthropicError):
            return
        if isinstance(told, (dict, list)):
            yield told

    @property
    def vendor_name(self) -> str:
        """What the server calls the model."""
        return self._model

    async def close(self) -> None:
        """Closes the connections. May be called twice."""
        await self._client.close()

    def _body(self, request: Request) -> Object:
        most = min(request.max_tokens, self._most_output or request.max_tokens)
        sent = body(
            request.model_copy(update={"max_tokens": most}),
            self._model,
            self._accepts,
            cache=self._cache,
            forget=self._forget.get(request.session, 0),
        )
        return {field: value for field, value in sent.items() if field not in self._without}

    def _adapt(self, error: ModelError, told: Complaint, request: Request, sent: Object) -> bool:
        """True when the refusal names something that can be asked otherwise; each only once for
        this model (or this length of a session), so this ends."""
        words = told.words
        if error.sort not in ("invalid", "server", "too_long"):
            return False
        if "tool_choice" in words and self._accepts.forced and request.tool_choice == "required":
            self._accepts = self._accepts.model_copy(update={"forced": False})
            return True
        if "thinking" in sent and not self._flipped and _FORM.search(words):
            self._flipped = True
            other = not self._accepts.adaptive
            self._accepts = self._accepts.model_copy(update={"adaptive": other})
            return True
        length = len(request.messages)
        if _BOUND.search(words) and self._forget.get(request.session, 0) < length:
            self._forget[request.session] = length
            return True
        return self._leave_out(told, sent)

    def _leave_out(self, told: Complaint, sent: Object) -> bool:
        """The same for what servers that only speak the dialect do not know."""
        asked, most = sent["max_tokens"], most_output(told.words)
        if isinstance(asked, int) and 0 < most < asked:
            self._most_output = most
        elif self._cache and "cache_control" in told.words:
            self._cache = False
        elif "tool_choice" in sent and "tool_choice" in told.words:
            self._without.add("tool_choice")
        elif "stream" in sent and refuses_streams(told.words):
            self._without.add("stream")
        elif self._cache and is_nameless(told):
            # it does not say which field: what other servers know least
            self._cache = False
        else:
            return False
        return True

    def _exchange(self, sent: Object) -> Exchange:
        # as bytes: the SDK would copy the whole history once more
        content = json.dumps(sent, ensure_ascii=False).encode()
        return Exchange(
            self.name, self._key, content, sdk_faults=(AnthropicError,), response_of=_response
        )

    async def _ask(
        self, request: Request, exchange: Exchange, on_stream: OnStream | None
    ) -> Message:
        assembly = EventAssembly()
        # `post` rather than `messages.create`: plain JSON events, no model classes built for each
        opening = self._client.post(
            "/v1/messages",
            cast_to=object,
            content=exchange.sent,
            options={"headers": {"content-type": "application/json"}},
            stream=True,
            stream_cls=AsyncStream[object],
        )
        await exchange.run(opening, assembly, on_stream, self._silence_s)
        said = assembly.message(self.name, len(exchange.sent))
        return with_unique_ids(said, request)


def _response(error: Exception) -> httpx2.Response | None:
    return error.response if isinstance(error, APIStatusError) else None

"""Chat Completions through the vendor's SDK: the vendor, or any server that speaks like it.
The only file that knows that SDK."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from typing import Final

import httpx2
from openai import (
    APIStatusError,
    AsyncOpenAI,
    AsyncStream,
    DefaultAsyncHttpxClient,
    OpenAIError,
)

from harness.core.errors import ConfigError, ModelError
from harness.core.types import Json, Message, Request
from harness.llm import faults
from harness.llm.address import NO_KEY, check_address, is_at, plain_tls
from harness.llm.calls import with_unique_ids
from harness.llm.complaint import Complaint
from harness.llm.exchange import TRANSPORT_FAULTS, Exchange
from harness.llm.faults import is_nameless, refuses_streams, refuses_system
from harness.llm.openai_map import (
    LIMITS,
    OPTIONAL,
    ChunkAssembly,
    Object,
    body,
    with_system_inside,
)
from harness.llm.thinking import effort
from harness.llm.too_long import most_output, room_left
from harness.ports.model import OnStream

ADDRESS: Final = "https://api.openai.com/v1"
_MOST_CHANGES: Final = 12
"""How often one call may be asked otherwise."""
_LOADED: Final = ("/api/ps", "/props", "/api/v0/models")
_LEAST_REPLY: Final = 1024
"""Tokens of a reply that can still say something."""


class OpenAI:
    """One model. What a server refuses (a field, a stream, the length of a reply) is asked
    otherwise from then on; `without` leaves fields out from the start.

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
        self._no_system = False
        self._most_output = 0
        self._silence_s = timeout_s
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
        bare, room = False, request.max_tokens
        refused: ModelError | None = None
        for _ in range(_MOST_CHANGES):
            sent = self._body(request.model_copy(update={"max_tokens": room}), bare=bare)
            exchange = self._exchange(sent)
            try:
                reply = await self._ask(request, sent, exchange, on_stream)
            except ModelError as error:
                told = exchange.complaint
                if told is None or refused is not None:
                    raise refused or error from error
                if self._adapt(error, told, sent):
                    continue
                left = room_left(told.words)
                if _LEAST_REPLY <= left < room:
                    room = left
                elif is_nameless(told) and any(field in sent for field in OPTIONAL):
                    # it does not say which field: all that a call can do without, once
                    bare, refused = True, error
                else:
                    raise
                continue
            if bare:
                self._without.update(OPTIONAL)
            return reply
        raise faults.cut_error(self.name, "the server refuses every form of the request")

    async def listings(self) -> AsyncIterator[Json]:
        """What the server tells of its models: in the dialect's own list, then where Ollama,
        llama.cpp and LM Studio say what is loaded."""
        root = str(self._client.base_url).rstrip("/").removesuffix("/v1")
        others = () if self._vendor else tuple(f"{root}{path}" for path in _LOADED)
        for address in ("/models", *others):
            try:
                told = await self._client.get(address, cast_to=object)
            except (*TRANSPORT_FAULTS, OpenAIError):
                continue
            if isinstance(told, (dict, list)):
                yield told

    @property
    def vendor_name(self) -> str:
        """What the server calls the model."""
        return self._model

    async def close(self) -> None:
        """Closes the connections. May be called twice."""
        await self._client.close()

    def _body(self, request: Request, *, bare: bool) -> Object:
        wanted = self._effort
        if wanted == "auto":
            wanted = effort(request.thinking.tokens) if request.thinking.tokens else ""
        most = min(request.max_tokens, self._most_output or request.max_tokens)
        limited = request.model_copy(update={"max_tokens": most})
        if self._no_system:
            limited = with_system_inside(limited)
        sent = body(limited, self._model, effort=wanted, vendor=self._vendor)
        if self._renamed:
            sent = {_other_limit(field): value for field, value in sent.items()}
        without = self._without | (set(OPTIONAL) if bare else set())
        if "stream" in without:
            without |= {"stream_options"}
        return {field: value for field, value in sent.items() if field not in without}

    def _adapt(self, error: ModelError, told: Complaint, sent: Object) -> bool:
        """True when the refusal names what can be left out or called otherwise; each only once,
        so this ends."""
        if error.sort not in ("invalid", "server", "too_long"):
            return False
        for field in OPTIONAL:
            if field in sent and _names(told.words, field):
                self._without.add(field)
                return True
        if "stream" in sent and refuses_streams(told.words):
            self._without.add("stream")
            return True
        if not self._no_system and refuses_system(told.words):
            self._no_system = True
            return True
        limit = next((field for field in LIMITS if field in sent), None)
        most, asked = most_output(told.words), sent.get(limit or "")
        if isinstance(asked, int) and 0 < most < asked:
            self._most_output = most
            return True
        named = error.sort == "invalid" and limit is not None and _names(told.words, limit)
        if named and not self._renamed:
            self._renamed = True
            return True
        return False

    def _exchange(self, sent: Object) -> Exchange:
        # as bytes: the SDK would copy the whole history once more
        content = json.dumps(sent, ensure_ascii=False).encode()
        return Exchange(
            self.name, self._key, content, sdk_faults=(OpenAIError,), response_of=_response
        )

    async def _ask(
        self, request: Request, sent: Object, exchange: Exchange, on_stream: OnStream | None
    ) -> Message:
        assembly = ChunkAssembly()
        # `post` rather than `chat.completions.create`: servers add fields the SDK's classes hide
        opening = self._client.post(
            "/chat/completions",
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


def _other_limit(field: str) -> str:
    return LIMITS[1 - LIMITS.index(field)] if field in LIMITS else field


def _names(detail: str, field: str) -> bool:
    return re.search(rf"(?<![a-z_]){field}(?![a-z_])", detail) is not None

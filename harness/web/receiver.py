"""GitHub's webhooks, taken as nothing but "look now": what a delivery says is never used.

A delivery counts when its HMAC-SHA256 fits the secret, its repository is one of ours by id, and
its GUID is new. A lost, late or doubled one changes nothing: harness looks by its schedule anyway.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from harness.core.errors import HarnessError, MissingError
from harness.core.slot import Slots
from harness.web import slots
from harness.web.request import HEAD, BadRequest, RequestHead, answer, read_body, read_head

PATH = "/github"
LARGEST = 25 << 20
"""GitHub sends no more."""
TIME_S = 10.0
"""For one request, first byte to last: GitHub waits no longer for its answer."""
LINGER_S = 1.0
AT_ONCE = 16
REMEMBERED = 1000
APART_S = 2.0
"""Deliveries come in bursts: a project is looked at no more often."""
TELLING = frozenset(
    {
        "check_run",
        "check_suite",
        "issue_comment",
        "issues",
        "merge_group",
        "pull_request",
        "pull_request_review",
        "pull_request_review_comment",
        "pull_request_review_thread",
        "push",
        "status",
        "workflow_run",
    }
)
_SIGNATURE = re.compile(r"sha256=([0-9a-f]{64})")
_GUID = re.compile(r"[0-9A-Za-z-]{8,64}")
log = logging.getLogger(__name__)

ProjectOf = Callable[[int], Awaitable[str | None]]
"""Repository id -> our project; None: not ours. HarnessError: could not be found out now."""


class Receiver:
    """`wake(project)` is called within two seconds of a good delivery, on the loop of `serve`."""

    def __init__(
        self,
        secret: str,
        project_of: ProjectOf,
        store: Slots,
        wake: Callable[[str], None],
        *,
        time_s: float = TIME_S,
        apart_s: float = APART_S,
    ) -> None:
        self._secret = secret.encode()
        self._project_of = project_of
        self._store = store
        self._wake = wake
        self._time_s = time_s
        self._apart_s = apart_s
        self._seen: dict[str, None] | None = None
        self._one_at_a_time = asyncio.Lock()
        self._later: dict[str, asyncio.TimerHandle] = {}
        self._open = 0

    @asynccontextmanager
    async def serve(self, host: str, port: int) -> AsyncIterator[int]:
        """Listens while inside; the port (of 0: the one that was free). MissingError when the
        address cannot be had."""
        try:
            server = await asyncio.start_server(self._handle, host, port, limit=HEAD)
        except OSError as error:
            why = error.strerror or str(error)
            raise MissingError("web.cannot_listen", host=host, port=port, why=why) from error
        try:
            yield int(server.sockets[0].getsockname()[1])
        finally:
            server.close()
            await server.wait_closed()
            for timer in self._later.values():
                timer.cancel()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            status = 503 if self._open > AT_ONCE else await self._answer_status(reader)
            writer.write(answer(status))
            await writer.drain()
            await _drain(reader, writer)
        except (ConnectionError, TimeoutError):
            return
        finally:
            self._open -= 1
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer_status(self, reader: asyncio.StreamReader) -> int:
        try:
            async with asyncio.timeout(self._time_s):
                return await self._receive(reader)
        except TimeoutError:
            return 408
        except BadRequest as refused:
            return refused.status
        except HarnessError as error:
            log.warning("%s", error)
            return 503

    async def _receive(self, reader: asyncio.StreamReader) -> int:
        head = await read_head(reader)
        if head.path != PATH:
            return 404
        if head.method != "POST":
            return 405
        length, signature = head.length, _SIGNATURE.fullmatch(_header(head, "x-hub-signature-256"))
        if length > LARGEST:
            return 413
        if signature is None:
            return 401
        body, mac = bytearray(), hmac.new(self._secret, digestmod=hashlib.sha256)
        async for piece in read_body(reader, length):
            mac.update(piece)
            body += piece
        if not hmac.compare_digest(mac.hexdigest(), signature[1]):
            return 401
        return await self._accept(head, bytes(body))

    async def _accept(self, head: RequestHead, body: bytes) -> int:
        """A delivery that GitHub signed."""
        event, guid = _header(head, "x-github-event"), _header(head, "x-github-delivery")
        if not _GUID.fullmatch(guid):
            return 400
        if event == "ping":
            return 202
        project = await self._project_of(_repository(body))
        if project is None:
            return 403
        if not await self._new(guid):
            return 409
        if event in TELLING:
            self._soon(project)
        return 202

    async def _new(self, guid: str) -> bool:
        """Whether this delivery was not seen before; then it is remembered, also by the next
        process."""
        async with self._one_at_a_time:
            if self._seen is None:
                kept = await self._store.get(slots.DELIVERIES)
                self._seen = dict.fromkeys(kept or ())
            if guid in self._seen:
                return False
            self._seen[guid] = None
            newest = list(self._seen)[-REMEMBERED:]
            self._seen = dict.fromkeys(newest)
            await self._store.put(slots.DELIVERIES, "", tuple(newest))
            return True

    def _soon(self, project: str) -> None:
        if project in self._later:
            return

        def ring() -> None:
            del self._later[project]
            self._wake(project)

        loop = asyncio.get_running_loop()
        self._later[project] = loop.call_later(self._apart_s, ring)


async def _drain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes what is still on its way, for a moment: the answer would be lost in a reset."""
    writer.write_eof()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            while await reader.read(HEAD):
                pass


def _header(head: RequestHead, name: str) -> str:
    return head.headers.get(name, "")


def _repository(body: bytes) -> int:
    """The id of the repository that a delivery is about; 0 when it names none."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest(400) from error
    repository = data.get("repository") if isinstance(data, dict) else None
    found = repository.get("id") if isinstance(repository, dict) else None
    return found if type(found) is int else 0

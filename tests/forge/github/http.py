"""A scripted HTTP server on loopback, and a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


class SleptClock:
    """Time passes by sleeping alone; wall time may be turned without it."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.turned = timedelta()
        self.slept: list[float] = []

    def now(self) -> datetime:
        return AT + timedelta(seconds=self.seconds - 1000) + self.turned

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    verb: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Told:
    """One answer to give. `cut`: the connection ends before (0) or within the body."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    slow: threading.Event | None = None

    @property
    def raw(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Answering = Callable[[Asked], Told]


class Script:
    """What the server answers: each of `answers` once, in order, the last one for ever; or what a
    function says."""

    def __init__(self, clock: SleptClock) -> None:
        self.clock = clock
        self.asked: list[Asked] = []
        self.url = ""
        self.came = threading.Event()
        self._lock = threading.Lock()
        self._answers: list[Told] = []
        self._function: Answering | None = None

    def tell(self, *answers: Told | Answering) -> None:
        first = answers[0]
        self._function = None if isinstance(first, Told) else first
        self._answers = [a for a in answers if isinstance(a, Told)]

    def answer(self, asked: Asked) -> Told:
        with self._lock:
            self.asked.append(asked)
            self.came.set()
            if self._function:
                return self._function(asked)
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]

    @property
    def writes(self) -> list[Asked]:
        return [asked for asked in self.asked if asked.verb != "GET"]


def _handler(script: Script) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16

        def handle_any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            headers = {key.lower(): value for key, value in self.headers.items()}
            body = self.rfile.read(size)
            asked = Asked(self.command, self.path, headers, body, script.clock.monotonic())
            told = script.answer(asked)
            if told.slow:
                told.slow.wait(20)
            if told.cut == 0:
                self.close_connection = True
                return
            raw = told.raw
            self.send_response_only(told.status)
            for key, value in told.headers.items():
                self.send_header(key, value)
            if told.status not in (204, 304):
                self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            if told.status not in (204, 304):
                self.wfile.write(raw[: told.cut])
            self.close_connection = told.cut is not None

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: tests read `asked`."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


@contextmanager
def serving(clock: SleptClock) -> Iterator[Script]:
    """A server while inside; its address is `script.url`."""
    script = Script(clock)
    server = _Server(("127.0.0.1", 0), _handler(script))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)

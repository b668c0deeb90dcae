"""A scripted model on the loopback: Anthropic Messages and OpenAI Chat, JSON and SSE.

    python -m benchmarks.model_server script.json      prints its address, ends with its parent

A script is what the scripted model of harness plays ({"conversations": [{"match": {"contains"},
"turns": [...], "repeat_last"}]}), so one file serves both. Turns may also fail as servers do:

    "latency_s": 0.5            before the first byte
    "status": 429, "headers": {"retry-after": "2"}, "error": {"type", "message", "code"}
    "cut_after": 3              the connection breaks after three events
    "end_after": 3              the stream ends there as if it were whole
    "garbage_after": 3          the fourth event is no JSON
    "error_after": 3            the fourth event is `error`
    "times": 1                  the first time only; then the turn is played

`requests` holds every body as it came. Standard library only; nothing leaves the machine.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

from benchmarks import model_wire as wire
from benchmarks.model_wire import Object

FAILS = ("status", "cut_after", "end_after", "garbage_after", "error_after")


@dataclass(frozen=True)
class Asked:
    """One request as it came, and what it was billed. Times are monotonic seconds."""

    path: str
    headers: dict[str, str]
    body: Object
    size: int
    usage: Object
    began: float
    ended: float


@dataclass
class Play:
    """The script and what was asked of it. `refuses` maps a field to the vendor's complaint when
    a request has it."""

    script: Object
    refuses: dict[str, str] = field(default_factory=dict)
    cache: wire.Prefixes = field(default_factory=wire.Prefixes)
    requests: list[Asked] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _failed: dict[str, int] = field(default_factory=dict)

    def turn(self, body: Object) -> tuple[int, Object | None]:
        """(turn number, the turn) for a request of either dialect."""
        number = sum(m["role"] == "assistant" for m in body["messages"])
        users = [m for m in body["messages"] if m["role"] == "user"]
        first = _text(users[0]["content"]) if users else ""
        last = _last(body["messages"])
        for place, conversation in enumerate(self.script["conversations"]):
            if conversation.get("match", {}).get("contains", "") not in first:
                continue
            turns = conversation["turns"]
            if number >= len(turns) and not conversation.get("repeat_last"):
                return number, None
            chosen = turns[min(number, len(turns) - 1)]
            return number, self._still_failing(f"{place}/{number}", _alternative(chosen, last))
        return number, None

    def _still_failing(self, key: str, turn: Object) -> Object:
        times = turn.get("times")
        with self._lock:
            asked = self._failed[key] = self._failed.get(key, 0) + 1
        if times is not None and asked > times:
            return {k: v for k, v in turn.items() if k not in FAILS}
        return turn

    def note(self, asked: Asked) -> None:
        with self._lock:
            self.requests.append(asked)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(_text(b.get("text") or b.get("content") or "") for b in content or ())


def _last(messages: list[Object]) -> str:
    tail = []
    for message in reversed(messages):
        if message["role"] == "assistant":
            break
        tail.append(_text(message["content"]))
    return "\n".join(reversed(tail))


def _alternative(turn: Object, last: str) -> Object:
    for other in turn.get("alternatives", ()):
        when = other["when"]
        lacks = when.get("last_lacks", "")
        if when.get("last_contains", "") in last and not (lacks and lacks in last):
            return dict(other)
    return turn


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    play: ClassVar[Play]
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""

    def do_GET(self) -> None:
        if self.path.endswith("/_requests"):
            asked = [{"path": a.path, "body": a.body, "usage": a.usage} for a in self.play.requests]
            return self._json(200, {"requests": asked})
        return self._json(200, {"object": "list", "data": []})

    def do_POST(self) -> None:
        began = time.monotonic()
        raw = self.rfile.read(int(self.headers.get("content-length", 0)))
        try:
            body = json.loads(raw.decode("utf-8"))
        except ValueError as error:
            return self._error(400, "invalid_request_error", f"invalid JSON: {error}")
        anthropic = self.path.split("?")[0].endswith("/messages")
        refused = self._refused(body, anthropic)
        if refused:
            self._note(began, body, len(raw), {})
            return self._error(400, "invalid_request_error", refused)
        number, turn = self.play.turn(body)
        if turn is None:
            self._note(began, body, len(raw), {})
            return self._error(400, "invalid_request_error", f"no scripted turn {number}")
        time.sleep(turn.get("latency_s", 0))
        usage = self._usage(body, turn, anthropic)
        self._note(began, body, len(raw), usage)
        if "status" in turn:
            return self._json(turn["status"], _wrapped(turn), turn.get("headers", {}))
        if not body.get("stream"):
            whole = wire.anthropic_json if anthropic else wire.openai_json
            return self._json(200, whole(turn, number, body, usage))
        make = wire.anthropic_events if anthropic else wire.openai_events
        return self._stream(make(turn, number, body, usage), turn, anthropic)

    def _refused(self, body: Object, anthropic: bool) -> str:
        for name, complaint in self.play.refuses.items():
            value: Any = body
            for step in name.split("="):
                if isinstance(value, dict):
                    value = value.get(step)
                elif value != step:
                    value = None
            if value is not None:
                return complaint
        return wire.refuse_anthropic(body) if anthropic else wire.refuse_openai(body)

    def _usage(self, body: Object, turn: Object, anthropic: bool) -> Object:
        if anthropic:
            return self.play.cache.anthropic(body)
        return wire.openai_usage(turn, self.play.cache.openai(body))

    def _note(self, began: float, body: Object, size: int, usage: Object) -> None:
        headers = {k.lower(): v for k, v in self.headers.items()}
        ended = time.monotonic()
        self.play.note(Asked(self.path, headers, body, size, usage, began, ended))

    def _error(self, status: int, kind: str, message: str) -> None:
        error = {"type": kind, "message": message}
        self._json(status, {"type": "error", "error": error})

    def _json(self, status: int, value: Object, headers: dict[str, str] | None = None) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        with contextlib.suppress(ConnectionError):
            self.end_headers()
            self.wfile.write(data)

    def _stream(self, events: Iterable[Object], turn: Object, anthropic: bool) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        pieces, whole, broken = _pieces(list(events), turn, anthropic)
        data = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
        with contextlib.suppress(ConnectionError):
            # a caller may leave in the middle: it was cancelled
            self.end_headers()
            self.wfile.write(data + (b"" if broken else b"0\r\n\r\n"))
            self.wfile.flush()
        if not whole:
            self.close_connection = True
        if broken:
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)


def _pieces(events: list[Object], turn: Object, anthropic: bool) -> tuple[list[bytes], bool, bool]:
    """(SSE events to send, is that all of them, does the connection break then)."""
    sent = [_sse(event, anthropic) for event in events]
    if not anthropic:
        sent.append(b"data: [DONE]\n\n")
    for name in FAILS[1:]:
        after = turn.get(name)
        if after is None or after >= len(sent):
            continue
        head = sent[:after]
        if name == "garbage_after":
            head.append(b"event: content_block_delta\ndata: {oops\n\n")
        if name == "error_after":
            head.append(_sse(_wrapped(turn), anthropic))
        return head, False, name == "cut_after"
    return sent, True, False


def _sse(event: Object, anthropic: bool) -> bytes:
    data = json.dumps(event, ensure_ascii=True).encode()
    if anthropic:
        return b"event: %s\ndata: %s\n\n" % (event["type"].encode(), data)
    return b"data: %s\n\n" % data


def _wrapped(turn: Object) -> Object:
    error = turn.get("error")
    return {"type": "error", "error": error if isinstance(error, dict) else {}}


class ModelServer:
    """`with ModelServer(script) as server:` serves on a free loopback port from a thread."""

    def __init__(
        self, script: Object, *, port: int = 0, refuses: dict[str, str] | None = None
    ) -> None:
        self.play = Play(script, refuses or {})
        handler = type("Handler", (_Handler,), {"play": self.play})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    @property
    def address(self) -> str:
        """Without /v1: what the Anthropic dialect takes as its base."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def requests(self) -> list[Asked]:
        """So far, in order."""
        return list(self.play.requests)

    def __enter__(self) -> ModelServer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _while_wanted(parent: int, longest_s: float) -> Iterator[None]:
    end = time.monotonic() + longest_s
    while time.monotonic() < end and os.getppid() == parent:
        time.sleep(0.2)
        yield


def main() -> int:
    """Serves until the parent is gone or `--longest-s` is over."""
    asked = argparse.ArgumentParser(description="A scripted model on the loopback.")
    asked.add_argument("script", type=Path)
    asked.add_argument("--port", type=int, default=0)
    asked.add_argument("--longest-s", type=float, default=3600)
    given = asked.parse_args()
    with ModelServer(json.loads(given.script.read_text()), port=given.port) as server:
        print(server.address, flush=True)
        for _ in _while_wanted(os.getppid(), given.longest_s):
            pass
    return 0


if __name__ == "__main__":
    sys.exit(main())

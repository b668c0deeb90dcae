"""What GitHub really said: exchanges that PyGithub's authors recorded, given again in order."""

from __future__ import annotations

import ast
import http.client
import json
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.parts import PARTS

FOLDER = PARTS / "replay"
HOST = "https://api.github.com"
DROPPED = {"transfer-encoding", "content-length", "content-encoding", "connection", "status"}


@dataclass(frozen=True)
class Recorded:
    """One exchange with GitHub."""

    method: str
    path: str
    """With its query."""
    status: int
    told: str
    """The answer's headers as Python wrote them."""
    body: str

    @property
    def headers(self) -> list[tuple[str, str]]:
        return [(str(name), str(value)) for name, value in ast.literal_eval(self.told)]

    def json(self) -> Any:
        """The answer; None when it is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


def recorded(name: str) -> list[Recorded]:
    """The exchanges of one of PyGithub's tests."""
    file = FOLDER / f"{name}.txt"
    assert file.is_file(), f"{file} is missing: run `make test-parts`"
    lines = file.read_text(encoding="utf-8").split("\n")
    found, at = [], 0
    while at + 9 < len(lines) and lines[at] in ("http", "https"):
        _, method, _, _, path, _, _, status, headers, body = lines[at : at + 10]
        found.append(Recorded(method, path, int(status), headers, body))
        at += 10
        while at < len(lines) and not lines[at]:
            at += 1
    return found


def everything() -> Iterator[Recorded]:
    """All of them."""
    names = sorted(path.stem for path in FOLDER.glob("*.txt"))
    assert names, f"{FOLDER} is missing: run `make test-parts`"
    for name in names:
        yield from recorded(name)


@dataclass
class Replay:
    """A server that answers a path with what was recorded for it, the last answer for ever."""

    url: str
    asked: list[tuple[str, str, dict[str, str]]]
    """(method, path, headers) of every request."""


def _kept(names: Iterable[str]) -> dict[tuple[str, str], list[Recorded]]:
    """By path, and by path and query."""
    kept: dict[tuple[str, str], list[Recorded]] = defaultdict(list)
    for one in (one for name in names for one in recorded(name)):
        bare, _, query = one.path.partition("?")
        kept[one.method, bare].append(one)
        if query:
            kept[one.method, one.path].append(one)
    return kept


@contextmanager
def replaying(
    *names: str, extra: Mapping[tuple[str, str], Recorded] | None = None
) -> Iterator[Replay]:
    """The recordings of these tests, one after the other; `extra`: an answer at another path."""
    kept = _kept(names)
    for at, one in (extra or {}).items():
        kept[at].append(one)
    replay = Replay("", [])

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {k.lower(): v for k, v in self.headers.items()}
            replay.asked.append((self.command, self.path, headers))
            bare = self.path.partition("?")[0]
            waiting = kept.get((self.command, self.path)) or kept.get((self.command, bare))
            if not waiting:
                self.send_error(http.client.NOT_FOUND)
                return
            one = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            data = one.body.replace(HOST, replay.url).encode()
            self.send_response_only(one.status)
            for key, value in one.headers:
                if key.lower() not in DROPPED:
                    self.send_header(key, value.replace(HOST, replay.url))
            if one.status not in (204, 304):
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(b"" if one.status in (204, 304) else data)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _do

        def log_message(self, format: str, *args: object) -> None:
            """Requests are kept instead."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    replay.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

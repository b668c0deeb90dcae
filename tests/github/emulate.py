"""vercel-labs' emulate, a GitHub written by others, behind a recorder of ours. It is a program on
Node 24 with its own idea of GitHub: what it gets wrong is listed with the tests."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from harness.forge.github.auth import TokenAuth
from harness.forge.github.client import GithubClient
from harness.forge.github.forge import GithubForge
from harness.ports.clock import Clock
from harness.system.redact import Redactor
from tests.github.http import Exchange, parsed
from tests.parts import PARTS, ended_process, free_port
from tests.patience import PATIENCE_S

NODE = PARTS / "node24"
PROGRAM = PARTS / "node_modules" / "emulate" / "dist" / "index.js"
READY_S = 20.0
HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass
class Emulated:
    """Where to reach it, and every exchange so far."""

    url: str
    folder: Path
    exchanges: list[Exchange]

    def forge(self, token: str, repository: str, clock: Clock) -> GithubForge:
        """The real adapter over the real wire. Its wire is to be closed."""
        wire = GithubClient(
            TokenAuth(lambda: token, Redactor()), base_url=self.url, clock=clock,
            state=self.folder / f"state-{token}",
        )  # fmt: skip
        return GithubForge(wire, repository, clock, lambda: wire.git_env(self.url), self.url)

    def call(self, method: str, path: str, body: object = None, token: str = "tok_alice") -> Any:
        """A person at work, by plain HTTP. Not recorded for the oracle: it is not ours."""
        split = urlsplit(self.url)
        connection = http.client.HTTPConnection(
            split.hostname or "", split.port, timeout=PATIENCE_S
        )
        try:
            headers = {"Authorization": f"Bearer {token}", "X-Not-Ours": "1"}
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, path, data, headers)
            answer = connection.getresponse()
            text = answer.read()
            assert answer.status < 300, f"{method} {path} -> {answer.status}: {text[:300]!r}"
            return json.loads(text) if text else None
        finally:
            connection.close()


@contextmanager
def emulated(folder: Path, seed: Mapping[str, Any]) -> Iterator[Emulated]:
    """It with that seed, on loopback; ended by its own pid."""
    for part in (NODE, PROGRAM):
        assert part.exists(), f"{part} is missing: run `make test-parts`"
    (folder / "seed.json").write_text(json.dumps(seed))
    port = free_port()
    made = Emulated("", folder, [])
    server = ThreadingHTTPServer(("127.0.0.1", 0), _recorder(port, made.exchanges))
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    command = [str(NODE), str(PROGRAM), "start", "--service", "github", "--port", str(port),
               "--base-url", made.url, "--seed", str(folder / "seed.json")]  # fmt: skip
    log = folder / "emulate.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        _wait(port, process, log)
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        ended_process(process)


def _recorder(port: int, exchanges: list[Exchange]) -> type[BaseHTTPRequestHandler]:
    """A handler that passes everything on to `port` and keeps what was said. HTTP/1.0: each
    request has its own connection, none is left open at the end."""

    class Handler(BaseHTTPRequestHandler):
        def _do(self) -> None:
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
            try:
                given = {k: v for k, v in self.headers.items() if k.lower() not in HOP}
                connection.request(self.command, self.path, data or None, given)
                answer = connection.getresponse()
                body = answer.read()
            finally:
                connection.close()
            headers = {k.lower(): v for k, v in answer.getheaders() if k.lower() not in HOP}
            if "X-Not-Ours" not in self.headers:
                self._keep(data, answer.status, headers, body)
            self.send_response_only(answer.status)
            for name, value in headers.items():
                self.send_header(name, value)
            if answer.status not in (204, 304):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _do

        def _keep(self, data: bytes, status: int, headers: dict[str, str], body: bytes) -> None:
            split = urlsplit(self.path)
            query = dict(parse_qsl(split.query, keep_blank_values=True))
            kind = headers.get("content-type", "application/json")
            exchanges.append(
                Exchange(self.command, unquote(split.path), query, parsed(data, "json"), status,
                         headers, parsed(body, kind))
            )  # fmt: skip

        def log_message(self, format: str, *args: object) -> None:
            """Exchanges are kept instead."""

    return Handler


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"emulate is not ready: {log.read_text()[-2000:]}")

"""Third-party programs that tests stand against. A missing one fails the test: a skipped test
proves nothing."""

from __future__ import annotations

import json
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PARTS = Path(__file__).parent.parent / ".parts"
AIMOCK = PARTS / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"
READY_S = 20.0
ANSWER_S = 5.0


@dataclass(frozen=True)
class AiMock:
    """A running LLM mock. `address` has no /v1; the OpenAI dialect wants it added."""

    address: str

    def add(self, *fixtures: dict[str, Any]) -> None:
        """Further fixtures; the first that matches answers."""
        self.call("POST", "/__aimock/fixtures", {"fixtures": fixtures})

    def call(self, method: str, path: str, body: object = None) -> Any:
        """One request to its own control interface."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.address + path,
            data=data,
            method=method,
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:
            return json.loads(answer.read() or b"null")


@contextmanager
def aimock(fixtures: Sequence[dict[str, Any]]) -> Iterator[AiMock]:
    """aimock with these fixtures on a free loopback port; ended by its own pid."""
    assert AIMOCK.is_file(), f"{AIMOCK} is missing: run `make test-parts`"
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "fixtures.json").write_text(json.dumps({"fixtures": list(fixtures)}))
        port = free_port()
        log = Path(folder, "log.txt")
        with log.open("w") as out:
            command = [str(PARTS / "node"), str(AIMOCK), "-p", str(port), "-h", "127.0.0.1"]
            command += ["-f", folder + "/fixtures.json", "--strict", "--log-level", "warn"]
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, cwd=folder)
        try:
            mock = AiMock(f"http://127.0.0.1:{port}")
            _wait(mock, process, log)
            yield mock
        finally:
            ended_process(process)


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(mock: AiMock, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end:
        assert process.poll() is None, f"aimock ended at once: {log.read_text()[-2000:]}"
        try:
            mock.call("GET", "/health")
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.02)
        else:
            return
    raise AssertionError(f"aimock is not ready after {READY_S} s: {log.read_text()[-2000:]}")


def ended_process(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(ANSWER_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

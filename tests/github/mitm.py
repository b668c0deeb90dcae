"""mitmproxy on the way to a server: an error, a limit, a cut, a slow answer, on demand."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.parts import PARTS, ended_process, free_port

MITMDUMP = PARTS / "mitm" / "bin" / "mitmdump"
READY_S = 30.0
ADDON = """
import asyncio, pathlib
from mitmproxy import http

ORDERS = pathlib.Path(__file__).with_name("orders")

def order():
    # one line a request, taken from the top; an empty file lets everything pass
    lines = ORDERS.read_text().split()
    if lines:
        ORDERS.write_text(" ".join(lines[1:]))
    return lines[0] if lines else "pass"

async def request(flow):
    flow.metadata["order"] = what = order()
    if what == "502":
        flow.response = http.Response.make(502, b"<html>Bad Gateway</html>")
    elif what == "limited":
        words = b'{"message": "You have exceeded a secondary rate limit."}'
        flow.response = http.Response.make(403, words, {"Retry-After": "7"})
    elif what == "cut":
        flow.kill()

async def response(flow):
    if flow.metadata["order"] == "lost":  # it happened, and nobody is told
        flow.kill()
    elif flow.metadata["order"] == "slow":
        await asyncio.sleep(2.5)
"""


@dataclass(frozen=True)
class Between:
    """Where it listens; what it does to the next requests."""

    url: str
    folder: Path

    def order(self, *words: str) -> None:
        """pass, 502, limited, cut, lost or slow: one for each request to come."""
        (self.folder / "orders").write_text(" ".join(words))

    def left(self) -> str:
        return (self.folder / "orders").read_text()


@contextmanager
def between(folder: Path, target: str) -> Iterator[Between]:
    """A reverse proxy before `target`."""
    folder.mkdir()
    (folder / "orders").write_text("")
    mode = ("--mode", f"reverse:{target}", "--set", "keep_host_header=true")
    with _running(folder, ADDON, *mode) as url:
        yield Between(url, folder)


@contextmanager
def proxy_before(folder: Path, addon: str, *options: str) -> Iterator[str]:
    """A proxy that is asked by CONNECT; its address."""
    folder.mkdir()
    with _running(folder, addon, *options) as url:
        yield url


@contextmanager
def _running(folder: Path, addon: str, *options: str) -> Iterator[str]:
    assert MITMDUMP.is_file(), f"{MITMDUMP} is missing: run `make test-parts`"
    (folder / "addon.py").write_text(addon)
    port = free_port()
    command = [str(MITMDUMP), "-q", "--listen-host", "127.0.0.1", "--listen-port", str(port),
               "-s", str(folder / "addon.py"), "--set", f"confdir={folder / 'conf'}",
               *options]  # fmt: skip
    log = folder / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        _wait(port, process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        ended_process(process)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"mitmproxy is not ready: {log.read_text()[-2000:]}")

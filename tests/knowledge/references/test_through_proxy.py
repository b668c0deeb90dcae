"""A machine whose only way out is a proxy: mitmproxy takes each CONNECT, and who may be asked, and
whose certificate counts, is still ours to say."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.github.mitm import proxy_before
from tests.parts import free_port

pytestmark = pytest.mark.parts
NAME = "docs.example"
LOGIN = "ann:word"
ADDON = """
import pathlib
ASKED = pathlib.Path(__file__).with_name("asked")

def http_connect(flow):
    with ASKED.open("a") as out:
        out.write(f"{flow.request.host}:{flow.request.port}\\n")

def server_connect(data):
    # whatever the name, there is one server in this world
    data.server.address = ("127.0.0.1", %d)
"""
CHILD = """
import asyncio, json, os, sys
from pathlib import Path
from harness.core.errors import LookupUnavailable
from harness.core.reference_types import Validators
from harness.knowledge.references.fetching import Fetching
from harness.system.upstream import upstream_of

HERE = {"inside.example": "10.0.0.1", "here.example": "127.0.0.1"}

async def resolve(at):
    # only the names of this machine's own network are known on this side
    if at.host not in HERE:
        raise OSError("no such name here")
    return (HERE[at.host],)

async def main():
    found = {}
    for address in sys.argv[2:]:
        fetcher = Fetching(Path(sys.argv[1]), upstream=upstream_of(os.environ), resolve=resolve)
        try:
            got = await fetcher.fetch(address, Validators())
        except LookupUnavailable as error:
            found[address] = [error.key, str(error.facts.get("why", ""))]
        else:
            said = got.refused.key if got.refused else ""
            found[address] = [said, (got.body or b"").decode()]
    print(json.dumps(found))

asyncio.run(main())
"""


class Page(BaseHTTPRequestHandler):
    """One page, one that leads into a closed network, and no robots.txt."""

    def do_GET(self) -> None:
        status, head = {"/page": (200, ""), "/away": (302, "https://10.0.0.1/")}.get(
            self.path, (404, "")
        )
        body = b"the page" if status == 200 else b""
        self.send_response(status)
        if head:
            self.send_header("location", head)
        self.send_header("content-type", "text/plain")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return None


@contextmanager
def https_server(folder: Path) -> Iterator[tuple[int, Path]]:
    """Its port, and the certificate, of its own making, that it shows to everybody."""
    pem = folder / "server.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    argv += [
        "-nodes",
        "-days",
        "2",
        "-subj",
        f"/CN={NAME}",
        "-addext",
        f"subjectAltName=DNS:{NAME}",
    ]
    argv += ["-keyout", str(pem), "-out", str(folder / "public.pem")]
    subprocess.run(argv, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "public.pem", pem)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1], folder / "public.pem"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def fetched(folder: Path, proxy: str, trusted: Path, *addresses: str) -> dict[str, list[str]]:
    """What a process of this environment gets: (the refusal, the text or the reason)."""
    env = {name: value for name, value in os.environ.items() if not name.lower().endswith("proxy")}
    env |= {"HTTPS_PROXY": proxy, "NO_PROXY": "here.example", "SSL_CERT_FILE": str(trusted)}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder / "locks"), *addresses],
        env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


def test_what_lies_behind_a_proxy_is_reached_and_our_own_checks_hold(tmp_path: Path) -> None:
    closed = ("https://inside.example/page", "https://10.1.2.3/page", f"https://{NAME}/away")
    with https_server(tmp_path) as (port, trusted):
        options = ["--proxyauth", LOGIN, "--ignore-hosts", r"^(?!spied\.)"]
        with proxy_before(tmp_path / "mitm", ADDON % port, *options) as proxy:
            way = proxy.replace("://", f"://{LOGIN}@")
            page, other, spied, nobody = [
                f"https://{name}/page"
                for name in (NAME, "other.example", "spied.example", f"here.example:{free_port()}")
            ]
            found = fetched(tmp_path, way, trusted, page, other, spied, nobody, *closed)
            turned_away = fetched(tmp_path, proxy, trusted, page)[page]
        asked = (tmp_path / "mitm" / "asked").read_text().split()
    assert found[page] == ["", "the page"]
    # a name that only the proxy knows is asked of it; the certificate must be for that very name
    assert found[other][0] == "refs.unavailable"
    assert "certificate" in found[other][1].lower()
    # a proxy that reads along shows a certificate that nobody here trusts
    assert found[spied][0] == "refs.unavailable"
    assert "certificate" in found[spied][1].lower()
    assert [found[address][0] for address in closed[:2]] == ["refs.refused_inside"] * 2
    assert found[closed[2]][0] in ("refs.refused_redirect", "refs.refused_inside")
    # NO_PROXY: not asked of the proxy, and refused as any address of this machine is
    assert found[nobody][0] == "refs.refused_inside"
    assert "407" in turned_away[1]
    assert {*asked} == {f"{name}:443" for name in (NAME, "other.example", "spied.example")}

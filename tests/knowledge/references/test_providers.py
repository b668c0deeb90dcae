"""Search providers, in the shapes that their own documentation gives."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.core.errors import LookupUnavailable
from harness.core.reference_types import ReferenceHit
from harness.knowledge.references.providers import Brave, SearXNG

RESULTS = [
    {"url": "https://a.org/x#part", "title": "A <b>title</b>\u202e", "content": "some\nwords"},
    {"url": "https://a.org/x", "title": "again", "content": ""},
    {"url": "javascript:alert(1)", "title": "no", "content": ""},
    {"url": "https://u:p@b.org/", "title": "no"},
    {"title": "no address"},
    "nonsense",
    {"url": "https://c.org/", "title": None, "content": 5},
]
HITS = (
    ReferenceHit(source="https://a.org/x", title="A <b>title</b>", excerpt="some words"),
    ReferenceHit(source="https://c.org/"),
)


class Server:
    """Answers every request the same; `asked` is each path and its headers."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer: tuple[int, bytes] = (200, b"{}")
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                headers = {name.lower(): text for name, text in self.headers.items()}
                owner.asked.append((self.path, headers))
                status, body = owner.answer
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("location", "https://elsewhere.example/")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Silent."""

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    thread = threading.Thread(target=found.http.serve_forever)
    thread.start()
    yield found
    found.http.shutdown()
    thread.join()
    found.http.server_close()


async def test_searxng_is_asked_for_json(server: Server) -> None:
    server.answer = (200, json.dumps({"query": "q", "results": RESULTS}).encode())
    for address in (server.url, f"{server.url}/", f"{server.url}/search"):
        assert await SearXNG(address).search("설치 & a=b") == HITS
    path, headers = server.asked[-1]
    assert urlsplit(path).path == "/search"
    assert parse_qs(urlsplit(path).query) == {"q": ["설치 & a=b"], "format": ["json"]}
    assert "authorization" not in headers
    assert await SearXNG(server.url, "key").search("q", 1) == HITS[:1]
    assert server.asked[-1][1]["authorization"] == "Bearer key"


async def test_brave_is_asked_with_its_key(server: Server) -> None:
    rows = [{**row, "description": row.get("content")} for row in RESULTS if isinstance(row, dict)]
    server.answer = (200, json.dumps({"type": "search", "web": {"results": rows}}).encode())
    assert await Brave(f"{server.url}/res/v1/web/search", "secret").search("words", 50) == HITS
    path, headers = server.asked[-1]
    assert parse_qs(urlsplit(path).query) == {
        "q": ["words"],
        "count": ["20"],
        "text_decorations": ["false"],
    }
    assert headers["x-subscription-token"] == "secret"


BAD = {
    "no json": (200, b"<html>"),
    "a redirect": (302, b""),
    "no key": (401, b"{}"),
    "too often": (429, b"{}"),
    "its own trouble": (500, b"{}"),
    "too much": (200, b" " * (3 << 20)),
    "too deep": (200, b"[" * 100_000),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_no_answer_is_a_provider_that_cannot_be_asked(
    server: Server, name: str
) -> None:
    server.answer = BAD[name]
    with pytest.raises(LookupUnavailable) as said:
        await SearXNG(server.url).search("words")
    assert said.value.key == "refs.provider_unavailable"
    assert len(server.asked) == 1  # nobody else was


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b'{"results": {"a": 1}}', b'{"web": 1}'])
async def test_an_answer_without_results_has_none(server: Server, body: bytes) -> None:
    server.answer = (200, body)
    assert await SearXNG(server.url).search("words") == ()
    assert await Brave(server.url, "k").search("words") == ()


async def test_nobody_is_there() -> None:
    for address in ("http://127.0.0.1:9", "nonsense", "http://[", ""):
        with pytest.raises(LookupUnavailable):
            await SearXNG(address).search("words")

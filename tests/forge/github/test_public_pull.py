"""A pull request's text as anybody may read it, by its address."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from harness.core.errors import RefusedError, Unavailable
from harness.forge.github.public_pull import public_pull, read_text

GOOD = {"title": "Add it", "body": "It adds.", "base": {"ref": "main"}, "more": 1}
ANSWERS: dict[str, tuple[int, bytes]] = {
    "1": (200, json.dumps(GOOD).encode()),
    "2": (200, json.dumps({**GOOD, "body": None}).encode()),
    "3": (404, b"{}"),
    "4": (200, b"<html>"),
    "5": (200, b"[]"),
    "6": (302, b""),
    "7": (200, json.dumps({**GOOD, "base": None}).encode()),
    **{
        str(number): (200, json.dumps({**GOOD, "base": {"ref": ref}}).encode())
        for number, ref in enumerate(("a:refs/heads/b", "-x", "a*", "a b", "", "refs/\n", 7), 9)
    },
    "8": (403, b'{"message": "API rate limit exceeded"}'),
}


class Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        place, _, number = self.path.rpartition("/")
        status, data = ANSWERS[number] if place == "/api/v3/repos/a/b/pulls" else (500, b"")
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_it_is_read_without_a_key(site: str) -> None:
    told = read_text(public_pull(f"{site}/a/b/pull/1/files"))
    assert (told.title, told.body, told.base) == ("Add it", "It adds.", "main")
    assert read_text(public_pull(f"{site}/a/b.git/pull/2")).body == ""


@pytest.mark.parametrize("number", [str(number) for number in range(3, 16)])
def test_what_cannot_be_had_is_said(site: str, number: str) -> None:
    with pytest.raises(Unavailable):
        read_text(public_pull(f"{site}/a/b/pull/{number}"))


def test_where_it_is_asked_for() -> None:
    there = public_pull("https://github.com/a/b/pull/12?w=1#top")
    assert (there.url, there.number) == ("https://github.com/a/b", 12)
    assert there.api == "https://api.github.com/repos/a/b/pulls/12"
    own = public_pull("https://git.example.org/a/b/pull/12")
    assert own.api == "https://git.example.org/api/v3/repos/a/b/pulls/12"
    assert public_pull("/srv/b.git/pull/12").api == ""


@pytest.mark.parametrize(
    "given",
    [
        *("https://github.com/a/b", "https://github.com/a/b/pull/0", "a/b/pull/1", "pull/1"),
        *("ssh://github.com/a/b/pull/1", "git@github.com:a/b/pull/1", "--x/pull/1"),
        *("http://github.com/a/b/pull/1", "https://github.com/a/b/pull/12345678901", ""),
    ],
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(RefusedError):
        public_pull(given)

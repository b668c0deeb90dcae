"""A small site on loopback, and a SearXNG beside it: pages with ETags, what was asked, and a
switch that takes it down."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Site:
    """`pages`: path with its query -> HTML, or "-> ADDRESS" for a redirect. `asked`: (path, status)
    of everything but robots.txt, in order; `queries`: what the search was asked."""

    pages: dict[str, str] = field(default_factory=dict)
    hits: list[Mapping[str, str]] = field(default_factory=list)
    asked: list[tuple[str, int]] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)
    port: int = 0
    down: bool = False

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def at(self, path: str) -> str:
        """The whole address of a page."""
        return f"http://{self.host}{path}"

    def answer(self, path: str, etag: str) -> tuple[int, Mapping[str, str], bytes]:
        if path.startswith("/search?"):
            self.queries += parse_qs(urlsplit(path).query).get("q", [])
            data = json.dumps({"results": self.hits}).encode()
            return 200, {"content-type": "application/json"}, data
        page = self.pages.get(path)
        if page is None:
            return 404, {}, b""
        if page.startswith("-> "):
            return 302, {"location": page.removeprefix("-> ")}, b""
        own = f'"{hashlib.sha256(page.encode()).hexdigest()[:12]}"'
        head = {"etag": own, "content-type": "text/html; charset=utf-8"}
        return (304, head, b"") if etag == own else (200, head, page.encode())


@contextmanager
def serving(site: Site) -> Iterator[Site]:
    """The site on a free port, ended with the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if site.down:
                self.close_connection = True
                return
            status, head, body = site.answer(self.path, self.headers.get("if-none-match", ""))
            if self.path != "/robots.txt":
                site.asked.append((self.path, status))
            self.send_response(status)
            for name, text in head.items():
                self.send_header(name, text)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def page(title: str, *paragraphs: str) -> str:
    """A page as an extractor likes it: enough prose to be one."""
    told = "".join(f"<p>{text}</p>" for text in paragraphs)
    filler = "".join(
        f"<p>Section {n} of this guide says how things are done here, in some detail.</p>"
        for n in range(6)
    )
    head = f"<head><title>{title}</title></head>"
    return f"<html>{head}<body><main><h1>{title}</h1>{told}{filler}</main></body></html>"

"""A small site on loopback: nginx for what nginx does, a server of ours for what only a bad server
does."""

from __future__ import annotations

import gzip
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.github.nginx import PATHS, program
from tests.parts import ended_process, free_port
from tests.patience import PATIENCE_S

CONFIG = """
daemon off;
master_process off;
pid "{folder}/nginx.pid";
error_log "{folder}/error.log" info;
events {{ worker_connections 64; }}
http {{
    access_log "{folder}/access.log" combined;
    client_body_temp_path "{folder}/body";
    fastcgi_temp_path "{folder}/fastcgi";
    proxy_temp_path "{folder}/proxy";
    uwsgi_temp_path "{folder}/uwsgi";
    scgi_temp_path "{folder}/scgi";
    types {{
        text/html html; text/markdown md; application/pdf pdf; text/plain txt; image/png png;
    }}
    default_type application/octet-stream;
    server {{
        listen 127.0.0.1:{port};
        absolute_redirect off;
        root "{root}";
        location = /long.html {{ add_header Cache-Control "max-age=31536000"; }}
        location = /never.html {{ add_header Cache-Control "no-store"; }}
        location = /bomb.html {{ add_header Content-Encoding gzip; }}
        location = /packed.html {{ add_header Content-Encoding gzip; }}
        location = /odd.html {{ add_header Content-Encoding br; }}
        location = /gone.html {{ return 410; }}
        location = /login.html {{ return 401; }}
        location = /broken.html {{ return 503; }}
        location = /moved.html {{ return 301 /page.html; }}
        location = /there.html {{ return 302 http://127.0.0.2:{port}/page.html; }}
        location = /inside.html {{ return 302 https://10.0.0.1/; }}
        location = /cloud.html {{ return 302 http://169.254.169.254/latest/; }}
        location = /file.html {{ return 302 file:///etc/passwd; }}
        location = /round.html {{ return 302 /round.html; }}
    }}
}}
"""


NO_ROBOTS = b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Site:
    """`port` on 127.0.0.1; files below `root`."""

    port: int
    root: Path
    folder: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def asked(self, path: str) -> list[int]:
        """The status of each answer for that path, once nginx has written it."""
        lines = (self.folder / "access.log").read_text().splitlines()
        return [int(line.split('"')[2].split()[0]) for line in lines if f" {path} " in line]


@contextmanager
def nginx_site(folder: Path) -> Iterator[Site]:
    """nginx over a folder that a test may fill further; ended by its own pid."""
    root = folder / "site"
    root.mkdir(parents=True)
    _fill(root)
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(CONFIG.format(folder=folder, port=port, root=root))
    command = [program("nginx"), "-e", f"{folder}/error.log", "-p", str(folder), "-c", str(config)]
    with (folder / "program.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env={"PATH": PATHS}
        )
    try:
        _wait(port, folder, process)
        yield Site(port, root, folder)
    finally:
        ended_process(process)


def _fill(root: Path) -> None:
    words = "<p>A paragraph with enough words to be the text of this page. </p>" * 5
    page = f"<html><head><title>A page</title></head><body><h1>A page</h1>{words}</body></html>"
    for name in ("page", "long", "never", "private", "odd"):
        (root / f"{name}.html").write_text(page)
    (root / "packed.html").write_bytes(gzip.compress(page.encode()))
    (root / "bomb.html").write_bytes(gzip.compress(bytes(64 << 20)))
    (root / "huge.html").write_bytes(b"x" * (6 << 20))
    (root / "robots.txt").write_text("User-agent: harness\nDisallow: /private\n")
    (root / "picture.png").write_bytes(b"\x89PNG")
    (root / "korean.html").write_bytes(
        "<html><head><meta charset=euc-kr><title>설치</title></head>"
        "<body><p>패키지를 설치하는 방법을 설명합니다.</p></body></html>".encode("euc-kr")
    )


def _wait(port: int, folder: Path, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    said = "".join(path.read_text() for path in folder.glob("*.log"))
    raise AssertionError(f"nginx is not ready: {said[-2000:]}")


class BadServer:
    """Answers each connection with `head`, then `endless` until the other side goes, or nothing.
    `robots`: its answer for robots.txt, then `endless` too where that has no length."""

    def __init__(self, head: bytes, endless: bytes = b"", robots: bytes = NO_ROBOTS) -> None:
        self._head = head
        self._endless = endless
        self._robots = robots
        self._ends = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._serve)

    def __enter__(self) -> BadServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        with socket.socket() as last:
            last.connect(("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while not self._ends.is_set():
            connection, _ = self._socket.accept()
            with connection:
                try:
                    self._answer(connection)
                except OSError:
                    continue

    def _answer(self, connection: socket.socket) -> None:
        asked = connection.recv(65536)
        of_robots = b"/robots.txt" in asked
        connection.sendall(self._robots if of_robots else self._head)
        if of_robots and b"Content-Length" in self._robots:
            return
        if not self._endless:
            connection.recv(1)  # until the other side has had enough
        while self._endless and not self._ends.is_set():
            connection.sendall(self._endless)

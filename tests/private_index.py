"""A company's own package index: TLS by a certificate of its own, a login, Python's simple API and
npm's registry. It listens on loopback, at an address that no client takes for its own machine's."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import ssl
import subprocess
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.patience import PATIENCE_S

ADDRESS = "127.0.0.2"
NAME = "corp.example"
USER, PASSWORD = "ann", "hunter2-of-the-index"
PYTHON = "def greet():\n    return 'hello'\n"
NODE = "exports.greet = () => 'hello';\n"
PARENT = b"""<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>corp</groupId><artifactId>parent</artifactId>
<version>1</version><packaging>pom</packaging></project>"""
"""What a project of Maven's inherits."""
SEVERAL = {"foo": ("1.0.0",), "greeting": ("1.0.0", "1.1.0")}


def wheel(name: str, version: str) -> bytes:
    """A package of one module."""
    packed = io.BytesIO()
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{name}.py", PYTHON)
        about = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        archive.writestr(f"{info}/METADATA", about)
        kind = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{info}/WHEEL", kind)
        files = (f"{name}.py", f"{info}/METADATA", f"{info}/WHEEL", f"{info}/RECORD")
        archive.writestr(f"{info}/RECORD", "".join(f"{file},,\n" for file in files))
    return packed.getvalue()


def tarball(name: str, version: str) -> bytes:
    """The same for node."""
    packed = io.BytesIO()
    about = {"name": name, "version": version, "main": "index.js"}
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, text in (("package.json", json.dumps(about)), ("index.js", NODE)):
            member = tarfile.TarInfo(f"package/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return packed.getvalue()


class Index(ThreadingHTTPServer):
    """`asked`: paths that came with the right login; `turned_away`: those that did not."""

    daemon_threads = True

    def __init__(self, pem: Path) -> None:
        super().__init__((ADDRESS, 0), _Asked)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )
        self.pem = pem
        self.host = f"{ADDRESS}:{self.server_port}"
        self.asked: list[str] = []
        self.turned_away: list[str] = []

    @property
    def simple(self) -> str:
        """The Python index's address, with its login."""
        return f"https://{USER}:{PASSWORD}@{self.host}/simple"

    @property
    def npmrc(self) -> str:
        """npm's settings, with the login."""
        return (
            f"registry=https://{self.host}/npm/\n"
            f"//{self.host}/npm/:_authToken={PASSWORD}\ncafile={self.pem}\n"
        )

    def handle_error(self, *_: object) -> None:
        """A client that does not trust the certificate ends the connection: no fault of ours."""

    def page(self, path: str) -> bytes | None:
        parts = path.strip("/").split("/")
        match parts:
            case ["simple", name] if name in SEVERAL:
                files = (f"{name}-{version}-py3-none-any.whl" for version in SEVERAL[name])
                return "".join(f'<a href="/files/{f}">{f}</a>\n' for f in files).encode()
            case ["files", file] if file.endswith(".whl"):
                return wheel(*file.split("-")[:2])
            case ["m2", "corp", "parent", "1", "parent-1.pom"]:
                return PARENT
            case ["npm", name] if name in SEVERAL:
                return json.dumps(self._packument(name)).encode()
            case ["npm", name, "-", file]:
                return tarball(name, file.removeprefix(f"{name}-").removesuffix(".tgz"))
        return None

    def _packument(self, name: str) -> dict[str, object]:
        versions = {}
        for version in SEVERAL[name]:
            digest = hashlib.sha512(tarball(name, version)).digest()
            integrity = f"sha512-{base64.b64encode(digest).decode()}"
            address = f"https://{self.host}/npm/{name}/-/{name}-{version}.tgz"
            dist = {"tarball": address, "integrity": integrity}
            versions[version] = {"name": name, "version": version, "dist": dist}
        return {"name": name, "dist-tags": {"latest": SEVERAL[name][-1]}, "versions": versions}


class _Asked(BaseHTTPRequestHandler):
    server: Index
    timeout = PATIENCE_S

    def do_GET(self) -> None:
        login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") not in (f"Basic {login}", f"Bearer {PASSWORD}"):
            self.server.turned_away.append(self.path)
            self._say(401, b"")
            return
        self.server.asked.append(self.path)
        page = self.server.page(self.path)
        self._say(404 if page is None else 200, page or b"")

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", "Basic")
        self.send_header("Content-Type", "text/html" if body[:2] == b"<a" else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Not on the screen."""


def certificate(folder: Path) -> Path:
    """A key and a certificate for the index's address, signed by itself, in one file."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "corp.pem"
    argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    argv += ["-nodes", "-days", "2", "-subj", "/CN=corp", "-keyout", "-", "-out", "-"]
    argv += [
        "-addext",
        f"subjectAltName=IP:{ADDRESS},IP:127.0.0.1,DNS:localhost,DNS:{ADDRESS},DNS:{NAME}",
    ]
    done = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=PATIENCE_S)
    file.write_text(done.stdout)
    return file


@contextmanager
def private_index(folder: Path) -> Iterator[Index]:
    """Stands while inside."""
    index = Index(certificate(folder))
    serving = threading.Thread(target=index.serve_forever, daemon=True)
    serving.start()
    try:
        yield index
    finally:
        index.shutdown()
        index.server_close()
        serving.join(PATIENCE_S)

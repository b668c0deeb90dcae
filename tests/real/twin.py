"""`python3 twin.py PORT PROGRAMS COMMAND`: runs a shell command beside an index on loopback in
which every name is a stranger's, the package managers in the folder PROGRAMS apart. Ends by saying
what was asked for. Run inside the Box: the standard library alone."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

VERSION = "99.0.0"


def evil_wheel(name: str) -> bytes:
    data = io.BytesIO()
    info = f"{name}-99.dist-info"
    with zipfile.ZipFile(data, "w") as made:
        made.writestr(f"{name}.py", "WHO = 'a stranger'\n")
        made.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 99\n")
        made.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")  # fmt: skip # noqa: E501
        made.writestr(f"{info}/RECORD", "")
    return data.getvalue()


def evil_package(name: str) -> bytes:
    about = json.dumps({"name": name, "version": VERSION, "main": "index.js"})
    files = {"package.json": about, "index.js": "module.exports = 'a stranger'"}
    return _packed("package", files)


def evil_crate(name: str) -> bytes:
    about = f'[package]\nname = "{name}"\nversion = "{VERSION}"\nedition = "2021"\n'
    files = {"Cargo.toml": about, "src/lib.rs": 'pub const WHO: &str = "a stranger";\n'}
    return _packed(f"{name}-{VERSION}", files)


def _packed(top: str, files: dict[str, str]) -> bytes:
    """Every time the same bytes: their hash is said before they are asked for."""
    data = io.BytesIO()
    packed = gzip.GzipFile(fileobj=data, mode="wb", mtime=0)
    with packed, tarfile.open(fileobj=packed, mode="w") as made:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{top}/{path}")
            member.size = len(text)
            made.addfile(member, io.BytesIO(text.encode()))
    return data.getvalue()


class Twin(BaseHTTPRequestHandler):
    """Every name is there, for pip, npm and cargo."""

    programs: Path
    asked: list[str]

    def do_GET(self) -> None:
        path = unquote(self.path).strip("/")
        self.asked.append(path)
        if path.startswith("simple/"):
            file = f"{path.split('/')[1]}-99-py3-none-any.whl"
            self._answer(f'<a href="/wheels/{file}">{file}</a>'.encode(), "text/html")
        elif path.startswith("wheels/"):
            self._answer(evil_wheel(path.split("/")[1].partition("-")[0]), "application/zip")
        elif path.startswith("tarballs/"):
            self._answer(self._tarball(path.removeprefix("tarballs/")), "application/gzip")
        elif path.startswith("cargo/"):
            self._answer(self._cargo(path.split("/")), "application/octet-stream")
        else:
            self._answer(json.dumps(self._about(path)).encode(), "application/json")

    def _cargo(self, parts: list[str]) -> bytes:
        """The sparse protocol: config.json, a name's line, cargo/crates/NAME/VERSION/download."""
        if parts[1] == "config.json":
            return json.dumps({"dl": f"http://{self.headers['Host']}/cargo/crates"}).encode()
        if parts[1] == "crates":
            return evil_crate(parts[2])
        name = parts[-1]
        line = {"name": name, "vers": VERSION, "deps": [], "features": {}, "yanked": False}
        return json.dumps({**line, "cksum": hashlib.sha256(evil_crate(name)).hexdigest()}).encode()

    def _tarball(self, name: str) -> bytes:
        real = self.programs / f"{name.replace('/', '+')}.tgz"
        return real.read_bytes() if real.is_file() else evil_package(name)

    def _about(self, name: str) -> dict[str, Any]:
        """A real program is there in its own version, and as `latest`."""
        data = self._tarball(name)
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            page = archive.extractfile("package/package.json")
            package = {} if page is None else json.loads(page.read())
        digest = base64.b64encode(hashlib.sha512(data).digest()).decode()
        url = f"http://{self.headers['Host']}/tarballs/{name}"
        dist = {
            "tarball": url,
            "integrity": f"sha512-{digest}",
            "shasum": hashlib.sha1(data).hexdigest(),
        }
        version = str(package["version"])
        kept = {key: package[key] for key in ("bin", "engines") if key in package}
        one = {"name": name, "version": version, "dist": dist, **kept}
        return {"name": name, "dist-tags": {"latest": version}, "versions": {version: one}}

    def _answer(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing is written down beside `asked`."""


def main(port: str, programs: str, command: str) -> int:
    Twin.programs, Twin.asked = Path(programs), []
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Twin)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    done = subprocess.run(["/bin/sh", "-ec", command], check=False, stdin=subprocess.DEVNULL)
    sys.stdout.write(f"asked: {' '.join(dict.fromkeys(Twin.asked))}\n")
    sys.stdout.flush()
    return done.returncode


if __name__ == "__main__":
    os._exit(main(*sys.argv[1:]))

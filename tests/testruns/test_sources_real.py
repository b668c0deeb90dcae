"""A dependency comes from where the project says it does, with pip and npm themselves. The index of
these tests has an evil twin of every name; it stands on loopback, and writes down what it was asked
for."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.testruns.test_sources import ASKING, FOO, GROUP, PROJECT, TESTS, UV, looked

BACKEND = '''
import base64, hashlib, os, tomllib, zipfile
ME = tomllib.load(open("pyproject.toml", "rb"))
PROJECT = ME.get("project") or ME["tool"]["poetry"]
NAME, NEEDS = PROJECT["name"], PROJECT.get("dependencies", [])
NEEDS = NEEDS if isinstance(NEEDS, list) else []

def build_wheel(folder, settings=None, metadata=None):
    wheel = f"{NAME}-1-py3-none-any.whl"
    info = f"{NAME}-1.dist-info"
    meta = f"Metadata-Version: 2.1\\nName: {NAME}\\nVersion: 1\\n"
    meta += "".join(f"Requires-Dist: {line}\\n" for line in NEEDS)
    tag = "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    with zipfile.ZipFile(os.path.join(folder, wheel), "w") as made:
        made.writestr(f"{NAME}.pth", os.getcwd() + "\\n")
        made.writestr(f"{info}/METADATA", meta)
        made.writestr(f"{info}/WHEEL", tag)
        made.writestr(f"{info}/RECORD", "")
    return wheel

build_editable = build_wheel
get_requires_for_build_wheel = get_requires_for_build_editable = lambda settings=None: []
'''  # fmt: skip
BUILD = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'


def evil_wheel(name: str) -> bytes:
    data = io.BytesIO()
    info = f"{name}-99.dist-info"
    with zipfile.ZipFile(data, "w") as made:
        made.writestr(f"{name}.py", "WHO = 'a stranger'\n")
        made.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 99\n")
        made.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        made.writestr(f"{info}/RECORD", "")
    return data.getvalue()


def evil_package(name: str) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as made:
        for path, text in (("package.json", json.dumps({"name": name, "version": "99.0.0"})),
                           ("index.js", "module.exports = 'a stranger'")):  # fmt: skip
            about = tarfile.TarInfo(f"package/{path}")
            about.size = len(text)
            made.addfile(about, io.BytesIO(text.encode()))
    return data.getvalue()


class Twin(BaseHTTPRequestHandler):
    """Both kinds of index: every name is there."""

    asked: list[str]

    def do_GET(self) -> None:
        place = self.path.strip("/").split("/")
        name = place[1] if place[0] == "simple" and len(place) > 1 else place[0]
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        base = f"http://{self.headers['Host']}"
        if self.path.endswith(".whl"):
            self._answer(evil_wheel(place[-1].partition("-")[0]), "application/zip")
        elif self.path.endswith(".tgz"):
            self._answer(evil_package(place[-1].partition("-")[0]), "application/gzip")
        elif place[0] == "simple":
            file = f"{name}-99-py3-none-any.whl"
            self._answer(f'<a href="/wheels/{file}">{file}</a>'.encode(), "text/html")
        else:
            tarball = evil_package(name)
            digest = base64.b64encode(hashlib.sha512(tarball).digest()).decode()
            dist = {"tarball": f"{base}/f/{name}-99.tgz", "integrity": f"sha512-{digest}"}
            version = {"name": name, "version": "99.0.0", "dist": dist}
            told = {
                "name": name,
                "dist-tags": {"latest": "99.0.0"},
                "versions": {"99.0.0": version},
            }
            self._answer(json.dumps(told).encode(), "application/json")

    def _answer(self, data: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        """Nothing is written down beside `asked`."""


@pytest.fixture
def twin() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Twin)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("venv") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(made)], check=True)
    return made


REAL = {
    "poetry group path": f'{GROUP}foo = {{path = "libs/foo"}}\n',
    "poetry beside a project table": f'{ASKING}[tool.poetry.dependencies]\nfoo.path = "libs/foo"\n',
    "uv path": f'{UV}foo = {{path = "libs/foo"}}\n',
    "uv workspace": f'{UV}foo.workspace = true\n[tool.uv.workspace]\nmembers = ["libs/*"]\n',
    "uv in a group": f'{PROJECT}[dependency-groups]\ndev = ["foo"]\n[tool.uv.sources]\n'
    'foo.path = "libs/foo"\n',
    "pdm editable": f"{PROJECT}[tool.pdm.dev-dependencies]\n"
    'dev = ["-e file:///${PROJECT_ROOT}/libs/foo#egg=foo"]\n',
    "requirements": "",
    "pipenv": "",
}  # fmt: skip
BESIDE = {
    "requirements": {"requirements.txt": "./libs/foo\n"},
    "pipenv": {"Pipfile": '[packages]\nfoo = {path = "libs/foo"}\n'},
}


@pytest.mark.parametrize("row", REAL)
def test_pip_installs_what_is_in_the_tree(
    tmp_path: Path, twin: ThreadingHTTPServer, venv: Path, row: str
) -> None:
    files = {"libs/foo/pyproject.toml": f"{FOO}\n{BUILD}", "libs/foo/foo.py": "WHO = 'the tree'\n"}
    files |= {"libs/foo/backend.py": BACKEND, "backend.py": BACKEND, **TESTS, **BESIDE.get(row, {})}
    if REAL[row]:
        files["pyproject.toml"] = f"{REAL[row]}\n{BUILD}"
    told = run_set_up(tmp_path, twin, files, venv)
    assert told.returncode == 0, told.stderr
    python = tmp_path / "env" / "venv" / "bin" / "python"
    who = subprocess.run(
        [python, "-c", "import foo; print(foo.WHO)"], capture_output=True, check=True
    )
    assert who.stdout == b"the tree\n"
    assert not [path for path in asked_of(twin) if "foo" in path]
    assert [path for path in asked_of(twin) if "pytest" in path]


@pytest.mark.parametrize(
    ("rule", "more"),
    [
        ("file:libs/foo", {}),
        ("^1.0.0", {"workspaces": ["libs/*"]}),
        ("*", {"workspaces": ["libs/*"]}),
        ("./libs/foo", {}),
    ],
)
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not here")
def test_npm_installs_what_is_in_the_tree(
    tmp_path: Path, twin: ThreadingHTTPServer, rule: str, more: dict[str, Any]
) -> None:
    package = {"scripts": {"test": "jest"}, "dependencies": {"foo": rule}, **more}
    files = {"package.json": json.dumps(package), "libs/foo/index.js": "module.exports = 'tree'"}
    files["libs/foo/package.json"] = '{"name": "foo", "version": "1.0.0"}'
    told = run_set_up(tmp_path, twin, files)
    assert told.returncode == 0, told.stderr
    assert (tmp_path / "node_modules" / "foo" / "index.js").read_text() == "module.exports = 'tree'"
    assert not [path for path in asked_of(twin) if "foo" in path]


def asked_of(twin: ThreadingHTTPServer) -> list[str]:
    found: list[str] = twin.asked  # type: ignore[attr-defined]
    return found


def run_set_up(
    folder: Path, twin: ThreadingHTTPServer, files: dict[str, str], venv: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """What detection makes of these files, in a folder of them, by the evil index alone."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    if venv is not None:
        shutil.copytree(venv, folder / "env" / "venv", symlinks=True)
    url = f"http://127.0.0.1:{twin.server_address[1]}"
    env = {
        "PATH": os.environ["PATH"], "HOME": str(folder), "HARNESS_ENV": str(folder / "env"),
        "PIP_INDEX_URL": f"{url}/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1",
        "npm_config_registry": url, "npm_config_audit": "false", "NO_PROXY": "*",
    }  # fmt: skip
    script = " && ".join(f"({line})" for line in looked(files).setup)
    return subprocess.run(
        ["/bin/sh", "-ec", script], cwd=folder, env=env, capture_output=True, text=True, check=False
    )


LOCK = """version = 1
[[package]]
name = "bar"
version = "{bar}"
{registry}
[[package]]
name = "foo"
version = "1"
{elsewhere}
[[package]]
name = "two"
version = "1"
{registry}
[[package]]
name = "two"
version = "2"
{registry}
"""
UV_LOCK = {
    "registry": 'source = {registry = "https://pypi.org/simple"}',
    "elsewhere": 'source = {editable = "libs/foo"}',
}
POETRY_LOCK = {
    "registry": 'description = ""\n',
    "elsewhere": '[package.source]\ntype = "directory"\nurl = "libs/foo"\n',
}
PIPFILE_LOCK = """{"default": {"bar": {"version": "==%s", "index": "pypi"},
"foo": {"path": "libs/foo", "version": "==1"}}, "develop": {"foo": {"git": "https://g.example/f"}}}"""
BAR = f'{PROJECT}dependencies = ["bar"]\n{BUILD}'
LOCKED = {
    "uv.lock": (BAR, LOCK.format(bar="%s", **UV_LOCK)),
    "poetry.lock": (BAR, LOCK.format(bar="%s", **POETRY_LOCK)),
    "pdm.lock": (BAR, LOCK.format(bar="%s", registry="", elsewhere='path = "./libs/foo"')),
    "Pipfile.lock": ('[packages]\nbar = "*"\n', PIPFILE_LOCK),
}


@pytest.mark.parametrize("name", LOCKED)
def test_the_lock_file_says_the_versions(
    tmp_path: Path, twin: ThreadingHTTPServer, venv: Path, name: str
) -> None:
    manifest, lock = LOCKED[name]
    file = "Pipfile" if name == "Pipfile.lock" else "pyproject.toml"
    files = {file: manifest, "backend.py": BACKEND, **TESTS}
    told = run_set_up(tmp_path, twin, {**files, name: lock % "98"}, venv)
    assert told.returncode != 0
    assert "bar==98" in told.stdout + told.stderr
    shutil.rmtree(tmp_path / "env")
    told = run_set_up(tmp_path, twin, {**files, name: lock % "99"}, venv)
    assert told.returncode == 0, told.stderr
    assert (tmp_path / "env" / "constraints.txt").read_text() == "bar==99\n"


def test_a_lock_file_that_cannot_be_read_stops_the_set_up(
    tmp_path: Path, twin: ThreadingHTTPServer, venv: Path
) -> None:
    files = {"pyproject.toml": BAR, "backend.py": BACKEND, **TESTS, "uv.lock": "[[package"}
    assert run_set_up(tmp_path, twin, files, venv).returncode != 0
    assert asked_of(twin) == []

"""git's smart HTTP: `git http-backend` as a CGI program behind our GitHub, a token as password."""

from __future__ import annotations

import base64
import os
import re
import subprocess
from http.server import BaseHTTPRequestHandler

from harness.core.forge_types import Permission
from harness.forge.embedded.access import permission_of
from tests.github.hub import Hub, Token

_PATH = re.compile(r"/([^/]+/[^/]+)\.git(/(?:info/refs|git-upload-pack|git-receive-pack))")
BACKEND = "http-backend"
TIMEOUT_S = 60


def is_git(path: str) -> bool:
    return _PATH.fullmatch(path) is not None


def serve(handler: BaseHTTPRequestHandler, hub: Hub, path: str, query: str, data: bytes) -> None:
    """One request of git, answered by git itself when the token may."""
    match = _PATH.fullmatch(path)
    assert match
    repo, tail = match[1], match[2]
    if repo in hub.moved:
        handler.send_response_only(301)
        rest = f"?{query}" if query else ""
        handler.send_header("Location", f"{hub.url}/{hub.moved[repo]}.git{tail}{rest}")
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return
    writes = "receive-pack" in tail + query
    token = _token(handler, hub)
    if token is not None and hub.git_refusal is not None:
        said = hub.git_refusal(handler.headers["Authorization"]).encode()
        handler.send_response_only(403)
        handler.send_header("Content-Type", "text/plain")
        handler.send_header("Content-Length", str(len(said)))
        handler.end_headers()
        handler.wfile.write(said)
        return
    status = _refused(hub, token, repo, writes=writes)
    if status or token is None:
        handler.send_response_only(status or 401)
        if status in (0, 401):
            handler.send_header("WWW-Authenticate", 'Basic realm="GitHub"')
        handler.send_header("Content-Length", "0")
        handler.end_headers()
        return
    rule = hub.git_faults.strike(handler.command, f"{tail}?{query}", b"")
    if rule is None or rule.do == "answer_after":
        said = _run(handler, hub, repo, tail, query, data, token.login)
    if rule is None:
        _answer(handler, said)
        return
    handler.close_connection = True
    handler.send_response_only(rule.answer.status)
    handler.send_header("Content-Length", str(len(rule.answer.data())))
    handler.end_headers()
    handler.wfile.write(rule.answer.data())


def _token(handler: BaseHTTPRequestHandler, hub: Hub) -> Token | None:
    kind, _, value = (handler.headers.get("Authorization") or "").partition(" ")
    if kind.lower() != "basic":
        return None
    password = base64.b64decode(value).decode(errors="replace").partition(":")[2]
    found = hub.tokens.get(password)
    expired = found and found.expires_at and found.expires_at <= hub.clock.now()
    return None if expired else found


def _refused(hub: Hub, token: Token | None, repo: str, *, writes: bool) -> int:
    """The status to refuse with, or 0."""
    if token is None:
        return 401
    if not (hub.local.root / f"{repo}.git").exists():
        return 404
    if token.repository and token.repository != repo:
        return 404
    with hub.books(token.login, repo).read() as desk:
        has = permission_of(desk.conn, desk.repo, desk.me.id)
    needed = "write" if writes else "read"
    given = None if token.permissions is None else token.permissions.get("contents", "")
    if not has.covers(Permission.READ):
        return 404
    short = given is not None and given not in (needed, "write")
    if short or (writes and not has.covers(Permission.WRITE)):
        return 403
    return 0


def _run(handler: BaseHTTPRequestHandler, hub: Hub, repo: str, tail: str, query: str,
         data: bytes, login: str) -> bytes:  # fmt: skip
    if handler.headers.get("Transfer-Encoding", "").lower() == "chunked":
        data = _chunks(handler)
    given = {
        "PATH": os.defpath,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.receivepack",
        "GIT_CONFIG_VALUE_0": "true",
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROJECT_ROOT": str(hub.local.root),
        "PATH_INFO": f"/{repo}.git{tail}",
        "QUERY_STRING": query,
        "REQUEST_METHOD": handler.command,
        "CONTENT_TYPE": handler.headers.get("Content-Type") or "",
        "CONTENT_LENGTH": str(len(data)),
        "HTTP_CONTENT_ENCODING": handler.headers.get("Content-Encoding") or "",
        "GIT_PROTOCOL": handler.headers.get("Git-Protocol") or "",
        "REMOTE_USER": login,
        "REMOTE_ADDR": "127.0.0.1",
    }
    done = subprocess.run(
        ["git", BACKEND], input=data, env=given, capture_output=True, timeout=TIMEOUT_S, check=False
    )
    return done.stdout


def _chunks(handler: BaseHTTPRequestHandler) -> bytes:
    whole = b""
    while size := int(handler.rfile.readline().split(b";")[0], 16):
        whole += handler.rfile.read(size)
        handler.rfile.readline()
    handler.rfile.readline()
    return whole


def _answer(handler: BaseHTTPRequestHandler, said: bytes) -> None:
    head, _, body = said.partition(b"\r\n\r\n")
    headers = [line.decode().partition(": ")[::2] for line in head.split(b"\r\n") if line]
    status = next((int(v.split()[0]) for k, v in headers if k.lower() == "status"), 200)
    handler.send_response_only(status)
    for name, value in headers:
        if name.lower() != "status":
            handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)

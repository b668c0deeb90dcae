"""Our GitHub listens: REST (also under /api/v3), GraphQL, git, on loopback.

    with github(tmp_path) as hub:
        forge = hub.forge("tok_bot")          # a GithubForge over the real wire
        number = hub.issue("ada", "Broken").number
        hub.label("ada", number, "harness")   # people act behind its back: see Hub
        with hub.at(when):
            hub.edit("eve", number, body="other")
        hub.check(sha, "unit", "completed", "failure", log="...")
        hub.faults.add(Fault("drop_after", "POST", ".*/comments"))
        assert held(hub.exchanges)            # GitHub's description has them all

ETags and 304, pages by Link, rate limits, tokens with permissions, faults on demand, and a record
of every exchange for the oracle. Ends with an error when the server itself had one. With a
JumpClock what waits passes at once.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import jwt as pyjwt

from harness.ports.clock import Clock
from harness.system.clock import SystemClock
from tests.forge.world import make_local
from tests.github import (
    git_http,
    graphql,
    rest_apps,
    rest_checks,
    rest_git,
    rest_issues,
    rest_pulls,
    rest_repository,
)
from tests.github.http import Answer, Exchange, Fault, Refusal, Url, parsed
from tests.github.hub import Hub, Rate, Token, clocked
from tests.github.routes import Call, act, check_permissions, find

HANDLED = (graphql, rest_apps, rest_checks, rest_git, rest_issues, rest_pulls, rest_repository)
"""Importing them put their routes there."""
PREFIXES = ("/api/v3", "/api")
SECRETS = ("authorization", "set-cookie")


class Server(ThreadingHTTPServer):
    """Knows its connections, so that it ends at once and leaves none open."""

    daemon_threads = False

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), Handler)

    def process_request(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        self._open.add(request)
        super().process_request(request, client_address)

    def close_request(self, request) -> None:  # type: ignore[no-untyped-def]
        self._open.discard(request)
        super().close_request(request)

    def handle_error(self, request, client_address) -> None:  # type: ignore[no-untyped-def]
        self.hub.bugs.append(traceback.format_exc())

    def end(self) -> None:
        """No connection outlives it."""
        self.shutdown()
        for connection in list(self._open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it ended by itself
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server: Server
    timeout = 60

    def log_message(self, format: str, *args: object) -> None:
        """Exchanges are recorded instead."""

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True  # whoever asked is gone

    def _do(self) -> None:
        hub = self.server.hub
        split = urlsplit(self.path)
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if git_http.is_git(split.path):
            git_http.serve(self, hub, split.path, split.query, data)
            return
        path = next((split.path[len(p) :] for p in PREFIXES if split.path.startswith(f"{p}/")),
                    split.path)  # fmt: skip
        url = Url(unquote(path), dict(parse_qsl(split.query, keep_blank_values=True)))
        rule = hub.faults.strike(self.command, url.path, data)
        if rule is not None and rule.do == "delay":
            time.sleep(rule.seconds)
        if rule is not None and rule.do == "drop_before":
            self._drop()
            return
        answer = self._answer(hub, url, data, rule)
        self._record(hub, url, data, answer, rule)
        if rule is not None and rule.do == "drop_after":
            self._drop()
            return
        self._send(answer, truncate=rule is not None and rule.do == "truncate")

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _do

    def _answer(self, hub: Hub, url: Url, data: bytes, rule: Fault | None) -> Answer:
        if rule is not None and rule.do == "answer":
            return rule.answer
        try:
            found = _answered(hub, self.command, url, dict(self.headers.items()), data)
            return rule.answer if rule is not None and rule.do == "answer_after" else found
        except Exception:  # noqa: BLE001 - a bug of ours must be told at the end, not hang a client
            hub.bugs.append(traceback.format_exc())
            return Answer(500, {"message": "Server Error"})

    def _record(self, hub: Hub, url: Url, data: bytes, answer: Answer, rule: Fault | None) -> None:
        headers = {k.lower(): v for k, v in answer.headers.items() if k.lower() not in SECRETS}
        token = hub.tokens.get(_secret(self.headers.get("Authorization") or ""))
        body = parsed(answer.data(), headers.get("content-type", "application/json"))
        if url.path.endswith("/access_tokens") and isinstance(body, dict) and "token" in body:
            body = {**body, "token": "ghs_secret"}
        hub.exchanges.append(
            Exchange(
                self.command,
                url.path,
                url.query,
                parsed(data, "json"),
                answer.status,
                headers,
                body,
                token.login if token else "",
                "If-None-Match" in self.headers,
                rule.do if rule and rule.do.startswith("answer") else "",
            )
        )

    def _send(self, answer: Answer, *, truncate: bool = False) -> None:
        data = b"" if answer.status == 304 else answer.data()
        self.send_response_only(answer.status)
        headers = {"Content-Type": "application/json; charset=utf-8", **answer.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        if answer.status not in (204, 304):
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if truncate else data)
        if truncate:
            self._drop()

    def _drop(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        self.connection.shutdown(socket.SHUT_RDWR)


def _secret(header: str) -> str:
    """The token in an Authorization header."""
    kind, _, value = header.partition(" ")
    if kind.lower() == "basic":
        return base64.b64decode(value).decode(errors="replace").partition(":")[2]
    return value if kind.lower() in ("bearer", "token") else ""


def _answered(hub: Hub, method: str, url: Url, headers: dict[str, str], data: bytes) -> Answer:
    low = {name.lower(): value for name, value in headers.items()}
    if url.path.startswith("/_logs/"):
        return rest_checks.log(hub, url, low)
    hub.requests += 1
    led = _led(hub, method, url)
    if isinstance(led, Answer):
        return led
    url = led
    secret = _secret(low.get("authorization", ""))
    try:
        route, params = find(method, url.path)
        token = _token(hub, secret, jwt=route.jwt)
        if token.repository and params.get("repo") not in (None, token.repository.split("/")[-1]):
            raise Refusal(404, "Not Found")
        limited = _limited(hub, secret, token)
        body = parsed(data, "json")
        call = Call(hub, method, url.path, url.query, low, body, token, secret, params)
        if limited is not None:
            return limited
        check_permissions(route, token)
        answer = act(route, call)
    except Refusal as refusal:
        answer = refusal.answer
    return _finished(hub, method, secret, low, answer)


def _led(hub: Hub, method: str, url: Url) -> Url | Answer:
    """Where a repository is that has another name by now: a redirect to its id, and from there
    its present name."""
    by_id = re.fullmatch(r"/repositories/(\d+)(/.*)?", url.path)
    if by_id and (name := hub.named(int(by_id[1]))):
        return Url(f"/repos/{name}{by_id[2] or ''}", url.query)
    by_name = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", url.path)
    now = hub.moved.get(by_name[1]) if by_name else None
    if by_name is None or now is None:
        return url
    target = f"{hub.url}/repositories/{hub.number_of(now)}{by_name[2] or ''}"
    rest = f"?{urlencode(url.query)}" if url.query else ""
    status = 301 if method == "GET" else 307
    told = {"message": "Moved Permanently", "url": target}
    return Answer(status, told, {"Location": f"{target}{rest}"})


def _finished(
    hub: Hub, method: str, secret: str, headers: dict[str, str], answer: Answer
) -> Answer:
    """With its ETag, or as 304; the token's budget goes down unless it was one."""
    extra: dict[str, str] = {}
    unchanged = False
    if method == "GET" and answer.status == 200:
        kind = headers.get("accept", "")
        mark = hashlib.sha256(answer.data() + kind.encode() + secret.encode()).hexdigest()
        extra["ETag"] = f'W/"{mark}"'
        unchanged = headers.get("if-none-match") == extra["ETag"]
    rate = hub.rates.setdefault(secret, Rate())
    if not unchanged:
        rate.remaining = max(0, rate.remaining - 1)
    told = {**_rate_headers(hub, rate), **extra, **answer.headers}
    if unchanged:
        return Answer(304, None, told)
    return Answer(answer.status, answer.body, told)


def _rate_headers(hub: Hub, rate: Rate) -> dict[str, str]:
    reset = rate.reset_at or hub.clock.now() + timedelta(hours=1)
    rate.reset_at = reset
    return {
        "X-RateLimit-Limit": str(rate.limit),
        "X-RateLimit-Remaining": str(rate.remaining),
        "X-RateLimit-Used": str(rate.limit - rate.remaining),
        "X-RateLimit-Reset": str(int(reset.timestamp())),
        "X-RateLimit-Resource": "core",
        "Date": hub.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "X-GitHub-Request-Id": f"T:{hub.requests}",
    }


def _limited(hub: Hub, secret: str, token: Token) -> Answer | None:
    rate = hub.rates.setdefault(secret, Rate())
    if rate.reset_at is not None and hub.clock.now() >= rate.reset_at:
        rate.remaining, rate.reset_at = rate.limit, None
    if rate.remaining > 0:
        return None
    refusal = Refusal(403, f"API rate limit exceeded for user {token.login}.").answer
    return Answer(403, refusal.body, {**_rate_headers(hub, rate), **refusal.headers})


def _token(hub: Hub, secret: str, *, jwt: bool) -> Token:
    """Who asks. 401 for a bad token, an expired one, or a token where an App must sign."""
    if jwt:
        return _app_of(hub, secret)
    token = hub.tokens.get(secret)
    if token is None or (token.expires_at and token.expires_at <= hub.clock.now()):
        raise Refusal(401, "Bad credentials")
    return token


def _app_of(hub: Hub, secret: str) -> Token:
    for app in hub.apps.values():
        try:
            claims = pyjwt.decode(
                secret, app.key, algorithms=["RS256"], options={"verify_iat": False}
            )
        except pyjwt.ExpiredSignatureError:
            raise Refusal(401, "'Expiration time' claim ('exp') must be a numeric value "
                               "representing the future time at which the assertion expires"
                          ) from None  # fmt: skip
        except pyjwt.PyJWTError:
            continue
        if str(claims.get("iss")) == str(app.id):
            return Token(f"{app.slug}[bot]", {}, "installation", None, app.slug)
    raise Refusal(401, "A JSON web token could not be decoded")


@contextmanager
def github(folder: Path, clock: Clock | None = None) -> Iterator[Hub]:
    """A GitHub with the repository owner/project: ada administers it (tok_ada), the account
    harness may write (tok_bot), eve may read (tok_eve)."""
    told = clocked(clock or SystemClock())
    hub = Hub(asyncio.run(make_local(folder, told)), told)
    for text, login in (("tok_ada", "ada"), ("tok_bot", "harness"), ("tok_eve", "eve")):
        hub.token(text, login)
    server = Server(hub)
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        for wire in hub.wires:
            asyncio.run(wire.close())
        server.end()
        thread.join()
    assert not hub.bugs, "our GitHub had an error of its own:\n" + "\n".join(hub.bugs[:3])

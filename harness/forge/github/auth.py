"""Who harness is on GitHub: a token of a person, or a GitHub App's token for one repository.

Secrets are read when needed, kept out of every text, and known to the redactor before their use.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, Protocol
from urllib.parse import quote

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from github.Auth import AppAuth as AppSigner
from github.Auth import Auth, Token
from github.Installation import Installation
from github.InstallationAuthorization import InstallationAuthorization
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import PyJWTError

from harness.core.errors import ConfigError, Forbidden, ForgeError, MissingError
from harness.forge.github.models import model, optional
from harness.forge.github.rate_limit import server_now
from harness.forge.github.transport import Broken, Call, HttpResponse, Transport
from harness.ports.clock import Clock
from harness.system.redact import Redactor
from harness.system.text import one_line

PERMISSIONS: Final[Mapping[str, str]] = {
    "metadata": "read",
    "contents": "write",
    "issues": "write",
    "pull_requests": "write",
    "checks": "write",
    "statuses": "write",
    "actions": "write",
}
"""All that an installation's token is asked for. Not `workflows`, `administration`, `members`."""
_SIGNED: Final = "RS256"
_MARGIN_S: Final = 300.0
_KEPT: Final = 3
"""So many of its last tokens the redactor knows: older ones open nothing."""
_RANK: Final = ("read", "write", "admin")


class GithubAuth(Protocol):
    """Gives the token for the next request. Blocking; threads may call at once."""

    @property
    def identity(self) -> str:
        """Whose budget it is, known for certain once `token` was called; not secret."""
        ...

    @property
    def place(self) -> str:
        """Names what is kept on the disk for these rights; never changes, not secret."""
        ...

    def token(self, line: Transport) -> str:
        """A token that is good now. Broken, Forbidden, ForgeError when none can be had."""
        ...

    def header(self, token: str, path: str) -> Auth:
        """PyGithub's authentication for one request."""
        ...

    def drop_token(self, token: str) -> bool:
        """GitHub refused that token; True when `token` will give another one."""
        ...


def _mark(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


def checked_token(token: str) -> str:
    """A token of one printable word. ConfigError, without the token, when it is not."""
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ConfigError("github.bad_token")
    return token


class TokenAuth:
    """A personal or fine-grained token. `read` gives it, again after a refusal: a file may hold a
    new one by then."""

    def __init__(self, read: Callable[[], str], redactor: Redactor) -> None:
        self._read = read
        self._redactor = redactor
        self._lock = threading.Lock()
        self._token = self._next()
        self.identity = f"token:{_mark(self._token)}"
        self.place = _mark(self.identity)

    def __repr__(self) -> str:
        return f"TokenAuth({self.identity})"

    def token(self, line: Transport) -> str:
        return self._token

    def header(self, token: str, path: str) -> Auth:
        return Token(token)

    def drop_token(self, token: str) -> bool:
        with self._lock:
            if self._token == token:
                self._token = self._next()
            return self._token != token

    def _next(self) -> str:
        token = checked_token(self._read().strip())
        self._redactor.add(token)
        return token


class AppAuth:
    """A GitHub App's installation on one repository. Its token is minted late, for that repository
    and the PERMISSIONS that were granted, and anew before it ends or once GitHub refuses it."""

    def __init__(
        self,
        app_id: int,
        read_key: Callable[[], str],
        repository: str,
        *,
        installation_id: int = 0,
        clock: Clock,
        redactor: Redactor,
    ) -> None:
        """`installation_id` 0: looked up by the repository. ConfigError for a key that is none."""
        key = read_key().strip()
        redactor.add(*(line for line in key.splitlines() if not line.startswith("-----")))
        self._signer = AppSigner(
            app_id, sign_func=partial(jwt.encode, key=_key(key), algorithm=_SIGNED)
        )
        self._repository = repository
        self._installation = installation_id
        self._clock = clock
        self._redactor = redactor
        self._lock = threading.Lock()
        self._token = ""
        self._minted_tokens: list[str] = []
        self._good_until = 0.0
        self._app_id = app_id
        self.place = _mark(f"app:{app_id}", repository.lower())

    @property
    def identity(self) -> str:
        return f"app:{self._app_id}:{self._installation or self._repository.lower()}"

    def __repr__(self) -> str:
        return f"AppAuth({self.identity})"

    def token(self, line: Transport) -> str:
        with self._lock:
            if not self._token or self._clock.monotonic() >= self._good_until:
                self._mint(line)
            return self._token

    def header(self, token: str, path: str) -> Auth:
        # what the App itself is, is told to nobody but the App
        return self._signer if path == "/app" else Token(token)

    def drop_token(self, token: str) -> bool:
        with self._lock:
            if self._token == token:
                self._token = ""
            return True

    def _mint(self, line: Transport) -> None:
        if not self._installation:
            self._installation = self._find_installation(line)
        answer = self._request_token(line, PERMISSIONS)
        if answer.status == 422:
            answer = self._request_token(line, self._granted_permissions(line))
        minted = model(InstallationAuthorization, self._parse_answer(answer))
        token = optional(lambda: minted.token)
        if token is None:
            raise Broken("no token in the answer", sent=True)
        self._redactor.add(checked_token(token))
        self._minted_tokens.append(token)
        if len(self._minted_tokens) > _KEPT:
            self._redactor.drop(self._minted_tokens.pop(0))
        now = server_now(answer.headers, self._clock)
        ends = optional(lambda: minted.expires_at)
        # one that does not say when it ends, in a way we know, is soon made anew
        life = (ends - now).total_seconds() if ends and ends.tzinfo else 0.0
        self._good_until = self._clock.monotonic() + max(life - _MARGIN_S, life / 2)
        self._token = token

    def _request_token(self, line: Transport, permissions: Mapping[str, str]) -> HttpResponse:
        name = self._repository.rpartition("/")[2]
        body = {"repositories": [name], "permissions": dict(permissions)}
        return self._ask(line, "POST", f"{self._path}/access_tokens", body)

    def _granted_permissions(self, line: Transport) -> dict[str, str]:
        """Of what we want, as much as the installation was given: what is missing is then named
        where it is needed."""
        installed = model(Installation, self._parse_answer(self._ask(line, "GET", self._path)))
        found = optional(lambda: installed.permissions) or {}
        return {
            name: min(wanted, found[name], key=_RANK.index)
            for name, wanted in PERMISSIONS.items()
            if found.get(name) in _RANK
        }

    def _find_installation(self, line: Transport) -> int:
        path = f"/repos/{quote(self._repository)}/installation"
        answer = self._ask(line, "GET", path)
        if answer.status in (301, 404, 307, 308):
            raise Forbidden("github.not_installed", repository=self._repository)
        installed = model(Installation, self._parse_answer(answer))
        number = optional(lambda: installed.id)
        if number is None:
            raise Broken("no id in the answer", sent=True)
        return number

    @property
    def _path(self) -> str:
        return f"/app/installations/{self._installation}"

    def _ask(
        self, line: Transport, verb: str, path: str, body: Mapping[str, Any] | None = None
    ) -> HttpResponse:
        call = Call(verb, path, {}, {}, body, limit=1 << 20)
        return line.ask(call, self._signer)

    def _parse_answer(self, answer: HttpResponse) -> dict[str, Any]:
        try:
            data = json.loads(answer.body)
        except ValueError:
            data = None
        data = data if isinstance(data, dict) else {}
        said = one_line(str(data.get("message", "")), 200)
        if answer.status == 404:
            raise Forbidden("github.not_installed", repository=self._repository)
        if answer.status in (401, 403):
            raise Forbidden("github.app_refused", message=said, status=answer.status)
        if answer.status >= 500 or answer.status == 429:
            raise Broken(f"status {answer.status}", sent=False)
        if answer.status >= 300:
            raise ForgeError("github.unexpected", status=answer.status, message=said)
        return data


def _key(pem: str) -> RSAPrivateKey:
    """The key, read once: it is checked each time it is read, which takes long."""
    why = "no RSA key"
    try:
        key = RSAAlgorithm(RSAAlgorithm.SHA256).prepare_key(pem)
    except (PyJWTError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        why = type(error).__name__
    else:
        if isinstance(key, RSAPrivateKey):
            return key
    # outside the clause: the library's error may quote the key
    raise ConfigError("github.bad_key", why=why)


def github_auth(
    repository: str,
    *,
    read_token: Callable[[], str],
    token_name: str,
    app: tuple[int, int],
    read_key: Callable[[], str],
    clock: Clock,
    redactor: Redactor,
) -> GithubAuth:
    """The App when `app` (its number, its installation's or 0) names one, else the token.
    MissingError when there is neither."""
    if app[0]:
        return AppAuth(
            app[0], read_key, repository, installation_id=app[1], clock=clock, redactor=redactor
        )
    if not read_token().strip():
        raise MissingError("github.no_token", variable=token_name)
    return TokenAuth(read_token, redactor)

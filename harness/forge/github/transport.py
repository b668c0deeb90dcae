"""One HTTP exchange with GitHub, authenticated by PyGithub. It repeats nothing, follows nothing,
waits for nothing, reads no netrc or proxy."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urljoin, urlsplit, urlunsplit

import requests
from github.Auth import Auth
from github.Consts import API_VERSION_2022_11_28, DEFAULT_BASE_URL, headerApiVersion
from github.Requester import Requester
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, NewConnectionError

from harness import __version__
from harness.core.errors import ConfigError, ForgeError, HarnessError

T = TypeVar("T")
JSON: Final = "application/vnd.github+json"
CONNECT_S: Final = 10.0
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_CHUNK: Final = 1 << 16
_UNSENT: Final = (requests.ConnectTimeout, requests.exceptions.ProxyError)


@dataclass(frozen=True)
class HttpResponse:
    """What came back. Header names are in lower case; `over`: the body was longer than asked."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    over: bool = False


class Broken(Exception):
    """No whole answer came. `sent`: whether GitHub may have got the request."""

    def __init__(self, why: str, *, sent: bool) -> None:
        super().__init__(why)
        self.why = why
        self.sent = sent


@dataclass(frozen=True)
class Call:
    """One request. `path` is below the API's address, or a whole address on the API's host."""

    verb: str
    path: str
    params: Mapping[str, str | int]
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None = None
    limit: int = 32 << 20
    tail: bool = False
    """Keep the end of a body that is too long, not nothing of it."""
    bound_s: float = 60.0


def address(base_url: str) -> str:
    """The API's address without a slash at its end; ConfigError when no token may go there."""
    url = (base_url or DEFAULT_BASE_URL).rstrip("/")
    parts = urlsplit(url)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigError("github.bad_address", url=url.rpartition("@")[2])
    return url


def join_url(base: str, target: str) -> str:
    """The address that `target` names, seen from `base`; ForgeError for what is none."""
    try:
        url = str(urljoin(base, target))
        _origin(url)
    except ValueError:
        url = ""
    if not url:
        raise ForgeError("github.bad_path", path=ascii(target)[:200])
    return url


def checked_path(path: str) -> str:
    """`path` when it stays where it says; ForgeError otherwise. A library on the way would
    resolve dots and so leave the repository that the path names."""
    dots = any(unquote(part) in (".", "..") for part in path.split("/"))
    odd = not path.isascii() or not path.isprintable() or any(c in path for c in " ?#\\")
    if not path.startswith("/") or path.startswith("//") or dots or odd:
        raise ForgeError("github.bad_path", path=ascii(path)[:200])
    return path


class Transport:
    """Where one token's requests go out. Threads may use it at once."""

    def __init__(self, base_url: str, *, silence_s: float = 30.0, ca_file: Path | None) -> None:
        self.base = address(base_url)
        self._silence_s = silence_s
        self._verify: bool | str = str(ca_file) if ca_file else True
        self._session = _session()

    @property
    def graphql_url(self) -> str:
        parts = urlsplit(self.base)
        return urlunsplit(parts._replace(path=Requester.get_graphql_prefix(parts.path)))

    @property
    def origin(self) -> tuple[str, str | None, int | None]:
        return _origin(self.base)

    def inside(self, url: str) -> bool:
        """Whether an address is on the API's own host."""
        return _origin(url) == self.origin

    def ask(self, call: Call, auth: Auth | None) -> HttpResponse:
        """Blocks until the whole answer is there; Broken when none comes."""
        headers = {
            "Accept": JSON,
            "User-Agent": f"harness/{__version__}",
            headerApiVersion: API_VERSION_2022_11_28,
            **call.headers,
        }
        if auth is not None:
            auth.authentication(headers)
        data = None
        if call.body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(dict(call.body))
        url = Requester.add_parameters_to_url(self._here(call.path), dict(call.params))
        return self.fetch(replace(call, path=url), headers, data)

    def _here(self, path: str) -> str:
        """The whole address of a path, or of an address: on the API's host, whatever it says."""
        if path.startswith("/"):
            return f"{self.base}{path}"
        parts, base = urlsplit(path), urlsplit(self.base)
        return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, ""))

    def fetch(self, call: Call, headers: Mapping[str, str], data: str | None) -> HttpResponse:
        """`call.path` is the whole address here; nothing but `headers` is sent with it."""
        fault: Broken | None = None
        try:
            response = self._session.request(
                call.verb,
                call.path,
                headers=dict(headers),
                data=data,
                timeout=(min(CONNECT_S, self._silence_s), self._silence_s),
                verify=self._verify,
                allow_redirects=False,
                stream=True,
            )
            with response:
                names = {key.lower(): value for key, value in response.headers.items()}
                body, over = _body(response, call)
                return HttpResponse(response.status_code, names, body, over)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            fault = Broken(_why(error), sent=not _unsent(error))
        # outside the clause: the library's error holds the request, and that holds the token
        raise fault

    def close(self) -> None:
        self._session.close()


class _Session(requests.Session):
    """Looks at no redirect: even one that is not followed would be parsed, and may be nonsense."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        return None


def _session() -> requests.Session:
    session = _Session()
    session.trust_env = False
    session.auth = Requester.noopAuth
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=0, pool_maxsize=8))
    return session


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    default = {"https": 443, "http": 80}.get(parts.scheme)
    port = parts.port
    return parts.scheme, parts.hostname, None if port == default else port


def _body(response: requests.Response, call: Call) -> tuple[bytes, bool]:
    kept = bytearray()
    over = False
    for chunk in _within(response, call.bound_s):
        kept += chunk
        if len(kept) > call.limit:
            over = True
            if not call.tail:
                return b"", True
            del kept[: len(kept) - call.limit]
    return bytes(kept), over


def _within(response: requests.Response, bound_s: float) -> Iterator[bytes]:
    # the library bounds the silence between two pieces, not the whole
    end = time.monotonic() + bound_s
    for chunk in response.iter_content(_CHUNK):
        yield chunk
        if time.monotonic() > end:
            raise TimeoutError


def _unsent(error: Exception) -> bool:
    """Whether nothing of the request can have reached GitHub."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, _UNSENT) or isinstance(reason, NewConnectionError)


def _why(error: Exception) -> str:
    """A few words of ours: the library's own may quote what was sent."""
    if isinstance(error, requests.exceptions.SSLError):
        return "TLS"
    if isinstance(error, (requests.Timeout, TimeoutError)):
        return "timeout"
    return "no connection" if _unsent(error) else "connection cut"


async def in_thread(work: Callable[[], T], bound_s: float) -> T:
    """`work` in a thread that nobody has to wait for: a hung server must not keep the program
    from ending, as a thread of the loop's own pool would. Broken after `bound_s`."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, fault: Exception | None) -> None:
        if done.done():
            return
        if fault is not None:
            done.set_exception(fault)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def body() -> None:
        result: T | None = None
        # what a mistake of ours ends with: the thread's own hook tells of it
        fault: Exception | None = Broken("program error", sent=True)
        try:
            result = work()
            fault = None
        except (Broken, HarnessError) as error:
            fault = error
        finally:
            # the loop may have ended meanwhile: then nobody waits
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, result, fault)

    threading.Thread(target=body, name="github", daemon=True).start()
    try:
        return await asyncio.wait_for(done, bound_s)
    except TimeoutError:
        raise Broken("timeout", sent=True) from None

"""One HTTP exchange with GitHub, by PyGithub's Requester: its authentication, its address rules,
its headers. It repeats nothing, follows nothing, waits for nothing, reads no netrc or proxy."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urljoin, urlsplit

import requests
from github.Auth import Auth
from github.Consts import API_VERSION_2022_11_28, DEFAULT_BASE_URL
from github.Requester import HTTPRequestsConnectionClass, Requester, RequestsResponse
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
class Answer:
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


def joined(base: str, target: str) -> str:
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


class Line:
    """Where one token's requests go out. Threads may use it at once."""

    def __init__(self, base_url: str, *, silence_s: float = 30.0, ca_file: Path | None) -> None:
        self.base = address(base_url)
        self._silence_s = silence_s
        self._verify: bool | str = str(ca_file) if ca_file else True
        self._requester = Requester(
            auth=None,
            base_url=self.base,
            timeout=int(silence_s) or 1,
            user_agent=f"harness/{__version__}",
            per_page=100,
            verify=self._verify,
            retry=0,
            pool_size=8,
            seconds_between_requests=None,
            seconds_between_writes=None,
            api_version=API_VERSION_2022_11_28,
        )
        self._session = _session()

    @property
    def graphql_url(self) -> str:
        return self._requester.graphql_url

    @property
    def origin(self) -> tuple[str, str | None, int | None]:
        return _origin(self.base)

    def inside(self, url: str) -> bool:
        """Whether an address is on the API's own host."""
        return _origin(url) == self.origin

    def ask(self, call: Call, auth: Auth | None) -> Answer:
        """Blocks until the whole answer is there; Broken when none comes."""
        exchange = _Exchange(self, call)
        self._requester.withAuth(auth).requestJson(
            call.verb,
            call.path,
            parameters=dict(call.params),
            headers={"Accept": JSON, **call.headers},
            input=None if call.body is None else dict(call.body),
            cnx=exchange,
        )
        assert exchange.answer is not None
        return exchange.answer

    def fetch(self, call: Call, headers: Mapping[str, str], data: str | None) -> Answer:
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
                return Answer(response.status_code, names, body, over)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            fault = Broken(_why(error), sent=not _unsent(error))
        # outside the clause: the library's error holds the request, and that holds the token
        raise fault

    def close(self) -> None:
        self._session.close()
        self._requester.close()


class _Exchange(HTTPRequestsConnectionClass):
    """PyGithub's side of one request. It is shown an empty 200: it would sleep on a 202, repeat a
    write on a 301, and take a stranger's header for a number."""

    def __init__(self, line: Line, call: Call) -> None:
        scheme, host, port = line.origin
        at = f"[{host}]" if host and ":" in host else host
        self._origin = f"{scheme}://{at}" + (f":{port}" if port else "")
        self._line = line
        self._call = call
        self.host = host or ""
        self.answer: Answer | None = None

    def request(
        self, verb: str, url: str, input: Any, headers: dict[str, str], stream: bool = False
    ) -> None:
        self.url, self.input, self.headers = f"{self._origin}{url}", input, headers

    def getresponse(self) -> RequestsResponse:
        call = replace(self._call, path=self.url)
        self.answer = self._line.fetch(call, self.headers, self.input)
        blank = requests.Response()
        blank.status_code = 200
        return RequestsResponse(blank)


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

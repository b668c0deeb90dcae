"""How a request finds its answer: routes, who asks, what they may."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from harness.core.errors import Conflict, Forbidden, HarnessError, NotFound
from harness.core.forge_types import Permission
from harness.forge.embedded.access import Access, Transaction
from harness.forge.embedded.bare_repository import BareRepository
from harness.forge.embedded.pulls import EmbeddedPulls
from tests.github.http import Answer, Refusal, links
from tests.github.hub import Hub, Token
from tests.github.payloads import View

_LEVEL = {"read": 1, "write": 2, "admin": 3}
_PART = {"number": r"\d+", "id": r"\d+", "ref": ".+", "path": ".*"}


@dataclass
class Call:
    """One authenticated request."""

    hub: Hub
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Any
    token: Token
    secret: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def repo(self) -> str:
        return f"{self.params['owner']}/{self.params['repo']}"

    @property
    def number(self) -> int:
        return int(self.params["number"])

    @property
    def id(self) -> int:
        return int(self.params["id"])

    @property
    def view(self) -> View:
        return View(self.hub.url, self.hub.url)

    @property
    def books(self) -> Access:
        return self.hub.books(self.token.login, self.repo)

    @property
    def bare(self) -> BareRepository:
        return self.hub.bare(self.repo)

    @property
    def pulls(self) -> EmbeddedPulls:
        return self.hub.pulls(self.token.login, self.repo)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """The repository, unless it is hidden from who asks."""
        with self.books.read() as desk:
            yield seen(desk)

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        with self.books.write() as desk:
            yield seen(desk)

    def given(self, name: str, *, needed: bool = False) -> Any:
        """A field of the body. A missing one that is needed is refused as GitHub does."""
        found = self.body.get(name) if isinstance(self.body, dict) else None
        if needed and found in (None, ""):
            code = "missing_field"
            raise Refusal(
                422, "Validation Failed", [{"resource": "-", "field": name, "code": code}]
            )
        return found

    def paged(self, whole: list[Any], key: str = "") -> Answer:
        """One page of a list, with its links; `key`: inside an object that counts them."""
        size = min(max(int(self.query.get("per_page", 30)), 1), 100)
        page = max(int(self.query.get("page", 1)), 1)
        last = max(1, -(-len(whole) // size))
        part = whole[(page - 1) * size : page * size]
        rest = "&".join(f"{k}={v}" for k, v in self.query.items() if k != "page")
        url = f"{self.hub.url}{self.path}" + (f"?{rest}" if rest else "")
        header = ", ".join(links(url, page, last))
        body: Any = {"total_count": len(whole), key: part} if key else part
        return Answer(200, body, {"Link": header} if header else {})


def seen(desk: Transaction) -> Transaction:
    """404 for a repository that somebody may not even know of."""
    if desk.permission is Permission.NONE:
        raise Refusal(404, "Not Found")
    return desk


Handler = Callable[[Call], Answer]


@dataclass(frozen=True)
class Route:
    """`needs`: "issues:write|pull_requests:write", any of them; "" for everyone. `app`: only an
    App's installation may. `jwt`: the App itself."""

    method: str
    template: str
    pattern: re.Pattern[str]
    handler: Handler
    needs: str
    app: bool
    jwt: bool


ROUTES: list[Route] = []


def route(
    method: str, template: str, needs: str = "metadata:read", *, app: bool = False,
    jwt: bool = False,
) -> Callable[[Handler], Handler]:  # fmt: skip
    """Puts a handler behind a path. Longer literal parts first is the files' own order."""
    parts = re.sub(r"\{(\w+)\}", lambda m: f"(?P<{m[1]}>{_PART.get(m[1], '[^/]+')})", template)

    def put(handler: Handler) -> Handler:
        pattern = re.compile(parts)
        ROUTES.append(Route(method, template, pattern, handler, needs, app, jwt))
        return handler

    return put


def find(method: str, path: str) -> tuple[Route, dict[str, str]]:
    """The route of a request; 404 as GitHub says it."""
    for known in ROUTES:
        if known.method == method and (match := known.pattern.fullmatch(path)):
            return known, match.groupdict()
    raise Refusal(404, "Not Found")


def check_permissions(known: Route, token: Token) -> None:
    """403 with the permission that is missing."""
    who = "integration" if token.kind == "installation" else "personal access token"
    wanted = [word.split(":") for word in known.needs.split("|") if word]
    accepted = "; ".join(f"{name}={level}" for name, level in wanted)
    if known.app and token.kind != "installation":
        raise Refusal(403, "You must authenticate via a GitHub App.")
    if token.permissions is None or not wanted:
        return
    has = {"metadata": "read", **token.permissions}
    if token.kind == "personal":
        has.pop("checks", None)  # fine-grained tokens cannot be given that one
    for name, level in wanted:
        if _LEVEL.get(has.get(name, ""), 0) >= _LEVEL[level]:
            return
    raise Refusal(403, f"Resource not accessible by {who}", X_Accepted_GitHub_Permissions=accepted)


def act(known: Route, call: Call) -> Answer:
    """The handler's answer; errors of the embedded forge in GitHub's words."""
    try:
        if call.method == "GET":
            return known.handler(call)
        with call.hub.lock:
            return known.handler(call)
    except Refusal as refusal:
        return refusal.answer
    except NotFound as error:
        if "repo" in call.params and error.key == "forge.no_user":
            return Refusal(404, "Not Found").answer
        return Refusal(404, "Not Found").answer
    except Forbidden:
        return Refusal(403, "Must have push access to repository").answer
    except Conflict as error:
        return Refusal(422, f"Validation Failed: {error.key}", []).answer
    except HarnessError as error:
        return Refusal(422, f"Validation Failed: {error.key}", []).answer

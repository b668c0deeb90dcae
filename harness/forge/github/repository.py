"""One repository at GitHub as every part of the adapter reaches it: its paths, who it is, who we
are, and texts that are safe to send."""

from __future__ import annotations

import re
from typing import Any, Final, Literal
from urllib.parse import quote, urlsplit

from harness.core.errors import Conflict, Forbidden, ForgeError, NotFound, UsageError
from harness.core.forge_types import Actor, Repository
from harness.core.naming import fold_name
from harness.forge.github import map as mapped
from harness.forge.github.graphql_queries import VIEWER
from harness.forge.github.payload import Data, odd, part, text
from harness.forge.github.port import ClientPort
from harness.forge.marker import with_marker
from harness.ports.clock import Clock

BODY_LIMIT: Final = 65_000
"""Characters; GitHub takes 65,536."""
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}/[A-Za-z0-9_.][A-Za-z0-9._-]{0,99}")
_LOGIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,99})(?:\[bot\])?")
_REF_ODD: Final = re.compile(r"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|\.lock(/|$)|[./]$|^[-/.]")
_SHA: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def in_path(value: str) -> str:
    """A value as one part of a path."""
    return quote(value, safe="")


def checked_branch(name: str) -> str:
    """`name` when git would take it as a branch; NotFound otherwise."""
    if not name or len(name) > 250 or _REF_ODD.search(name):
        raise NotFound("forge.no_branch", branch=ascii(name)[:100])
    return name


def ref_path(branch: str) -> str:
    """A branch's name as the end of a path. NotFound when it cannot be one."""
    return quote(checked_branch(branch), safe="/")


def checked_sha(commit: str) -> str:
    """`commit` when it is a whole id; NotFound otherwise."""
    if not _SHA.fullmatch(commit):
        raise NotFound("forge.no_ref", ref=ascii(commit)[:100])
    return commit


def is_login(login: str) -> bool:
    """Whether it has the form of a login."""
    return _LOGIN.fullmatch(login) is not None


def same_text(one: str, other: str) -> bool:
    """Whether two bodies are the same but for line ends, which a browser changes."""
    return one.replace("\r\n", "\n") == other.replace("\r\n", "\n")


def body_of(marker: str, body: str) -> str:
    """A body to send: marked, storable, cut to what GitHub takes."""
    whole = with_marker(marker, body).encode(errors="replace").decode().replace("\0", "")
    return whole if len(whole) <= BODY_LIMIT else whole[:BODY_LIMIT] + "\n\n…"


class GithubRepository:
    """The repository `name` behind a wire. Remembers its id: an answer about another repository
    that took over the name is an error."""

    def __init__(self, wire: ClientPort, name: str, clock: Clock) -> None:
        if not _NAME.fullmatch(name) or name.endswith((".git", "/.", "/..")):
            raise UsageError("forge.bad_repository_name", name=name)
        self.wire = wire
        self.name = name
        self.clock = clock
        self._known: Repository | None = None
        self._me: Actor | None = None

    # -- paths below the repository's own

    def _path(self, tail: str) -> str:
        # by its present name: GitHub redirects reads from an old one, but no writes
        return f"/repos/{self._known.name if self._known else self.name}{tail}"

    async def get(self, tail: str, **params: str | int) -> Any:
        return await self.wire.get(self._path(tail), **params)

    async def pages(
        self, tail: str, *, most: int = 10_000, key: str = "", **params: str | int
    ) -> list[Any]:
        return await self.wire.pages(self._path(tail), most=most, key=key, **params)

    async def send(
        self,
        verb: Literal["POST", "PATCH", "PUT", "DELETE"],
        tail: str,
        body: dict[str, Any] | None = None,
    ) -> Any:
        """NotFound "github.moved" where GitHub redirects: no write follows to another name."""
        return await self.wire.send(verb, self._path(tail), body)

    async def log(self, tail: str) -> str:
        """A text kept for the repository."""
        return await self.wire.text(self._path(tail))

    # -- who

    async def facts(self) -> Data:
        """The repository as GitHub tells it now."""
        data = _object(await self.get(""))
        seen = mapped.repository(data)
        if not _NAME.fullmatch(seen.name):
            raise odd("no name of a repository")
        if self._known is not None and seen.id != self._known.id:
            facts = {"id": seen.id, "known": self._known.id}
            raise Conflict("forge.other_repository", repository=self.name, **facts)
        self._known = seen
        return data

    async def repository(self) -> Repository:
        """As it is now; its name may have changed, its id may not."""
        return mapped.repository(await self.facts())

    async def known_repository(self) -> Repository:
        """As it was when it was last asked for."""
        return self._known or await self.repository()

    async def names(self) -> dict[str, str]:
        """What the GraphQL queries call it by."""
        owner, _, name = (await self.known_repository()).name.partition("/")
        return {"owner": owner, "name": name}

    async def is_ours(self, url: str) -> bool:
        """Whether an item's `repository_url` is this repository: an item that was moved is
        answered from where it is now."""
        there = fold_name("/".join(urlsplit(url).path.split("/")[-2:]))
        if there == fold_name((await self.known_repository()).name):
            return True
        return there == fold_name((await self.repository()).name)

    async def me(self) -> Actor:
        """Whose token it is: a person, or an App's bot."""
        if self._me is None:
            self._me = await self._ask_me()
        return self._me

    async def _ask_me(self) -> Actor:
        try:
            return _someone(await self.wire.get("/user"))
        except (Forbidden, NotFound) as fault:
            if fault.facts.get("status") == 401:  # no token of anybody
                raise
            login = await self._app_login()
        return _someone(await self.wire.get(f"/users/{in_path(login)}"))

    async def _app_login(self) -> str:
        # an App's installation has no /user; GraphQL knows it as its viewer, under the bot's name
        try:
            answer = await self.wire.graphql(VIEWER, {})
            login = text(part(answer or {}, "viewer"), "login")
        except ForgeError:
            login = f"{text(_object(await self.wire.get('/app')), 'slug')}[bot]"
        if not is_login(login):
            raise odd("no login of ours")
        return login


def _someone(data: Any) -> Actor:
    found = mapped.actor(data)
    if not found.id:
        raise odd("no account of ours")
    return found


def _object(data: Any) -> Data:
    if not isinstance(data, dict):
        raise odd("no object")
    return data

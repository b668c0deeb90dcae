"""The wire to GitHub: every request of ours, conditional where it can be, in its turn, repeated
only where repeating is harmless. What is asked is the adapter's business."""

from __future__ import annotations

import asyncio
import hashlib
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlencode, urlsplit

from harness.core.errors import Forbidden, ForgeError, Lost, Unavailable
from harness.core.forge_types import ForgeLimits
from harness.forge.github import faults as faults
from harness.forge.github.auth import GithubAuth
from harness.forge.github.cache import Cache, CachedAnswer
from harness.forge.github.git_credentials import GitCredentials
from harness.forge.github.rate_limit import PATIENCE_S, Lane, Lanes, server_now
from harness.forge.github.transport import (
    Broken,
    Call,
    HttpResponse,
    Transport,
    checked_path,
    in_thread,
    join_url,
)
from harness.forge.github.waits import Waits
from harness.ports.clock import Clock
from harness.system.retry_after import after_s

TRIES: Final = 3
LATER_S: Final = 60.0
AGAIN_S: Final = 300.0
"""A token that GitHub refused is not sent again before, unless there is another one by then."""
_HOPS: Final = 5
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_LINK: Final = re.compile(r"<([^<>]+)>((?:\s*;[^;,<>]*)*)")
_PLAIN: Final = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True)
class JsonReply:
    """An answer and its JSON, None when empty."""

    answer: HttpResponse
    data: Any


class GithubClient:
    """See `Wire`. `state` is a folder of ours for the cache and git's credentials; None: nothing
    is kept. `lanes` is shared by all wires of a process."""

    def __init__(
        self,
        auth: GithubAuth,
        *,
        base_url: str = "",
        clock: Clock,
        state: Path | None,
        jitter: random.Random | None = None,
        lanes: Lanes | None = None,
        silence_s: float = 30.0,
        ca_file: Path | None = None,
    ) -> None:
        self._auth = auth
        self._clock = clock
        self._jitter = jitter or random.Random()
        self._lanes = lanes or Lanes(clock, self._jitter)
        self._lane: Lane = self._lanes.lane(auth.identity)
        self._line = Transport(base_url, silence_s=silence_s, ca_file=ca_file)
        self._silence_s = silence_s
        self.told: Mapping[str, str] = {}
        """The headers of GitHub's last answer to us."""
        self._named = False
        self._refused, self._refused_at = "", 0.0
        self._cache = Cache(state / "answers.db" if state else None)
        self._git = GitCredentials(state) if state else None
        self._waits = Waits(state / f"waits-{auth.place}") if state else None
        self._ca_file = ca_file

    # ------------------------------------------------------------ the port

    async def get(self, path: str, **params: str | int) -> Any:
        return (await self._get(checked_path(path), params))[0]

    async def pages(
        self, path: str, *, most: int = 10_000, key: str = "", **params: str | int
    ) -> list[Any]:
        url, asked = checked_path(path), {"per_page": 100, **params}
        items: list[Any] = []
        seen: set[str] = set()
        while url and len(items) < most:
            if url in seen:
                raise self._unavailable("pages that lead back")
            seen.add(url)
            data, link = await self._get(url, asked)
            page = data.get(key) if key and isinstance(data, dict) else data
            if not isinstance(page, list):
                raise self._unavailable("not a list")
            items += page
            url, asked = self._next(url, link), {}
        return items[:most]

    async def send(
        self,
        verb: Literal["POST", "PATCH", "PUT", "DELETE"],
        path: str,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        call = Call(verb, checked_path(path), {}, {}, body)
        reply = await self._exchange(call, "core", write=True)
        if reply.answer.status >= 300:
            raise faults.error_of(reply.answer)
        return reply.data

    async def graphql(
        self, query: str, variables: Mapping[str, Any], *, write: bool = False
    ) -> Any:
        body = {"query": query, "variables": dict(variables)}
        call = Call("POST", self._line.graphql_url, {}, {}, body)
        for attempt in range(1, TRIES + 1):
            reply = await self._exchange(call, "graphql", write=write)
            if reply.answer.status >= 300:
                raise faults.error_of(reply.answer)
            data = reply.data if isinstance(reply.data, dict) else {}
            errors = data.get("errors") or []
            if faults.graphql_limited(errors):
                self._lane.note_refusal(reply.answer.headers)
                raise self._lane.unavailable("graphql")
            if not faults.graphql_passing(errors) and (errors or "data" in data):
                fault = faults.graphql_error(errors, data.get("data")) if errors else None
                if fault:
                    raise fault
                return data.get("data")
            if write:
                raise Lost("github.lost", why="error of the server")
            await self._pause(attempt)
        raise self._unavailable("error of the server")

    async def text(self, path: str, *, limit: int = 2_000_000) -> str:
        call = Call("GET", checked_path(path), {}, {}, limit=limit, tail=True, bound_s=120.0)
        reply = await self._read(call, elsewhere=True)
        if reply.answer.status >= 300:
            raise faults.error_of(reply.answer)
        return reply.answer.body.decode("utf-8", "replace")

    def limits(self) -> ForgeLimits:
        return self._lane.limits()

    async def close(self) -> None:
        self._line.close()
        await asyncio.to_thread(self._cache.close)
        if self._git:
            self._git.forget()

    def git_env(self, web_url: str) -> dict[str, str]:
        """git's credentials for repositories below `web_url`, good for some minutes. May ask
        GitHub, and so block, when the token is at its end."""
        assert self._git is not None, "git's credentials need a folder"
        try:
            token = self._auth.token(self._line)
        except Broken as fault:
            why = fault.why
        else:
            env = self._git.env(web_url, token)
            return {**env, "GIT_SSL_CAINFO": str(self._ca_file)} if self._ca_file else env
        raise self._unavailable(why)

    # ------------------------------------------------------------ reading

    async def _get(self, path: str, params: Mapping[str, str | int]) -> tuple[Any, str]:
        """Parsed JSON and the Link header, the kept ones where nothing has changed."""
        asked = urlencode(sorted(params.items()))
        name = f"{self._auth.place}\n{self._line.base}\n{path}\n{asked}"
        key = hashlib.sha256(name.encode()).hexdigest()
        kept = await asyncio.to_thread(self._cache.get, key)
        reply = await self._read(Call("GET", path, params, _conditions(kept)))
        answer = reply.answer
        if answer.status == 304 and kept:
            self._lane.unchanged += 1
            return faults.parse_body(kept.body), kept.link
        if answer.status == 304:
            raise self._unavailable("status 304")
        if answer.status >= 300:
            await asyncio.to_thread(self._cache.drop, key)
            raise faults.error_of(answer)
        fresh = _to_keep(answer)
        if fresh:
            await asyncio.to_thread(self._cache.put, key, fresh)
        elif kept:
            await asyncio.to_thread(self._cache.drop, key)
        return reply.data, answer.headers.get("link", "")

    async def _read(self, call: Call, *, elsewhere: bool = False) -> JsonReply:
        """One read, redirects followed on the API's host; `elsewhere`: to another one too, and
        nothing of ours goes with it."""
        resource = "search" if call.path.startswith("/search/") else "core"
        away = False
        for _ in range(_HOPS):
            reply = await self._exchange(call, resource, write=False, away=away)
            target = reply.answer.headers.get("location", "")
            if reply.answer.status not in _REDIRECTS or not target:
                return reply
            url = join_url(call.path if "://" in call.path else self._line.base, target)
            away = away or not self._line.inside(url)
            if away and not (elsewhere and self._safe(url)):
                raise ForgeError("github.elsewhere", host=str(urlsplit(url).hostname)[:100])
            if not away:
                checked_path(urlsplit(url).path)
            call = replace(call, path=url, params={})
        raise self._unavailable("redirects without end")

    def _safe(self, url: str) -> bool:
        return urlsplit(url).scheme in ("https", self._line.origin[0])

    def _next(self, url: str, link: str) -> str:
        """The address of the next page, "" when there is none."""
        for found in _LINK.finditer(link):
            if re.search(r';\s*rel="?next"?\s*(;|$)', found[2]):
                target = join_url(url if "://" in url else self._line.base, found[1])
                if not self._line.inside(target):
                    raise ForgeError("github.elsewhere", host=str(urlsplit(target).hostname)[:100])
                checked_path(urlsplit(target).path)
                return target
        return ""

    # ------------------------------------------------------------ one exchange, in its turn

    async def _exchange(
        self, call: Call, resource: str, *, write: bool, away: bool = False
    ) -> JsonReply:
        """An answer that is neither limited nor a trouble of the server. `away`: of another
        host."""
        why, after = "", 0.0
        for attempt in range(1, TRIES + 1):
            try:
                reply = await (self._away(call) if away else self._once(call, resource, write))
            except Broken as fault:
                why, lost = fault.why, fault.sent
            else:
                status, headers = reply.answer.status, reply.answer.headers
                if not away and faults.is_rate_limited(reply.answer):
                    if attempt == TRIES:
                        raise self._lane.unavailable(resource, faults.error_words(reply.answer)[0])
                    continue
                if status < 500 and status != 408:
                    return reply
                why, lost = f"status {status}", True
                after = after_s(headers, server_now(headers, self._clock)) or 0.0
            if write and lost:
                raise Lost("github.lost", why=why)
            if after > PATIENCE_S:
                break
            await self._pause(attempt, after)
        raise self._unavailable(why, max(after, LATER_S))

    async def _once(self, call: Call, resource: str, write: bool) -> JsonReply:
        """One request, and one more with a new token when GitHub refuses the first one."""
        if not self._named:
            # whose budget it is may be known only with the first token
            await in_thread(self._token, self._bound_s(call))
            self._lane = self._lanes.lane(self._auth.identity)
            if self._waits:
                self._lane.keep_waiting(await asyncio.to_thread(self._waits.read))
            self._named = True
        token, reply = await self._turn(call, resource, write)
        if reply.answer.status == 401 and await asyncio.to_thread(self._auth.drop_token, token):
            token, reply = await self._turn(call, resource, write)
        if reply.answer.status == 401:
            self._refused, self._refused_at = token, self._clock.monotonic()
            raise faults.error_of(reply.answer)
        return reply

    async def _turn(self, call: Call, resource: str, write: bool) -> tuple[str, JsonReply]:
        lane = self._lane
        async with lane.turn(resource, write=write):
            lane.requests += 1
            lane.writes += write
            token, answer = await in_thread(lambda: self._ask(call), self._bound_s(call))
            # before the next one's turn: it must see what this one was told
            lane.saw(resource, answer.headers)
            if answer.status < 400:
                lane.well()
            elif faults.is_rate_limited(answer):
                lane.note_refusal(answer.headers)
        if self._waits and (waits := lane.waits()):
            await asyncio.to_thread(self._waits.write, waits)
        return token, _reply(call, answer, write)

    async def _away(self, call: Call) -> JsonReply:
        bare = {"Accept": "*/*", "User-Agent": "harness"}
        fetch = self._line.fetch
        answer = await in_thread(lambda: fetch(call, bare, None), self._bound_s(call))
        return JsonReply(answer, None)

    def _bound_s(self, call: Call) -> float:
        return call.bound_s + 2 * self._silence_s

    def _token(self) -> str:
        why = ""
        try:
            return self._auth.token(self._line)
        except Broken as fault:
            why = fault.why
        raise Broken(why, sent=False)

    def _ask(self, call: Call) -> tuple[str, HttpResponse]:
        token = self._token()
        if token == self._refused and self._clock.monotonic() < self._refused_at + AGAIN_S:
            # asking on and on with a dead token gets the whole address locked out
            if not self._auth.drop_token(token):
                raise Forbidden("github.token_refused", status=401, message="Bad credentials")
            token = self._token()
        answer = self._line.ask(call, self._auth.header(token, call.path))
        self.told = answer.headers
        # a server that echoes what it was sent must not put it into our sentences
        if token.encode() in answer.body:
            body = answer.body.replace(token.encode(), b"[redacted]")
            answer = replace(answer, body=body)
        return token, answer

    async def _pause(self, attempt: int, after: float = 0.0) -> None:
        if attempt < TRIES:
            await self._clock.sleep(max(after, 2.0**attempt / 2) + self._jitter.uniform(0, 0.5))

    def _unavailable(self, why: str, later_s: float = LATER_S) -> Unavailable:
        at = self._clock.now() + timedelta(seconds=later_s)
        return Unavailable("github.unavailable", retry_at=at, why=why)


def _reply(call: Call, answer: HttpResponse, write: bool) -> JsonReply:
    """Broken when the body is not what it should be: then it was cut on the way."""
    if answer.over and not call.tail and not write:
        raise ForgeError("github.too_big", limit=call.limit)
    if call.tail or answer.status >= 300:
        return JsonReply(answer, None)
    try:
        if answer.over:
            raise ValueError
        return JsonReply(answer, faults.parse_body(answer.body))
    except ValueError:
        pass
    raise Broken("malformed answer", sent=True)


def _conditions(kept: CachedAnswer | None) -> dict[str, str]:
    if kept is None:
        return {}
    if kept.etag:
        return {"If-None-Match": kept.etag}
    return {"If-Modified-Since": kept.modified}


def _to_keep(answer: HttpResponse) -> CachedAnswer | None:
    """What to keep of a good answer; None when it cannot be asked for conditionally."""
    etag, modified = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
    etag = etag if _PLAIN.fullmatch(etag) else ""
    if not etag:
        try:
            age = parsedate_to_datetime(answer.headers["date"]) - parsedate_to_datetime(modified)
        except (KeyError, ValueError, TypeError, OverflowError):
            return None
        # of what changed a second ago a later change in the same second could not be told
        if age < timedelta(seconds=60):
            return None
    return CachedAnswer(
        etag, modified if not etag else "", answer.headers.get("link", ""), answer.body
    )

"""Issues and comments at GitHub. Every write looks first for what an earlier try left."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from harness.core.errors import ForgeError, Lost, NotFound, Unavailable
from harness.core.forge_types import Comment, Issue, IssuePage, TimelineEvent
from harness.core.naming import fold_name
from harness.forge.github import map as mapped
from harness.forge.github.graphql_queries import EDITED
from harness.forge.github.payload import Data, moment, part, parts, text, when, whole
from harness.forge.github.repository import GithubRepository, body_of, in_path, same_text
from harness.forge.marker import carries, marker_of

PAGE: Final = 100
ENOUGH: Final = 500
"""Issues after which a page ends."""
ALL: Final = 10_000
OVERLAP: Final = timedelta(seconds=10)
"""Asked for again each time: a list may be behind, and a second may hold two changes."""
SETTLED: Final = timedelta(seconds=60)
"""After this a text's time of change is not asked for again."""


class EditTimes:
    """When texts were last changed. GitHub tells it by GraphQL only; where that is refused, the
    time of the last change of any kind stands for it, which is never too early."""

    def __init__(self, site: GithubRepository) -> None:
        self._site = site
        self._kept: dict[tuple[str, str], datetime | None] = {}

    async def of(self, items: Sequence[Data]) -> list[datetime | None]:
        """One answer for each REST item."""
        asked = [i for i in items if self._key(i) not in self._kept and text(i, "node_id")]
        told: dict[str, datetime | None] = {}
        for start in range(0, len(asked), PAGE):
            told |= await self._ask([text(i, "node_id") for i in asked[start : start + PAGE]])
        answers = []
        for item in items:
            node = text(item, "node_id")
            if self._key(item) in self._kept:
                answers.append(self._kept[self._key(item)])
            elif node in told:
                answers.append(told[node])
                self._keep(item, told[node])
            else:
                answers.append(moment(item, "updated_at"))
        return answers

    async def _ask(self, nodes: list[str]) -> dict[str, datetime | None]:
        try:
            answer = await self._site.wire.graphql(EDITED, {"ids": nodes})
        except Unavailable:
            raise
        except ForgeError:
            return {}
        return mapped.edit_times((answer or {}).get("nodes"))

    def _keep(self, item: Data, answer: datetime | None) -> None:
        # within the same second a further change would leave `updated_at` as it is
        if moment(item, "updated_at") + SETTLED < self._site.clock.now():
            if len(self._kept) >= 2 * ALL:
                self._kept.clear()
            self._kept[self._key(item)] = answer

    @staticmethod
    def _key(item: Data) -> tuple[str, str]:
        return text(item, "node_id"), text(item, "updated_at")


class Issues:
    """The issues of one repository."""

    def __init__(self, site: GithubRepository) -> None:
        self._site = site
        self._edits = EditTimes(site)
        self._ours: dict[tuple[int, str], int] = {}
        """(number, marker) -> our comment."""

    # -- reading

    async def page(self, cursor: str) -> IssuePage:
        """Changes after the cursor. Each request begins where the one before ended, by time, so
        that an issue which moves in the list meanwhile is not passed over."""
        start, seen = _parse_cursor(cursor)
        since, most, ended = start, PAGE, False
        found: dict[int, Data] = {}
        marks: dict[str, tuple[datetime, str]] = {}
        while not ended and len(found) < ENOUGH:
            items = await self._list_changed(since, most)
            for item in items:
                number, mark = whole(item, "number"), _mark(item)
                marks[str(number)] = (moment(item, "updated_at"), mark)
                if seen.get(str(number)) != mark and not mapped.is_pull(item):
                    found[number] = item
            ended = len(items) < most or most == ALL
            onward = _onward([at for at, _ in marks.values()], start, ended=ended)
            # a full page within one second: only a longer one leads on
            most = ALL if not ended and onward == since else PAGE
            since = onward
        kept = {n: m for n, (at, m) in marks.items() if since is None or at >= since}
        ordered = sorted(found.values(), key=lambda d: (moment(d, "updated_at"), d["number"]))
        return IssuePage(issues=await self._values(ordered), cursor=_dump_cursor(since, kept))

    async def _list_changed(self, since: datetime | None, most: int) -> list[Data]:
        after = {"since": since.strftime("%Y-%m-%dT%H:%M:%SZ")} if since else {}
        items = await self._site.pages(
            "/issues", most=most, state="all", sort="updated", direction="asc", **after
        )
        return [item for item in items if isinstance(item, dict)]

    async def _values(self, items: Sequence[Data]) -> tuple[Issue, ...]:
        edited = iter(await self._edits.of([i for i in items if not _is_untouched(i)]))
        return tuple(mapped.issue(i, None if _is_untouched(i) else next(edited)) for i in items)

    async def data(self, number: int) -> Data:
        """An issue of this repository. NotFound for a pull request, and for one that was moved."""
        data = await self._site.get(f"/issues/{number}")
        known = isinstance(data, dict) and not mapped.is_pull(data)
        if not known or not await self._site.is_ours(text(data, "repository_url")):
            raise NotFound("forge.no_issue", number=number, repository=self._site.name)
        return dict(data)

    async def one(self, number: int) -> Issue:
        data = await self.data(number)
        (edited,) = await self._edits.of([data])
        return mapped.issue(data, edited)

    async def blockers(self, number: int) -> tuple[int, ...]:
        found: list[int] = []
        found += await self._open_of(f"/issues/{number}/dependencies/blocked_by")
        found += await self._open_of(f"/issues/{number}/sub_issues")
        return tuple(dict.fromkeys(found))

    async def _open_of(self, tail: str) -> list[int]:
        try:
            items = await self._site.pages(tail, most=500)
        except NotFound:
            return []  # a GitHub that does not know them yet
        return [
            whole(item, "number")
            for item in items
            if item.get("state") == "open"
            and not mapped.is_pull(item)
            and await self._site.is_ours(text(item, "repository_url"))
        ]

    async def timeline(self, number: int) -> tuple[TimelineEvent, ...]:
        return mapped.timeline(await self._site.pages(f"/issues/{number}/timeline"))

    async def comments(self, number: int) -> tuple[Comment, ...]:
        return await self._comments(await self._list_comments(number))

    async def _list_comments(self, number: int) -> list[Data]:
        items = await self._site.pages(f"/issues/{number}/comments")
        return [item for item in items if isinstance(item, dict)]

    async def _comments(self, items: Sequence[Data]) -> tuple[Comment, ...]:
        edited = iter(await self._edits.of([i for i in items if not _is_untouched(i)]))
        return tuple(mapped.comment(i, None if _is_untouched(i) else next(edited)) for i in items)

    # -- writing

    async def create(self, title: str, body: str, labels: Sequence[str], key: str) -> Issue:
        asked = {"title": title, "body": body_of(key, body), "labels": list(labels)}
        found = await self._find_by_key(key) if key else None
        if found is None:
            try:
                found = await self._site.send("POST", "/issues", asked)
            except Lost:
                found = await self._find_by_key(key) if key else None
                if found is None:
                    raise
        return await self.one(whole(found or {}, "number"))

    async def _find_by_key(self, key: str) -> Data | None:
        me = await self._site.me()
        mine = await self._site.pages(
            "/issues", most=2000, state="all", sort="created", direction="desc", creator=me.login
        )
        for data in mine:
            own = mapped.actor(data.get("user")).id == me.id and not mapped.is_pull(data)
            if own and carries(text(data, "body").replace("\r\n", "\n"), key):
                return dict(data)
        return None

    async def edit(self, number: int, title: str | None, body: str | None) -> Issue:
        data = await self.data(number)
        changed = edits(data, title, body)
        if changed:
            await self._site.send("PATCH", f"/issues/{number}", changed)
        return await self.one(number)

    async def label(self, number: int, add: Iterable[str], remove: Iterable[str]) -> Issue:
        before = await self.one(number)
        has = {fold_name(label): label for label in before.labels}
        new = [label for label in dict.fromkeys(add) if fold_name(label) not in has]
        if new:
            await self._site.send("POST", f"/issues/{number}/labels", {"labels": new})
        gone = [has[fold_name(label)] for label in remove if fold_name(label) in has]
        for label in dict.fromkeys(gone):
            with suppress(NotFound):  # somebody else took it off meanwhile
                await self._site.send("DELETE", f"/issues/{number}/labels/{in_path(label)}")
        return await self.one(number) if new or gone else before

    async def close(self, number: int, reason: Literal["completed", "not_planned"]) -> Issue:
        before = await self.one(number)
        if before.state == "closed":
            return before
        asked = {"state": "closed", "state_reason": reason}
        await self._site.send("PATCH", f"/issues/{number}", asked)
        return await self.one(number)

    async def put_comment(self, number: int, marker: str, body: str) -> Comment:
        wanted = body_of(marker, body)
        found = await self._our_comment(number, marker)
        if found is None:
            asked = {"body": wanted}
            try:
                found = await self._site.send("POST", f"/issues/{number}/comments", asked)
            except Lost:
                found = await self._our_comment(number, marker)
                if found is None:
                    raise
            self._ours[number, marker] = whole(found or {}, "id")
        if not same_text(text(found or {}, "body"), wanted):
            return await self._rewrite(whole(found or {}, "id"), wanted)
        return (await self._comments([found or {}]))[0]

    async def _rewrite(self, comment: int, wanted: str) -> Comment:
        data = await self._site.send("PATCH", f"/issues/comments/{comment}", {"body": wanted})
        return mapped.comment(data, when(data.get("updated_at")))

    async def _our_comment(self, number: int, marker: str) -> Data | None:
        me = await self._site.me()
        known = self._ours.get((number, marker))
        if known is not None:
            try:
                data = await self._site.get(f"/issues/comments/{known}")
            except NotFound:
                del self._ours[number, marker]
            else:
                if is_mine(data, marker, me.id):
                    return dict(data)
        for data in await self._list_comments(number):
            if is_mine(data, marker, me.id):
                self._ours[number, marker] = whole(data, "id")
                return data
        return None


def is_mine(data: Data, marker: str, me: int) -> bool:
    """Whether a REST comment is this account's with that marker."""
    own = mapped.actor(data.get("user")).id == me
    return own and carries(text(data, "body").replace("\r\n", "\n"), marker)


def edits(data: Data, title: str | None, body: str | None) -> dict[str, Any]:
    """What of a title and a body is new to an item; its hidden key stays."""
    changed: dict[str, Any] = {}
    if title is not None and title != text(data, "title"):
        changed["title"] = title
    if body is not None:
        wanted = body_of(marker_of(text(data, "body").replace("\r\n", "\n")), body)
        if not same_text(wanted, text(data, "body")):
            changed["body"] = wanted
    return changed


# -- the cursor


def _parse_cursor(cursor: str) -> tuple[datetime | None, dict[str, str]]:
    try:
        kept = json.loads(cursor) if cursor else {}
        seen = {str(n): str(mark) for n, mark in dict(kept.get("seen", {})).items()}
        return when(kept.get("since")), seen
    except (ValueError, TypeError, AttributeError):
        return None, {}  # another forge's cursor: everything is told again


def _onward(times: Sequence[datetime], start: datetime | None, *, ended: bool) -> datetime | None:
    """Where the next request begins: what was already seen since is told again, and left out."""
    if not times:
        return start
    onward = max(times) - (OVERLAP if ended else timedelta(seconds=1))
    return onward if start is None else max(onward, start)


def _dump_cursor(since: datetime | None, seen: dict[str, str]) -> str:
    kept = {"since": since.isoformat() if since else None, "seen": seen}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"))


def _mark(item: Data) -> str:
    """A short hash of what people can change, for changes within one second."""
    names = ("updated_at", "title", "body", "state", "state_reason", "comments", "locked")
    facts: list[object] = [item.get(name) for name in names]
    facts += [mapped.actor(one).login for one in parts(item, "assignees")]
    facts += [list(mapped.labels(item)), part(item, "milestone").get("title"), mapped.waits(item)]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:12]


def _is_untouched(item: Data) -> bool:
    """Whether nothing at all has happened to it since it was made."""
    return bool(item.get("updated_at")) and item.get("updated_at") == item.get("created_at")

"""Reviews and review threads at GitHub."""

from __future__ import annotations

from harness.core.errors import Lost, NotFound
from harness.core.forge_types import Comment, Review, Thread
from harness.forge.github import map as mapped
from harness.forge.github import map_pulls as shaped
from harness.forge.github.graphql_queries import RESOLVE, THREAD, THREADS
from harness.forge.github.payload import Data, part, parts, text, when
from harness.forge.github.repository import GithubRepository, body_of, same_text
from harness.forge.marker import carries


class Reviews:
    """What people said about the pull requests of one repository."""

    def __init__(self, site: GithubRepository) -> None:
        self._site = site

    async def all(self, pr: int) -> tuple[Review, ...]:
        items = await self._site.pages(f"/pulls/{pr}/reviews")
        found = (shaped.review(item) for item in items if isinstance(item, dict))
        return tuple(review for review in found if review is not None)

    async def threads(self, pr: int) -> tuple[Thread, ...]:
        # only GraphQL tells of threads, and it is never free; that there are none yet, is
        if not await self._site.pages(f"/pulls/{pr}/comments", most=1, per_page=1):
            return ()
        found: list[Thread] = []
        after: str | None = None
        while True:
            asked = {**await self._site.names(), "number": pr, "after": after}
            answer = await self._site.wire.graphql(THREADS, asked)
            pull = part(part(answer or {}, "repository"), "pullRequest")
            if not pull:
                raise NotFound("forge.no_pr", number=pr, repository=self._site.name)
            page = part(pull, "reviewThreads")
            for data in parts(page, "nodes"):
                found.append(shaped.thread(data, await self._further(data)))
            after = _next(page)
            if after is None:
                return tuple(found)

    async def _further(self, thread: Data) -> list[Data]:
        """The comments of a thread after its first page."""
        found: list[Data] = []
        after = _next(part(thread, "comments"))
        while after is not None:
            asked = {"id": text(thread, "id"), "after": after}
            answer = await self._site.wire.graphql(THREAD, asked)
            page = part(part(answer or {}, "node"), "comments")
            found += parts(page, "nodes")
            after = _next(page)
        return found

    async def _thread(self, pr: int, thread: str) -> Thread:
        for one in await self.threads(pr):
            if one.id == thread and one.comments:
                return one
        raise NotFound("forge.no_thread", thread=ascii(thread)[:40], number=pr)

    async def reply(self, pr: int, thread: str, marker: str, body: str) -> Comment:
        wanted = body_of(marker, body)
        there = await self._thread(pr, thread)
        found = await self._ours(there, marker)
        if found is None:
            tail = f"/pulls/{pr}/comments/{there.comments[0].id}/replies"
            try:
                data = await self._site.send("POST", tail, {"body": wanted})
            except Lost:
                found = await self._ours(await self._thread(pr, thread), marker)
                if found is None:
                    raise
            else:
                return mapped.comment(data, None)
        if same_text(found.body, wanted):
            return found
        data = await self._site.send("PATCH", f"/pulls/comments/{found.id}", {"body": wanted})
        return mapped.comment(data, when(data.get("updated_at")))

    async def _ours(self, thread: Thread, marker: str) -> Comment | None:
        me = await self._site.me()
        for comment in thread.comments:
            mine = comment.author.id == me.id
            if mine and carries(comment.body.replace("\r\n", "\n"), marker):
                return comment
        return None

    async def resolve(self, pr: int, thread: str) -> None:
        if not (await self._thread(pr, thread)).resolved:
            await self._site.wire.graphql(RESOLVE, {"thread": thread}, write=True)


def _next(page: Data) -> str | None:
    info = part(page, "pageInfo")
    cursor = text(info, "endCursor")
    return cursor if info.get("hasNextPage") is True and cursor else None

"""The Forge port over another of its kind. What stands in front of a forge says here, once and with
types, what it does before a read and before a write.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Literal, TypeVar

from harness.core.forge_types import (
    Actor,
    Check,
    Comment,
    ForgeLimits,
    Issue,
    IssuePage,
    Lease,
    MergeMethod,
    OwnConclusion,
    Permission,
    Power,
    Protection,
    PullRequest,
    Remote,
    Repository,
    Review,
    Thread,
    TimelineEvent,
)
from harness.ports.forge import Forge

T = TypeVar("T")


class ForwardingReader:
    """What a forge says, handed on. What writes stands in subclasses: a write that the port learns
    is in none of them until somebody wrote it there."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge

    async def _lease(self, call: Callable[[], Awaitable[T]]) -> T:
        """Around the writes of a lease."""
        return await call()

    async def repository(self) -> Repository:
        return await self._forge.repository()

    async def me(self) -> Actor:
        return await self._forge.me()

    async def permission(self, actor: Actor) -> Permission:
        return await self._forge.permission(actor)

    def remote(self) -> Remote:
        return self._forge.remote()

    async def limits(self) -> ForgeLimits:
        return await self._forge.limits()

    async def protection(self, branch: str) -> Protection:
        return await self._forge.protection(branch)

    async def issues(self, cursor: str = "") -> IssuePage:
        return await self._forge.issues(cursor)

    async def issue(self, number: int) -> Issue:
        return await self._forge.issue(number)

    async def blockers(self, number: int) -> tuple[int, ...]:
        return await self._forge.blockers(number)

    async def timeline(self, number: int) -> tuple[TimelineEvent, ...]:
        return await self._forge.timeline(number)

    async def comments(self, number: int) -> tuple[Comment, ...]:
        return await self._forge.comments(number)

    async def file_at(self, ref: str, path: str) -> bytes | None:
        return await self._forge.file_at(ref, path)

    async def find_pr(self, head: str) -> PullRequest | None:
        return await self._forge.find_pr(head)

    async def pr(self, number: int) -> PullRequest:
        return await self._forge.pr(number)

    async def pulls(self) -> tuple[PullRequest, ...]:
        return await self._forge.pulls()

    async def reviews(self, pr: int) -> tuple[Review, ...]:
        return await self._forge.reviews(pr)

    async def threads(self, pr: int) -> tuple[Thread, ...]:
        return await self._forge.threads(pr)

    async def checks(self, commit: str) -> tuple[Check, ...]:
        return await self._forge.checks(commit)

    async def check_log(self, check: int) -> str:
        return await self._forge.check_log(check)

    async def take_lease(self, issue: int, holder: str, ttl_s: float) -> Lease | None:
        forge = self._forge
        return await self._lease(lambda: forge.take_lease(issue, holder, ttl_s))

    async def lease(self, issue: int) -> Lease | None:
        return await self._forge.lease(issue)

    async def holds_lease(self, lease: Lease) -> bool:
        return await self._forge.holds_lease(lease)

    async def drop_lease(self, lease: Lease) -> None:
        forge = self._forge
        return await self._lease(lambda: forge.drop_lease(lease))


class ForwardingForge(ForwardingReader):
    """Hands everything on. A subclass overrides `_write` and `_lease`, through which each write
    goes, or single methods."""

    async def _write(self, call: Callable[[], Awaitable[T]]) -> T:
        """Around each write. Leases and `powers` are writes of their own kind."""
        return await call()

    async def powers(self) -> tuple[Power, ...]:
        forge = self._forge
        return await self._lease(lambda: forge.powers())

    async def create_issue(
        self, title: str, body: str, labels: Sequence[str] = (), key: str = ""
    ) -> Issue:
        forge = self._forge
        return await self._write(lambda: forge.create_issue(title, body, labels, key))

    async def edit_issue(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> Issue:
        forge = self._forge
        return await self._write(lambda: forge.edit_issue(number, title=title, body=body))

    async def labels(
        self, number: int, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Issue:
        forge = self._forge
        return await self._write(lambda: forge.labels(number, add=add, remove=remove))

    async def close(
        self, number: int, reason: Literal["completed", "not_planned"] = "completed"
    ) -> Issue:
        forge = self._forge
        return await self._write(lambda: forge.close(number, reason))

    async def put_comment(self, number: int, marker: str, body: str) -> Comment:
        forge = self._forge
        return await self._write(lambda: forge.put_comment(number, marker, body))

    async def open_pr(
        self, head: str, base: str, title: str, body: str, *, draft: bool
    ) -> PullRequest:
        forge = self._forge
        return await self._write(lambda: forge.open_pr(head, base, title, body, draft=draft))

    async def edit_pr(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        forge = self._forge
        return await self._write(lambda: forge.edit_pr(number, title=title, body=body))

    async def ready(self, number: int) -> PullRequest:
        forge = self._forge
        return await self._write(lambda: forge.ready(number))

    async def close_pr(self, number: int) -> PullRequest:
        forge = self._forge
        return await self._write(lambda: forge.close_pr(number))

    async def reply(self, pr: int, thread: str, marker: str, body: str) -> Comment:
        forge = self._forge
        return await self._write(lambda: forge.reply(pr, thread, marker, body))

    async def resolve(self, pr: int, thread: str) -> None:
        forge = self._forge
        return await self._write(lambda: forge.resolve(pr, thread))

    async def request_review(self, pr: int, logins: Sequence[str]) -> None:
        forge = self._forge
        return await self._write(lambda: forge.request_review(pr, logins))

    async def rerun(self, check: int) -> None:
        forge = self._forge
        return await self._write(lambda: forge.rerun(check))

    async def put_check(
        self, commit: str, name: str, conclusion: OwnConclusion, summary: str
    ) -> Check:
        forge = self._forge
        return await self._write(lambda: forge.put_check(commit, name, conclusion, summary))

    async def merge(self, pr: int, head_sha: str, method: MergeMethod, message: str) -> PullRequest:
        forge = self._forge
        return await self._write(lambda: forge.merge(pr, head_sha, method, message))

    async def enqueue(self, pr: int, head_sha: str, method: MergeMethod) -> bool:
        forge = self._forge
        return await self._write(lambda: forge.enqueue(pr, head_sha, method))

    async def delete_branch(self, name: str, expected_sha: str) -> None:
        forge = self._forge
        return await self._write(lambda: forge.delete_branch(name, expected_sha))

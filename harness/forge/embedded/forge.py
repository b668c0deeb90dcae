"""The embedded forge: a server of its own in a folder. Bare repositories hold the code, one
database holds the rest; users' commands and the daemon use it at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
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
from harness.core.types import LocalizedText
from harness.forge.embedded import issues as items
from harness.forge.embedded import reviews as talk
from harness.forge.embedded.access import Access, Transaction, permission_of
from harness.forge.embedded.bare_repository import BareRepository
from harness.forge.embedded.pulls import EmbeddedPulls
from harness.ports.clock import Clock
from harness.system.clock import SystemClock

T = TypeVar("T")
PullState = Literal["open", "closed", "merged", "all"]
CheckConclusion = Literal[
    "success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"
]


class EmbeddedForge:
    """One repository ("owner/name") under `root`, used by the person `acting_as`. Keeps no
    connection: nothing to close."""

    def __init__(
        self, root: Path, repository: str, acting_as: str, clock: Clock | None = None
    ) -> None:
        self._books = Access(root, repository, acting_as, clock or SystemClock())
        self._bare = BareRepository(self._books.gitdir)
        self._pulls = EmbeddedPulls(self._books, self._bare)

    async def _read(self, work: Callable[[Transaction], T]) -> T:
        def ask() -> T:
            with self._books.read() as desk:
                return work(desk)

        return await asyncio.to_thread(ask)

    async def _write(self, work: Callable[[Transaction], T]) -> T:
        def act() -> T:
            with self._books.write() as desk:
                return work(desk)

        return await asyncio.to_thread(act)

    # -- the repository and its people

    async def repository(self) -> Repository:
        return await self._read(
            lambda d: Repository(
                id=d.repo, name=d.name, default_branch=d.default_branch, private=True
            )
        )

    async def me(self) -> Actor:
        return await self._read(lambda d: d.me)

    async def permission(self, actor: Actor) -> Permission:
        return await self._read(lambda d: permission_of(d.conn, d.repo, actor.id))

    def remote(self) -> Remote:
        return Remote(url=self._bare.path.resolve().as_uri())

    async def limits(self) -> ForgeLimits:
        return ForgeLimits()

    async def powers(self) -> tuple[Power, ...]:
        me = await self.me()
        has = await self.permission(me)
        ok = has.covers(Permission.WRITE)
        return (
            Power(
                name=Permission.WRITE,
                use=LocalizedText(key="forge.use_all"),
                ok=ok,
                why="" if ok else has,
            ),
        )

    async def protection(self, branch: str) -> Protection:
        return Protection()

    async def file_at(self, ref: str, path: str) -> bytes | None:
        return await asyncio.to_thread(lambda: self._bare.file(self._bare.commit(ref), path))

    # -- issues

    async def issues(self, cursor: str = "") -> IssuePage:
        return await self._read(lambda d: items.page(d, cursor))

    async def issue(self, number: int) -> Issue:
        return await self._read(lambda d: items.one(d, number))

    async def blockers(self, number: int) -> tuple[int, ...]:
        return ()

    async def create_issue(
        self, title: str, body: str, labels: Sequence[str] = (), key: str = ""
    ) -> Issue:
        return await self._write(lambda d: items.create(d, title, body, labels, key))

    async def edit_issue(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> Issue:
        def edit(desk: Transaction) -> Issue:
            items.edit_item(desk, "issue", number, title, body)
            return items.one(desk, number)

        return await self._write(edit)

    async def labels(
        self, number: int, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Issue:
        return await self._write(lambda d: items.relabel(d, number, add, remove))

    async def assign(self, number: int, logins: Sequence[str]) -> Issue:
        """The whole list of assignees."""
        return await self._write(lambda d: items.assign(d, number, logins))

    async def set_milestone(self, number: int, title: str) -> Issue:
        """The milestone by its title; "" for none."""
        return await self._write(lambda d: items.set_milestone(d, number, title))

    async def close(
        self, number: int, reason: Literal["completed", "not_planned"] = "completed"
    ) -> Issue:
        return await self._write(lambda d: items.close(d, number, reason))

    async def reopen(self, number: int) -> Issue:
        """Open a closed issue again."""
        return await self._write(lambda d: items.reopen(d, number))

    async def lock(self, number: int, *, locked: bool = True) -> Issue:
        """Only people who may write can comment from now on; False: everybody again."""
        return await self._write(lambda d: items.lock(d, number, locked=locked))

    async def timeline(self, number: int) -> tuple[TimelineEvent, ...]:
        return await self._read(lambda d: items.timeline(d, number))

    async def comments(self, number: int) -> tuple[Comment, ...]:
        return await self._read(lambda d: items.comments(d, number))

    async def put_comment(self, number: int, marker: str, body: str) -> Comment:
        return await self._write(lambda d: items.comment(d, number, body, marker=marker))

    async def add_comment(self, number: int, body: str) -> Comment:
        """A person's plain comment on an issue or a pull request."""
        return await self._write(lambda d: items.comment(d, number, body))

    async def edit_comment(self, number: int, comment: int, body: str) -> Comment:
        """New text for a comment; it carries edited_at from then on."""
        return await self._write(lambda d: items.edit_comment(d, number, comment, body))

    # -- pull requests

    async def find_pr(self, head: str) -> PullRequest | None:
        return await asyncio.to_thread(self._pulls.find, head)

    async def pr(self, number: int) -> PullRequest:
        return await asyncio.to_thread(self._pulls.one, number)

    async def pulls(self, state: PullState = "open") -> tuple[PullRequest, ...]:
        """Newest first."""
        return await asyncio.to_thread(self._pulls.all, state)

    async def diff(self, pr: int) -> str:
        """What a pull request changes, as a unified diff."""
        return await asyncio.to_thread(self._pulls.diff, pr)

    async def open_pr(
        self, head: str, base: str, title: str, body: str, *, draft: bool
    ) -> PullRequest:
        return await asyncio.to_thread(
            lambda: self._pulls.open(head, base, title, body, draft=draft)
        )

    async def edit_pr(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        return await asyncio.to_thread(self._pulls.edit, number, title, body)

    async def ready(self, number: int) -> PullRequest:
        return await asyncio.to_thread(self._pulls.ready, number)

    async def close_pr(self, number: int) -> PullRequest:
        return await asyncio.to_thread(self._pulls.close, number)

    async def request_review(self, pr: int, logins: Sequence[str]) -> None:
        await asyncio.to_thread(self._pulls.request_review, pr, list(logins))

    async def merge(self, pr: int, head_sha: str, method: MergeMethod, message: str) -> PullRequest:
        return await asyncio.to_thread(self._pulls.merge, pr, head_sha, method, message)

    async def enqueue(self, pr: int, head_sha: str, method: MergeMethod) -> bool:
        return False

    async def delete_branch(self, name: str, expected_sha: str) -> None:
        await asyncio.to_thread(self._pulls.delete_branch, name, expected_sha)

    # -- reviews and checks

    async def reviews(self, pr: int) -> tuple[Review, ...]:
        return await self._read(lambda d: talk.reviews(d, pr))

    async def add_review(self, pr: int, state: talk.ReviewState, body: str) -> Review:
        """A review of the head as it stands. Conflict when approving one's own."""
        pull = await self.pr(pr)
        return await self._write(lambda d: talk.add_review(d, pull, state, body))

    async def threads(self, pr: int) -> tuple[Thread, ...]:
        return await self._read(lambda d: talk.threads(d, pr))

    async def add_thread(self, pr: int, path: str, line: int, body: str) -> Thread:
        """A conversation on a line of the head's file; line 0: on the file."""
        pull = await self.pr(pr)
        return await self._write(lambda d: talk.add_thread(d, self._bare, pull, path, line, body))

    async def reply(self, pr: int, thread: str, marker: str, body: str) -> Comment:
        return await self._write(lambda d: talk.reply(d, pr, thread, marker, body))

    async def resolve(self, pr: int, thread: str) -> None:
        await self._write(lambda d: talk.resolve(d, pr, thread))

    async def checks(self, commit: str) -> tuple[Check, ...]:
        return await self._read(lambda d: talk.checks(d, commit))

    async def check_log(self, check: int) -> str:
        return await self._read(lambda d: talk.check_log(d, check))

    async def rerun(self, check: int) -> None:
        await self._write(lambda d: talk.rerun(d, check))

    async def put_check(
        self, commit: str, name: str, conclusion: OwnConclusion, summary: str
    ) -> Check:
        return await self.set_check(commit, name, "completed", conclusion, summary)

    async def set_check(
        self,
        commit: str,
        name: str,
        status: talk.CheckStatus,
        conclusion: CheckConclusion | None = None,
        summary: str = "",
        log: str | None = None,
    ) -> Check:
        """A check in any state, as a CI server would report it; log None keeps the old one."""
        whole = await asyncio.to_thread(self._bare.commit, commit)
        return await self._write(
            lambda d: talk.set_check(d, whole, name, status, conclusion, summary, log)
        )

    # -- leases

    async def take_lease(self, issue: int, holder: str, ttl_s: float) -> Lease | None:
        return await self._write(lambda d: items.take_lease(d, issue, holder, ttl_s))

    async def lease(self, issue: int) -> Lease | None:
        return await self._read(lambda d: items.lease(d, issue))

    async def holds_lease(self, lease: Lease) -> bool:
        return await self._read(lambda d: items.holds_lease(d, lease))

    async def drop_lease(self, lease: Lease) -> None:
        await self._write(lambda d: items.drop_lease(d, lease))

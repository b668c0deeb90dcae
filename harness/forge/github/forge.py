"""GitHub as a Forge: one repository by one token. Everything it sends goes through a Wire; what
may be sent is a fixed table, held by a test."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Literal
from urllib.parse import quote

from harness.core.errors import Conflict, NotFound
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
from harness.forge.github import map as mapped
from harness.forge.github.branch_rules import BranchRules
from harness.forge.github.checks import Checks
from harness.forge.github.issues import Issues
from harness.forge.github.lease import LeaseRefs
from harness.forge.github.payload import odd, text
from harness.forge.github.port import ClientPort
from harness.forge.github.powers import Powers
from harness.forge.github.pulls import GithubPulls
from harness.forge.github.repository import GithubRepository, in_path, is_login
from harness.forge.github.reviews import Reviews
from harness.ports.clock import Clock

WEB: Final = "https://github.com"


class GithubForge:
    """The repository "owner/name". `remote_env` is asked each time git is about to run, for it
    may hold a token that was renewed; `web_url` is where git finds repositories."""

    def __init__(
        self,
        wire: ClientPort,
        repository: str,
        clock: Clock,
        remote_env: Callable[[], Mapping[str, str]] = dict,
        web_url: str = WEB,
    ) -> None:
        self._site = GithubRepository(wire, repository, clock)
        self._remote_env = remote_env
        self._web_url = web_url.rstrip("/")
        self._issues = Issues(self._site)
        self._rules = BranchRules(self._site)
        self._pulls = GithubPulls(self._site, self._rules)
        self._reviews = Reviews(self._site)
        self._checks = Checks(self._site)
        self._leases = LeaseRefs(self._site)

    async def close_wire(self) -> None:
        """Ends the connections."""
        await self._site.wire.close()

    # -- the repository and its people

    async def repository(self) -> Repository:
        return await self._site.repository()

    async def me(self) -> Actor:
        return await self._site.me()

    async def permission(self, actor: Actor) -> Permission:
        """By what GitHub says now; none when the login is another account's by now."""
        if not is_login(actor.login):
            return Permission.NONE
        try:
            data = await self._site.get(f"/collaborators/{in_path(actor.login)}/permission")
        except NotFound:
            return Permission.NONE
        return mapped.permission(data if isinstance(data, dict) else {}, actor)

    def remote(self) -> Remote:
        return Remote(url=f"{self._web_url}/{self._site.name}.git", env=dict(self._remote_env()))

    async def limits(self) -> ForgeLimits:
        return self._site.wire.limits()

    async def powers(self) -> tuple[Power, ...]:
        return await Powers(self._site).all()

    async def protection(self, branch: str) -> Protection:
        return await self._rules.of(branch)

    async def file_at(self, ref: str, path: str) -> bytes | None:
        try:
            data = await self._site.get(f"/contents/{quote(path.lstrip('/'))}", ref=ref)
        except NotFound:
            await self._refuse_missing(ref)
            return None
        if not isinstance(data, dict) or data.get("type") != "file":
            return None
        if data.get("encoding") != "base64":  # over a megabyte
            data = await self._site.get(f"/git/blobs/{in_path(text(data, 'sha'))}")
        return _decode(data)

    async def _refuse_missing(self, ref: str) -> None:
        try:
            await self._site.get(f"/commits/{in_path(ref)}", per_page=1)
        except (NotFound, Conflict) as fault:
            raise NotFound("forge.no_ref", ref=ascii(ref)[:100]) from fault

    # -- issues

    async def issues(self, cursor: str = "") -> IssuePage:
        return await self._issues.page(cursor)

    async def issue(self, number: int) -> Issue:
        return await self._issues.one(number)

    async def blockers(self, number: int) -> tuple[int, ...]:
        return await self._issues.blockers(number)

    async def create_issue(
        self, title: str, body: str, labels: Sequence[str] = (), key: str = ""
    ) -> Issue:
        return await self._issues.create(title, body, labels, key)

    async def edit_issue(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> Issue:
        return await self._issues.edit(number, title, body)

    async def labels(
        self, number: int, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Issue:
        return await self._issues.label(number, add, remove)

    async def close(
        self, number: int, reason: Literal["completed", "not_planned"] = "completed"
    ) -> Issue:
        return await self._issues.close(number, reason)

    async def timeline(self, number: int) -> tuple[TimelineEvent, ...]:
        return await self._issues.timeline(number)

    async def comments(self, number: int) -> tuple[Comment, ...]:
        return await self._issues.comments(number)

    async def put_comment(self, number: int, marker: str, body: str) -> Comment:
        return await self._issues.put_comment(number, marker, body)

    # -- pull requests

    async def find_pr(self, head: str) -> PullRequest | None:
        return await self._pulls.find(head)

    async def pr(self, number: int) -> PullRequest:
        return await self._pulls.one(number)

    async def pulls(self) -> tuple[PullRequest, ...]:
        return await self._pulls.all()

    async def open_pr(
        self, head: str, base: str, title: str, body: str, *, draft: bool
    ) -> PullRequest:
        return await self._pulls.open(head, base, title, body, draft=draft)

    async def edit_pr(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        return await self._pulls.edit(number, title, body)

    async def ready(self, number: int) -> PullRequest:
        return await self._pulls.ready(number)

    async def close_pr(self, number: int) -> PullRequest:
        return await self._pulls.close(number)

    async def request_review(self, pr: int, logins: Sequence[str]) -> None:
        await self._pulls.request_review(pr, logins)

    async def merge(self, pr: int, head_sha: str, method: MergeMethod, message: str) -> PullRequest:
        return await self._pulls.merge(pr, head_sha, method, message)

    async def enqueue(self, pr: int, head_sha: str, method: MergeMethod) -> bool:
        return await self._pulls.enqueue(pr, head_sha, method)

    async def delete_branch(self, name: str, expected_sha: str) -> None:
        await self._pulls.delete_branch(name, expected_sha)

    # -- reviews and checks

    async def reviews(self, pr: int) -> tuple[Review, ...]:
        return await self._reviews.all(pr)

    async def threads(self, pr: int) -> tuple[Thread, ...]:
        return await self._reviews.threads(pr)

    async def reply(self, pr: int, thread: str, marker: str, body: str) -> Comment:
        return await self._reviews.reply(pr, thread, marker, body)

    async def resolve(self, pr: int, thread: str) -> None:
        await self._reviews.resolve(pr, thread)

    async def checks(self, commit: str) -> tuple[Check, ...]:
        return await self._checks.all(commit)

    async def check_log(self, check: int) -> str:
        return await self._checks.log(check)

    async def rerun(self, check: int) -> None:
        await self._checks.rerun(check)

    async def put_check(
        self, commit: str, name: str, conclusion: OwnConclusion, summary: str
    ) -> Check:
        return await self._checks.put(commit, name, conclusion, summary)

    # -- leases

    async def take_lease(self, issue: int, holder: str, ttl_s: float) -> Lease | None:
        return await self._leases.take(issue, holder, ttl_s)

    async def lease(self, issue: int) -> Lease | None:
        return await self._leases.last(issue)

    async def holds_lease(self, lease: Lease) -> bool:
        return await self._leases.holds(lease)

    async def drop_lease(self, lease: Lease) -> None:
        await self._leases.drop(lease)


def _decode(data: Any) -> bytes:
    try:
        return base64.b64decode(data["content"])
    except (KeyError, TypeError, binascii.Error) as fault:
        raise odd("no content of a file") from fault

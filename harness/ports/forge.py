"""One repository's issues and pull requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

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


class ForgeReader(Protocol):
    """What one repository says. Reads only, but `powers`. Raises NotFound, Conflict, Forbidden,
    Unavailable."""

    async def repository(self) -> Repository: ...
    async def me(self) -> Actor: ...
    async def permission(self, actor: Actor) -> Permission: ...
    def remote(self) -> Remote: ...
    async def limits(self) -> ForgeLimits: ...
    async def powers(self) -> tuple[Power, ...]:
        """Every permission harness needs here, each tried by a harmless real write where there
        is one, undone again."""
        ...

    async def protection(self, branch: str) -> Protection: ...
    async def issues(self, cursor: str = "") -> IssuePage: ...
    async def issue(self, number: int) -> Issue: ...
    async def blockers(self, number: int) -> tuple[int, ...]:
        """Open issues of this repository that the forge itself says it waits for: what blocks it,
        and its open sub-issues."""
        ...

    async def timeline(self, number: int) -> tuple[TimelineEvent, ...]: ...
    async def comments(self, number: int) -> tuple[Comment, ...]: ...
    async def file_at(self, ref: str, path: str) -> bytes | None: ...
    async def find_pr(self, head: str) -> PullRequest | None:
        """The newest pull request from that branch, open ones first."""
        ...

    async def pr(self, number: int) -> PullRequest: ...
    async def pulls(self) -> tuple[PullRequest, ...]:
        """The open ones, newest first."""
        ...

    async def reviews(self, pr: int) -> tuple[Review, ...]: ...
    async def threads(self, pr: int) -> tuple[Thread, ...]: ...
    async def checks(self, commit: str) -> tuple[Check, ...]: ...
    async def check_log(self, check: int) -> str: ...


class ForgeWriter(Protocol):
    """What harness may do at one repository. Writes may be repeated after a lost answer: each is
    found again by its key (marker, head, name) and adopted, never made twice. Raises as the
    reader does."""

    async def create_issue(
        self, title: str, body: str, labels: Sequence[str] = (), key: str = ""
    ) -> Issue:
        """`key` non-empty: an issue of ours with that hidden key is returned instead."""
        ...

    async def edit_issue(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> Issue: ...
    async def labels(
        self, number: int, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Issue: ...
    async def close(
        self, number: int, reason: Literal["completed", "not_planned"] = "completed"
    ) -> Issue: ...
    async def put_comment(self, number: int, marker: str, body: str) -> Comment:
        """Our comment with this hidden marker on an issue or PR, made or edited in place."""
        ...

    async def open_pr(
        self, head: str, base: str, title: str, body: str, *, draft: bool
    ) -> PullRequest: ...
    async def edit_pr(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest: ...
    async def ready(self, number: int) -> PullRequest: ...
    async def close_pr(self, number: int) -> PullRequest: ...
    async def reply(self, pr: int, thread: str, marker: str, body: str) -> Comment: ...
    async def resolve(self, pr: int, thread: str) -> None: ...
    async def request_review(self, pr: int, logins: Sequence[str]) -> None: ...
    async def rerun(self, check: int) -> None: ...
    async def put_check(
        self, commit: str, name: str, conclusion: OwnConclusion, summary: str
    ) -> Check:
        """Our check of that name on that commit, made or brought up to date. Where a check cannot
        say "action_required" it stays in progress, with the summary."""
        ...

    async def merge(self, pr: int, head_sha: str, method: MergeMethod, message: str) -> PullRequest:
        """Merges exactly `head_sha`. Conflict when head moved, a draft, or not mergeable.
        Already merged at that head: returned as it is."""
        ...

    async def enqueue(self, pr: int, head_sha: str, method: MergeMethod) -> bool:
        """Leaves the merge of exactly `head_sha` to the forge's queue or auto-merge; False when it
        has neither. Again: no change. Conflict when the head moved or it may not be merged."""
        ...

    async def delete_branch(self, name: str, expected_sha: str) -> None:
        """Conflict when it moved; gone already is fine."""
        ...


class IssueLeases(Protocol):
    """The right to act on an issue, held at the forge."""

    async def take_lease(self, issue: int, holder: str, ttl_s: float) -> Lease | None:
        """None: another holder has it. The same holder renews."""
        ...

    async def lease(self, issue: int) -> Lease | None:
        """The last lease of an issue, over by now or not; None: never taken, or given back.
        A read."""
        ...

    async def holds_lease(self, lease: Lease) -> bool:
        """Whether that lease is still the last word on its issue and not over. A read."""
        ...

    async def drop_lease(self, lease: Lease) -> None: ...


class Forge(ForgeReader, ForgeWriter, IssueLeases, Protocol):
    """One repository's issues and pull requests, read and written."""

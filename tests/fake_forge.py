"""A fake of the forge port: what it shows is plain state that a test sets, what is asked is
counted, what is written is kept in order. It decides nothing that a forge decides."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Literal

from harness.core.errors import HarnessError, NotFound
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
from harness.forge.marker import carries, with_marker
from harness.ports.forge import IssueLeases

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ANN = Actor(id=7, login="ann")
ME = Actor(id=1, login="harness[bot]", kind="bot")
PAGE = 50
LEASE = ("lease", "holds_lease", "take_lease", "drop_lease")


class FakeForge:
    """The Forge port. `fail` maps a method's name to what it raises; `calls` counts what was
    asked; `written` is every write that did not fail, with its arguments. `issue_changes` is the
    issues as they changed, the last change last. Of what is written, comments alone are shown."""

    def __init__(self) -> None:
        self.fail: dict[str, HarnessError] = {}
        self.calls: Counter[str] = Counter()
        self.written: list[tuple[str, dict[str, Any]]] = []
        self.here = Repository(id=1, name="o/r", default_branch="main")
        self.issue_changes: list[Issue] = []
        self.blockers_of: defaultdict[int, list[int]] = defaultdict(list)
        self.events_of: defaultdict[int, list[TimelineEvent]] = defaultdict(list)
        self.comments_on: defaultdict[int, list[Comment]] = defaultdict(list)
        self.pull_requests: list[PullRequest] = []
        self.reviews_of: defaultdict[int, list[Review]] = defaultdict(list)
        self.threads_of: defaultdict[int, list[Thread]] = defaultdict(list)
        self.check_runs: list[Check] = []
        self.log_of: defaultdict[int, str] = defaultdict(str)
        self.permissions: dict[int, Permission] = {}
        """By the person's id; `others_may` for everybody else."""
        self.others_may = Permission.NONE
        self.has_queue = True
        self._ids = count(100)

    def put(self, number: int, **changes: object) -> Issue:
        """An issue, ann's unless told, opened or changed."""
        fields: dict[str, object] = {
            "number": number,
            "title": f"issue {number}",
            "body": "",
            "author": ANN,
            "created_at": AT + timedelta(minutes=number),
            "updated_at": AT,
        }
        before = self._newest(number)
        known = fields if before is None else before.model_dump()
        issue = Issue.model_validate({**known, **changes})
        self.issue_changes.append(issue)
        return issue

    def happen(self, number: int, kind: str, by: Actor, subject: str, at: datetime = AT) -> None:
        """An event on an issue's timeline."""
        event = TimelineEvent(id=next(self._ids), kind=kind, actor=by, at=at, subject=subject)
        self.events_of[number].append(event)

    def say(self, number: int, by: Actor, body: str, at: datetime = AT, **more: object) -> Comment:
        """A comment on an issue or a pull request."""
        fields: dict[str, object] = {"id": next(self._ids), "author": by, "body": body}
        comment = Comment.model_validate({**fields, "created_at": at, **more})
        self.comments_on[number].append(comment)
        return comment

    def _ask(self, method: str) -> None:
        self.calls[method] += 1
        if method in self.fail:
            raise self.fail[method]

    def _write(self, method: str, /, **given: Any) -> None:
        self._ask(method)
        self.written.append((method, given))

    def _newest(self, number: int) -> Issue | None:
        changes = (issue for issue in reversed(self.issue_changes) if issue.number == number)
        return next(changes, None)

    def _issue(self, number: int) -> Issue:
        issue = self._newest(number)
        if issue is None:
            raise NotFound("forge.no_issue", number=number)
        return issue

    def _pr(self, number: int) -> PullRequest:
        for pr in self.pull_requests:
            if pr.number == number:
                return pr
        raise NotFound("forge.no_pr", number=number)

    # ---- what it says

    async def repository(self) -> Repository:
        self._ask("repository")
        return self.here

    async def me(self) -> Actor:
        self._ask("me")
        return ME

    async def permission(self, actor: Actor) -> Permission:
        self._ask("permission")
        return self.permissions.get(actor.id, self.others_may)

    def remote(self) -> Remote:
        return Remote(url="file:///nowhere")

    async def limits(self) -> ForgeLimits:
        self._ask("limits")
        return ForgeLimits()

    async def powers(self) -> tuple[Power, ...]:
        self._ask("powers")
        return ()

    async def protection(self, branch: str) -> Protection:
        self._ask("protection")
        return Protection()

    async def issues(self, cursor: str = "") -> IssuePage:
        self._ask("issues")
        begin = int(cursor or 0)
        last = {issue.number: n for n, issue in enumerate(self.issue_changes[begin:], begin)}
        page = sorted(last.values())[:PAGE]
        issues = tuple(self.issue_changes[n] for n in page)
        return IssuePage(issues=issues, cursor=str(page[-1] + 1 if page else begin))

    async def issue(self, number: int) -> Issue:
        self._ask("issue")
        return self._issue(number)

    async def blockers(self, number: int) -> tuple[int, ...]:
        self._ask("blockers")
        return tuple(self.blockers_of[number])

    async def timeline(self, number: int) -> tuple[TimelineEvent, ...]:
        self._ask("timeline")
        return tuple(self.events_of[number])

    async def comments(self, number: int) -> tuple[Comment, ...]:
        self._ask("comments")
        return tuple(self.comments_on[number])

    async def file_at(self, ref: str, path: str) -> bytes | None:
        self._ask("file_at")
        return None

    async def find_pr(self, head: str) -> PullRequest | None:
        self._ask("find_pr")
        found = [pr for pr in self.pull_requests if pr.head == head]
        return max(found, key=lambda pr: (pr.state == "open", pr.number), default=None)

    async def pr(self, number: int) -> PullRequest:
        self._ask("pr")
        return self._pr(number)

    async def pulls(self) -> tuple[PullRequest, ...]:
        self._ask("pulls")
        return tuple(pr for pr in self.pull_requests if pr.state == "open")

    async def reviews(self, pr: int) -> tuple[Review, ...]:
        self._ask("reviews")
        return tuple(self.reviews_of[pr])

    async def threads(self, pr: int) -> tuple[Thread, ...]:
        self._ask("threads")
        return tuple(self.threads_of[pr])

    async def checks(self, commit: str) -> tuple[Check, ...]:
        self._ask("checks")
        return tuple(check for check in self.check_runs if check.commit == commit)

    async def check_log(self, check: int) -> str:
        self._ask("check_log")
        return self.log_of[check]

    # ---- what is written

    async def create_issue(
        self, title: str, body: str, labels: Sequence[str] = (), key: str = ""
    ) -> Issue:
        self._write("create_issue", title=title, body=body, labels=labels, key=key)
        number = 1 + max((issue.number for issue in self.issue_changes), default=0)
        return Issue(number=number, title=title, body=body, author=ME, created_at=AT, updated_at=AT)

    async def edit_issue(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> Issue:
        self._write("edit_issue", number=number, title=title, body=body)
        return self._issue(number)

    async def labels(
        self, number: int, *, add: Sequence[str] = (), remove: Sequence[str] = ()
    ) -> Issue:
        self._write("labels", number=number, add=add, remove=remove)
        return self._issue(number)

    async def close(
        self, number: int, reason: Literal["completed", "not_planned"] = "completed"
    ) -> Issue:
        self._write("close", number=number, reason=reason)
        return self._issue(number)

    async def put_comment(self, number: int, marker: str, body: str) -> Comment:
        self._write("put_comment", number=number, marker=marker, body=body)
        text, said = with_marker(marker, body), self.comments_on[number]
        for place, old in enumerate(said):
            if old.author == ME and carries(old.body, marker):
                said[place] = old.model_copy(update={"body": text})
                return said[place]
        return self.say(number, ME, text)

    async def open_pr(
        self, head: str, base: str, title: str, body: str, *, draft: bool
    ) -> PullRequest:
        self._write("open_pr", head=head, base=base, title=title, body=body, draft=draft)
        for pr in self.pull_requests:
            if pr.head == head:
                return pr
        number = 1 + max((pr.number for pr in self.pull_requests), default=0)
        facts = {"number": number, "title": title, "body": body, "author": ME, "draft": draft}
        shas = {"head": head, "head_sha": "", "base": base, "base_sha": ""}
        return PullRequest.model_validate({**facts, **shas, "created_at": AT, "updated_at": AT})

    async def edit_pr(
        self, number: int, *, title: str | None = None, body: str | None = None
    ) -> PullRequest:
        self._write("edit_pr", number=number, title=title, body=body)
        return self._pr(number)

    async def ready(self, number: int) -> PullRequest:
        self._write("ready", number=number)
        return self._pr(number)

    async def close_pr(self, number: int) -> PullRequest:
        self._write("close_pr", number=number)
        return self._pr(number)

    async def reply(self, pr: int, thread: str, marker: str, body: str) -> Comment:
        self._write("reply", pr=pr, thread=thread, marker=marker, body=body)
        text = with_marker(marker, body)
        return Comment(id=next(self._ids), author=ME, body=text, created_at=AT)

    async def resolve(self, pr: int, thread: str) -> None:
        self._write("resolve", pr=pr, thread=thread)

    async def request_review(self, pr: int, logins: Sequence[str]) -> None:
        self._write("request_review", pr=pr, logins=logins)

    async def rerun(self, check: int) -> None:
        self._write("rerun", check=check)

    async def put_check(
        self, commit: str, name: str, conclusion: OwnConclusion, summary: str
    ) -> Check:
        self._write("put_check", commit=commit, name=name, conclusion=conclusion, summary=summary)
        return Check(id=len(self.written), name=name, commit=commit, status="completed")

    async def merge(self, pr: int, head_sha: str, method: MergeMethod, message: str) -> PullRequest:
        self._write("merge", pr=pr, head_sha=head_sha, method=method, message=message)
        return self._pr(pr)

    async def enqueue(self, pr: int, head_sha: str, method: MergeMethod) -> bool:
        if not self.has_queue:
            self._ask("enqueue")
            return False
        self._write("enqueue", pr=pr, head_sha=head_sha, method=method)
        return True

    async def delete_branch(self, name: str, expected_sha: str) -> None:
        self._write("delete_branch", name=name, expected_sha=expected_sha)

    # ---- leases: none is ever held

    async def take_lease(self, issue: int, holder: str, ttl_s: float) -> Lease | None:
        self._write("take_lease", issue=issue, holder=holder, ttl_s=ttl_s)
        return None

    async def lease(self, issue: int) -> Lease | None:
        self._ask("lease")
        return None

    async def holds_lease(self, lease: Lease) -> bool:
        self._ask("holds_lease")
        return False

    async def drop_lease(self, lease: Lease) -> None:
        self._write("drop_lease", lease=lease)


class Leasing(FakeForge):
    """Its leases are kept by another forge, and no write of its own."""

    def __init__(self, keeper: IssueLeases) -> None:
        super().__init__()
        self._keeper = keeper

    async def take_lease(self, issue: int, holder: str, ttl_s: float) -> Lease | None:
        self._ask("take_lease")
        return await self._keeper.take_lease(issue, holder, ttl_s)

    async def lease(self, issue: int) -> Lease | None:
        self._ask("lease")
        return await self._keeper.lease(issue)

    async def holds_lease(self, lease: Lease) -> bool:
        self._ask("holds_lease")
        return await self._keeper.holds_lease(lease)

    async def drop_lease(self, lease: Lease) -> None:
        self._ask("drop_lease")
        await self._keeper.drop_lease(lease)

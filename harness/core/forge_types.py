"""What a forge holds: repositories, people, issues, pull requests. Pure values.

Times are timezone-aware UTC. `edited_at is None` means "never edited".
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from harness.core.base import LocalizedText, Value


class Permission(StrEnum):
    """What a person may do to a repository, weakest first."""

    NONE = "none"
    READ = "read"
    TRIAGE = "triage"
    WRITE = "write"
    MAINTAIN = "maintain"
    ADMIN = "admin"

    def covers(self, needed: Permission) -> bool:
        """True when this permission is `needed` or stronger."""
        order = list(Permission)
        return order.index(self) >= order.index(needed)


class Actor(Value):
    """A person or a bot. `id` is the forge's number; a login may change hands, an id may not."""

    id: int
    login: str
    kind: Literal["user", "bot"] = "user"


class Repository(Value):
    """One repository on a forge. `name` is "owner/name"."""

    id: int
    name: str
    default_branch: str
    private: bool = False


class Remote(Value):
    """Where git fetches and pushes. `env` carries what git needs beside the URL (never a secret
    in the URL itself); it is passed to git's process only."""

    url: str
    env: dict[str, str] = {}


class Issue(Value):
    """An issue as it stands now. Text is untrusted."""

    number: int
    title: str
    body: str
    author: Actor
    state: Literal["open", "closed"] = "open"
    state_reason: Literal["completed", "not_planned", "reopened"] | None = None
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str | None = None
    created_at: datetime
    updated_at: datetime
    edited_at: datetime | None = None
    """When its text was last changed; None: never. A forge that cannot tell says `updated_at`."""
    locked: bool = False
    """Whether only people who may write can still say something on it."""
    waits: bool = False
    """Whether the forge knows of issues it may have to wait for: `blockers` names them."""


class IssuePage(Value):
    """Issues changed since a cursor, oldest change first, and the cursor to ask with next."""

    issues: tuple[Issue, ...]
    cursor: str


class Comment(Value):
    """A comment on an issue, a pull request or a review thread. Text is untrusted."""

    id: int
    author: Actor
    body: str
    created_at: datetime
    edited_at: datetime | None = None
    member: bool = False
    """Whether the forge says that its author belongs to the project: a hint whom to ask about
    first, no right."""


class TimelineEvent(Value):
    """Something that happened to an issue: labeled, unlabeled, assigned, closed, reopened, ...

    `subject` is the label, the login, the commit: what the kind needs.
    """

    id: int
    kind: str
    actor: Actor
    at: datetime
    subject: str = ""


class PullRequest(Value):
    """A pull request; head, base and mergeability come from git itself, never from a cache."""

    number: int
    title: str
    body: str
    author: Actor
    state: Literal["open", "closed", "merged"] = "open"
    draft: bool = False
    head: str
    head_sha: str
    base: str
    base_sha: str
    mergeable: bool | None = None
    """None: the forge has not decided yet."""
    merged_sha: str | None = None
    queued: bool = False
    """Whether the forge itself merges it when its rules are met (merge queue or auto-merge)."""
    reviewers: tuple[str, ...] = ()
    """Logins whose review is asked for and still out."""
    created_at: datetime
    updated_at: datetime


class Review(Value):
    """One submitted review of a pull request at one commit."""

    id: int
    author: Actor
    state: Literal["approved", "changes_requested", "commented"]
    body: str
    commit: str
    at: datetime


class Thread(Value):
    """A review conversation on one line. `line` counts from 1 in the head's file; 0: the file."""

    id: str
    path: str
    line: int
    resolved: bool
    comments: tuple[Comment, ...]


class Check(Value):
    """A check run or a commit status on one commit."""

    id: int
    name: str
    commit: str
    status: Literal["queued", "in_progress", "completed"]
    conclusion: (
        Literal[
            "success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"
        ]
        | None
    ) = None
    summary: str = ""
    kind: Literal["run", "status"] = "run"
    """A check run has a log and may be run again; a commit status has neither."""
    app: str = ""
    """Who reports it: the app's slug, or the login behind a status; "" when not told."""


class Lease(Value):
    """The right to work on one issue until `expires_at`. `token` fences writes of an old holder."""

    issue: int
    holder: str
    token: int
    expires_at: datetime


class ForgeLimits(Value):
    """What the forge lets us still ask, and what was asked since the program began.
    None: the forge has no such limit."""

    remaining: int | None = None
    limit: int | None = None
    reset_at: datetime | None = None
    waiting_until: datetime | None = None
    """Nothing is asked before: the forge told us to wait."""
    requests: int = 0
    unchanged: int = 0
    """Requests answered with "not modified", which cost nothing."""
    writes: int = 0


class Power(Value):
    """One thing that harness must be allowed to do, and whether it may."""

    name: str
    """The forge's own name of the permission: "Contents: write"."""
    use: LocalizedText
    """What harness needs it for."""
    ok: bool | None
    """None: could not be found out without a harmful write."""
    why: str = ""
    """What the forge said when it is not."""
    needed: bool = True
    """False: harness works without it, with less."""


class Protection(Value):
    """What a branch asks for before a merge."""

    approvals: int = 0
    checks: tuple[str, ...] = ()
    """Names of checks that must pass."""
    conversations: bool = False
    """Whether every thread must be resolved."""
    queue: bool = False
    """Whether merges go through the forge's own queue."""
    auto_merge: bool = False
    """Whether the repository allows a merge to be left to the forge."""


MergeMethod = Literal["merge", "squash", "rebase"]
OwnConclusion = Literal["success", "failure", "neutral", "action_required"]
"""How a check of our own may end."""
